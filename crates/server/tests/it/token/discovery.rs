//! What the server says of itself: the issuer exactly, and what exists, nothing else (R2, HTTP-08, HTTP-11, TEN-07).

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::{Answer, Engine, TestApp};

use super::support::document;

const PATHS: [&str; 2] = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

#[tokio::test]
async fn r02_the_metadata_of_rfc_8414_says_exactly_this() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let confidential = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
    let methods = [confidential.as_slice(), &["none"]].concat();
    let algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
    assert_eq!(
        document(&app, PATHS[0]).await,
        json!({
            "issuer": app.issuer,
            "authorization_endpoint": app.url("/authorize"),
            "token_endpoint": app.url("/oauth/token"),
            "jwks_uri": app.url("/.well-known/jwks.json"),
            "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "ui_locales_supported": ["de", "en", "es", "fr"],
            "end_session_endpoint": app.url("/oidc/logout"),
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint": app.url("/oauth/revoke"),
            "revocation_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint": app.url("/oauth/introspect"),
            "introspection_endpoint_auth_methods_supported": confidential,
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        })
    );
}

#[tokio::test]
async fn r02_the_openid_document_says_exactly_this() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut document = document(&app, PATHS[1]).await;
    let rest = document.as_object_mut().unwrap();
    let common: BTreeSet<_> = super::support::document(&app, PATHS[0])
        .await
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    for (name, value) in &common {
        assert_eq!(rest.remove(name).map(|found| found.to_string()).as_ref(), Some(value), "{name}");
    }
    assert_eq!(
        Value::Object(rest.clone()),
        json!({
            "subject_types_supported": ["public"],
            "userinfo_endpoint": app.url("/userinfo"),
            "claims_supported": [
                "address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name", "locale",
                "middle_name", "name", "nickname", "phone_number", "phone_number_verified", "picture",
                "preferred_username", "profile", "sub", "website", "zoneinfo",
            ],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
            "request_uri_parameter_supported": false,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
        })
    );
}

/// Every address in the documents is one that answers.
#[tokio::test]
async fn r02_what_is_advertised_exists() {
    let app = TestApp::quick(Engine::Sqlite).await;
    for path in PATHS {
        let document = document(&app, path).await;
        let addresses = document
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| name.ends_with("_endpoint") || name.ends_with("_uri"));
        for (name, address) in addresses {
            let address = address.as_str().unwrap();
            assert!(address.starts_with(&format!("{}/", app.issuer)), "{name} is {address}");
            let answer = Answer::to(app.http.get(address)).await;
            assert!([200, 303, 400, 401, 405].contains(&answer.status.as_u16()), "{name}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn http_11_ten_07_nothing_in_a_request_changes_what_is_said() {
    let app = TestApp::quick(Engine::Sqlite).await;
    for path in PATHS {
        let plain = document(&app, path).await;
        for (name, value) in [
            ("host", "evil.example"),
            ("host", "127.0.0.1:1"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-prefix", "/evil"),
            ("forwarded", "host=evil.example;proto=https"),
            ("x-original-url", "/evil"),
        ] {
            let answer = Answer::to(app.http.get(app.url(path)).header(name, value)).await;
            assert_eq!(answer.json(), plain, "{name}: {value}");
        }
        let token = app.ask(&app.demo.cron, &[]).await.token();
        assert_eq!(tokenry_testkit::claims_of(&token)["iss"], plain["issuer"]);
    }
}

#[rstest]
#[case(PATHS[0])]
#[case(PATHS[1])]
#[tokio::test]
async fn http_08_the_documents_are_open_to_every_origin(#[case] path: &str) {
    let app = TestApp::quick(Engine::Sqlite).await;
    for origin in ["https://app.example.com", "null"] {
        let answer = Answer::to(app.http.get(app.url(path)).header("origin", origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let posted = Answer::to(app.http.post(app.url(path))).await;
    assert_eq!((posted.status.as_u16(), posted.header("allow")), (405, "GET,HEAD,OPTIONS"));
}
