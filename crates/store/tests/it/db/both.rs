//! What holds on both engines alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rstest::rstest;
use tokenry_store::db::{Constraint, Error};
use tokenry_store::{params, statements};

use super::support::*;

statements! {
    ADD_DATA = "INSERT INTO items (id, box, n, label, data) VALUES ($1, $2, $3, $4, $5)";
    ADD_NULL = "INSERT INTO items (id, box, n) VALUES ($1, $2, NULL)";
    ALL_OF = "SELECT id, n, label, data FROM items WHERE id = $1";
    BY_NUMBER = "SELECT id FROM items WHERE n = $1";
    COUNT_TWICE = "SELECT count(*) FROM items UNION ALL SELECT count(*) FROM items";
    HALVES = "UPDATE items SET n = n + 1 WHERE id = $1 RETURNING n / 2.0";
    LABEL = "INSERT INTO items (id, box, n, label) VALUES ($1, $2, $3, $4)";
    MISSPELT = "SELECT no_such_column FROM items";
    RETURNING = "INSERT INTO items (id, box, n) VALUES ($1, 'box', 1) RETURNING n";
    SNEAKY = "WITH gone AS (DELETE FROM items RETURNING id) SELECT count(*) FROM gone";
    SWAPPED = "SELECT n FROM items WHERE box = $2 AND id = $1";
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn values_come_back_as_they_went_in(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    let texts = ["", "ä€😀", "' OR 1=1 --", "%_\\", "$1", "\u{1}\r\n\t"];
    let blobs = [vec![], vec![0, 255, 0], (0..=255).collect(), vec![7; 100_000]];
    for (i, n) in [0, 1, i64::from(u32::MAX) + 1, i64::MAX].into_iter().enumerate() {
        for text in texts {
            let id = format!("{i}{text}");
            let values = params![id.as_str(), id.as_str(), n, Some(text), blobs[i].clone()];
            test.db.write_one(ADD_DATA, values.to_vec()).await.unwrap();
            let row = test.db.opt(ALL_OF, &params![id.as_str()]).await.unwrap().unwrap();
            assert_eq!((row.text(0).unwrap(), row.int(1).unwrap()), (id.as_str(), n));
            assert_eq!((row.text(2).unwrap(), row.blob(3).unwrap()), (text, blobs[i].as_slice()));
        }
    }
    test.add("null", 1).await;
    let row = test.db.opt(ALL_OF, &params!["null"]).await.unwrap().unwrap();
    assert_eq!((row.opt_text(2).unwrap(), row.opt_blob(3).unwrap()), (None, None));
    assert_eq!(test.db.list(COUNT_ITEMS, &[]).await.unwrap()[0].int(0).unwrap(), 25);
    assert_eq!(ints(&test.db.rows(SWAPPED, &params!["null", "box"]).await.unwrap()), [1]);
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn db_15_a_value_that_one_engine_cannot_hold_is_refused(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    let huge = "x".repeat(16 * 1024 * 1024 + 1);
    for id in ["a\0b", huge.as_str()] {
        type_error(test.db.write_one(ADD_ITEM, params![id, "box", 1].to_vec()).await);
    }
    assert_eq!(test.count().await, 0);
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn a_mistake_in_a_statement_says_whose_and_changes_nothing(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    test.add("a", 1).await;
    statement_error(test.db.rows(MISSPELT, &[]).await);
    statement_error(test.db.rows(FIND_N, &[]).await);
    statement_error(test.db.rows(FIND_N, &params!["a", "b"]).await);
    statement_error(test.db.rows(ADD_ITEM, &params!["b", "box", 1]).await);
    statement_error(test.db.rows(SNEAKY, &[]).await);
    statement_error(test.db.list(SNEAKY, &[]).await);
    statement_error(test.db.opt(COUNT_TWICE, &[]).await);
    statement_error(write_tx!(test.db, [], |tx| { tx.exec(RETURNING, &params!["b"]).await }).await);
    assert!(test.db.prepare(MISSPELT).await.unwrap_err().to_string().contains("MISSPELT"));
    assert_eq!(test.count().await, 1);
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn a_row_of_a_wrong_type_is_an_error_and_its_statement_did_not_happen(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    test.add("a", 1).await;
    // PostgreSQL knows the type when it prepares, SQLite when it reads.
    let error = test.db.write_one(HALVES, params!["a"].to_vec()).await.unwrap_err();
    assert!(matches!(error, Error::Type(_) | Error::Statement { .. }), "{error}");
    assert_eq!(test.n("a").await, Some(1));
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn constraints_have_the_same_names_on_both_engines(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    test.db.write_one(LABEL, params!["a", "box", 7, "label"].to_vec()).await.unwrap();
    for (values, index) in [
        (params!["a", "other", 1, None::<String>], "items_pkey"),
        (params!["b", "box", 1, Some("label")], "items_box_label_key"),
        (params!["b", "other", 7, Some("label")], "items_by_label"),
    ] {
        let alone = test.db.write_one(LABEL, values.to_vec()).await.unwrap_err();
        assert_eq!(alone.conflict(), Some(index));
        let inside = write_tx!(test.db, [values], |tx| { tx.exec(LABEL, &values).await }).await.unwrap_err();
        assert_eq!(inside.conflict(), Some(index));
        assert!(!inside.is_unavailable());
    }
    let check = test.db.write_one(ADD_ITEM, params!["b", "box", -1].to_vec()).await;
    assert!(matches!(check, Err(Error::Constraint(Constraint::Check))), "{check:?}");
    let null = test.db.write_one(ADD_NULL, params!["b", "box"].to_vec()).await;
    assert!(matches!(null, Err(Error::Constraint(Constraint::NotNull))), "{null:?}");
    assert_eq!(test.count().await, 1);
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn a_commit_that_fails_fails_the_write(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    let result = write_tx!(test.db, [], |tx| {
        tx.exec(ADD_ITEM, &params!["a", "box", 1]).await?;
        tx.exec(ADD_ORPHAN, &params!["c", "nobody"]).await
    })
    .await;
    assert!(matches!(result, Err(Error::Constraint(Constraint::ForeignKey))), "{result:?}");
    let alone = test.db.write_one(ADD_ORPHAN, params!["c", "nobody"].to_vec()).await;
    assert!(matches!(alone, Err(Error::Constraint(Constraint::ForeignKey))), "{alone:?}");
    assert_eq!(test.count().await, 0);
    test.add("a", 1).await;
    test.db.write_one(ADD_ORPHAN, params!["c", "a"].to_vec()).await.unwrap();
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn a_body_that_fails_or_panics_changes_nothing_and_hurts_nobody(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    let others: Vec<_> = (0..20)
        .map(|i| {
            let db = test.db.clone();
            tokio::spawn(
                async move { db.write_one(ADD_ITEM, params![format!("{i}"), "box", 1].to_vec()).await },
            )
        })
        .collect();
    for _ in 0..3 {
        let panicked = write_tx!(test.db, [], |tx| {
            tx.exec(ADD_ITEM, &params!["bad", "box", 1]).await?;
            panicked()
        });
        assert!(matches!(panicked.await, Err(Error::Panicked)));
        let failed = write_tx!(test.db, [], |tx| {
            tx.exec(ADD_ITEM, &params!["bad", "box", 1]).await?;
            Err::<(), _>(Error::Corrupt("on purpose".into()))
        });
        assert!(matches!(failed.await, Err(Error::Corrupt(_))));
    }
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(test.n("bad").await, None);
    assert_eq!(test.count().await, 20);
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn a_body_that_goes_on_after_a_failed_statement_is_rolled_back(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    test.add("a", 1).await;
    let result = write_tx!(test.db, [], |tx| {
        tx.exec(ADD_ITEM, &params!["b", "box", 1]).await?;
        let twice = tx.exec(ADD_ITEM, &params!["a", "box", 1]).await;
        assert!(matches!(twice, Err(Error::Conflict(_))));
        let next = tx.exec(ADD_ITEM, &params!["c", "box", 1]).await;
        assert!(matches!(next, Err(Error::Aborted)));
        Ok("done")
    })
    .await;
    assert!(matches!(result, Err(Error::Aborted)), "{result:?}");
    assert_eq!(test.count().await, 1);
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_leaves_all_or_nothing(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    let begun = Arc::new(AtomicU32::new(0));
    // There is a connection then.
    test.add("first", 1).await;
    for i in 0..100_u64 {
        let begun = Arc::clone(&begun);
        let write = write_tx!(test.db, [begun], |tx| {
            begun.fetch_add(1, Ordering::Relaxed);
            tx.exec(ADD_ITEM, &params![format!("{i}a"), "box", 1]).await?;
            tx.exec(ADD_ITEM, &params![format!("{i}b"), "box", 1]).await
        });
        // Long enough for some to be committed, too short for others.
        let _ = tokio::time::timeout(Duration::from_micros(i * 40), write).await;
    }
    // Queued behind whatever is left.
    test.add("last", 1).await;
    assert!(begun.load(Ordering::Relaxed) > 0);
    for i in 0..100 {
        let (a, b) = (test.n(&format!("{i}a")).await, test.n(&format!("{i}b")).await);
        assert_eq!(a, b, "{i}");
    }
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn a_closed_database_refuses_and_has_finished_what_was_queued(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    test.db.ping().await.unwrap();
    test.add("a", 1).await;
    test.db.close().await;
    test.db.close().await;
    for error in [
        test.db.ping().await.unwrap_err(),
        test.db.rows(COUNT_ITEMS, &[]).await.unwrap_err(),
        test.db.list(COUNT_ITEMS, &[]).await.unwrap_err(),
        test.db.write_one(INCREMENT, params!["a"].to_vec()).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
    }
    assert_eq!(count(&test.another().await, COUNT_ITEMS, &[]).await, 1);
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn an_integer_is_no_text_and_a_text_no_integer(#[case] engine: Engine) {
    let test = TestDb::open(engine).await;
    test.add("1", 1).await;
    if engine == Engine::Postgres {
        type_error(test.db.rows(BY_NUMBER, &params!["1"]).await);
        type_error(test.db.rows(FIND_N, &params![1]).await);
    }
    // SQLite's STRICT tables refuse the latter two as well; where it only compares, it finds nothing.
    type_error(test.db.write_one(ADD_ITEM, params!["2", "box", "many"].to_vec()).await);
    type_error(test.db.write_one(ADD_ITEM, params![b"2", "box", 1].to_vec()).await);
    assert_eq!(test.count().await, 1);
}
