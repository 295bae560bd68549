//! The error contract: status, challenge, code, body of each refusal.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use rstest::rstest;
use serde_json::json;
use tokenry_guard::{ConfigError, Guard, RequestId, Secret, TenantClaim};

use crate::support::{Api, Delete, Read, app, request};

#[tokio::test]
async fn r09_nothing_sent_is_a_challenge_without_error() {
    let api = Api::new().await;
    let answer = api.send(request(Method::GET, "/whoami", None)).await;
    assert_eq!(answer.refusal(), (401, "missing_credentials".to_owned()));
    let realm = "Bearer realm=\"https://timesheets.example.com\"";
    assert_eq!(answer.header("www-authenticate"), Some(realm));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        answer.json(),
        json!({
            "type": "about:blank",
            "title": "Missing credentials",
            "status": 401,
            "detail": "Send an access token in the Authorization header field.",
            "code": "missing_credentials",
            "request_id": answer.header("x-request-id").unwrap(),
        })
    );
}

#[tokio::test]
async fn r71_a_missing_scope_is_named() {
    let api = Api::new().await;
    let token = api.issuer.token().company("acme").scope(Read).scope(Delete);
    let answer = api.call(Method::POST, "/companies/acme/timesheets", &token).await;
    assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.contains("scope=\"create:timesheets\""), "{challenge}");
    let body = answer.json();
    assert_eq!(body["required"], json!(["create:timesheets"]));
    assert_eq!(body["granted"], json!(["delete:timesheets", "read:timesheets"]));
}

#[tokio::test]
async fn two_credentials_are_a_challenge_with_invalid_request() {
    let api = Api::new().await;
    let mut request = request(Method::GET, "/whoami", Some(api.token().bearer()));
    request.headers_mut().append("authorization", api.token().bearer());
    let answer = api.send(request).await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()));
    assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_request\""));
}

#[rstest]
#[case("Basic YTpi")]
#[case("Secret tokenry_as_abc")]
#[case("secret tokenry_as_abc")]
#[tokio::test]
async fn r96_other_schemes_are_told_which_one_is_accepted(#[case] authorization: &str) {
    let api = Api::new().await;
    let answer = api.whoami(authorization).await;
    assert_eq!(answer.refusal(), (401, "scheme_not_accepted".to_owned()));
    let realm = "Bearer realm=\"https://timesheets.example.com\"";
    assert_eq!(answer.header("www-authenticate"), Some(realm));
}

#[tokio::test]
async fn development_says_why_and_production_does_not() {
    let api = Api::new().await;
    let token = api.token().audience("https://other.example.com");
    assert!(api.get("/whoami", &token).await.json().get("why").is_none());

    let guard = api.issuer.guard_builder().development().realm("timesheets").build().await.unwrap();
    let api = Api { app: app(&guard), guard, ..api };
    let answer = api.get("/whoami", &token).await;
    let why = "aud is \"https://other.example.com\", expected is \"https://timesheets.example.com\"";
    assert_eq!(answer.json()["why"], why);
    assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer realm=\"timesheets\", error="));
    let expected = [
        (api.token().issuer("https://x"), "iss is \"https://x\", expected is \"https://id.example.com\""),
        (api.token().typ("JWT"), "typ is not the expected one"),
        (api.token().wrong_key(), "the signature does not verify"),
    ];
    for (token, why) in expected {
        assert_eq!(api.get("/whoami", &token).await.json()["why"], why);
    }
    let other = api.get("/companies/globex/timesheets", &api.token()).await.json();
    assert!(other["why"].as_str().unwrap().contains("\"acme\""), "{other}");
}

#[tokio::test]
async fn resource_metadata_is_named_if_there_is_any() {
    let api = Api::new().await;
    let url = "https://timesheets.example.com/.well-known/oauth-protected-resource";
    let guard = api.issuer.guard_builder().resource_metadata(url).build().await.unwrap();
    let api = Api { app: app(&guard), guard, ..api };
    let answer = api.send(request(Method::GET, "/whoami", None)).await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.ends_with(&format!(", resource_metadata=\"{url}\"")), "{challenge}");
}

#[tokio::test]
async fn every_answer_has_the_requests_id() {
    let api = Api::new().await;
    let show = async |id: RequestId| id.as_str().to_owned();
    let app: Router = api.guard.router().route("/whoami", get(show), Read).build();
    let api = Api { app, ..api };
    let send = async |id: &'static str| {
        let mut request = request(Method::GET, "/whoami", Some(api.token().bearer()));
        request.headers_mut().insert("x-request-id", HeaderValue::from_static(id));
        let answer = api.send(request).await;
        assert_eq!(
            answer.header("x-request-id"),
            Some(answer.body.as_str()),
            "handler and client see the same"
        );
        answer.body
    };
    assert_eq!(send("from-the-proxy_1").await, "from-the-proxy_1");
    for unfit in
        ["a b", "<script>", "", "0123456789012345678901234567890123456789012345678901234567890123456789"]
    {
        let fresh = send(unfit).await;
        assert_ne!(fresh, unfit);
        assert_eq!(fresh.len(), 16);
    }
}

#[tokio::test]
async fn answers_of_layers_have_the_requests_id_too() {
    let api = Api::new().await;
    let refuse = axum::middleware::from_fn(async |_: axum::extract::Request, _: axum::middleware::Next| {
        StatusCode::IM_A_TEAPOT.into_response()
    });
    let app: Router = api.guard.router().route("/whoami", get(async || ""), Read).layer(refuse).build();
    let api = Api { app, ..api };
    for path in ["/whoami", "/nowhere"] {
        let answer = api.send(request(Method::GET, path, None)).await;
        assert_eq!(answer.status, StatusCode::IM_A_TEAPOT, "the layer is around the guard: {path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
}

#[tokio::test]
async fn configuration_mistakes_are_reported_at_once() {
    let errors = Guard::builder().build().await.unwrap_err();
    let expected = [ConfigError::Issuer(String::new()), ConfigError::Credentials, ConfigError::Audience];
    assert!(errors.iter().eq(&expected), "{errors}");

    let errors = Guard::builder()
        .issuer("http://id.example.com")
        .audience("https://timesheets example.com")
        .credentials("timesheets", Secret::new("secret".to_owned()))
        .tenant(TenantClaim::namespace("exp"))
        .allowed_skew(Duration::from_secs(61))
        .build()
        .await
        .unwrap_err();
    let expected = [
        ConfigError::IssuerNotHttps("http://id.example.com".to_owned()),
        ConfigError::Audience,
        ConfigError::AllowedSkew(Duration::from_secs(61)),
        ConfigError::TenantClaim("exp".to_owned()),
    ];
    assert!(errors.iter().eq(&expected), "{errors}");
}

#[rstest]
#[case("https://id.example.com/?a=b")]
#[case("https://id.example.com/#a")]
#[case("https://user@id.example.com")]
#[case("ftp://id.example.com")]
#[case("id.example.com")]
#[tokio::test]
async fn an_issuer_is_a_plain_url(#[case] issuer: &str) {
    let builder = Guard::builder().issuer(issuer).audience("https://timesheets.example.com");
    let errors = builder.credentials("api", Secret::new("secret".to_owned())).build().await.unwrap_err();
    assert!(errors.iter().eq(&[ConfigError::Issuer(issuer.to_owned())]), "{errors}");
}

#[tokio::test]
async fn r17_secrets_are_not_in_debug_output() {
    let builder = Guard::builder().credentials("api", Secret::new("hunter2".to_owned()));
    assert!(!format!("{builder:?}").contains("hunter2"));
}
