//! `POST /oauth/introspect`: who sees what, and one answer to everybody else.

mod ends;

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::manage::{NewApi, NewClient, UpdateClient};
use tokenry_jose::{Algorithm, SigningKey};
use tokenry_model::{ClientType, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{DemoClient, NAMESPACE, TestApp, claims_of};

use crate::app::{Answer, Server, basic};

const LINE: &str = "POST /oauth/introspect";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const INACTIVE: &str = r#"{"active":false}"#;

/// What is said to `caller` of `token`.
pub(crate) async fn introspect(server: &Server, caller: &DemoClient, token: &str) -> Answer {
    let authorization = basic(&caller.id, &caller.secret);
    server.ask(LINE, &[FORM, ("Authorization", &authorization)], format!("token={token}")).await
}

/// Asserts that the answer is the one that tells nothing.
#[track_caller]
pub(crate) fn is_inactive(answer: &Answer) {
    assert_eq!((answer.status, &*answer.body), (200, INACTIVE), "{answer:?}");
    answer.is_token_like();
}

#[track_caller]
pub(crate) fn is_active(answer: &Answer) {
    assert_eq!((answer.status, answer.json()["active"].as_bool()), (200, Some(true)), "{answer:?}");
    answer.is_token_like();
}

/// An API beside the demo's, with its own credential.
pub(crate) async fn another_api(server: &Server, name: &str, token_format: TokenFormat) -> DemoClient {
    let new = NewApi {
        id: None,
        name: name.to_owned(),
        audience: format!("https://{name}.example.com"),
        scopes: vec![("read:all".to_owned(), String::new())],
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format,
        tenanted: true,
    };
    let api = server.manager.create_api(new).await.unwrap();
    let (_stored, secret) = server.manager.add_api_secret(api.id.as_str(), Default::default()).await.unwrap();
    DemoClient { id: api.id.to_string(), secret: secret.expose().to_owned() }
}

/// A token of the demo's `cron` for a new API that wants opaque ones, and that API.
pub(crate) async fn opaque_token(server: &Server, name: &str) -> (String, DemoClient) {
    let api = another_api(server, name, TokenFormat::Opaque).await;
    let audience = format!("https://{name}.example.com");
    server.manager.create_grant(&server.demo.cron.id, &audience, &[]).await.unwrap();
    let answer = TestApp::ask(server, &server.demo.cron, &[("audience", &audience)]).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    (body["access_token"].as_str().unwrap().to_owned(), api)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_jwt_is_told_to_its_client_and_to_its_api(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let token = server.token(&server.demo.group).await;
    let to_client = introspect(&server, &server.demo.group, &token).await;
    let to_api = introspect(&server, &server.demo.api, &token).await;
    is_active(&to_client);
    assert_eq!(to_client.body, to_api.body);
    let claims = claims_of(&token);
    let mut expected = json!({"active": true, "token_type": "Bearer"});
    for name in ["iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti", NAMESPACE] {
        expected[name] = claims[name].clone();
    }
    assert_eq!(to_api.json(), expected);
    assert_eq!(expected[NAMESPACE]["corporationId"], server.demo.acme_group);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_opaque_token_is_told_like_a_jwt(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let (token, api) = opaque_token(&server, "payroll").await;
    assert!(token.len() == 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    let now = server.clock.now().as_secs();
    for caller in [&server.demo.cron, &api] {
        let answer = introspect(&server, caller, &token).await;
        is_active(&answer);
        let jti = answer.json()["jti"].clone();
        assert_eq!(jti.as_str().unwrap().len(), 32);
        let expected = json!({
            "active": true, "token_type": "Bearer", "iss": server.issuer, "sub": server.demo.cron.id,
            "aud": "https://payroll.example.com", "client_id": server.demo.cron.id, "scope": "read:all",
            "iat": now, "exp": now + 86_400, "jti": jti, NAMESPACE: {"companyId": server.demo.acme},
        });
        assert_eq!(answer.json(), expected);
    }
    is_inactive(&introspect(&server, &server.demo.api, &token).await);
    is_inactive(&introspect(&server, &server.demo.readonly, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn leak_01_no_database_holds_an_opaque_token() {
    let server = Server::start().await;
    let (token, _api) = opaque_token(&server, "payroll").await;
    for entry in std::fs::read_dir(server.database.folder().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!found, "{}", path.display());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_02_int_03_whose_business_it_is_not_learns_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let other_api = another_api(&server, "payroll", TokenFormat::Jwt).await;
    let token = server.token(&server.demo.cron).await;
    // Another API, another company's client, and one of the same company.
    for caller in [&other_api, &server.demo.globex_client, &server.demo.readonly] {
        is_inactive(&introspect(&server, caller, &token).await);
    }
}

#[rstest]
#[case::empty_parts("..")]
#[case::word("abc")]
#[case::near_opaque("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::none_jwt("eyJhbGciOiJub25lIn0.e30.")]
#[case::brand("tokenry_rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::text("%C3%A9%20%2B")]
#[tokio::test(flavor = "multi_thread")]
async fn int_04_what_is_no_token_is_inactive(#[case] token: &str) {
    let server = Server::start().await;
    is_inactive(&introspect(&server, &server.demo.cron, token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn int_04_what_is_almost_a_token_is_inactive() {
    let server = Server::start().await;
    let elsewhere = Server::start().await;
    let token = server.token(&server.demo.cron).await;
    let (payload, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let broken = format!("{payload}.{flipped}{}", &signature[1..]);
    let foreign = elsewhere.token(&elsewhere.demo.cron).await;
    let long = format!("{token}{}", "A".repeat(30_000));
    for token in [&broken, &foreign, &token[..token.len() - 1], &long, &format!("{payload}.")] {
        for caller in [&server.demo.cron, &server.demo.api] {
            is_inactive(&introspect(&server, caller, token).await);
        }
    }
    is_active(&introspect(&server, &server.demo.cron, &token).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_04_a_token_lives_until_the_second_it_expires(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let jwt = server.token(&server.demo.cron).await;
    let (opaque, _api) = opaque_token(&server, "payroll").await;
    server.clock.advance(Duration::from_millis(86_400_000 - 1));
    for token in [&jwt, &opaque] {
        is_active(&introspect(&server, &server.demo.cron, token).await);
    }
    server.clock.advance(Duration::from_millis(1));
    for token in [&jwt, &opaque] {
        is_inactive(&introspect(&server, &server.demo.cron, token).await);
    }
}

#[rstest]
#[case("access_token")]
#[case("refresh_token")]
#[case("urn:nobody:knows")]
#[tokio::test(flavor = "multi_thread")]
async fn int_05_the_hint_decides_nothing(#[case] hint: &str) {
    let server = Server::start().await;
    let token = server.token(&server.demo.cron).await;
    let body = format!("{}&token={token}&token_type_hint={hint}", server.good_form());
    is_active(&server.ask(LINE, &[FORM], body).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_clients_own_claims_are_told_of_either_kind(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let claims = json!({"plan": "gold"}).as_object().cloned();
    let update = UpdateClient { claims, ..UpdateClient::default() };
    server.manager.update_client(&server.demo.cron.id, update).await.unwrap();
    let jwt = server.token(&server.demo.cron).await;
    let (opaque, _api) = opaque_token(&server, "payroll").await;
    for token in [&jwt, &opaque] {
        let told = introspect(&server, &server.demo.cron, token).await.json();
        assert_eq!(told[NAMESPACE], json!({"companyId": server.demo.acme, "plan": "gold"}));
    }
}

#[rstest]
#[case::nobody("token=a", None)]
#[case::unknown("token=a&client_id=nobody&client_secret=x", None)]
#[case::bearer("token=a", Some("Bearer abc"))]
#[case::scheme("token=a", Some("Secret tokenry_as_x"))]
#[case::wrong_api("token=a", Some("Basic YTp0b2tlbnJ5X3JzX3g="))]
#[tokio::test(flavor = "multi_thread")]
async fn int_01_tok_28_who_does_not_prove_who_it_is_gets_401(
    #[case] body: &str,
    #[case] authorization: Option<&str>,
) {
    let server = Server::start().await;
    let mut fields = vec![FORM];
    fields.extend(authorization.map(|value| ("Authorization", value)));
    let answer = server.ask(LINE, &fields, body).await;
    answer.is_error(401, "invalid_client");
    let challenge = if authorization.is_some() { "Basic realm=\"127.0.0.1\"" } else { "" };
    assert_eq!(answer.field("www-authenticate"), challenge);
}

#[tokio::test(flavor = "multi_thread")]
async fn int_01_a_wrong_secret_of_an_api_gets_401() {
    let server = Server::start().await;
    let other = another_api(&server, "payroll", TokenFormat::Jwt).await;
    let mixed = DemoClient { id: server.demo.api.id.clone(), secret: other.secret };
    let answer = introspect(&server, &mixed, "a").await;
    answer.is_error(401, "invalid_client");
    assert_eq!(answer.field("www-authenticate"), "Basic realm=\"127.0.0.1\"");
    // An API speaks in the header alone.
    let api = &server.demo.api;
    let body = format!("token=a&client_id={}&client_secret={}", api.id, api.secret);
    server.ask(LINE, &[FORM], body).await.is_error(401, "invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn int_01_a_public_client_gets_401() {
    let server = Server::start().await;
    let spa = server.manager.create_client(NewClient::new(ClientType::Spa, "Spa")).await.unwrap();
    let body = format!("token=a&client_id={}", spa.client.id);
    server.ask(LINE, &[FORM], body).await.is_error(401, "invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn http_08_neither_a_client_nor_an_api_speaks_from_a_browser() {
    let server = Server::start().await;
    for caller in [&server.demo.cron, &server.demo.api] {
        let authorization = basic(&caller.id, &caller.secret);
        let fields = [FORM, ("Authorization", &*authorization), ("Origin", "https://app.example.com")];
        server.ask(LINE, &fields, "token=a").await.is_error(400, "invalid_request");
    }
}

#[rstest]
#[case::missing("token_type_hint=access_token")]
#[case::empty("token=")]
#[case::twice("token=a&token=a")]
#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_one_token_is_400(#[case] body: &str) {
    let server = Server::start().await;
    let fields = [FORM, ("Authorization", &*server.basic())];
    server.ask(LINE, &fields, body).await.is_error(400, "invalid_request");
    let query = format!("{LINE}?token=a");
    server.ask(&query, &fields, "token=a").await.is_error(400, "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn tok_11_other_methods_are_405() {
    let server = Server::start().await;
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let answer = server.ask(&format!("{method} /oauth/introspect"), &[], "").await;
        answer.is_error(405, "invalid_request");
        assert_eq!(answer.field("allow"), "POST");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn db_05_without_a_database_it_says_neither_yes_nor_no() {
    let server = Server::start().await;
    let token = server.token(&server.demo.cron).await;
    server.store.db().close().await;
    let answer = introspect(&server, &server.demo.cron, &token).await;
    answer.is_error(503, "temporarily_unavailable");
    assert_eq!(answer.field("retry-after"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_discovery_names_both_endpoints() {
    let server = Server::start().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let document = server.ask(&format!("GET {path}"), &[], "").await.json();
        for (name, path) in [("introspection", "/oauth/introspect"), ("revocation", "/oauth/revoke")] {
            assert_eq!(document[format!("{name}_endpoint")], server.url(path));
            let methods = &document[format!("{name}_endpoint_auth_methods_supported")];
            let mut due = vec!["client_secret_basic", "client_secret_post", "private_key_jwt"];
            // A public client revokes its own; it has no business at the other.
            due.extend((name == "revocation").then_some("none"));
            assert_eq!(methods, &json!(due));
        }
    }
}

/// Who can write rows but holds no keyring adds no key: what is published was sealed with its private part.
#[tokio::test(flavor = "multi_thread")]
async fn key_05_a_planted_key_verifies_nothing() {
    let server = Server::start().await;
    let honest = server.token(&server.demo.cron).await;
    let (planted, _pkcs8) = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = planted.header("at+jwt");
    let mut claims = claims_of(&honest);
    claims["scope"] = "read:timesheets everything".into();
    let forged = planted.sign_compact(&header, claims.to_string().as_bytes()).unwrap();
    let until = server.clock.now().as_millis() + 86_400_000;
    server.database.execute(&format!(
        "INSERT INTO signing_keys (kid, algorithm, state, state_since, verifies_until, public_jwk, wrapped_private, \
         data_key_id, created_at) SELECT '{}', 'ES256', 'retired', {until}, {until} + 1, '{}', wrapped_private, \
         data_key_id, 0 FROM signing_keys LIMIT 1",
        planted.kid(),
        serde_json::to_string(planted.public_jwk()).unwrap(),
    ));
    let answer = introspect(&server, &server.demo.api, &forged).await;
    assert_ne!(answer.json()["active"], true, "{answer:?}");
    is_active(&introspect(&server, &server.demo.api, &honest).await);
}
