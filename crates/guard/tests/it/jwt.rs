//! What is no access token for this API (group JWT of the negative cases).

use axum::http::{HeaderMap, HeaderValue, Method};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;
use tokenry_guard::Clock;
use tokenry_guard::testing::{AUDIENCE, Algorithm, NAMESPACE, TestIssuer, TestToken};
use tokenry_jose::base64url;

use crate::support::{Api, request};

/// 401 with the challenge and nothing finer than that it is invalid.
async fn assert_invalid(api: &Api, token: &str) {
    let shown: String = token.chars().take(80).collect();
    let answer = api.whoami(&format!("Bearer {token}")).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{shown}");
    assert_eq!(
        answer.header("www-authenticate"),
        Some(
            "Bearer realm=\"https://timesheets.example.com\", error=\"invalid_token\", error_description=\"The access token is invalid\""
        ),
        "{shown}"
    );
    assert!(answer.json().get("why").is_none(), "{shown}");
    let good = api.whoami(&format!("Bearer {}", api.token().mint())).await;
    assert_eq!(good.status, 200, "the next good token passes");
}

/// Changes of a good token.
async fn assert_invalid_with(change: impl Fn(TestToken) -> TestToken) {
    let api = Api::new().await;
    assert_invalid(&api, &change(api.token()).mint()).await;
}

#[tokio::test]
async fn r15_a_good_token_of_every_algorithm_passes() {
    for algorithm in Algorithm::ALL {
        let api = Api::of(TestIssuer::with_algorithm(algorithm)).await;
        let answer = api.get("/whoami", &api.token()).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "client cron"), "{algorithm}");
    }
}

#[tokio::test]
async fn r15_jwt_01_unsigned_tokens_are_refused() {
    let api = Api::new().await;
    let good = api.token().mint();
    let payload = good.split('.').nth(1).unwrap();
    for alg in [json!("none"), json!("None"), json!("nOnE"), json!(""), Value::Null] {
        let header = base64url::encode(json!({ "alg": alg, "typ": "at+jwt" }).to_string().as_bytes());
        for token in [format!("{header}.{payload}."), format!("{header}.{payload}")] {
            assert_invalid(&api, &token).await;
        }
    }
    assert_invalid(&api, &api.token().without_header("alg").mint()).await;
}

#[tokio::test]
async fn r15_jwt_02_symmetric_algorithms_are_refused() {
    for alg in ["HS256", "HS384", "HS512"] {
        assert_invalid_with(|token| token.header("alg", alg)).await;
    }
}

#[tokio::test]
async fn jwt_03_jwt_04_the_key_decides_about_the_algorithm() {
    let api = Api::of(TestIssuer::with_algorithm(Algorithm::Rs256)).await;
    for alg in ["PS256", "ES256", "EdDSA", "RS384"] {
        assert_invalid(&api, &api.token().header("alg", alg).mint()).await;
    }
}

#[tokio::test]
async fn jwt_05_kid_is_a_name_and_nothing_else() {
    let kids = ["unknown", "../../etc/passwd", "' OR 1=1--", "a\0b", "https://evil.example/jwks", ""];
    let api = Api::new().await;
    for kid in kids.map(str::to_owned).into_iter().chain(["k".repeat(3_000)]) {
        assert_invalid(&api, &api.token().header("kid", kid).mint()).await;
    }
    assert_invalid(&api, &api.token().header("kid", 7).mint()).await;
}

#[rstest]
#[case::jwt_06("jku", json!("https://evil.example/jwks"))]
#[case::jwt_06("x5u", json!("http://127.0.0.1:1/"))]
#[case::jwt_07("jwk", json!({"kty": "EC", "crv": "P-256"}))]
#[case::jwt_07("x5c", json!(["MIIB"]))]
#[case::jwt_08("crit", json!(["exp"]))]
#[case::jwt_08("crit", json!([]))]
#[case::jwt_09("b64", json!(false))]
#[case::jwt_20("zip", json!("DEF"))]
#[case::jwt_20("enc", json!("A256GCM"))]
#[tokio::test]
async fn jwt_dangerous_header_members_are_refused(#[case] name: &str, #[case] value: Value) {
    assert_invalid_with(|token| token.header(name, value.clone())).await;
}

