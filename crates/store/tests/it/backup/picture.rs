//! A picture of the database, what a backup leaves behind, and a file that is put in the place of another.

use std::fs;

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record};
use tokenry_store::db::{Db, Error};
use tokenry_store::{Store, is_alone, put_in_place, settle};

use super::filled::{filled, migrated, rows};
use crate::db::support::Engine::{self, Postgres, Sqlite};
use crate::db::support::options;

fn record() -> Record {
    Record::new(Timestamp::EPOCH, Event::DatabaseBackedUp, Actor::Operator, None)
}

#[tokio::test]
async fn db_12_a_picture_shows_one_moment_and_is_one_file() {
    let test = filled(Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let (file, store) = (folder.path().join("copy.db"), Store::new(test.db.clone()));
    fs::write(&file, "").unwrap();
    let before = rows(&test.db).await;
    let pictured = store.picture(&file).await.unwrap().manifest(Timestamp::from_secs(7), "test", 0);
    assert_eq!((pictured.clients, pictured.audit_seq, pictured.checkpoint), (1, 1, 1));
    store.record(&[record()]).await.unwrap();
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["copy.db"], "nothing lies beside it");
    let copy = Db::open(&format!("sqlite:{}", file.display()).parse().unwrap(), options()).await.unwrap();
    assert_eq!(rows(&copy).await, before);
}

#[tokio::test]
async fn db_12_a_damaged_database_is_not_backed_up_as_if_it_were_whole() {
    let test = filled(Sqlite).await;
    test.db.close().await;
    settle(&test.path()).unwrap();
    let mut bytes = fs::read(test.path()).unwrap();
    let digest = bytes.windows(24).rposition(|window| window == [1; 24]).unwrap();
    let page = digest / 4_096 * 4_096;
    bytes[page..page + 8].fill(0xff);
    fs::write(test.path(), bytes).unwrap();
    let store = Store::new(test.another().await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    fs::write(&file, "").unwrap();
    assert!(store.picture(&file).await.is_err());
}

#[rstest]
#[tokio::test]
async fn the_last_backup_is_remembered(#[values(Postgres, Sqlite)] engine: Engine) {
    let test = migrated(engine).await;
    let store = Store::new(test.db.clone());
    assert_eq!(store.last_backup_at().await.unwrap(), None);
    for secs in [7, 9] {
        store.note_backup(Timestamp::from_secs(secs), record()).await.unwrap();
        assert_eq!(store.last_backup_at().await.unwrap(), Some(Timestamp::from_secs(secs)));
    }
    assert_eq!(store.latest_audit(9).await.unwrap().len(), 2);
}

#[rstest]
#[tokio::test]
async fn ending_all_tokens_tells_their_apis(#[values(Postgres, Sqlite)] engine: Engine) {
    let test = filled(engine).await;
    let store = Store::new(test.db.clone());
    let ended = store.end_all_tokens(Timestamp::from_secs(7)).await.unwrap();
    assert_eq!(
        (ended.handles, ended.opaque_tokens, ended.pats, ended.announced.is_empty()),
        (4, 1, 0, false)
    );
    let after = rows(&test.db).await;
    assert_eq!(
        [
            "token_handles",
            "assertion_handles",
            "opaque_tokens",
            "token_families",
            "refresh_tokens",
            "session_handles"
        ]
        .map(|table| after[table].len()),
        [0; 6]
    );
    assert_eq!(after["guard_events"].len(), 5, "one that was there, and one for each handle");
    assert!(
        after["clients"][0].contains("Some(2)"),
        "what was decided before issues nothing: {:?}",
        after["clients"]
    );
}

#[rstest]
#[tokio::test]
async fn db_12_what_guards_confirmed_before_counts_for_nothing(#[values(Postgres, Sqlite)] engine: Engine) {
    let test = filled(engine).await;
    let store = Store::new(test.db.clone());
    store.note_restored(Timestamp::from_millis(9), record()).await.unwrap();
    assert_eq!(
        rows(&test.db).await["guard_streams"],
        ["Some(\"x\")|Some(\"x\")|Some(\"x\")|Some(0)|Some(1)|Some(9)|Some(9)"]
    );
}

#[tokio::test]
async fn who_has_a_database_open_is_noticed() {
    for engine in [Postgres, Sqlite] {
        let test = migrated(engine).await;
        let url = test.url.parse().unwrap();
        test.db.ping().await.unwrap();
        assert!(!is_alone(&url).await.unwrap(), "{engine:?}");
        test.db.close().await;
        assert!(is_alone(&url).await.unwrap(), "{engine:?}");
    }
}

#[tokio::test]
async fn a_file_takes_the_place_of_another_which_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // A shorter file would be an empty database.
    let damaged = |name: &str| "no database at all ".repeat(64) + name;
    fs::write(path("fresh"), damaged("new")).unwrap();
    put_in_place(&path("fresh"), &path("target"), &path("kept")).unwrap();
    assert_eq!(fs::read_to_string(path("target")).unwrap(), damaged("new"));
    assert!(!path("kept").exists() && !path("fresh").exists());

    // What lies beside a damaged one would be taken for the new one's.
    fs::write(path("target-wal"), "log").unwrap();
    fs::write(path("fresh"), damaged("newer")).unwrap();
    put_in_place(&path("fresh"), &path("target"), &path("kept")).unwrap();
    let read = |name: &str| fs::read_to_string(path(name)).unwrap();
    assert_eq!(
        [read("target"), read("kept"), read("kept-wal")],
        [damaged("newer"), damaged("new"), "log".to_owned()]
    );
    assert!(!path("target-wal").exists());
    fs::write(path("fresh"), "third").unwrap();
    assert!(
        put_in_place(&path("fresh"), &path("target"), &path("kept")).is_err(),
        "what was kept is not lost"
    );
    assert_eq!([read("target"), read("kept")], [damaged("newer"), damaged("new")]);
    fs::write(path("damaged"), damaged("this")).unwrap();
    assert!(matches!(settle(&path("damaged")), Err(Error::Corrupt(_))));
}

/// Who comes between the last look and the change is told to go, and what he has open stays where it is.
#[tokio::test]
async fn db_12_nothing_is_put_in_the_place_of_what_somebody_has_open() {
    let test = migrated(Sqlite).await;
    test.db.ping().await.unwrap();
    let folder = tempfile::tempdir_in(test.path().parent().unwrap()).unwrap();
    let (fresh, kept) = (folder.path().join("fresh"), folder.path().join("kept"));
    fs::write(&fresh, "new").unwrap();
    let before = fs::metadata(test.path()).unwrap().len();
    let refused = put_in_place(&fresh, &test.path(), &kept);
    assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
    assert!(fresh.exists() && !kept.exists() && fs::metadata(test.path()).unwrap().len() == before);
    test.db.ping().await.unwrap();
    test.db.close().await;
    put_in_place(&fresh, &test.path(), &kept).unwrap();
    assert_eq!(fs::read_to_string(test.path()).unwrap(), "new");
}
