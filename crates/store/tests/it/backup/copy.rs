//! Every row of every table on the other engine, or nothing.

use std::collections::BTreeMap;

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record};
use tokenry_store::{CopyError, Store, copied_columns, copy};

use super::filled::{columns, filled, migrated, rows};
use crate::db::support::Engine::{self, Postgres, Sqlite};

#[tokio::test]
async fn every_table_and_column_is_copied() {
    let own: BTreeMap<_, _> = copied_columns()
        .map(|(table, mut columns)| {
            columns.sort_unstable();
            (table.to_owned(), columns.into_iter().map(str::to_owned).collect::<Vec<_>>())
        })
        .collect();
    let schema: BTreeMap<_, _> = columns()
        .await
        .into_iter()
        .map(|(table, columns)| {
            let mut names: Vec<_> = columns.into_iter().map(|(name, _kind)| name).collect();
            names.sort_unstable();
            (table, names)
        })
        .collect();
    assert_eq!(
        own, schema,
        "left: what `copy` knows; right: the schema. What is missing on the left would be lost"
    );
}

#[rstest]
#[tokio::test]
async fn all_rows_arrive_and_numbers_go_on(
    #[values(Postgres, Sqlite)] from: Engine,
    #[values(Postgres, Sqlite)] to: Engine,
) {
    let (source, target) = (filled(from).await, migrated(to).await);
    let before = rows(&source.db).await;
    let copied = copy(&source.db, &target.db).await.unwrap();
    assert_eq!(
        (copied.tables, copied.rows),
        (copied_columns().count(), copied_columns().count() as u64 + 1_200)
    );
    assert_eq!(rows(&target.db).await, before);
    assert_eq!(rows(&source.db).await, before, "the source is as it was");

    // A place that was given out once is not given again.
    let store = Store::new(target.db.clone());
    store
        .record(&[Record::new(Timestamp::EPOCH, Event::ClientCreated, Actor::Operator, None)])
        .await
        .unwrap();
    assert_eq!(store.latest_audit(1).await.unwrap()[0].seq, 42);
    let event = "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
                 VALUES ('x', 'handle', 'y', 1, 1)";
    target.script(event);
    assert_eq!(tokenry_id(&target.db).await, 52);
}

async fn tokenry_id(db: &tokenry_store::db::Db) -> i64 {
    use crate::db::support::count;
    const LAST: tokenry_store::db::Sql =
        tokenry_store::db::Sql::new("LAST", "SELECT MAX(id) FROM guard_events");
    count(db, LAST, &[]).await
}

#[rstest]
#[tokio::test]
async fn a_target_that_holds_anything_is_left_alone(#[values(Postgres, Sqlite)] to: Engine) {
    let (source, target) = (filled(Sqlite).await, migrated(to).await);
    let store = Store::new(target.db.clone());
    store.put_meta_if_absent("mark", vec![1]).await.unwrap();
    let before = rows(&target.db).await;
    let refused = copy(&source.db, &target.db).await.unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty { table: "meta" }), "{refused}");
    assert_eq!(rows(&target.db).await, before);
    assert_eq!(before["change_counter"], ["Some(1)|Some(0)"], "and its counter is there");
}

#[rstest]
#[tokio::test]
async fn another_schema_is_refused(#[values(Postgres, Sqlite)] engine: Engine) {
    let (source, target) = (filled(engine).await, migrated(engine).await);
    target
        .script("INSERT INTO schema (version, oldest_compatible, name, checksum) VALUES (999, 1, 'x', 'x')");
    let refused = copy(&source.db, &target.db).await.unwrap_err();
    assert!(matches!(refused, CopyError::Schema { side: "target", found: 999, .. }), "{refused}");
    let refused = copy(&target.db, &source.db).await.unwrap_err();
    assert!(matches!(refused, CopyError::Schema { side: "source", .. }), "{refused}");
}