#[tokio::test]
async fn jwt_10_exp_is_a_whole_number_or_the_token_is_invalid() {
    let api = Api::new().await;
    let values =
        [json!("1895228496"), Value::Null, json!(1.5e9), json!(-1), json!([1_895_228_496]), json!(1e300)];
    for exp in values {
        assert_invalid(&api, &api.token().claim("exp", exp).mint()).await;
    }
    assert_invalid(&api, &api.token().without("exp").mint()).await;
    let overflowing = r#"{"exp":1e400}"#;
    assert_invalid(&api, &api.token().mint_payload(overflowing.as_bytes())).await;
}

#[tokio::test]
async fn jwt_10_exp_is_exact() {
    let api = Api::new().await;
    let token = api.token().expires_in(Duration::from_secs(10));
    api.issuer.clock().advance(Duration::from_millis(9_999));
    assert_eq!(api.get("/whoami", &token).await.status, 200);
    api.issuer.clock().advance(Duration::from_millis(1));
    let answer = api.get("/whoami", &token).await;
    assert_eq!(answer.refusal(), (401, "token_expired".to_owned()));
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    assert!(challenge.contains("error_description=\"The access token expired\""), "{challenge}");
}

#[rstest]
#[case("nbf")]
#[case("iat")]
#[tokio::test]
async fn jwt_11_the_allowed_skew_is_exact(#[case] claim: &str) {
    let api = Api::new().await;
    let now = api.issuer.clock().now().as_secs();
    assert_eq!(api.get("/whoami", &api.token().claim(claim, now + 5)).await.status, 200);
    assert_invalid(&api, &api.token().claim(claim, now + 6).mint()).await;
    for wrong in [json!((now - 60).to_string()), Value::Null, json!(-1), json!(1.5)] {
        assert_invalid(&api, &api.token().claim(claim, wrong).mint()).await;
    }
}

#[tokio::test]
async fn jwt_12_iss_is_compared_character_by_character() {
    for issuer in [
        "https://id.example.com/",
        "https://ID.example.com",
        "http://id.example.com",
        "https://other.example.com",
    ] {
        assert_invalid_with(|token| token.issuer(issuer)).await;
    }
    assert_invalid_with(|token| token.without("iss")).await;
    assert_invalid_with(|token| token.claim("iss", json!(["https://id.example.com"]))).await;
}

#[tokio::test]
async fn jwt_13_aud_is_this_api_exactly() {
    let wrong = [
        json!("https://other.example.com"),
        json!(format!("{AUDIENCE}/")),
        json!("https://timesheets.example"),
        json!("cron"),
        json!([]),
        json!(["https://other.example.com"]),
        json!([AUDIENCE, 7]),
        json!([AUDIENCE, null]),
        json!([[AUDIENCE]]),
        json!({ AUDIENCE: true }),
        Value::Null,
    ];
    for aud in wrong {
        assert_invalid_with(|token| token.claim("aud", aud.clone())).await;
    }
    assert_invalid_with(|token| token.without("aud")).await;
    let api = Api::new().await;
    let with_userinfo = json!([AUDIENCE, "https://id.example.com/userinfo"]);
    assert_eq!(api.get("/whoami", &api.token().claim("aud", with_userinfo)).await.status, 200);
}

#[tokio::test]
async fn jwt_14_jwt_15_other_kinds_of_tokens_are_refused_by_type() {
    let others = [
        "JWT",
        "",
        "id+jwt",
        "logout+jwt",
        "dpop+jwt",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
        "client-authentication+jwt",
        "text/at+jwt",
        "at+jwt; charset=utf-8",
        "jwt",
    ];
    for typ in others {
        assert_invalid_with(|token| token.typ(typ)).await;
    }
    assert_invalid_with(|token| token.without_header("typ")).await;
    let api = Api::new().await;
    for typ in ["application/at+jwt", "AT+JWT"] {
        assert_eq!(api.get("/whoami", &api.token().typ(typ)).await.status, 200, "{typ}");
    }
}

