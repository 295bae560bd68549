//! Opaque access tokens, about which the issuer is asked.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_guard::testing::{AUDIENCE, NAMESPACE};
use tokenry_guard::{Bearer, Clock as _};

use crate::remote::{Remote, eventually, ok, refused};
use crate::server::Fault;

const TOKEN: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const JTI: &str = "abcdefghijk0123456789012345678901";

/// The answer about a good token.
fn active(remote: &Remote) -> Value {
    let now = remote.api.issuer.clock().now().as_secs();
    json!({
        "active": true,
        "token_type": "Bearer",
        "iss": remote.server.url,
        "sub": "cron",
        "aud": AUDIENCE,
        "client_id": "cron",
        "scope": "read:timesheets create:timesheets",
        "iat": now,
        "exp": now + 3_600,
        "jti": JTI,
        NAMESPACE: { "companyId": "acme" },
    })
}

async fn ready() -> Remote {
    let remote = Remote::start().await.ready().await;
    *remote.server.shared.introspection.lock() = active(&remote);
    remote
}

async fn is_refused(remote: &Remote) -> bool {
    remote.bearer(TOKEN).await == refused(401, "invalid_token")
}

#[tokio::test]
async fn an_opaque_token_is_asked_about_once_for_all_who_wait() {
    let remote = ready().await;
    let answers = join_all((0..50).map(|_| remote.bearer(TOKEN))).await;
    assert!(answers.iter().all(|answer| *answer == ok()), "{answers:?}");
    assert_eq!(remote.bearer(TOKEN).await, ok());
    assert_eq!(remote.server.introspections(), 1);
}

/// What ended tokens before the log went back is in no event of the other one.
#[tokio::test]
async fn db_12_after_another_snapshot_tokens_are_asked_about_anew() {
    let remote = ready().await;
    for company in ["here", "there"] {
        remote.server.shared.happen(json!({ "kind": "company_disabled", "company": company }));
    }
    eventually("it follows", async || remote.server.acked() == 2).await;
    assert_eq!(remote.bearer(TOKEN).await, ok());
    assert_eq!(remote.bearer(TOKEN).await, ok());
    assert_eq!(remote.server.introspections(), 1, "the answer is remembered");
    *remote.server.shared.introspection.lock() = json!({ "active": false });
    remote.server.shared.go_back(1, []);
    eventually("it took another snapshot", async || remote.server.snapshot_requests() > 1).await;
    eventually("it is refused", async || is_refused(&remote).await).await;
}

#[tokio::test]
async fn an_opaque_token_opens_what_a_signed_one_would() {
    let remote = ready().await;
    let get = async |path: &str| {
        let request = crate::support::request(
            axum::http::Method::GET,
            path,
            Some(format!("Bearer {TOKEN}").parse().unwrap()),
        );
        remote.api.send(request).await
    };
    assert_eq!(get("/companies/acme/timesheets").await.status, 200);
    assert_eq!(get("/companies/globex/timesheets").await.refusal(), (403, "tenant_mismatch".to_owned()));
    let request = crate::support::request(
        axum::http::Method::DELETE,
        "/timesheets/acme-1",
        Some(format!("Bearer {TOKEN}").parse().unwrap()),
    );
    assert_eq!(remote.api.send(request).await.refusal(), (403, "insufficient_scope".to_owned()));
    let headers: HeaderMap = [("authorization".parse().unwrap(), format!("Bearer {TOKEN}").parse().unwrap())]
        .into_iter()
        .collect();
    let caller = remote.api.guard.authenticate(&headers, remote.api.issuer.clock().now()).await.unwrap();
    assert_eq!((caller.credential().as_str(), caller.token_id()), ("opaque", JTI));
}

#[tokio::test]
async fn r27_int_08_a_remembered_answer_ends_with_its_token() {
    for (what, value) in [("handle", &JTI[..11]), ("token", JTI)] {
        let remote = ready().await;
        assert_eq!(remote.bearer(TOKEN).await, ok());
        remote.server.shared.revoke(what, value);
        eventually("it is refused", async || is_refused(&remote).await).await;
        assert_eq!(remote.server.introspections(), 1);
    }
    let remote = ready().await;
    assert_eq!(remote.bearer(TOKEN).await, ok());
    remote.api.issuer.clock().advance(Duration::from_secs(3_600));
    assert_eq!(remote.bearer(TOKEN).await, refused(401, "token_expired"));
    assert_eq!(remote.server.introspections(), 1);
}

#[tokio::test]
async fn without_the_stream_every_request_asks() {
    let remote = ready().await;
    assert_eq!(remote.bearer(TOKEN).await, ok());
    remote.server.cut(StatusCode::SERVICE_UNAVAILABLE);
    eventually("it is stale", async || remote.is_stale()).await;
    for asked in 2..5 {
        assert_eq!(remote.bearer(TOKEN).await, ok());
        assert_eq!(remote.server.introspections(), asked);
    }
    let answers = join_all((0..50).map(|_| remote.bearer(TOKEN))).await;
    assert!(answers.iter().all(|answer| *answer == ok()), "{answers:?}");
    assert_eq!(remote.server.introspections(), 5, "those who wait together ask together");
    *remote.server.shared.introspection.lock() = json!({ "active": false });
    assert!(is_refused(&remote).await, "at the next request");
}

#[tokio::test]
async fn a_refused_token_is_not_asked_about_each_time_and_not_refused_for_long() {
    let remote = ready().await;
    *remote.server.shared.introspection.lock() = json!({ "active": false });
    for _ in 0..5 {
        assert!(is_refused(&remote).await);
    }
    assert!(remote.server.introspections() < 5);
    *remote.server.shared.introspection.lock() = active(&remote);
    eventually("it is asked about again", async || remote.bearer(TOKEN).await == ok()).await;
}

