//! The edge in front of a small application; what only an engine can answer is tested with one.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{get, post};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use rstest::rstest;
use tokenry_model::{ErrorStyle, SystemRng, Theme};
use tokenry_protocol::error::{Error, ErrorCode};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use super::*;
use crate::problem::Failure;

fn app(places: usize) -> Router {
    let edge = Edge::new(Rules {
        manner: Manner {
            challenge: HeaderValue::from_static("Basic realm=\"id.example.com\""),
            look: Box::new(|| Theme::default().into()),
            style: ErrorStyle::Rfc,
        },
        hosts: HostPolicy::Public,
        request_timeout: Duration::from_millis(50),
        scheme: Scheme::Http,
        rng: Arc::new(SystemRng),
        places: Arc::new(Semaphore::new(places)),
    });
    let challenge = || Failure::from(Error::new(ErrorCode::InvalidClient, "No.").with_challenge());
    Router::new()
        .route(paths::TOKEN, post(async || ([(CONTENT_TYPE, "application/json")], "{}")))
        .route(paths::HEALTH, get(async || "ok"))
        .route("/oauth/challenge", get(async move || challenge()))
        .route("/oauth/panic", get(panics))
        .route("/oauth/sleep", get(sleeps))
        .route("/panic", get(panics))
        .route("/sleep", get(sleeps))
        .fallback(async || Fault::NotFound)
        .method_not_allowed_fallback(async || Fault::MethodNotAllowed)
        .layer(edge)
}

async fn panics() -> StatusCode {
    panic!("postgres://tokenry:hunter2@db")
}

async fn sleeps() -> StatusCode {
    tokio::time::sleep(Duration::from_secs(60)).await;
    StatusCode::OK
}

fn request(method: &str, path: &str) -> Request {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    Request::builder().method(method).uri(path).header("host", "id.example.com").body(Body::empty()).unwrap()
}

async fn ask(method: &str, path: &str) -> (StatusCode, HeaderMap, String) {
    read(app(1).oneshot(request(method, path)).await.unwrap()).await
}

