//! Personal access tokens (group PAT of the negative cases).

use std::time::Duration;

use axum::http::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_guard::testing::{NAMESPACE, TestCredential, TestToken};
use tokenry_guard::{Bearer, ConfigError, Cookie};
use tokenry_protocol::secret::{Brand, SecretKind, base62, issue};

use crate::support::{Api, Create, Read, app, from, with};

/// What ann may do in acme.
pub(crate) fn ann(api: &Api) -> TestToken {
    api.issuer.token().user("ann").company("acme").scope(Read).scope(Create)
}

async fn good() -> (Api, TestCredential) {
    let api = Api::new().await;
    let pat = api.issuer.pat(&ann(&api));
    assert_good(&api, &pat).await;
    (api, pat)
}

async fn assert_good(api: &Api, pat: &TestCredential) {
    let answer = api.whoami(&format!("Bearer {}", pat.text())).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "user ann"));
}

/// Refused with nothing finer than that it is invalid; the good one is good before and after.
async fn assert_invalid(authorization: &str) {
    let (api, pat) = good().await;
    let sent = authorization.replace("{pat}", pat.text());
    let answer = api.whoami(&sent).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{authorization}");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("Bearer realm=\"https://timesheets.example.com\", error=\"invalid_token\"")
    );
    assert!(answer.json().get("why").is_none());
    assert_good(&api, &pat).await;
}

#[tokio::test]
async fn r79_a_token_of_a_user_is_the_user() {
    let (api, pat) = good().await;
    let mut headers = axum::http::HeaderMap::new();
    let (name, value) = pat.header();
    headers.insert(name, value);
    let caller =
        api.guard.authenticate(&headers, tokenry_guard::Clock::now(api.issuer.clock())).await.unwrap();
    assert_eq!((caller.principal().kind(), caller.principal().id()), ("user", "ann"));
    assert_eq!((caller.credential().as_str(), caller.client_id(), caller.session()), ("pat", None, None));
    assert_eq!(
        (caller.company(), caller.scopes().to_string().as_str()),
        (Some("acme"), "create:timesheets read:timesheets")
    );
    assert_eq!(caller.claims_as::<serde_json::Value>().unwrap()["credential"], "personal_access_token");
}

#[tokio::test]
async fn pat_02_what_is_not_the_whole_token_is_none() {
    let (_, pat) = good().await;
    let text = pat.text();
    let (body, checksum) = text.split_at(text.len() - 6);
    let other_checksum = if checksum == "000000" { "000001" } else { "000000" };
    for bad in [
        text[..text.len() - 1].to_owned(),
        format!("{text}0"),
        text[1..].to_owned(),
        text.to_uppercase(),
        text.to_lowercase(),
        text.replacen("tokenry", "Tokenry", 1),
        format!("{body}{other_checksum}"),
        body.to_owned(),
        checksum.to_owned(),
        "tokenry_pat_".to_owned(),
        text.replacen("pat", "PAT", 1),
        text.replacen("_pat_", "_cs_", 1),
        text.replace('_', "%5F"),
        text.replace('_', "%255F"),
        format!("{text}="),
        format!("{text}.{text}"),
    ] {
        assert_invalid(&format!("Bearer {bad}")).await;
    }
}

#[rstest]
#[case::two_spaces("Bearer  {pat}")]
#[case::tab("Bearer\t{pat}")]
#[case::behind_it("Bearer {pat} ")]
#[case::in_it("Bearer tokenry_pat_ {pat}")]
#[case::bare("{pat}")]
#[case::token("Token {pat}")]
#[case::pat("PAT {pat}")]
#[case::two("Bearer {pat} {pat}")]
#[case::listed("Bearer {pat}, Bearer {pat}")]
#[case::quoted("Bearer \"{pat}\"")]
#[tokio::test]
async fn pat_02_the_header_field_is_one_word_one_space_one_token(#[case] authorization: &str) {
    assert_invalid(authorization).await;
}

#[rstest]
#[case::as_a_password("Basic {pat}", 401, "scheme_not_accepted")]
#[case::as_a_secret("Secret {pat}", 401, "scheme_not_accepted")]
#[case::lower_case("bearer {pat}", 200, "")]
#[tokio::test]
async fn pat_02_other_words(#[case] authorization: &str, #[case] status: u16, #[case] code: &str) {
    let (api, pat) = good().await;
    let answer = api.whoami(&authorization.replace("{pat}", pat.text())).await;
    assert_eq!(answer.status, status);
    assert!(code.is_empty() || answer.refusal().1 == code);
}

