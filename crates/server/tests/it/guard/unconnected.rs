//! Guards without a stream: who let callers in must be waited for.

use rstest::rstest;
use serde_json::Value;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, DemoClient, Events, TestApp};

use super::{another_api, counter, get, happen, listen, problem};

/// Whether all guards know that the demo's `cron` is disabled now.
async fn disable(app: &TestApp) -> bool {
    let announced = app.manager.disable_client(&app.demo.cron.id).await.unwrap();
    app.manager.propagated(&announced).await
}

async fn enable(app: &TestApp) {
    app.manager.enable_client(&app.demo.cron.id).await.unwrap();
    app.token(&app.demo.cron).await;
}

async fn take(app: &TestApp, api: &DemoClient, query: &str) -> Answer {
    Answer::to(get(app, api, &format!("/guard/v1/snapshot{query}"))).await
}

#[rstest]
#[tokio::test]
async fn r27_a_guard_that_has_a_snapshot_alone_is_waited_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let other = another_api(&app, true).await;
    app.token(&app.demo.cron).await;
    assert_eq!(take(&app, &app.demo.api, "").await.status, 200);
    assert_eq!(take(&app, &other, "?guard=pod-1").await.status, 200);
    assert!(disable(&app).await, "nobody said that it will follow");
    enable(&app).await;
    let taken = take(&app, &app.demo.api, "?guard=pod-1").await.json();
    assert!(!disable(&app).await, "it knows nothing of that");
    let query = format!("after={}&tag={}&guard=pod-1", taken["seq"], taken["tag"].as_str().unwrap());
    let mut events = Events::ask(&app.issuer, &app.demo.api, &query).await.unwrap();
    let seq = events.change().await.id.unwrap();
    assert_eq!(events.ack(seq).await, 204);
    enable(&app).await;
    let acknowledging = events.acknowledging();
    assert!(disable(&app).await);
    acknowledging.abort();
}

#[rstest]
#[tokio::test]
async fn r27_a_guard_that_gets_no_stream_is_waited_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    app.token(&app.demo.cron).await;
    happen(&app, 1).await;
    assert_eq!(counter(&app).await, 1);
    let refused =
        Events::ask(&app.issuer, &app.demo.api, "after=1&tag=another&guard=pod-1").await.unwrap_err();
    assert_eq!(problem(&refused), (410, "snapshot_required".into()));
    assert!(!disable(&app).await, "it may have begun with what it kept");
    let events = listen(&app, 0).await;
    assert_eq!(events.sign_off(1).await, 204);
    enable(&app).await;
    assert!(disable(&app).await);
}

#[rstest]
#[case::empty("?guard=")]
#[case::twice("?guard=a&guard=a")]
#[case::blank("?guard=a%20b")]
#[tokio::test]
async fn a_name_that_is_none_is_400(#[case] query: &str) {
    let app = TestApp::quick(Engine::Sqlite).await;
    let answer = take(&app, &app.demo.api, query).await;
    assert_eq!(problem(&answer), (400, Value::from("invalid_request")), "{answer:?}");
    assert!(!app.database.contents()["guard_streams"].contains(&app.demo.api.id));
    assert_eq!(take(&app, &app.demo.api, "?guard=a&later=1").await.status, 200);
}

/// Who may not be waited for begins nothing.
#[tokio::test]
async fn a_guard_too_many_gets_no_snapshot() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let now = tokenry_clock::Clock::now(&app.clock).as_millis();
    app.database.execute(&format!(
        "INSERT INTO guard_streams (resource_server_id, guard, stream, acked, opened_at, seen_at) \
         SELECT '{}', 'g' || i, 's' || i, 0, {now}, {now} FROM \
         (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n) m",
        app.demo.api.id
    ));
    let answer = take(&app, &app.demo.api, "?guard=new").await;
    assert_eq!((problem(&answer).0, answer.header("retry-after")), (503, "1"));
    assert_eq!(take(&app, &app.demo.api, "?guard=g7").await.status, 200);
    assert_eq!(take(&app, &app.demo.api, "").await.status, 200);
}
