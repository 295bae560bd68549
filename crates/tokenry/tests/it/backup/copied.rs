//! From SQLite to PostgreSQL, and back.

use std::fs;

use rstest::rstest;
use tokenry_testpg as testpg;

use super::place::{Place, ask, counts};
use crate::folder::{AUDIENCE, On};
use crate::process::run;

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_a_copy_honours_what_was_issued_before(#[values(On::Sqlite, On::Postgres)] from: On) {
    let mut place = Place::start(from).await;
    let held = place.hold().await;
    let to = match from {
        On::Sqlite => testpg::Database::empty().unwrap().url().to_owned(),
        On::Postgres => format!("sqlite:{}", place.folder.path.path().join("data/copy.db").display()),
    };
    let running = place.run(&["copy", "--to", &to]);
    assert_eq!(running.code, 5, "a server works on the source: {running:?}");
    assert!(running.stderr.contains("stop every server"), "{running:?}");
    place.must_honour(&place.url, &held).await;
    place.stop();

    let checkpoints = place.run(&["audit", "checkpoints", "--output", "json", "--limit", "1000"]);
    let kept = place.folder.path.path().join("kept.json");
    fs::write(&kept, checkpoints.stdout).unwrap();
    let before = counts(&place.folder);
    let copied = place.json(&["copy", "--to", &to]);
    assert_eq!(copied["audit_intact"], true);
    assert_eq!(counts(&place.folder), before, "the source is as it was");
    let again = place.run(&["copy", "--to", &to]);
    assert_eq!(again.code, 5, "the target is not empty any more: {again:?}");

    place.folder.use_database(&to);
    let mut arrived = counts(&place.folder);
    *arrived.get_mut("audit").unwrap() -= 1;
    assert_eq!(arrived, before, "and one record says that it was copied");
    place.serve();
    place.must_honour(&place.url, &held).await;
    assert!(ask(&place.url, &place.seeded.readonly, AUDIENCE).await.is_some());
    place.stop();
    let verified = run(&place.folder.config, &["audit", "verify", "--checkpoints", kept.to_str().unwrap()]);
    assert_eq!(verified.code, 0, "the chain goes on: {verified:?}");
    assert!(place.folder.ask("SELECT event FROM audit").contains("database.copied"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_copied_is_refused_without_a_word_of_the_url() {
    let mut place = Place::start(On::Sqlite).await;
    place.stop();
    let refuses = |arguments: &[&str], code: i32| {
        let said = place.run(&[&["copy"], arguments].concat());
        assert_eq!(said.code, code, "{said:?}");
        assert!(!said.stderr.contains("sesame") && said.stdout.is_empty(), "{said:?}");
        said.stderr
    };
    assert!(refuses(&[], 2).contains("--from"));
    assert!(refuses(&["--to", "postgres://app:sesame"], 2).contains("--to: not a PostgreSQL URL"));
    assert!(refuses(&["--from", "mysql://app:sesame@db/x"], 2).contains("--from: "));
    refuses(&["--to", "postgres://app:sesame@127.0.0.1:1/tokenry?sslmode=disable"], 1);
    refuses(&["--from", "sqlite:nothing.db"], 4);
    assert!(
        refuses(&["--to", "sqlite:data/tokenry.db", "--from", "sqlite:data/tokenry.db"], 2).contains("same")
    );
}
