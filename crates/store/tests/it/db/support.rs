//! A fresh database on either engine, with the tables that these tests use.

use std::path::PathBuf;

use tempfile::TempDir;
use tokenry_store::db::{Db, Error, Options, Row, Sql, Value};
use tokenry_store::{params, statements};

statements! {
    pub(crate) ADD_ITEM = "INSERT INTO items (id, box, n) VALUES ($1, $2, $3)";
    pub(crate) ADD_ORPHAN = "INSERT INTO children (id, parent) VALUES ($1, $2)";
    pub(crate) COUNT_BOX = "SELECT count(*) FROM items WHERE box = $1";
    pub(crate) COUNT_ITEMS = "SELECT count(*) FROM items";
    pub(crate) FIND_N = "SELECT n FROM items WHERE id = $1";
    pub(crate) INCREMENT = "UPDATE items SET n = n + 1 WHERE id = $1";
    pub(crate) REDEEM = "UPDATE items SET n = $2 WHERE id = $1 AND n = 0 RETURNING n";
    pub(crate) SET_N = "UPDATE items SET n = $2 WHERE id = $1";
}

/// The tables, in PostgreSQL's words. `box` is unique per `label` where there is one.
const TABLES: &str = "
    CREATE TABLE items (
        id TEXT NOT NULL PRIMARY KEY, box TEXT NOT NULL, n BIGINT NOT NULL CHECK (n >= 0), label TEXT, data BYTEA,
        UNIQUE (box, label)
    );
    CREATE UNIQUE INDEX items_by_label ON items (label) WHERE n = 7;
    CREATE TABLE children (
        id TEXT NOT NULL PRIMARY KEY, parent TEXT NOT NULL REFERENCES items (id) DEFERRABLE INITIALLY DEFERRED
    );";

/// `db.write(…)` with a block for a body, which uses clones of the variables in the brackets.
macro_rules! write_tx {
    ($db:expr, [$($captured:ident),*], |$tx:ident| $body:block) => {
        $db.write(move |$tx| {
            $(let $captured = $captured.clone();)*
            Box::pin(async move $body)
        })
    };
}
pub(crate) use write_tx;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    Sqlite,
}

/// A database, and what keeps it alive.
pub(crate) struct TestDb {
    pub(crate) db: Db,
    pub(crate) engine: Engine,
    pub(crate) url: String,
    options: Options,
    folder: TempDir,
}

impl TestDb {
    pub(crate) async fn open(engine: Engine) -> Self {
        Self::open_with(engine, options()).await
    }

    pub(crate) async fn open_with(engine: Engine, options: Options) -> Self {
        let this = Self::empty(engine, options).await;
        this.script(TABLES);
        this
    }

    /// Without tables.
    pub(crate) async fn empty(engine: Engine, options: Options) -> Self {
        let folder = TempDir::new().unwrap();
        let url = match engine {
            Engine::Postgres => tokenry_testpg::Database::empty().unwrap().url().to_owned(),
            Engine::Sqlite => format!("sqlite:{}", folder.path().join("test.db").display()),
        };
        let db = Db::open(&url.parse().unwrap(), options.clone()).await.unwrap();
        Self { db, engine, url, options, folder }
    }

    /// Another handle on the same database, as another process has one.
    pub(crate) async fn another(&self) -> Db {
        Db::open(&self.url.parse().unwrap(), self.options.clone()).await.unwrap()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    /// Runs SQL, written in PostgreSQL's words, from outside.
    pub(crate) fn script(&self, sql: &str) {
        match self.engine {
            Engine::Postgres => drop(tokenry_testpg::execute(&self.url, sql).unwrap()),
            Engine::Sqlite => {
                let sql = sql
                    .replace("BIGINT", "INTEGER")
                    .replace("BYTEA", "BLOB")
                    .replace("\n    );", "\n    ) STRICT;");
                rusqlite::Connection::open(self.path()).unwrap().execute_batch(&sql).unwrap();
            }
        }
    }

    pub(crate) async fn add(&self, id: &str, n: i64) {
        self.db.write_one(ADD_ITEM, params![id, "box", n].to_vec()).await.unwrap();
    }

    pub(crate) async fn n(&self, id: &str) -> Option<i64> {
        self.db.opt(FIND_N, &params![id]).await.unwrap().map(|row| row.int(0).unwrap())
    }

    pub(crate) async fn count(&self) -> i64 {
        count(&self.db, COUNT_ITEMS, &[]).await
    }
}

pub(crate) async fn count(db: &Db, sql: Sql, values: &[Value]) -> i64 {
    db.opt(sql, values).await.unwrap().unwrap().int(0).unwrap()
}

/// Few connections: these tests have many databases.
pub(crate) fn options() -> Options {
    Options { connections: 8, ..Options::default() }
}

pub(crate) fn type_error<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Type(_))), "{result:?}");
}

pub(crate) fn statement_error<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Statement { .. })), "{result:?}");
}

pub(crate) fn ints(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.int(0).unwrap()).collect()
}

pub(crate) fn panicked() -> Result<(), Error> {
    panic!("on purpose")
}
