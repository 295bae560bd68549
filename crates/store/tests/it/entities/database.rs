//! Databases for the suite, and the means to do to them what the store never would.

use std::path::PathBuf;

use tempfile::TempDir;
use tokenry_store::db::{DatabaseUrl, Db, Options};
use tokenry_store::migrate::{NEWEST, migrate};
use tokenry_testpg as testpg;

/// A migrated database of a test's own.
pub(crate) enum Database {
    Postgres(testpg::Database),
    Sqlite(TempDir),
}

impl Database {
    pub(crate) async fn sqlite() -> Self {
        let it = Self::Sqlite(tempfile::tempdir().unwrap());
        migrate(&it.open().await).await.unwrap();
        it
    }

    pub(crate) async fn postgres() -> Self {
        let template = match testpg::template(&format!("entities_{}_{NEWEST}", std::process::id())).unwrap() {
            Ok(template) => template,
            Err(building) => {
                let db = Db::open(&building.url().parse().unwrap(), Options::default()).await.unwrap();
                migrate(&db).await.unwrap();
                db.close().await;
                // Not on this thread: the connections that are closing need it.
                tokio::task::spawn_blocking(|| building.finish()).await.unwrap().unwrap()
            }
        };
        Self::Postgres(template.database().unwrap())
    }

    /// Connections of their own, as another replica has them.
    pub(crate) async fn open(&self) -> Db {
        let options = Options { connections: 4, ..Options::default() };
        Db::open(&self.url(), options).await.unwrap()
    }

    /// Runs SQL past the store, checks and foreign keys switched off.
    pub(crate) fn tamper(&self, sql: &str) {
        match self {
            Self::Postgres(it) => {
                let sql = format!("SET session_replication_role = replica; {sql}");
                testpg::execute(it.url(), &sql).unwrap();
            }
            Self::Sqlite(folder) => {
                let connection = rusqlite::Connection::open(path(folder)).unwrap();
                let off = "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA busy_timeout = 5000;";
                connection.execute_batch(&format!("{off} {sql}")).unwrap();
            }
        }
    }

    /// Takes the checks off for good, where they cannot be switched off.
    pub(crate) fn drop_checks(&self) {
        if let Self::Postgres(it) = self {
            let find = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) \
                        FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace";
            let drop = testpg::execute(it.url(), find).unwrap().replace('\n', ";");
            testpg::execute(it.url(), &drop).unwrap();
        }
    }

    /// How SQLite would run a statement: which index it takes. `None` on PostgreSQL, whose choice rests on statistics.
    pub(crate) fn plan(&self, sql: &str) -> Option<String> {
        let Self::Sqlite(folder) = self else { return None };
        let connection = rusqlite::Connection::open(path(folder)).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let values = vec![1; statement.parameter_count()];
        let steps = statement.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3));
        Some(steps.unwrap().map(Result::unwrap).collect::<Vec<_>>().join("; "))
    }

    /// Every column of every table, as `table.column`, sorted.
    pub(crate) fn columns(&self) -> Vec<String> {
        let mut columns = match self {
            Self::Postgres(it) => {
                let sql = "SELECT table_name || '.' || column_name FROM information_schema.columns \
                           WHERE table_schema = 'public'";
                let listed = testpg::execute(it.url(), sql).unwrap();
                listed.lines().map(str::to_owned).collect::<Vec<_>>()
            }
            Self::Sqlite(folder) => {
                let connection = rusqlite::Connection::open(path(folder)).unwrap();
                let sql = "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c \
                           WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_'";
                let mut statement = connection.prepare(sql).unwrap();
                let listed = statement.query_map([], |row| row.get(0)).unwrap();
                listed.map(Result::unwrap).collect()
            }
        };
        columns.sort();
        columns
    }

    fn url(&self) -> DatabaseUrl {
        match self {
            Self::Postgres(it) => it.url().parse().unwrap(),
            Self::Sqlite(folder) => format!("sqlite:{}", path(folder).display()).parse().unwrap(),
        }
    }
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("tokenry.db")
}