/// RFC 6750 §2.2 and §2.3 are not there, for these tokens either.
#[tokio::test]
async fn r79_jwt_25_in_the_query_or_in_a_form_it_is_not_looked_at() {
    let (api, pat) = good().await;
    let (text, bearer) = (pat.text(), format!("Bearer {}", pat.text()));
    let missing = (401, "missing_credentials".to_owned());
    for path in
        [format!("/whoami?access_token={text}"), format!("/whoami?token={text}&access%5Ftoken={text}")]
    {
        let answer = api.send(with(Method::GET, &path, &[])).await;
        assert_eq!(answer.refusal(), missing, "{}", path.replace(text, "…"));
        assert!(!answer.body.contains(text) && !format!("{:?}", answer.headers).contains(text));
    }
    let twice = with(Method::GET, &format!("/whoami?access_token={text}"), &[("authorization", &bearer)]);
    assert_eq!(api.send(twice).await.refusal(), (400, "invalid_request".to_owned()), "nor beside a good one");

    let form = [("content-type", "application/x-www-form-urlencoded")];
    let mut in_a_form = with(Method::POST, "/companies/acme/timesheets", &form);
    *in_a_form.body_mut() = format!("access_token={text}").into();
    assert_eq!(api.send(in_a_form).await.refusal(), missing);
    let honest = with(Method::POST, "/companies/acme/timesheets", &[("authorization", &bearer)]);
    assert_eq!(api.send(honest).await.status, 201);
}

#[tokio::test]
async fn pat_01_what_was_never_issued_and_what_is_something_else() {
    for kind in SecretKind::ALL {
        for brand in ["tokenry", "acme"] {
            let brand = Brand::parse(brand).unwrap();
            let made_up = issue(&brand, kind, &[7; 32]);
            assert_invalid(&format!("Bearer {}", made_up.expose())).await;
        }
    }
    assert_invalid(&format!("Bearer {}", base62(&[7; 32], 43))).await;
}

#[tokio::test]
async fn pat_01_a_brand_of_ones_own() {
    let (api, _) = good().await;
    let guard = api.issuer.guard_builder().brand("acme").build().await.unwrap();
    let api = Api { app: app(&guard), guard, ..api };
    let pat = api.issuer.pat(&ann(&api));
    let answer = api.whoami(&format!("Bearer {}", pat.text())).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "it is of the brand tokenry");
    let errors = api.issuer.guard_builder().brand("Acme").build().await.unwrap_err();
    assert!(errors.iter().eq(&[ConfigError::Brand("Acme".to_owned())]));
}

#[tokio::test]
async fn pat_08_expired_is_expired() {
    let (api, _) = good().await;
    let pat = api.issuer.pat(&ann(&api).expires_in(Duration::from_secs(60)));
    assert_good(&api, &pat).await;
    api.issuer.clock().advance(Duration::from_millis(59_999));
    assert_good(&api, &pat).await;
    api.issuer.clock().advance(Duration::from_millis(1));
    let answer = api.whoami(&format!("Bearer {}", pat.text())).await;
    assert_eq!(answer.refusal(), (401, "token_expired".to_owned()));
    assert_good(&api, &api.issuer.pat(&ann(&api))).await;
}

#[tokio::test]
async fn pat_09_revoked_is_revoked_and_another_is_not() {
    let (api, pat) = good().await;
    let (first, second) = (ann(&api), ann(&api).claim("jti", "another-handle-0123456789abcdef"));
    let (revoked, other) = (api.issuer.pat(&first), api.issuer.pat(&second));
    assert_good(&api, &revoked).await;
    api.issuer.revoke(&first);
    let answer = api.whoami(&format!("Bearer {}", revoked.text())).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    assert_good(&api, &other).await;
    assert_good(&api, &pat).await;
}

