//! Retention, and a table that cannot be written: what may be missing, and what may not.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::audit::{AuditKey, Finding, Sealer, verify};
use tokenry_engine::keyring::{MasterKeys, unlock};
use tokenry_model::SystemRng;
use tokenry_testkit::{Answer, Engine, TestApp, found, until};

use crate::token::support::{break_audit, mend_audit};

const DAY: Duration = Duration::from_secs(86_400);

/// Waits until the server has sealed all that there is.
async fn sealed(app: &TestApp) -> i64 {
    found("a seal on all that there is", async || {
        let last = app.store.latest_checkpoint_id().await.unwrap();
        let through = match app.store.checkpoints_after(last - 1, 1).await.unwrap().first() {
            Some(head) => head.through_seq,
            None => 0,
        };
        (last > 0 && app.store.count_audit_after(through).await.unwrap() == 0).then_some(last)
    })
    .await
}

async fn findings(app: &TestApp) -> Vec<Finding> {
    let master = MasterKeys::parse(&app.keyring).unwrap();
    let data_key = unlock(&app.store, &master, super::BEGIN, &SystemRng).await.unwrap();
    verify(&app.store, &data_key, &[]).await.unwrap().findings
}

#[rstest]
#[tokio::test]
async fn leak_05_what_was_kept_long_enough_is_removed_from_the_oldest_end(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    app.token(&app.demo.cron).await;
    let old = sealed(&app).await;
    assert_eq!(app.engine.remove_old_audit(DAY).await.unwrap(), 0, "nothing is old enough");
    app.clock.advance(DAY);
    app.token(&app.demo.cron).await;
    sealed(&app).await;
    let before = app.store.list_audit(0, 10_000).await.unwrap();
    let removed = app.engine.remove_old_audit(DAY).await.unwrap();
    assert!(removed > 10, "{removed}");
    let after = app.store.list_audit(0, 10_000).await.unwrap();
    assert_eq!(after.len(), before.len() + 1 - usize::try_from(removed).unwrap(), "and one that says so");
    assert_eq!(after.last().unwrap().event, "audit.removed");
    assert!(after.iter().any(|record| record.event == "token.issued"), "the younger one stays");
    assert_eq!(app.store.checkpoints_after(0, 1).await.unwrap()[0].id, old, "the checkpoint is kept");
    assert_eq!(findings(&app).await, []);
    assert_eq!(app.engine.remove_old_audit(DAY).await.unwrap(), 0);
    sealed(&app).await;
    assert_eq!(findings(&app).await, [], "the chain goes on");
    app.token(&app.demo.cron).await;

    // Who removes more, and says that it was retention, cannot sign that.
    let more = format!("UPDATE audit_removal SET checkpoint_id = {}", old + 1);
    app.database.execute(&more);
    assert!(matches!(findings(&app).await[..], [Finding::Removal { .. }]));
    app.database.execute(&format!("UPDATE audit_removal SET checkpoint_id = {old}"));
    assert_eq!(findings(&app).await, []);
    app.database.execute("DELETE FROM audit_removal");
    // The first that is left is the first of all, if the server made no other before.
    let found = findings(&app).await;
    let named = |finding: &Finding| {
        matches!(finding, Finding::Checkpoint { id: 1, .. } | Finding::RowRemoved { checkpoint: 1, .. })
    };
    assert!(found.first().is_some_and(named), "{found:?}");
}

/// LEAK-06: a table that cannot be written makes the server unready, strangers are still told that they are wrong, and it
/// recovers by itself and says so in the trail.
#[rstest]
#[tokio::test]
async fn leak_06_a_failing_audit_shows_in_readiness_and_recovers(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    app.token(&app.demo.cron).await;
    assert_eq!(ready(&app).await, 200);
    break_audit(&app.database, engine);
    let answer = app.ask(&app.demo.cron, &[]).await;
    assert!(answer.status.is_server_error(), "{answer:?}");
    assert_eq!(ready(&app).await, 503);
    let form = [("grant_type", "client_credentials"), ("client_id", "nobody"), ("client_secret", "wrong")];
    Answer::to(app.token_request().form(&form)).await.must_be_error(401, "invalid_client");
    assert!(app.manager.delete_client(&app.demo.cron.id).await.is_err(), "no change unrecorded");
    mend_audit(&app.database, engine);
    until("it recovers", async || ready(&app).await == 200).await;
    app.token(&app.demo.cron).await;
    assert!(app.audit().await.iter().any(|record| record.event == "audit.resumed"));
    sealed(&app).await;
    assert_eq!(findings(&app).await, []);
}

