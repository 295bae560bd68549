//! `POST /guard/v1/ack`: what a guard has applied.

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, DemoClient, Events, TestApp};

use super::{another_api, counter, happen, listen, problem};

fn post(app: &TestApp, api: &DemoClient, body: &Value) -> reqwest::RequestBuilder {
    app.http.post(app.url("/guard/v1/ack")).basic_auth(&api.id, Some(&api.secret)).json(body)
}

/// What the database knows of the demo's one guard: how far it has acknowledged, and whether its stream has ended.
fn known(app: &TestApp) -> String {
    app.database.contents()["guard_streams"].clone()
}

#[rstest]
#[tokio::test]
async fn an_acknowledgement_never_becomes_less(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    happen(&app, 3).await;
    assert_eq!(counter(&app).await, 3);
    let events = listen(&app, 0).await;
    assert_eq!(events.ack(0).await, 204);
    let nothing = known(&app);
    assert_eq!(events.ack(2).await, 204);
    let two = known(&app);
    assert_ne!(two, nothing);
    assert_eq!(events.ack(1).await, 204);
    assert_eq!(known(&app), two);
    let ahead = Answer::to(post(&app, &app.demo.api, &json!({"stream": events.stream, "seq": 4}))).await;
    assert_eq!(problem(&ahead), (400, "invalid_request".into()));
    assert_eq!(known(&app), two);
    assert_eq!(events.ack(3).await, 204);
}

#[rstest]
#[tokio::test]
async fn a_stream_is_its_own_apis_and_its_own_guards(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let other = another_api(&app, true).await;
    happen(&app, 1).await;
    assert_eq!(counter(&app).await, 1);
    let before = listen(&app, 0).await;
    let events = listen(&app, 0).await;
    let known_before = known(&app);
    let cases = [
        (&other, events.stream.as_str()),
        (&app.demo.api, &before.stream),
        (&app.demo.api, &events.guard),
        (&app.demo.api, "nothing"),
    ];
    for (api, stream) in cases {
        for signed_off in [false, true] {
            let body = json!({"stream": stream, "seq": 1, "signed_off": signed_off});
            let answer = Answer::to(post(&app, api, &body)).await;
            assert_eq!(problem(&answer), (404, "unknown_stream".into()), "{stream}");
        }
    }
    assert_eq!(known(&app), known_before);
    assert_eq!(events.sign_off(1).await, 204);
    assert!(!known(&app).contains("pod-1"), "nobody waits for it any more");
    assert_eq!(events.ack(1).await, 404);
}

#[rstest]
#[case::nothing("", "application/json")]
#[case::text("stream", "application/json")]
#[case::list("[]", "application/json")]
#[case::no_number(r#"{"stream":"STREAM"}"#, "application/json")]
#[case::no_stream(r#"{"seq":0}"#, "application/json")]
#[case::empty_stream(r#"{"stream":"","seq":0}"#, "application/json")]
#[case::negative(r#"{"stream":"STREAM","seq":-1}"#, "application/json")]
#[case::fraction(r#"{"stream":"STREAM","seq":0.5}"#, "application/json")]
#[case::quoted(r#"{"stream":"STREAM","seq":"0"}"#, "application/json")]
#[case::too_big(r#"{"stream":"STREAM","seq":9223372036854775808}"#, "application/json")]
#[case::twice(r#"{"stream":"STREAM","seq":0,"seq":0}"#, "application/json")]
#[case::more(r#"{"stream":"STREAM","seq":0}{}"#, "application/json")]
#[case::form("stream=STREAM&seq=0", "application/x-www-form-urlencoded")]
#[case::plain(r#"{"stream":"STREAM","seq":0}"#, "text/plain")]
#[tokio::test]
async fn a_body_that_says_nothing_certain_is_400(#[case] body: &str, #[case] content_type: &str) {
    let app = TestApp::quick(Engine::Sqlite).await;
    let events = listen(&app, 0).await;
    let before = known(&app);
    let body = body.replace("STREAM", &events.stream);
    let (id, secret) = (&app.demo.api.id, &app.demo.api.secret);
    let request = app.http.post(app.url("/guard/v1/ack")).basic_auth(id, Some(secret));
    let answer = Answer::to(request.header("content-type", content_type).body(body)).await;
    assert_eq!(problem(&answer), (400, "invalid_request".into()), "{answer:?}");
    assert_eq!(known(&app), before);
    assert_eq!(events.ack(0).await, 204);
    let later = json!({"stream": events.stream, "seq": 0, "lag_ms": 3});
    assert_eq!(Answer::to(post(&app, &app.demo.api, &later)).await.status, 204);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_413() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let body = json!({"stream": "s".repeat(2_000), "seq": 0});
    let answer = Answer::to(post(&app, &app.demo.api, &body)).await;
    assert_eq!(problem(&answer), (413, "body_too_large".into()));
}

#[rstest]
#[tokio::test]
async fn an_api_has_a_thousand_guards_and_no_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let now = tokenry_clock::Clock::now(&app.clock).as_millis();
    app.database.execute(&format!(
        "INSERT INTO guard_streams (resource_server_id, guard, stream, acked, opened_at, seen_at) \
         SELECT '{}', 'g' || i, 's' || i, 0, {now}, {now} FROM \
         (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n) m",
        app.demo.api.id
    ));
    let answer = Events::ask(&app.issuer, &app.demo.api, "after=0&guard=new").await.unwrap_err();
    assert_eq!(problem(&answer).0, 503);
    assert_eq!(answer.header("retry-after"), "1");
    let mut known = Events::open(&app.issuer, &app.demo.api, 0, "g7").await;
    known.complete_to(0).await;
    let other = another_api(&app, false).await;
    Events::open(&app.issuer, &other, 0, "new").await.complete_to(0).await;
}
