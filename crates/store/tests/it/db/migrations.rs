//! Migrations: the same on both engines, once however many start, all or nothing, and never backwards.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rstest::rstest;
use tokenry_store::db::{Error as DbError, Options};
use tokenry_store::migrate::{
    Error, MIGRATIONS, Migration, NEWEST, check, check_with, migrate, migrate_with,
};

use super::support::*;

const ONE: Migration = Migration {
    version: 2,
    oldest_compatible: 1,
    name: "0002_one",
    postgres: "CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1);",
    sqlite: "CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (1);",
};
const TWO: Migration = Migration {
    version: 3,
    oldest_compatible: 2,
    name: "0003_two",
    postgres: "CREATE TABLE two (a BIGINT);",
    sqlite: "CREATE TABLE two (a INTEGER);",
};
const BROKEN: Migration = Migration {
    version: 3,
    oldest_compatible: 1,
    name: "0003_broken",
    postgres: "CREATE TABLE two (a BIGINT); SELECT no_such_column;",
    sqlite: "CREATE TABLE two (a INTEGER); SELECT no_such_column;",
};
const CHANGED: Migration = Migration { sqlite: "SELECT 1;", postgres: "SELECT 1;", ..ONE };

const INIT: &[Migration] = &[MIGRATIONS[0]];
const WITH_ONE: &[Migration] = &[MIGRATIONS[0], ONE];
const WITH_TWO: &[Migration] = &[MIGRATIONS[0], ONE, TWO];
const WITH_BROKEN: &[Migration] = &[MIGRATIONS[0], ONE, BROKEN];
const WITH_CHANGED: &[Migration] = &[MIGRATIONS[0], CHANGED];

async fn empty(engine: Engine) -> TestDb {
    TestDb::empty(engine, options()).await
}

#[test]
fn peer_13_the_folders_hold_the_listed_migrations_and_nothing_else() {
    let listed: BTreeSet<_> = MIGRATIONS.iter().map(|it| format!("{}.sql", it.name)).collect();
    assert_eq!(listed.len(), MIGRATIONS.len(), "a name twice");
    for engine in ["postgres", "sqlite"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let there: BTreeSet<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(there, listed, "{engine}");
    }
    for (number, migration) in (1..).zip(MIGRATIONS) {
        assert_eq!(migration.version, number);
        let (digits, words) = migration.name.split_once('_').unwrap();
        assert_eq!(digits, format!("{number:04}"));
        assert!(words.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{words}");
    }
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn peer_13_an_empty_database_becomes_usable(#[case] engine: Engine) {
    let test = empty(engine).await;
    let behind = check(&test.db).await.unwrap_err();
    assert!(matches!(behind, Error::Behind { found: 0, needed: NEWEST }), "{behind}");
    assert!(behind.to_string().contains("tokenry migrate"));
    let names: Vec<_> = MIGRATIONS.iter().map(|it| it.name).collect();
    assert_eq!(migrate(&test.db).await.unwrap(), names);
    check(&test.db).await.unwrap();
    assert!(migrate(&test.db).await.unwrap().is_empty());
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_13_of_three_replicas_that_migrate_at_once_one_does(#[case] engine: Engine) {
    for _ in 0..3 {
        let test = empty(engine).await;
        let replicas = [test.db.clone(), test.another().await, test.another().await];
        let tasks = replicas.map(|db| tokio::spawn(async move { migrate_with(&db, WITH_TWO).await }));
        let mut applied = Vec::new();
        for task in tasks {
            applied.extend(task.await.unwrap().unwrap());
        }
        assert_eq!(applied, ["0001_init", "0002_one", "0003_two"]);
        check_with(&test.db, WITH_TWO).await.unwrap();
    }
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn db_11_a_migration_that_fails_leaves_nothing_behind(#[case] engine: Engine) {
    let test = empty(engine).await;
    migrate_with(&test.db, INIT).await.unwrap();
    assert!(migrate_with(&test.db, WITH_BROKEN).await.is_err());
    check_with(&test.db, INIT).await.unwrap();
    // Neither the broken one nor the good one before it.
    let applied = migrate_with(&test.db, WITH_TWO).await.unwrap();
    assert_eq!(applied, ["0002_one", "0003_two"]);
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn db_11_an_older_binary_serves_while_it_is_compatible_and_then_refuses(#[case] engine: Engine) {
    let test = empty(engine).await;
    migrate_with(&test.db, WITH_ONE).await.unwrap();
    check_with(&test.db, INIT).await.unwrap();
    assert!(migrate_with(&test.db, INIT).await.unwrap().is_empty());
    migrate_with(&test.db, WITH_TWO).await.unwrap();
    check_with(&test.db, WITH_ONE).await.unwrap();
    for result in [check_with(&test.db, INIT).await, migrate_with(&test.db, INIT).await.map(drop)] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::TooNew { found: 3, oldest_compatible: 2, known: 1 }), "{error}");
        assert!(error.to_string().contains("run a newer tokenry"));
    }
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn db_11_a_migration_that_was_applied_otherwise_is_refused(#[case] engine: Engine) {
    let test = empty(engine).await;
    migrate_with(&test.db, WITH_ONE).await.unwrap();
    for result in
        [check_with(&test.db, WITH_CHANGED).await, migrate_with(&test.db, WITH_CHANGED).await.map(drop)]
    {
        assert!(matches!(result, Err(Error::Changed(ref name)) if name == "0002_one"), "{result:?}");
    }
}

#[rstest]
#[case::postgres(Engine::Postgres)]
#[case::sqlite(Engine::Sqlite)]
#[tokio::test]
async fn a_migration_that_cannot_get_the_lock_gives_up(#[case] engine: Engine) {
    let options = Options { migration_deadline: std::time::Duration::from_millis(400), ..options() };
    let options = Options { lock_timeout: std::time::Duration::from_millis(100), ..options };
    let test = TestDb::empty(engine, options).await;
    let begun = std::time::Instant::now();
    let error = match engine {
        Engine::Postgres => {
            let (client, connection) =
                tokio_postgres::connect(&test.url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let key = i64::from_be_bytes(*b"\0tokenry");
            client.execute("SELECT pg_advisory_lock($1)", &[&key]).await.unwrap();
            migrate(&test.db).await.unwrap_err()
        }
        Engine::Sqlite => {
            let other = rusqlite::Connection::open(test.path()).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            migrate(&test.db).await.unwrap_err()
        }
    };
    assert!(matches!(error, Error::Database(DbError::Busy)), "{error}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
}
