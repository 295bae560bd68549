//! Token requests: client authentication, then what is asked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;
use tokenry_protocol::token::{
    ClientAuthentication, ClientCredentials, Grant, MAX_CLIENT_ID, MAX_COMPANY_ID, Request,
};
use tokenry_protocol::{Error, ErrorCode, Params, Scope};

use ErrorCode::{InvalidClient, InvalidRequest, InvalidScope, InvalidTarget, UnsupportedGrantType};

fn parse(authorization: Option<&str>, body: &str) -> Result<Request, Error> {
    let params = Params::from_form(body.as_bytes())?;
    Request::parse(authorization.map(str::as_bytes), &params)
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

/// A request of an authenticated client for a token, with more parameters.
fn ask(more: &str) -> Result<ClientCredentials, Error> {
    let request = parse(Some(&basic("cron:s3cret")), &format!("grant_type=client_credentials&{more}"))?;
    let Grant::ClientCredentials(grant) = request.grant else { unreachable!("another grant") };
    Ok(grant)
}

/// The code of a refusal, and whether it needs a challenge.
fn refused(authorization: Option<&str>, body: &str) -> (ErrorCode, bool) {
    let error = parse(authorization, body).unwrap_err();
    (error.code, error.challenge)
}

const GRANT: &str = "grant_type=client_credentials";

#[test]
fn r38_a_client_in_the_header() {
    let client = parse(Some(&basic("cron:a%3Ab")), GRANT).unwrap().client;
    assert!(client.used_header());
    assert_eq!(client.client_id(), Some("cron"));
    assert!(matches!(&client, ClientAuthentication::Basic(basic) if basic.client_secret.expose() == "a:b"));
}

#[test]
fn r37_a_client_in_the_body() {
    let client = parse(None, &format!("{GRANT}&client_id=cron&client_secret=a%3Ab")).unwrap().client;
    assert!(!client.used_header());
    assert_eq!(client.client_id(), Some("cron"));
    assert!(
        matches!(&client, ClientAuthentication::Post { client_secret, .. } if client_secret.expose() == "a:b")
    );
}

#[rstest]
#[case("client_id=spa", Some("spa"))]
#[case("client_id=spa&client_secret=", Some("spa"))]
#[case("client_id=", None)]
#[case("", None)]
fn tok_14_an_empty_secret_is_no_secret(#[case] body: &str, #[case] client_id: Option<&str>) {
    let client = parse(None, &format!("{GRANT}&{body}")).unwrap().client;
    assert!(matches!(client, ClientAuthentication::None { .. }), "{client:?}");
    assert!(!client.used_header());
    assert_eq!(client.client_id(), client_id);
}

#[test]
fn tok_14_an_empty_secret_in_the_header_is_refused() {
    assert_eq!(refused(Some(&basic("cron:")), GRANT), (InvalidClient, true));
}

#[test]
fn tok_01_a_refusal_asks_for_a_challenge_iff_the_header_was_used() {
    let in_header = parse(Some(&basic("cron:s3cret")), GRANT).unwrap().client;
    let in_body = parse(None, &format!("{GRANT}&client_id=cron&client_secret=s3cret")).unwrap().client;
    let nowhere = parse(None, GRANT).unwrap().client;
    for (client, challenge) in [(in_header, true), (in_body, false), (nowhere, false)] {
        let error = client.refusal("Client authentication failed");
        assert_eq!((error.code, error.challenge), (InvalidClient, challenge), "{client:?}");
    }
}

#[rstest]
#[case("client_secret=s3cret")]
#[case("client_id=cron&client_secret=s3cret")]
#[case("client_id=other&client_secret=x")]
fn tok_04_basic_and_body_secret_together(#[case] body: &str) {
    let header = basic("cron:s3cret");
    assert_eq!(refused(Some(&header), &format!("{GRANT}&{body}")), (InvalidRequest, false));
}

#[test]
fn tok_05_basic_and_body_name_different_clients() {
    let header = basic("cron:s3cret");
    assert_eq!(refused(Some(&header), &format!("{GRANT}&client_id=globex")), (InvalidRequest, false));
    assert_eq!(refused(Some(&header), &format!("{GRANT}&client_id=Cron")), (InvalidRequest, false));
    let same = parse(Some(&header), &format!("{GRANT}&client_id=cron")).unwrap();
    assert_eq!(same.client.client_id(), Some("cron"));
    assert!(parse(Some(&header), &format!("{GRANT}&client_id=")).is_ok(), "empty is absent");
}

#[rstest]
#[case::not_base64("Basic ***")]
#[case::no_colon("Basic Y3Jvbg==")]
#[case::raw_percent("Basic Y3JvbjoxMDAl")]
#[case::two_colons("Basic Y3JvbjphOmI=")]
#[case::not_canonical("Basic Y3JvbjphYh==")]
#[case::nothing("Basic ")]
#[case::scheme_alone("Basic")]
#[case::empty("")]
#[case::two_spaces("Basic  Y3JvbjphYg==")]
fn tok_09_malformed_basic_is_invalid_client(#[case] header: &str) {
    assert_eq!(refused(Some(header), GRANT), (InvalidClient, true));
}

#[rstest]
#[case("Bearer eyJ.eyJ.sig")]
#[case("bearer tokenry_pat_x")]
#[case("Secret tokenry_as_x")]
#[case("DPoP eyJ")]
#[case("Negotiate abc")]
fn tok_28_another_scheme_is_no_client_authentication(#[case] header: &str) {
    assert_eq!(refused(Some(header), GRANT), (InvalidClient, true));
    // Not even with something else beside it that would do.
    let body = format!("{GRANT}&client_id=cron&client_secret=s3cret");
    assert_eq!(refused(Some(header), &body), (InvalidClient, true));
}

/// The form of `JWT_BEARER_ASSERTION`.
const JWT_BEARER: &str =
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

#[test]
fn r18_a_client_that_signed_an_assertion() {
    for (client_id, named) in [("", None), ("&client_id=cron", Some("cron")), ("&client_id=", None)] {
        let body = format!("{GRANT}&{JWT_BEARER}&client_assertion=eyJ.e30.sig{client_id}");
        let client = parse(None, &body).unwrap().client;
        assert!(!client.used_header());
        assert_eq!(client.client_id(), named);
        assert!(
            matches!(&client, ClientAuthentication::Assertion { assertion, .. } if assertion.expose() == "eyJ.e30.sig"),
            "{client:?}"
        );
        assert!(!format!("{client:?}").contains("eyJ"), "{client:?}");
    }
}

#[rstest]
#[case::type_alone(
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
    InvalidRequest
)]
#[case::assertion_alone("client_assertion=eyJ", InvalidRequest)]
#[case::empty_type("client_assertion=eyJ&client_assertion_type=", InvalidRequest)]
#[case::saml(
    "client_assertion=eyJ&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Asaml2-bearer",
    InvalidClient
)]
#[case::in_another_case(
    "client_assertion=eyJ&client_assertion_type=URN%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
    InvalidClient
)]
#[case::foreign_type_alone("client_assertion_type=anything", InvalidClient)]
fn tok_25_an_assertion_needs_its_type(#[case] body: &str, #[case] code: ErrorCode) {
    assert_eq!(refused(None, &format!("{GRANT}&{body}")), (code, false));
}

