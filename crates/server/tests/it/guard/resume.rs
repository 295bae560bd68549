//! Going on after a number: nothing is missed, or the guard is told to begin anew.

use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Events, TestApp};

use super::{counter, happen, listen, problem, snapshot};

async fn must_begin_anew(app: &TestApp, after: i64) {
    let answer = Events::ask(&app.issuer, &app.demo.api, &format!("after={after}")).await.unwrap_err();
    assert_eq!(problem(&answer), (410, "snapshot_required".into()), "{answer:?}");
}

#[rstest]
#[tokio::test]
async fn a_guard_goes_on_where_it_was(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    happen(&app, 3).await;
    let mut first = listen(&app, 0).await;
    let heard = first.changes_to(3).await;
    drop(first);
    happen(&app, 3).await;
    let whole = listen(&app, 0).await.changes_to(6).await;
    assert_eq!(whole[..3], heard);
    for after in 0..6 {
        let rest = listen(&app, after).await.changes_to(6).await;
        assert_eq!(rest, whole[usize::try_from(after).unwrap()..]);
    }
    let mut last = listen(&app, 6).await;
    happen(&app, 1).await;
    assert_eq!(last.change().await.id, Some(7));
}

#[rstest]
#[tokio::test]
async fn a_hole_is_never_passed_over(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    happen(&app, 6).await;
    assert_eq!(counter(&app).await, 6);
    must_begin_anew(&app, 7).await;
    must_begin_anew(&app, i64::MAX).await;
    app.database.execute("DELETE FROM guard_events WHERE seq = 3");
    for after in [0, 1, 2] {
        must_begin_anew(&app, after).await;
    }
    let rest = listen(&app, 3).await.changes_to(6).await;
    assert_eq!(rest.len(), 3, "who has what is missing goes on");
    app.database.execute("DELETE FROM guard_events WHERE seq = 6");
    let mut events = listen(&app, 3).await;
    assert_eq!(events.changes_to(5).await.len(), 2);
    events.ended().await;
    must_begin_anew(&app, 5).await;
    let seq = snapshot(&app, &app.demo.api).await.json()["seq"].as_i64().unwrap();
    listen(&app, seq).await.complete_to(6).await;
}

#[rstest]
#[tokio::test]
async fn what_is_over_is_swept_and_a_guard_that_was_away_begins_anew(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let events = listen(&app, 0).await;
    happen(&app, 2).await;
    app.token(&app.demo.cron).await;
    app.manager.disable_client(&app.demo.cron.id).await.unwrap();
    assert_eq!(counter(&app).await, 3);
    assert_eq!(events.sign_off(3).await, 204);
    drop(events);
    app.clock.advance(Duration::from_secs(1_201));
    app.engine.sweep().await.unwrap();
    must_begin_anew(&app, 0).await;
    // What was revoked is known until its tokens have expired, and goes on being sent.
    assert_eq!(listen(&app, 2).await.change().await.id, Some(3));
    let seen = snapshot(&app, &app.demo.api).await.json();
    assert_eq!((&seen["seq"], seen["revoked"].as_array().unwrap().len()), (&3.into(), 1));
    app.clock.advance(Duration::from_secs(2 * 86_400));
    let seen = snapshot(&app, &app.demo.api).await.json();
    assert_eq!((&seen["seq"], &seen["revoked"]), (&3.into(), &Value::Array(vec![])));
    app.clock.advance(Duration::from_secs(31 * 86_400));
    app.engine.sweep().await.unwrap();
    let left = &app.database.contents()["guard_events"];
    assert_eq!(left.matches(&app.demo.api.id).count(), 1, "the last one");
    assert!(!app.database.contents()["guard_streams"].contains("pod-1"));
    happen(&app, 1).await;
    assert_eq!(listen(&app, 3).await.change().await.id, Some(4), "numbers are never given twice");
}

#[rstest]
#[tokio::test]
async fn a_long_log_comes_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    happen(&app, 1).await;
    app.numbered().await;
    // As if many more had happened: the same event again and again.
    app.database.execute(
        "INSERT INTO guard_events (resource_server_id, kind, value, corporation_id, created_at, expires_at) \
         SELECT resource_server_id, kind, value, corporation_id, created_at, expires_at FROM guard_events, \
         (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2999) SELECT i FROM n) m",
    );
    let mut events = listen(&app, 0).await;
    let heard = events.changes_to(3_000).await;
    assert_eq!(heard.len(), 3_000);
    assert!(heard.iter().zip(1..).all(|(said, seq)| said.id == Some(seq)));
}