#[tokio::test]
async fn pat_03_pat_04_what_its_user_may_do_now_is_what_it_may_do() {
    let (api, pat) = good().await;
    let path = "/companies/acme/timesheets";
    let bearer = format!("Bearer {}", pat.text());
    let create = async || api.send(with(Method::POST, path, &[("authorization", &bearer)])).await;
    assert_eq!(create().await.status, 201);
    let employee = api.issuer.token().user("ann").company("acme").scope(Read);
    api.issuer.change(&pat, &employee);
    assert_eq!(create().await.refusal(), (403, "insufficient_scope".to_owned()));
    assert_good(&api, &pat).await;
    api.issuer.change(&pat, &employee.clone().company("globex"));
    assert_eq!(
        api.send(with(Method::GET, path, &[("authorization", &bearer)])).await.refusal().1,
        "tenant_mismatch"
    );
    api.issuer.end(&pat, &employee);
    assert_eq!(create().await.refusal(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn pat_11_another_api_or_company_gets_nothing() {
    let (api, pat) = good().await;
    let bearer = format!("Bearer {}", pat.text());
    let globex = with(Method::GET, "/companies/globex/timesheets", &[("authorization", &bearer)]);
    assert_eq!(api.send(globex).await.refusal(), (403, "tenant_mismatch".to_owned()));
    let object = with(Method::GET, "/timesheets/globex-1", &[("authorization", &bearer)]);
    let unknown = with(Method::GET, "/timesheets/nonsense", &[("authorization", &bearer)]);
    assert_eq!(api.send(object).await.refusal(), (404, "not_found".to_owned()));
    assert_eq!(api.send(unknown).await.refusal(), (404, "not_found".to_owned()));
    let payroll = api.issuer.pat(&ann(&api).audience("https://payroll.example.com"));
    assert_eq!(api.whoami(&format!("Bearer {}", payroll.text())).await.refusal().1, "invalid_token");
    let nowhere = api.issuer.pat(&ann(&api).without(NAMESPACE));
    assert_eq!(api.whoami(&format!("Bearer {}", nowhere.text())).await.refusal().1, "invalid_token");
}

#[tokio::test]
async fn an_allow_list_holds_at_every_request() {
    let (api, _) = good().await;
    let pat = api.issuer.pat(&ann(&api).claim("allowed_addresses", json!(["192.0.2.0/24", "2001:db8::/32"])));
    let bearer = format!("Bearer {}", pat.text());
    let whoami = |fields: &[(&str, &str)]| {
        let fields: Vec<_> =
            [("authorization", bearer.as_str())].into_iter().chain(fields.iter().copied()).collect();
        with(Method::GET, "/whoami", &fields)
    };
    for (address, status) in [
        ("192.0.2.7", 200),
        ("::ffff:192.0.2.7", 200),
        ("2001:db8::7", 200),
        ("203.0.113.7", 401),
        ("127.0.0.1", 401),
        ("192.0.2.7", 200),
    ] {
        assert_eq!(api.send(from(whoami(&[]), address)).await.status, status, "{address}");
    }
    let unknown = api.send(whoami(&[])).await;
    assert_eq!(unknown.refusal(), (401, "invalid_token".to_owned()), "nobody knows from where");
    let forwarded = whoami(&[("x-forwarded-for", "192.0.2.7")]);
    assert_eq!(api.send(from(forwarded, "203.0.113.7")).await.status, 401, "a stranger's word");
}

#[tokio::test]
async fn an_allow_list_holds_behind_proxies() {
    let (api, _) = good().await;
    let guard = api.issuer.guard_builder().trusted_proxies(["10.0.0.0/8"]).build().await.unwrap();
    let api = Api { app: app(&guard), guard, ..api };
    let pat = api.issuer.pat(&ann(&api).claim("allowed_addresses", json!(["192.0.2.7"])));
    let bearer = format!("Bearer {}", pat.text());
    for (peer, forwarded, status) in [
        ("10.0.0.1", "192.0.2.7", 200),
        ("10.0.0.1", "203.0.113.7, 192.0.2.7", 200),
        ("10.0.0.1", "192.0.2.7, 203.0.113.7", 401),
        ("10.0.0.1", "192.0.2.7, unknown", 401),
        ("10.0.0.1", "", 401),
        ("203.0.113.7", "192.0.2.7", 401),
        ("192.0.2.7", "203.0.113.7", 200),
    ] {
        let fields = [("authorization", bearer.as_str()), ("x-forwarded-for", forwarded)];
        let answer = api.send(from(with(Method::GET, "/whoami", &fields), peer)).await;
        assert_eq!(answer.status, status, "{peer} {forwarded}");
    }
    let errors =
        api.issuer.guard_builder().trusted_proxies(["0.0.0.0/0", "10.0.0.1"]).build().await.unwrap_err();
    assert!(errors.iter().eq(&[ConfigError::TrustedProxy("0.0.0.0/0".to_owned())]));
}

#[tokio::test]
async fn what_cannot_be_read_of_an_allow_list_allows_nothing() {
    let (api, pat) = good().await;
    for list in [json!("192.0.2.7"), json!(["all"]), json!(null)] {
        let pat = api.issuer.pat(&ann(&api).claim("allowed_addresses", list.clone()));
        let whoami = with(Method::GET, "/whoami", &[("authorization", &format!("Bearer {}", pat.text()))]);
        assert_eq!(api.send(from(whoami, "192.0.2.7")).await.refusal().1, "invalid_token", "{list}");
    }
    assert_good(&api, &pat).await;
}

#[tokio::test]
async fn an_api_takes_what_it_says_it_takes() {
    let (api, _) = good().await;
    let (like, path) = (ann(&api), "/whoami");
    let (pat, cookie) = (api.issuer.pat(&like), api.issuer.cookie(&like));
    let jwt = format!("Bearer {}", like.mint());
    let credentials = [
        ("jwt", "authorization", jwt.as_str()),
        ("pat", "authorization", &format!("Bearer {}", pat.text())),
        ("cookie", "cookie", &format!("__Host-tokenry_api={}", cookie.text())),
    ];
    for (only, accept) in [("jwt", Bearer::jwt()), ("pat", Bearer::pat()), ("cookie", Cookie::session())] {
        let guard = api.issuer.guard_builder().accept([accept]).build().await.unwrap();
        let api = Api { app: app(&guard), guard, issuer: tokenry_guard::testing::TestIssuer::new() };
        for (kind, name, value) in credentials {
            let answer = api.send(with(Method::GET, path, &[(name, value)])).await;
            let expected = match (kind == only, kind) {
                (true, _) => 200,
                (false, _) => 401,
            };
            assert_eq!(answer.status, expected, "{kind} where {only} is taken");
        }
    }
}