#[rstest]
#[case("client_assertion=eyJ".to_owned())]
#[case(format!("client_assertion=eyJ&{JWT_BEARER}"))]
#[case("client_assertion_type=anything".to_owned())]
fn tok_08_an_assertion_beside_a_secret_is_refused_rather_than_ignored(#[case] body: String) {
    let secret = "client_id=cron&client_secret=s3cret";
    assert_eq!(refused(None, &format!("{GRANT}&{secret}&{body}")), (InvalidClient, false));
    assert_eq!(refused(Some(&basic("cron:s3cret")), &format!("{GRANT}&{body}")), (InvalidClient, true));
}

#[rstest]
#[case("client_assertion=a&client_assertion=a".to_owned())]
#[case(format!("client_assertion=a&{JWT_BEARER}&{JWT_BEARER}"))]
fn tok_13_an_assertion_comes_once(#[case] body: String) {
    assert_eq!(refused(None, &format!("{GRANT}&{body}")), (InvalidRequest, false));
}

#[test]
fn a_secret_without_a_client_is_invalid_request() {
    assert_eq!(refused(None, &format!("{GRANT}&client_secret=s3cret")), (InvalidRequest, false));
}

#[test]
fn http_13_no_client_has_such_an_id() {
    let long = "a".repeat(MAX_CLIENT_ID);
    assert!(parse(Some(&basic(&format!("{long}:x"))), GRANT).is_ok());
    for id in [format!("{long}a"), "caf%C3%A9".to_owned(), "a%0D%0Ab".to_owned(), "%7F".to_owned()] {
        assert_eq!(refused(Some(&basic(&format!("{id}:x"))), GRANT), (InvalidClient, true), "{id}");
        let body = format!("{GRANT}&client_id={id}");
        assert_eq!(refused(None, &body), (InvalidClient, false), "{id}");
        assert_eq!(refused(None, &format!("{body}&client_secret=x")), (InvalidClient, false), "{id}");
    }
}