async fn read(response: Response) -> (StatusCode, HeaderMap, String) {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status, head.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[rstest]
#[case("POST", paths::TOKEN)]
#[case("GET", paths::TOKEN)]
#[case("GET", paths::HEALTH)]
#[case("GET", "/nothing")]
#[case("GET", "/panic")]
#[case("GET", "/sleep")]
#[case("TRACE", paths::TOKEN)]
#[tokio::test]
async fn http_20_every_response_has_its_headers(#[case] method: &str, #[case] path: &str) {
    let (_, headers, _) = ask(method, path).await;
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
    assert_eq!(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-request-id"].len(), 22);
    assert!(!headers.contains_key("server") && !headers.contains_key("access-control-allow-origin"));
    assert_eq!(headers.get("pragma").is_some(), path.starts_with("/oauth/"));
}

#[tokio::test]
async fn a_request_id_is_always_ours() {
    let mut request = request("GET", "/nothing");
    request.headers_mut().insert("x-request-id", "abcdefghijklmnopqrstuv".parse().unwrap());
    let (_, headers, body) = read(app(1).oneshot(request).await.unwrap()).await;
    let id = headers["x-request-id"].to_str().unwrap();
    assert_ne!(id, "abcdefghijklmnopqrstuv");
    assert!(body.contains(&format!(r#""request_id":"{id}""#)), "{body}");
}

#[rstest]
#[case("GET")]
#[case("PUT")]
#[case("HEAD")]
#[case("DELETE")]
#[case("OPTIONS")]
#[tokio::test]
async fn tok_11_only_post_reaches_the_token_endpoint(#[case] method: &str) {
    let (status, headers, body) = ask(method, paths::TOKEN).await;
    assert_eq!(status, 405);
    assert_eq!(headers[ALLOW], "POST");
    assert_eq!(headers[CONTENT_TYPE], "application/json");
    assert_eq!(body.starts_with(r#"{"error":"invalid_request","#), method != "HEAD", "{body}");
}

#[rstest]
#[case("TRACE", paths::TOKEN)]
#[case("TRACE", "/nothing")]
#[case("CONNECT", paths::HEALTH)]
#[case("FROBNICATE", paths::HEALTH)]
#[tokio::test]
async fn http_07_unknown_methods_are_501(#[case] method: &str, #[case] path: &str) {
    assert_eq!(ask(method, path).await.0, 501);
}

#[tokio::test]
async fn http_07_no_header_overrides_the_method() {
    let mut request = request("GET", paths::TOKEN);
    for name in ["x-http-method", "x-http-method-override", "x-method-override"] {
        request.headers_mut().insert(name, "POST".parse().unwrap());
    }
    assert_eq!(app(1).oneshot(request).await.unwrap().status(), 405);
}

#[tokio::test]
async fn http_05_long_targets_are_414_with_an_id() {
    let (status, headers, body) = ask("GET", &format!("/{}", "x".repeat(9_000))).await;
    assert_eq!((status, headers.contains_key("x-request-id")), (StatusCode::URI_TOO_LONG, true));
    assert!(body.contains("uri_too_long"), "{body}");
}

#[tokio::test]
async fn http_05_more_than_a_hundred_headers_are_431() {
    let mut request = request("GET", paths::HEALTH);
    for _ in 0..100 {
        request.headers_mut().append("x-a", HeaderValue::from_static("b"));
    }
    assert_eq!(app(1).oneshot(request).await.unwrap().status(), 431);
}

#[rstest]
#[case("/panic", r#"{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"The server failed to answer.","code":"server_error","request_id":"ID"}"#)]
#[case("/oauth/panic", r#"{"error":"server_error","error_description":"The server failed to answer."}"#)]
#[tokio::test]
async fn leak_02_a_panic_tells_nothing_but_the_id(#[case] path: &str, #[case] expected: &str) {
    let (status, headers, body) = ask("GET", path).await;
    assert_eq!(status, 500);
    assert_eq!(body, expected.replace("ID", headers["x-request-id"].to_str().unwrap()));
}

#[rstest]
#[case("/sleep", "application/problem+json")]
#[case("/oauth/sleep", "application/json")]
#[tokio::test]
async fn an_answer_that_takes_too_long_is_503(#[case] path: &str, #[case] content_type: &str) {
    let (status, headers, _) = ask("GET", path).await;
    assert_eq!(
        (status, &headers["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &HeaderValue::from_static("1"))
    );
    assert_eq!(headers[CONTENT_TYPE], content_type);
}

#[tokio::test]
async fn more_than_the_places_are_503_at_once_but_health_answers() {
    let app = app(1);
    let busy = tokio::spawn(app.clone().oneshot(request("GET", "/sleep")));
    tokio::time::sleep(Duration::from_millis(10)).await;
    let (status, headers, body) =
        read(app.clone().oneshot(request("GET", "/oauth/challenge")).await.unwrap()).await;
    assert_eq!(
        (status, &headers["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &HeaderValue::from_static("1"))
    );
    assert!(body.starts_with(r#"{"error":"temporarily_unavailable","#), "{body}");
    assert_eq!(app.clone().oneshot(request("GET", paths::HEALTH)).await.unwrap().status(), 200);
    busy.await.unwrap().unwrap();
    assert_eq!(app.oneshot(request("GET", "/oauth/challenge")).await.unwrap().status(), 401);
}

#[tokio::test]
async fn tok_01_a_challenge_names_the_issuers_host() {
    let (status, headers, _) = ask("GET", "/oauth/challenge").await;
    assert_eq!(
        (status, &headers["www-authenticate"]),
        (StatusCode::UNAUTHORIZED, &HeaderValue::from_static("Basic realm=\"id.example.com\""))
    );
}