#[rstest]
#[case::issuer("iss", json!("https://other.example.com"))]
#[case::audience("aud", json!("https://payroll.example.com"))]
#[case::audiences("aud", json!(["https://payroll.example.com"]))]
#[case::subject("sub", Value::Null)]
#[case::client("client_id", json!(""))]
#[case::id("jti", json!(7))]
#[case::expiry("exp", json!("soon"))]
#[case::scope("scope", json!(["read:timesheets"]))]
#[case::tenant(NAMESPACE, json!({}))]
#[case::bound_to_a_key("cnf", json!({ "jkt": "x" }))]
#[tokio::test]
async fn what_is_said_of_it_is_checked_as_if_it_were_signed(#[case] claim: &str, #[case] value: Value) {
    let remote = ready().await;
    remote.server.shared.introspection.lock()[claim] = value;
    assert!(is_refused(&remote).await);
    let mut good = active(&remote);
    good["aud"] = json!(["https://payroll.example.com", AUDIENCE]);
    *remote.server.shared.introspection.lock() = good;
    eventually("the honest one passes", async || remote.bearer(TOKEN).await == ok()).await;
}

#[rstest]
#[case::gone(Fault::Answer(StatusCode::BAD_GATEWAY, String::new()))]
#[case::not_us(Fault::Answer(StatusCode::UNAUTHORIZED, String::new()))]
#[case::html(Fault::Answer(StatusCode::OK, "<html>".to_owned()))]
#[case::silent(Fault::Answer(StatusCode::OK, "{}".to_owned()))]
#[case::nearly(Fault::Answer(StatusCode::OK, r#"{"active":"true"}"#.to_owned()))]
#[case::twice(Fault::Answer(StatusCode::OK, r#"{"active":false,"active":true}"#.to_owned()))]
#[case::huge(Fault::Answer(StatusCode::OK, " ".repeat(70_000)))]
#[case::elsewhere(Fault::Redirect("https://evil.example/introspect".to_owned()))]
#[tokio::test]
async fn without_an_answer_it_is_503(#[case] fault: Fault) {
    let remote = ready().await;
    *remote.server.shared.introspection_fault.lock() = Some(fault);
    let answer = remote.api.whoami(&format!("Bearer {TOKEN}")).await;
    assert_eq!(answer.refusal(), refused(503, "introspection_unavailable"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(remote.whoami(&remote.token()).await, ok(), "signed ones need no answer");
    *remote.server.shared.introspection_fault.lock() = None;
    assert_eq!(remote.bearer(TOKEN).await, ok());
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_waited_for_without_end() {
    let remote = ready().await;
    *remote.server.shared.introspection_fault.lock() = Some(Fault::Hang);
    let answer = tokio::time::timeout(Duration::from_secs(30), remote.bearer(TOKEN)).await.unwrap();
    assert_eq!(answer, refused(503, "introspection_unavailable"));
}

#[tokio::test]
async fn whoever_asked_first_may_go_away() {
    let remote = ready().await;
    let gone = tokio::time::timeout(Duration::from_millis(10), remote.bearer(TOKEN)).await;
    assert!(gone.is_err(), "it had to wait");
    assert_eq!(remote.bearer(TOKEN).await, ok());
    assert_eq!(remote.server.introspections(), 1);
}

#[tokio::test]
async fn a_flood_of_tokens_is_asked_about_a_few_at_a_time() {
    let remote = ready().await;
    let tokens: Vec<_> = (0..200).map(|n| format!("{n:043}")).collect();
    let answers = join_all(tokens.iter().map(|token| remote.bearer(token))).await;
    assert!(answers.iter().all(|answer| *answer == ok()), "{answers:?}");
    let most = remote.server.shared.most_introspecting.load(std::sync::atomic::Ordering::SeqCst);
    assert!((2..=64).contains(&most), "{most}");
}

#[tokio::test]
async fn what_cannot_be_one_is_not_asked_about() {
    let remote = ready().await;
    for text in [&TOKEN[..42], &format!("{TOKEN}0"), &TOKEN.replace('0', "-"), &TOKEN.replace('0', ".")] {
        assert_eq!(remote.bearer(text).await, refused(401, "invalid_token"), "{text}");
    }
    assert_eq!(remote.server.introspections(), 0);
    assert_eq!(remote.bearer(TOKEN).await, ok());
}

#[tokio::test]
async fn an_api_may_take_one_kind_alone() {
    let remote = Remote::configured(|_| {}, |builder| builder.accept([Bearer::jwt()])).await.ready().await;
    assert_eq!(remote.bearer(TOKEN).await, refused(401, "invalid_token"));
    assert_eq!((remote.whoami(&remote.token()).await, remote.server.introspections()), (ok(), 0));

    let remote = Remote::configured(|_| {}, |builder| builder.accept([Bearer::opaque()])).await.ready().await;
    *remote.server.shared.introspection.lock() = active(&remote);
    assert_eq!(remote.whoami(&remote.token()).await, refused(401, "invalid_token"));
    assert_eq!(remote.bearer(TOKEN).await, ok());
}

#[tokio::test]
async fn without_a_snapshot_nothing_is_asked() {
    let down = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, String::new());
    let remote = Remote::start_with(|shared| *shared.snapshot_fault.lock() = Some(down)).await;
    assert_eq!(remote.bearer(TOKEN).await, refused(503, "snapshot_unavailable"));
    assert_eq!(remote.server.introspections(), 0);
}