#[rstest]
#[case("")]
#[case("grant_type=")]
#[case("Grant_Type=client_credentials")]
fn tok_15_a_missing_grant_type_is_invalid_request(#[case] body: &str) {
    assert_eq!(refused(Some(&basic("cron:s3cret")), body), (InvalidRequest, false));
}

#[rstest]
#[case("implicit")]
#[case("Client_Credentials")]
#[case("client_credentials+")]
#[case("urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer")]
#[case("%22%0D%0A")]
fn tok_15_an_unknown_grant_is_unsupported(#[case] grant_type: &str) {
    let body = format!("grant_type={grant_type}");
    assert_eq!(refused(Some(&basic("cron:s3cret")), &body), (UnsupportedGrantType, false));
}

#[rstest]
#[case("password")]
#[case("Password")]
#[case("PASSWORD")]
#[case("%70assword")]
#[case("http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fpassword-realm")]
fn tok_16_the_password_grant_is_unsupported_in_any_spelling(#[case] grant_type: &str) {
    let body = format!("grant_type={grant_type}&username=ann&password=x");
    assert_eq!(refused(Some(&basic("cron:s3cret")), &body), (UnsupportedGrantType, false));
}

#[test]
fn nothing_but_the_grant() {
    assert_eq!(ask("").unwrap(), ClientCredentials::default());
    assert_eq!(ask("scope=&audience=&resource=&company_id=").unwrap(), ClientCredentials::default());
}

#[test]
fn everything_that_can_be_asked_for() {
    let expected = ClientCredentials {
        target: Some("https://timesheets.example.com".to_owned()),
        scope: Some(Scope::parse("create:timesheets read:timesheets").unwrap()),
        company_id: Some("acme".to_owned()),
    };
    for target in ["audience", "resource"] {
        let more = format!(
            "{target}=https%3A%2F%2Ftimesheets.example.com&scope=read:timesheets+create:timesheets&company_id=acme"
        );
        assert_eq!(ask(&more).unwrap(), expected);
    }
}

#[test]
fn tok_29_no_other_parameter_reaches_the_request() {
    let more =
        "corporation_id=group&companyId=globex&claims=%7B%7D&extra_claims=%7B%7D&sub=root&organization=x";
    assert_eq!(ask(more).unwrap(), ClientCredentials::default());
}

#[rstest]
#[case("audience=https://a.example&resource=https://b.example")]
#[case("audience=https://a.example&resource=https://a.example/")]
#[case("resource=timesheets")]
#[case("resource=/timesheets")]
#[case("resource=https://a.example/%23fragment")]
#[case("audience=https://a.example/%23&resource=https://a.example/%23")]
#[case("resource=https://a.example&resource=https://b.example")]
#[case("audience=https://a.example&audience=https://a.example")]
fn tok_30_a_target_that_cannot_be(#[case] more: &str) {
    assert_eq!(ask(more).unwrap_err().code, InvalidTarget);
}

