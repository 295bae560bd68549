//! Authorization requests and responses: who asks, what for, and what goes back.

use rstest::rstest;
use tokenry_protocol::authorize::{
    Answer, CodeChallenge, MAX_CLAIMS, MAX_NONCE, MAX_STATE, Prompt, Recipient, Request, Response,
    ResponseMode,
};
use tokenry_protocol::{Error, ErrorCode, Params, Secret};

use ErrorCode::{
    InvalidRequest, InvalidScope, InvalidTarget, RegistrationNotSupported, RequestNotSupported,
    RequestUriNotSupported, UnsupportedResponseType,
};

/// The challenge of RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn request(query: &str) -> Result<Request, Error> {
    Request::parse(&Params::from_query(query)?)
}

fn recipient(query: &str) -> Result<Recipient, Error> {
    Recipient::parse(&Params::from_query(query)?)
}

#[test]
fn r66_a_request_says_what_it_asks_for() {
    let request = request(&format!(
        "response_type=code&scope=openid+read:timesheets&audience=https://api.example&nonce=n&prompt=login+consent\
         &max_age=300&login_hint=ann@acme.example&ui_locales=de+en&acr_values=x&display=popup\
         &claims=%7B%22userinfo%22:%7B%22email%22:null%7D,%22other%22:1%7D\
         &code_challenge={CHALLENGE}&code_challenge_method=S256&id_token_hint=a.b.c&unknown=1"
    ))
    .unwrap();
    assert_eq!(request.scope.unwrap().to_string(), "openid read:timesheets");
    assert_eq!(request.target.as_deref(), Some("https://api.example"));
    assert_eq!((request.nonce.as_deref(), request.max_age), (Some("n"), Some(300)));
    assert_eq!(request.prompt, Prompt { consent: true, login: true, ..Prompt::default() });
    assert_eq!(request.login_hint.as_deref(), Some("ann@acme.example"));
    assert_eq!(request.ui_locales, ["de", "en"]);
    assert_eq!(serde_json::Value::from(request.claims).to_string(), r#"{"userinfo":{"email":null}}"#);
    assert_eq!(request.code_challenge.unwrap().as_str(), CHALLENGE);
    assert!(request.id_token_hint.is_some());
}

#[rstest]
#[case::nothing("", "client_id")]
#[case::no_client("redirect_uri=https://a.example/cb", "client_id")]
#[case::no_redirect_uri("client_id=app", "redirect_uri")]
#[case::empty("client_id=app&redirect_uri=", "redirect_uri")]
fn az_10_client_and_redirect_uri_are_always_named(#[case] query: &str, #[case] missing: &str) {
    let error = recipient(query).unwrap_err();
    assert_eq!((error.code, error.missing), (InvalidRequest, Some(missing)));
}

#[rstest]
#[case::line_break("https://a.example/cb%0d%0aSet-Cookie:x=1")]
#[case::space("https://a.example/c b")]
#[case::full_width("https://a%EF%BC%8Eexample/cb")]
#[case::overlong_utf_8("https://a.example/%C0%AF")]
#[case::nul("https://a.example/cb%00")]
#[case::long(&format!("https://a.example/{}", "a".repeat(64 * 1024)))]
fn az_13_a_redirect_uri_is_short_visible_ascii(#[case] uri: &str) {
    let error = recipient(&format!("client_id=app&redirect_uri={uri}")).unwrap_err();
    assert_eq!(error.code, InvalidRequest);
}

#[rstest]
#[case("client_id=a&client_id=a")]
#[case("redirect_uri=https://a.example/&redirect_uri=https://b.example/")]
#[case("state=1&state=2")]
#[case("response_mode=query&response_mode=query")]
fn az_11_nothing_stands_there_twice(#[case] query: &str) {
    assert_eq!(Params::from_query(query).unwrap_err().code, InvalidRequest);
}

#[rstest]
#[case::missing("scope=openid", InvalidRequest)]
#[case::implicit("response_type=token", UnsupportedResponseType)]
#[case::hybrid("response_type=code+id_token", UnsupportedResponseType)]
#[case::id_token("response_type=id_token+token", UnsupportedResponseType)]
#[case::none("response_type=none", UnsupportedResponseType)]
#[case::upper_case("response_type=CODE", UnsupportedResponseType)]
fn az_14_only_the_code_flow_is_there(#[case] query: &str, #[case] code: ErrorCode) {
    assert_eq!(request(query).unwrap_err().code, code);
}

#[rstest]
#[case("request=e30.e30.", RequestNotSupported)]
#[case("request_uri=urn:x", RequestUriNotSupported)]
#[case("registration=%7B%7D", RegistrationNotSupported)]
#[case("scope=a++b", InvalidScope)]
#[case("resource=relative", InvalidTarget)]
#[case("audience=https://a.example&resource=https://b.example", InvalidTarget)]
#[case::az_16("response_mode=fragment", InvalidRequest)]
#[case::az_16("response_mode=web_message", InvalidRequest)]
#[case::az_17("state=%0d%0a", InvalidRequest)]
#[case::az_17("state=%C3%A4", InvalidRequest)]
#[case::az_17(&format!("state={}", "s".repeat(MAX_STATE + 1)), InvalidRequest)]
#[case(&format!("nonce={}", "n".repeat(MAX_NONCE + 1)), InvalidRequest)]
#[case("login_hint=a%0ab", InvalidRequest)]
#[case::az_21("prompt=none+login", InvalidRequest)]
#[case::az_21("prompt=never", InvalidRequest)]
#[case::az_21("prompt=login+login", InvalidRequest)]
#[case::az_21("prompt=login++consent", InvalidRequest)]
#[case::az_23("max_age=-1", InvalidRequest)]
#[case::az_23("max_age=%2B1", InvalidRequest)]
#[case::az_23("max_age=1.5", InvalidRequest)]
#[case::az_23("max_age=9223372036854775808", InvalidRequest)]
#[case::az_23("max_age=soon", InvalidRequest)]
#[case("display=hologram", InvalidRequest)]
#[case("claims=%5B%5D", InvalidRequest)]
#[case("claims=%7B%22userinfo%22:1%7D", InvalidRequest)]
#[case("claims=%7B%22userinfo%22:%7B%22email%22:1%7D%7D", InvalidRequest)]
#[case(&format!("claims={}", "9".repeat(MAX_CLAIMS + 1)), InvalidRequest)]
fn what_is_malformed_is_refused(#[case] query: &str, #[case] code: ErrorCode) {
    assert_eq!(request(&format!("response_type=code&{query}")).unwrap_err().code, code, "{query}");
}

#[rstest]
#[case::pk_02("code_challenge_method=S256")]
#[case::pk_02(&format!("code_challenge={CHALLENGE}"))]
#[case::pk_02(&format!("code_challenge={CHALLENGE}&code_challenge_method=plain"))]
#[case::pk_02(&format!("code_challenge={CHALLENGE}&code_challenge_method=s256"))]
#[case::pk_02(&format!("code_challenge={CHALLENGE}&code_challenge_method=S512"))]
fn pk_02_s256_is_the_only_method(#[case] query: &str) {
    assert_eq!(request(&format!("response_type=code&{query}")).unwrap_err().code, InvalidRequest);
}

#[rstest]
#[case::short(&CHALLENGE[1..])]
#[case::long(&format!("{CHALLENGE}A"))]
#[case::padded(&format!("{}=", &CHALLENGE[1..]))]
#[case::standard_base64(&CHALLENGE.replace('-', "+"))]
#[case::bits_too_many(&format!("{}N", &CHALLENGE[..42]))]
#[case::not_ascii(&format!("{}é", &CHALLENGE[2..]))]
fn pk_03_a_challenge_is_a_digest_in_base64url(#[case] challenge: &str) {
    assert_eq!(CodeChallenge::parse(challenge), None);
    assert!(CodeChallenge::parse(CHALLENGE).is_some());
}

fn response(redirect_uri: &str, answer: Answer) -> Response {
    Response {
        redirect_uri: redirect_uri.to_owned(),
        mode: ResponseMode::Query,
        state: Some("a b&c=\"<d>\"#\r".to_owned()),
        issuer: "https://id.example.com".to_owned(),
        answer,
    }
}

#[rstest]
#[case::plain("https://a.example/cb", "https://a.example/cb?")]
#[case::with_a_query("https://a.example/cb?x=%41", "https://a.example/cb?x=%41&")]
#[case::with_an_empty_query("https://a.example/cb?", "https://a.example/cb?")]
#[case::of_an_application("com.example.app:/cb", "com.example.app:/cb?")]
fn peer_14_an_answer_keeps_what_the_uri_has_and_clears_the_fragment(#[case] uri: &str, #[case] begins: &str) {
    let location = response(uri, Answer::Code(Secret::new("c0de".to_owned()))).location();
    let rest = location.strip_prefix(begins).unwrap();
    assert_eq!(
        rest, "code=c0de&state=a+b%26c%3D%22%3Cd%3E%22%23%0D&iss=https%3A%2F%2Fid.example.com#",
        "{location}"
    );
}

#[test]
fn r17_a_code_is_not_shown() {
    let response = response("https://a.example/cb", Answer::Code(Secret::new("c0de".to_owned())));
    assert!(!format!("{response:?}").contains("c0de"));
}

#[test]
fn az_19_an_error_says_who_answers_and_gives_state_back() {
    let response = response("https://a.example/cb", Answer::Error(Error::new(InvalidScope, "No.")));
    let parameters = response.parameters();
    let names: Vec<_> = parameters.iter().map(|(name, _value)| *name).collect();
    assert_eq!(names, ["error", "error_description", "state", "iss"]);
    assert_eq!(parameters[3].1, "https://id.example.com");
}
