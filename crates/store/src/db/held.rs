//! A transaction that is held open over other work: what a backup is a picture of, and both ends of a copy.
//!
//! Unlike the body of [`Db::write`](super::Db::write) whoever holds one may await other things, and it takes as long as it
//! takes. Dropping one changes nothing.

use std::path::Path;

use super::postgres::PostgresHeld;
use super::sqlite::SqliteHeld;
use super::{Kind, Result, Row, Sql, Value};

/// What a held transaction is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hold {
    /// Sees one state of the database, however long it lasts, and stops no writer.
    Read,
    /// Writes, alone among those who migrate.
    Write,
}

/// A transaction that is held open.
pub(crate) struct Held(Engine);

enum Engine {
    Postgres(Box<PostgresHeld>),
    Sqlite(SqliteHeld),
}

impl From<PostgresHeld> for Held {
    fn from(held: PostgresHeld) -> Self {
        Self(Engine::Postgres(Box::new(held)))
    }
}

impl From<SqliteHeld> for Held {
    fn from(held: SqliteHeld) -> Self {
        Self(Engine::Sqlite(held))
    }
}

impl Held {
    /// Which engine it is of.
    pub(crate) fn kind(&self) -> Kind {
        match self.0 {
            Engine::Postgres(_) => Kind::Postgres,
            Engine::Sqlite(_) => Kind::Sqlite,
        }
    }

    /// The rows that `sql` finds or returns.
    pub(crate) async fn rows(&mut self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>> {
        match &mut self.0 {
            Engine::Postgres(it) => it.rows(sql, &values).await,
            Engine::Sqlite(it) => it.rows(sql, values).await,
        }
    }

    /// The integer in the only column of the first row; 0 without one.
    pub(crate) async fn int(&mut self, sql: Sql) -> Result<i64> {
        self.rows(sql, Vec::new()).await?.first().map_or(Ok(0), |row| row.int(0))
    }

    /// Runs `sql`, which returns nothing, once for each of these lists of values.
    pub(crate) async fn exec_each(&mut self, sql: Sql, each: Vec<Vec<Value>>) -> Result<u64> {
        match &mut self.0 {
            Engine::Postgres(it) => it.exec_each(sql, &each).await,
            Engine::Sqlite(it) => it.exec_each(sql, each).await,
        }
    }

    /// Writes what this transaction sees to `file`, which is there and empty: on SQLite a database of its own, on PostgreSQL
    /// what `pg_restore` reads. What was written is looked at again.
    pub(crate) async fn copy_to(&mut self, file: &Path) -> Result<()> {
        match &mut self.0 {
            Engine::Postgres(it) => it.copy_to(file).await,
            Engine::Sqlite(it) => it.copy_to(file).await,
        }
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self.0 {
            Engine::Postgres(it) => it.commit().await,
            Engine::Sqlite(it) => it.commit().await,
        }
    }
}