#[test]
fn tok_30_audience_and_resource_may_be_the_same() {
    let grant = ask("audience=https://a.example&resource=https://a.example").unwrap();
    assert_eq!(grant.target.as_deref(), Some("https://a.example"));
    // An audience is compared, not parsed: Auth0's need not be URIs.
    assert_eq!(ask("audience=my+api").unwrap().target.as_deref(), Some("my api"));
}

#[rstest]
#[case("scope=+")]
#[case("scope=a++b")]
#[case("scope=a+")]
#[case("scope=%22a%22")]
#[case("scope=a%5Cb")]
#[case("scope=a%0Ab")]
#[case("scope=caf%C3%A9")]
fn tok_27_a_scope_outside_the_grammar(#[case] more: &str) {
    assert_eq!(ask(more).unwrap_err().code, InvalidScope);
}

#[test]
fn tok_27_ten_thousand_scopes() {
    let scope = |count: usize| format!("scope={}", vec!["a"; count].join("+"));
    assert_eq!(ask(&scope(200)).unwrap().scope.unwrap().len(), 1);
    assert_eq!(ask(&scope(201)).unwrap_err().code, InvalidScope);
    assert_eq!(ask(&scope(10_000)).unwrap_err().code, InvalidScope);
}

#[test]
fn tok_29_a_company_id_is_short() {
    let id = "c".repeat(MAX_COMPANY_ID);
    assert_eq!(ask(&format!("company_id={id}")).unwrap().company_id, Some(id.clone()));
    assert_eq!(ask(&format!("company_id={id}c")).unwrap_err().code, InvalidTarget);
}

#[test]
fn r17_debug_hides_the_secret() {
    let body = format!("{GRANT}&client_id=cron&client_secret=hunter2");
    for request in [parse(None, &body), parse(Some(&basic("cron:hunter2")), GRANT)] {
        let debug = format!("{:?}", request.unwrap());
        assert!(debug.contains("cron") && !debug.contains("hunter2"), "{debug}");
    }
}

/// The verifier of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[test]
fn r57_a_code_comes_with_what_it_is_bound_to() {
    let body = format!(
        "grant_type=authorization_code&client_id=spa&code=c0de&redirect_uri=https%3A%2F%2Fa.example%2F&code_verifier={VERIFIER}"
    );
    let Grant::AuthorizationCode(grant) = parse(None, &body).unwrap().grant else { panic!("another grant") };
    assert_eq!(grant.code.expose(), "c0de");
    assert_eq!(grant.redirect_uri.as_deref(), Some("https://a.example/"));
    assert_eq!(grant.code_verifier.unwrap().expose(), VERIFIER);
    let body = "grant_type=refresh_token&client_id=spa&refresh_token=t0ken&scope=a%20b&audience=x";
    let Grant::RefreshToken(grant) = parse(None, body).unwrap().grant else { panic!("another grant") };
    assert_eq!((grant.refresh_token.expose(), grant.target.as_deref()), ("t0ken", Some("x")));
    assert_eq!(grant.scope, Scope::parse("a b").ok());
}

#[rstest]
#[case("grant_type=authorization_code&client_id=spa", "code")]
#[case("grant_type=authorization_code&client_id=spa&code=", "code")]
#[case("grant_type=refresh_token&client_id=spa", "refresh_token")]
fn tok_13_a_grant_without_what_it_needs_is_invalid(#[case] body: &str, #[case] name: &str) {
    let error = parse(None, body).unwrap_err();
    assert_eq!(error.code, InvalidRequest);
    assert!(error.description.contains(name), "{error:?}");
}

#[rstest]
#[case(&VERIFIER[..42])]
#[case(&"a".repeat(129))]
#[case(&VERIFIER.replace('-', "%2B"))]
#[case(&VERIFIER.replace('-', "%C3%A9"))]
#[case(&VERIFIER.replace('-', "%20"))]
fn pk_07_a_verifier_keeps_its_grammar(#[case] verifier: &str) {
    let body = format!("grant_type=authorization_code&client_id=spa&code=c&code_verifier={verifier}");
    assert_eq!(refused(None, &body).0, InvalidRequest);
}
