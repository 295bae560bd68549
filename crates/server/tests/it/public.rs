//! What anybody may ask for, and what nobody may.

use rstest::rstest;

use tokenry_testkit::AUDIENCE;

use crate::app::Server;

#[rstest]
#[case("/.well-known/openid-configuration")]
#[case("/.well-known/oauth-authorization-server")]
#[case("/.well-known/jwks.json")]
#[tokio::test]
async fn documents_are_open_and_kept_for_five_minutes(#[case] path: &str) {
    let server = Server::start().await;
    let line = format!("GET {path}");
    let answer = server.ask(&line, &[("Origin", "https://app.example.com")], "").await;
    assert_eq!((answer.status, answer.field("content-type")), (200, "application/json"));
    assert_eq!(answer.field("cache-control"), "public, max-age=300");
    assert_eq!(answer.field("access-control-allow-origin"), "*");
    assert_eq!(answer.field("access-control-allow-credentials"), "");
    let again = server.ask(&line, &[("If-None-Match", answer.field("etag"))], "").await;
    assert_eq!((again.status, &*again.body), (304, ""));
}

#[tokio::test]
async fn http_10_http_11_nothing_in_a_request_changes_the_issuer() {
    let server = Server::start().await;
    let fields = [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Prefix", "/evil"),
        ("Forwarded", "host=evil.example"),
        ("X-Real-IP", "203.0.113.7"),
    ];
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = server.ask(&format!("GET {path}"), &fields, "").await;
        assert_eq!(answer.json()["issuer"], server.issuer);
        assert_eq!(answer.json()["token_endpoint"], server.url("/oauth/token"));
        assert!(!answer.body.contains("evil"), "{answer:?}");
    }
}

#[tokio::test]
async fn the_key_set_holds_no_private_member() {
    let server = Server::start().await;
    let keys = server.ask("GET /.well-known/jwks.json", &[], "").await.json();
    let keys = keys["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    for key in keys {
        assert!(
            ["d", "p", "q", "dp", "dq", "qi", "k"].iter().all(|member| key.get(member).is_none()),
            "{key}"
        );
    }
}

#[rstest]
#[case("GET /healthz", 200)]
#[case("GET /readyz", 200)]
#[case("POST /healthz", 405)]
#[case("GET /nothing", 404)]
#[case("GET /oauth/nothing", 404)]
#[case("GET /metrics", 404)]
#[case("GET /debug/pprof", 404)]
#[case("GET //oauth/token", 404)]
#[case("GET /oauth/token/", 404)]
#[case("GET /%2e%2e/healthz", 404)]
#[tokio::test]
async fn adm_12_there_is_no_more_than_there_should_be(#[case] line: &str, #[case] status: u16) {
    let server = Server::start().await;
    let answer = server.ask(line, &[], "").await;
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.field("x-request-id").len(), 22);
    if status != 200 && !line.contains("/oauth/") {
        assert_eq!(answer.field("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn metrics_have_few_labels() {
    let metrics = tokenry_server::metrics::install().unwrap();
    let server = Server::start().await;
    server.serves().await;
    let stranger = server.good_form() + "&audience=https://made-up.example";
    server.form(stranger, &[]).await.is_error(400, "invalid_target");
    server.form("grant_type=made_up", &[]).await.is_error(400, "unsupported_grant_type");
    server.ask("GET /made/up", &[], "").await;
    server.manager.create_company("Late", None, Some(&server.demo.acme_group)).await.unwrap();
    // What has been heard was numbered, and counted, before.
    tokenry_testkit::Events::open(&server.issuer, &server.demo.api, 0, "pod-1").await.change().await;
    let text = rendered(&metrics).await;
    assert!(text.contains("tokenry_guard_events_numbered_total"), "{text}");
    let issued = format!(
        r#"tokenry_token_requests_total{{grant="client_credentials",api="{AUDIENCE}",outcome="issued"}}"#
    );
    assert!(text.contains(&issued), "{text}");
    assert!(
        text.contains(r#"outcome="unsupported_grant_type""#) && text.contains(r#"route="unmatched""#),
        "{text}"
    );
    assert!(text.contains("tokenry_http_request_duration_seconds_bucket"), "{text}");
    assert!(!text.contains("made") && !text.contains(&server.demo.cron.id), "{text}");
}

async fn rendered(metrics: &tokenry_server::metrics::Metrics) -> String {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let request = axum::extract::Request::get("/metrics").body(axum::body::Body::empty()).unwrap();
    let response = metrics.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn r105_no_secret_is_taken_from_a_browser() {
    let server = Server::start().await;
    for (name, value) in [
        ("Origin", "https://app.example.com"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "none"),
    ] {
        server.form(server.good_form(), &[(name, value)]).await.is_error(400, "invalid_request");
    }
    // Node's fetch always sends this one.
    assert_eq!(server.form(server.good_form(), &[("Sec-Fetch-Mode", "cors")]).await.status, 200);
}

/// A stranger's refusals stand in the log only where somebody asked for them: `info` is what servers run with.
#[tokio::test]
async fn strangers_do_not_fill_the_log() {
    let (log, _guard) = tokenry_testkit::Log::start();
    let server = Server::start().await;
    let cron = &server.demo.cron;
    server.form("grant_type=client_credentials&client_id=nobody&client_secret=x", &[]).await;
    server.form("grant_type=made_up", &[]).await;
    server.form(format!("grant_type=client_credentials&client_id={}&client_secret=x", cron.id), &[]).await;
    server.form(server.good_form() + "&audience=https://made-up.example", &[]).await;
    let text = log.text();
    let levels: Vec<_> = text
        .lines()
        .filter(|line| line.contains("token request refused"))
        .map(|line| line.contains("\"DEBUG\""))
        .collect();
    assert_eq!(levels, [true, true, true, false], "{text}");
}