/// Whoever has the database alone does not get the server to remove for him what is young, nor to vouch for what he removed
/// himself.
#[rstest]
#[case::made_older(&["UPDATE audit_checkpoints SET sealed_at = 0"])]
#[case::cut_by_hand(&["DELETE FROM audit WHERE seq < 6", "DELETE FROM audit_checkpoints WHERE id < 2"])]
#[case::forged_mark(&[
    "DELETE FROM audit WHERE seq < 6",
    "DELETE FROM audit_checkpoints WHERE id < 2",
    "INSERT INTO audit_removal SELECT 1, 2, sealed_at, kid, signature FROM audit_checkpoints WHERE id = 2",
])]
#[case::more_rows(&["UPDATE audit_checkpoints SET rows_sealed = '1-999999' WHERE id = 1"])]
#[tokio::test]
async fn leak_05_only_what_is_as_it_was_signed_is_removed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[case] tampering: &[&str],
) {
    let app = TestApp::quick(engine).await;
    while sealed(&app).await < 3 {
        app.token(&app.demo.cron).await;
    }
    for sql in tampering {
        app.database.execute(sql);
    }
    let before = app.store.list_audit(0, 10_000).await.unwrap();
    // Made older, they would go at once; otherwise their time has come.
    if !tampering[0].contains("sealed_at = 0") {
        app.clock.advance(DAY);
    }
    let refused = app.engine.remove_old_audit(DAY).await;
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(app.store.list_audit(0, 10_000).await.unwrap(), before);
    assert_ne!(findings(&app).await, [], "and it still shows");
    app.token(&app.demo.cron).await;
}

/// A checkpoint that claims to be of the future stops the removal of those behind it for no longer than it should, and
/// never silently.
#[rstest]
#[tokio::test]
async fn leak_05_a_checkpoint_of_the_future_does_not_stop_removal_for_ever(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    app.token(&app.demo.cron).await;
    sealed(&app).await;
    app.database.execute("UPDATE audit_checkpoints SET sealed_at = 4102444800000 WHERE id = 1");
    let refused = app.engine.remove_old_audit(DAY).await;
    assert!(refused.is_err(), "nobody signed that: {refused:?}");
}

/// A clock that was ahead for some minutes has signed what no clock will reach. What follows tells when that was.
#[rstest]
#[tokio::test]
async fn leak_05_what_a_clock_that_was_ahead_sealed_is_removed_in_its_time(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let begun = sealed(&app).await;
    app.clock.advance(DAY * 36_500);
    while sealed(&app).await < begun + 3 {
        app.token(&app.demo.cron).await;
    }
    app.clock.set(super::BEGIN);
    let ahead = sealed(&app).await;
    while sealed(&app).await < ahead + 3 {
        app.token(&app.demo.cron).await;
    }
    assert_eq!(app.engine.remove_old_audit(DAY).await.unwrap(), 0, "none of it is old enough");
    app.clock.advance(DAY * 2);
    assert!(app.engine.remove_old_audit(DAY).await.unwrap() > 0);
    let left = app.store.checkpoints_after(0, 1).await.unwrap()[0].id;
    assert!(left > ahead, "{left} is left, of {ahead}");
    assert_eq!(findings(&app).await, []);
}

/// A replica that slept for longer than records are kept goes on from what is left, and from nothing that is not signed.
#[rstest]
#[tokio::test]
async fn leak_05_a_sealer_that_slept_goes_on_after_removal(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    sealed(&app).await;
    let master = MasterKeys::parse(&app.keyring).unwrap();
    let data_key = unlock(&app.store, &master, app.clock.now(), &SystemRng).await.unwrap();
    let key = AuditKey::open(&app.store, &data_key, app.clock.now(), &SystemRng).await.unwrap();
    let mut asleep = Sealer::new(app.store.clone(), Arc::new(key), Arc::new(app.clock.clone()));
    asleep.tick().await.unwrap();
    let before = sealed(&app).await;
    while sealed(&app).await < before + 3 {
        app.token(&app.demo.cron).await;
    }
    app.clock.advance(DAY * 2);
    assert!(app.engine.remove_old_audit(DAY).await.unwrap() > 0);
    sealed(&app).await;
    let mark = app.store.find_audit_removal().await.unwrap().unwrap().checkpoint_id;
    app.database.execute(&format!("UPDATE audit_removal SET checkpoint_id = {}", mark + 1));
    assert!(asleep.tick().await.is_err(), "a mark that was moved is nobody's word");
    app.database.execute(&format!("UPDATE audit_removal SET checkpoint_id = {mark}"));
    asleep.tick().await.unwrap();
    app.token(&app.demo.cron).await;
    asleep.tick().await.unwrap();
    sealed(&app).await;
    assert_eq!(findings(&app).await, []);
}

async fn ready(app: &TestApp) -> u16 {
    Answer::to(app.http.get(app.url("/readyz"))).await.status.as_u16()
}
