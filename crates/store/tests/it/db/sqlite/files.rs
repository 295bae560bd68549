//! The file itself: whose it is, what is in it, and what becomes of who loses it.

use std::fs;

use tokenry_store::db::{Db, Error, Options};
use tokenry_store::{params, statements};

use super::super::support::*;
use super::{add, sqlite};

statements! {
    LOOSE = "SELECT a FROM loose WHERE id = $1";
}

#[tokio::test]
async fn a_value_of_a_type_that_we_do_not_store_is_never_guessed() {
    let test = sqlite().await;
    let outside = rusqlite::Connection::open(test.path()).unwrap();
    outside
        .execute_batch(
            "CREATE TABLE loose (id, a);
            INSERT INTO loose VALUES ('real', 1.0), ('utf8', CAST(x'ff61' AS TEXT)), ('int', 1);",
        )
        .unwrap();
    for id in ["real", "utf8"] {
        type_error(test.db.rows(LOOSE, &params![id]).await);
        type_error(write_tx!(test.db, [id], |tx| { tx.rows(LOOSE, &params![id]).await }).await);
    }
    assert_eq!(ints(&test.db.rows(LOOSE, &params!["int"]).await.unwrap()), [1]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let test = sqlite().await;
    test.add("a", 1).await;
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{}{suffix}", test.path().display());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn db_04_a_file_that_was_removed_fails_closed() {
    let test = sqlite().await;
    test.add("a", 1).await;
    test.db.ping().await.unwrap();
    fs::remove_file(test.path()).unwrap();
    let error = test.db.ping().await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("removed or replaced"), "{error}");
    assert!(add(&test.db, ADD_ITEM, "lost").await.unwrap_err().is_unavailable());
    assert!(test.db.rows(COUNT_ITEMS, &[]).await.unwrap_err().is_unavailable());
    // Not even if another takes its place.
    fs::write(test.path(), "").unwrap();
    assert!(test.db.ping().await.is_err());
    assert!(add(&test.db, ADD_ITEM, "lost").await.is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn db_04_a_write_notices_by_itself_that_the_file_was_replaced() {
    let test = sqlite().await;
    test.add("a", 1).await;
    fs::rename(test.path(), test.path().with_extension("old")).unwrap();
    fs::copy(test.path().with_extension("old"), test.path()).unwrap();
    assert!(add(&test.db, ADD_ITEM, "lost").await.unwrap_err().is_unavailable());
}

#[tokio::test]
async fn db_11_what_is_no_database_is_not_opened() {
    let folder = tempfile::TempDir::new().unwrap();
    let open = |name: &str| {
        let url = format!("sqlite:{}", folder.path().join(name).display());
        async move { Db::open(&url.parse().unwrap(), Options::default()).await.map(drop).unwrap_err() }
    };
    fs::write(folder.path().join("garbage.db"), "no database ".repeat(1_000)).unwrap();
    assert!(matches!(open("garbage.db").await, Error::Corrupt(_)));
    fs::create_dir(folder.path().join("folder.db")).unwrap();
    assert!(matches!(open("folder.db").await, Error::Unavailable(_)));
    assert!(matches!(open("no/such/folder.db").await, Error::Unavailable(_)));
}
