//! What a transaction's body sees: its transaction, and nothing else.

use super::postgres::PostgresTx;
use super::sqlite::SqliteTx;
use super::{Error, Result, Row, Sql, Value};

/// A transaction that is open.
///
/// After one of its statements has failed it accepts no more, and it cannot be committed: PostgreSQL would refuse the
/// former and turn the latter into a rollback that looks like success. Where a conflict is an answer rather than a
/// failure, say so in the statement: `INSERT … ON CONFLICT DO NOTHING RETURNING …`.
pub struct Tx<'c>(Engine<'c>);

enum Engine<'c> {
    Postgres(PostgresTx<'c>),
    Sqlite(SqliteTx<'c>),
}

impl<'c> Tx<'c> {
    pub(super) fn postgres(tx: PostgresTx<'c>) -> Self {
        Self(Engine::Postgres(tx))
    }

    pub(super) fn sqlite(tx: SqliteTx<'c>) -> Self {
        Self(Engine::Sqlite(tx))
    }

    /// The rows that `sql` finds or returns.
    pub async fn rows(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        tracing::trace!(within = sql.name(), "rows");
        match &mut self.0 {
            Engine::Postgres(it) => it.rows(sql, values).await,
            Engine::Sqlite(it) => it.rows(sql, values),
        }
    }

    /// The row of a statement that yields one row at most; two are an error.
    pub async fn opt(&mut self, sql: Sql, values: &[Value]) -> Result<Option<Row>> {
        super::at_most_one(sql, self.rows(sql, values).await?)
    }

    /// How many rows `sql`, which returns none, changed.
    pub async fn exec(&mut self, sql: Sql, values: &[Value]) -> Result<u64> {
        tracing::trace!(within = sql.name(), "exec");
        match &mut self.0 {
            Engine::Postgres(it) => it.exec(sql, values).await,
            Engine::Sqlite(it) => it.exec(sql, values),
        }
    }

    /// Runs a script of this engine's own SQL. For migrations.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        match &mut self.0 {
            Engine::Postgres(it) => it.script(sql).await,
            Engine::Sqlite(it) => it.script(sql),
        }
    }

    pub(super) fn into_postgres(self) -> Option<PostgresTx<'c>> {
        match self.0 {
            Engine::Postgres(it) => Some(it),
            Engine::Sqlite(_) => None,
        }
    }

    pub(super) fn into_sqlite(self) -> Option<SqliteTx<'c>> {
        match self.0 {
            Engine::Postgres(_) => None,
            Engine::Sqlite(it) => Some(it),
        }
    }
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Engine::Postgres(_) => "Tx(PostgreSQL)",
            Engine::Sqlite(_) => "Tx(SQLite)",
        })
    }
}

/// What a body that returned `result` comes to, when one of its statements may have failed meanwhile.
pub(super) fn settle<T>(result: Result<T>, failed: bool) -> Result<T> {
    match result {
        Ok(_) if failed => Err(Error::Aborted),
        result => result,
    }
}
