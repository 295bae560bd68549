//! What goes wrong in the course of a server's life: keys, seal, backups, guards.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use tokenry_clock::{Clock as _, MockClock, SystemClock};
use tokenry_engine::audit::{AuditKey, Sealer};
use tokenry_engine::keyring::{MasterKeys, unlock};
use tokenry_model::SystemRng;
use tokenry_store::Store;
use tokenry_store::db::{Db, Options};

use super::clinic::Clinic;
use crate::folder::{AUDIENCE, On};
use crate::process::{json, run};
use crate::serve::{create_when_ready, timesheets_api, token};

const DAY: i64 = 86_400_000;

#[rstest]
fn r18_a_key_that_signs_for_too_long_is_told_and_rotated(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    clinic.serve().stop();
    let aged = format!("state_since = state_since - {}", 93 * DAY);
    clinic.folder.ask(&format!("UPDATE signing_keys SET {aged} WHERE state = 'active' RETURNING kid"));
    let found = clinic.examine();
    let fix = found.is("keys", "warning", "has signed for 93 days").fixed_by("keys rotate --alg EdDSA");
    let command = fix.split('`').nth(1).unwrap().strip_prefix("tokenry ").unwrap();
    json(&clinic.folder.config, &command.split(' ').collect::<Vec<_>>());
    clinic.examine().is("keys", "ok", "the EdDSA key has signed for");

    clinic.folder.ask("DELETE FROM signing_keys WHERE state = 'pending' RETURNING kid");
    clinic.examine().is("keys", "failure", "no next EdDSA key").fixed_by("backup");
    clinic.folder.ask(
        "UPDATE signing_keys SET state = 'pending', state_since = NULL WHERE state = 'active' RETURNING kid",
    );
    clinic.examine().is("keys", "failure", "no EdDSA key signs").fixed_by("backup");
}

#[rstest]
fn a_trail_whose_end_was_changed_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    clinic.serve().stop();
    clinic.examine().is("audit", "ok", "is what was signed");
    let last = "id = (SELECT max(id) FROM audit_checkpoints) RETURNING id";
    clinic.folder.ask(&format!("UPDATE audit_checkpoints SET sealed_at = sealed_at - 1 WHERE {last}"));
    let found = clinic.examine();
    found
        .is("audit", "failure", "is damaged: it is not what was signed")
        .fixed_by("audit verify --checkpoints");
    clinic.folder.ask(&format!("UPDATE audit_checkpoints SET sealed_at = sealed_at + 1 WHERE {last}"));
    clinic.examine().nothing_fails();
    clinic.folder.ask(&format!("UPDATE audit_checkpoints SET rows_sealed = 'x' WHERE {last}"));
    clinic.examine().is("audit", "failure", "is damaged: it cannot be read");
}

#[rstest]
fn records_that_nobody_seals_are_told_and_sealed_by_a_server(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    clinic.folder.ask("UPDATE audit SET at = at - 600000 RETURNING seq");
    let found = clinic.examine();
    found
        .is("audit.seal", "warning", "wait to be sealed, the first for 10 minutes")
        .fixed_by("`tokenry serve`");
    let _server = clinic.serve();
    clinic.examine().is("audit.seal", "ok", "");
}

/// A server whose clock runs ahead seals with tomorrow's date.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_from_the_future_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    let db = Db::open(&clinic.folder.database.parse().unwrap(), Options::default()).await.unwrap();
    let store = Store::new(db);
    let master = MasterKeys::parse(&fs::read_to_string(clinic.folder.keyring()).unwrap()).unwrap();
    let now = SystemClock.now();
    let data_key = unlock(&store, &master, now, &SystemRng).await.unwrap();
    let key = Arc::new(AuditKey::open(&store, &data_key, now, &SystemRng).await.unwrap());
    let ahead = MockClock::new(now.plus(Duration::from_secs(3 * 3_600)));
    assert!(Sealer::new(store, key, Arc::new(ahead)).seal().await.unwrap() > 0);
    tokio::task::block_in_place(|| {
        clinic.examine().is("audit", "warning", "2 hours from now").fixed_by("NTP");
    });
}

#[rstest]
fn a_backup_that_is_old_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    clinic.examine().is("backup", "warning", "never made one").fixed_by("`tokenry backup FILE");
    let file = clinic.folder.path.path().join("a.backup");
    assert_eq!(run(&clinic.folder.config, &["backup", file.to_str().unwrap()]).code, 0);
    clinic.examine().is("backup", "ok", "ago");
    let age = |days: i64| {
        let at = SystemClock.now().as_millis() - days * DAY;
        let value = match on {
            On::Postgres => format!("convert_to('{at}', 'UTF8')"),
            On::Sqlite => format!("CAST('{at}' AS BLOB)"),
        };
        clinic
            .folder
            .ask(&format!("UPDATE meta SET value = {value} WHERE name = 'backup.last_at' RETURNING name"));
    };
    age(9);
    clinic.examine().is("backup", "warning", "made 9 days ago").fixed_by("`tokenry backup FILE");
    age(1);
    clinic.examine().is("backup", "ok", "made 24 hours ago");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_is_gone_or_lags_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    let seeded = clinic.folder.seed();
    let _server = clinic.serve();
    let issuer = format!("http://127.0.0.1:{}", clinic.port);
    let (mut api, address) = timesheets_api(&issuer, &seeded.api, &clinic.folder);
    let token = token(&issuer, &seeded.cron).await.unwrap();
    assert_eq!(create_when_ready(&address, "acme", &token).await, 201);
    let found = || tokio::task::block_in_place(|| clinic.examine());
    found().is("guards", "ok", "1 connected, and none lags");

    let acked = clinic.folder.ask("SELECT acked FROM guard_streams");
    clinic.folder.ask("UPDATE guard_streams SET acked = -5, seen_at = seen_at - 120000 RETURNING guard");
    found()
        .is("guards", "warning", " events behind and was last heard of 2 minutes ago")
        .fixed_by("propagated: false");
    let back = format!("acked = {acked}, seen_at = seen_at + 120000");
    clinic.folder.ask(&format!("UPDATE guard_streams SET {back} RETURNING guard"));
    found().is("guards", "ok", "");

    api.kill();
    for _ in 0..600 {
        if clinic.folder.ask("SELECT count(*) FROM guard_streams WHERE ended_at IS NOT NULL") == "1" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let found = found();
    found.is("guards", "warning", "lost its connection").fixed_by("whether that API runs");
    assert!(found.text().contains(AUDIENCE), "{}", found.text());
}