#[tokio::test]
async fn jwt_16_duplicate_members_are_refused() {
    let api = Api::new().await;
    let claims = claims_of(&api.token());
    let doubled = claims.replacen('{', r#"{"sub":"other","#, 1);
    assert_invalid(&api, &api.token().mint_payload(doubled.as_bytes())).await;
    let nested = claims.replacen(r#"{"companyId":"#, r#"{"companyId":"globex","companyId":"#, 1);
    assert_ne!(nested, claims);
    assert_invalid(&api, &api.token().mint_payload(nested.as_bytes())).await;
}

#[tokio::test]
async fn jwt_17_only_the_canonical_compact_form_is_read() {
    let api = Api::new().await;
    let token = api.token().mint();
    let parts: Vec<_> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("three parts") };
    for broken in [
        format!("{header}=.{payload}.{signature}"),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{header}.{payload}"),
        format!("{header}..{signature}"),
        format!("{token}="),
    ] {
        assert_invalid(&api, &broken).await;
    }
}

#[tokio::test]
async fn jwt_18_a_payload_that_is_no_object_is_refused() {
    let api = Api::new().await;
    for payload in ["null", "[]", "7", "\"a\"", "", "{", "{}x", "\u{feff}{}"] {
        assert_invalid(&api, &api.token().mint_payload(payload.as_bytes())).await;
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert_invalid(&api, &api.token().mint_payload(deep.as_bytes())).await;
    let long = json!({ "a": "x".repeat(20_000) }).to_string();
    assert_invalid(&api, &api.token().mint_payload(long.as_bytes())).await;
}

#[tokio::test]
async fn jwt_19_a_million_dots_are_refused() {
    let api = Api::new().await;
    assert_invalid(&api, &".".repeat(1_000_000)).await;
}

#[tokio::test]
async fn r15_jwt_21_foreign_and_broken_signatures_are_refused() {
    let api = Api::new().await;
    assert_invalid(&api, &api.token().wrong_key().mint()).await;
    assert_invalid(&api, &api.token().tampered("sub", "root").mint()).await;
    let token = api.token().mint();
    let (signed, _) = token.rsplit_once('.').unwrap();
    for signature in [base64url::encode(&[0; 64]), base64url::encode(&[0; 63]), String::new()] {
        assert_invalid(&api, &format!("{signed}.{signature}")).await;
    }
}

#[rstest]
#[case("sub", json!(7))]
#[case("sub", json!(""))]
#[case("client_id", json!({}))]
#[case("client_id", Value::Null)]
#[case("azp", json!(["cron"]))]
#[case("azp", json!("another"))]
#[case("gty", json!(true))]
#[case("jti", json!(1))]
#[case("scope", json!(["read:timesheets"]))]
#[case("scope", Value::Null)]
#[case("scope", json!("read:timesheets  create:timesheets"))]
#[case("scope", json!(" read:timesheets"))]
#[case("scope", json!("read:timesheets\n"))]
#[case("scope", json!("rëad"))]
#[case("cnf", json!({"jkt": "abc"}))]
#[case(NAMESPACE, json!("acme"))]
#[case(NAMESPACE, json!(["acme"]))]
#[case(NAMESPACE, json!({}))]
#[case(NAMESPACE, json!({"companyId": 7}))]
#[case(NAMESPACE, json!({"companyId": null}))]
#[case(NAMESPACE, json!({"companyId": ""}))]
#[case(NAMESPACE, json!({"companyId": ["acme"]}))]
#[case(NAMESPACE, json!({"companyId": "acme", "corporationId": null}))]
#[case(NAMESPACE, json!({"companyId": "acme", "corporationId": 7}))]
#[case(NAMESPACE, json!({"corporationId": "acme_group"}))]
#[tokio::test]
async fn jwt_22_claims_of_the_wrong_type_are_no_default(#[case] name: &str, #[case] value: Value) {
    assert_invalid_with(|token| token.claim(name, value.clone())).await;
}

#[tokio::test]
async fn jwt_22_claims_that_are_due_are_required() {
    for name in ["sub", "client_id", "jti", "iat", NAMESPACE] {
        assert_invalid_with(|token| token.without(name)).await;
    }
}

#[tokio::test]
async fn jwt_22_a_token_without_scope_may_do_nothing() {
    let api = Api::new().await;
    let answer = api.get("/whoami", &api.token().without("scope")).await;
    assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
}

#[tokio::test]
async fn ten_14_tenant_claims_elsewhere_in_the_token_do_not_count() {
    assert_invalid_with(|token| token.without(NAMESPACE).claim("companyId", "acme")).await;
    assert_invalid_with(|token| {
        token.without(NAMESPACE).claim("https://evil.example/metadata", json!({ "companyId": "acme" }))
    })
    .await;
}

#[tokio::test]
async fn r34_a_client_and_a_user_are_told_apart() {
    let api = Api::new().await;
    assert_eq!(api.get("/whoami", &api.token()).await.body, "client cron");
    let user = api.token().user("usr_ann").company("acme");
    assert_eq!(api.get("/whoami", &user).await.body, "user usr_ann");
    for (token, session) in [(&user, Some("test-session")), (&api.token(), None)] {
        let headers: HeaderMap = [("authorization".parse().unwrap(), token.bearer())].into_iter().collect();
        let caller = api.guard.authenticate(&headers, api.issuer.clock().now()).await.unwrap();
        assert_eq!(caller.session(), session);
    }
    assert_invalid(&api, &user.claim("gty", "client-credentials").mint()).await;
}

#[tokio::test]
async fn jwt_28_mail_addresses_decide_nothing() {
    let api = Api::new().await;
    let token = api.token().claim("email", "root@acme.example").claim("preferred_username", "root");
    assert_eq!(api.get("/whoami", &token).await.body, "client cron");
}

#[tokio::test]
async fn jwt_25_a_token_in_the_query_is_ignored() {
    let api = Api::new().await;
    let path = format!("/whoami?access_token={}", api.token().mint());
    let answer = api.send(request(Method::GET, &path, None)).await;
    assert_eq!(answer.refusal(), (401, "missing_credentials".to_owned()));
    assert_eq!(api.get(&path, &api.token()).await.refusal(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn jwt_26_r79_the_scheme_has_no_case_and_one_space() {
    let api = Api::new().await;
    let token = api.token().mint();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(api.whoami(&format!("{scheme} {token}")).await.status, 200, "{scheme}");
    }
    for value in [
        token.clone(),
        format!("Bearer{token}"),
        format!("Bearer  {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer {token} {token}"),
    ] {
        assert_eq!(api.whoami(&value).await.refusal(), (401, "invalid_token".to_owned()));
    }
    let mut twice = request(Method::GET, "/whoami", Some(api.token().bearer()));
    twice.headers_mut().append("authorization", HeaderValue::from_static("Basic YTpi"));
    assert_eq!(api.send(twice).await.refusal(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn jwt_27_scopes_are_compared_as_whole_values() {
    let api = Api::new().await;
    for near in ["read", "read:timesheets:all", "xread:timesheets", "READ:TIMESHEETS", "read:timesheet"] {
        let answer = api.get("/whoami", &api.token().claim("scope", near)).await;
        assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()), "{near}");
    }
}

#[tokio::test]
async fn jwt_29_other_spellings_of_a_path_reach_no_other_policy() {
    let api = Api::new().await;
    let token = api.issuer.token().company("acme").scope(crate::support::Read);
    for path in [
        "//timesheets/acme-1",
        "/./timesheets/acme-1",
        "/timesheets/acme-1/",
        "/Timesheets/acme-1",
        "/timesheets/acme-1;x",
    ] {
        let answer = api.call(Method::DELETE, path, &token).await;
        assert!([403, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
    let mut overridden = request(Method::GET, "/timesheets/acme-1", Some(token.bearer()));
    overridden.headers_mut().insert("x-http-method-override", HeaderValue::from_static("DELETE"));
    assert_eq!(api.send(overridden).await.status, 200, "it stays a GET");
}

/// The claims as JSON text.
fn claims_of(token: &TestToken) -> String {
    let minted = token.mint();
    let payload = minted.split('.').nth(1).unwrap();
    String::from_utf8(base64url::decode(payload).unwrap()).unwrap()
}
