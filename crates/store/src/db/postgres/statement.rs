//! Runs one statement on a PostgreSQL connection, with types checked before it is sent.

use std::error::Error as StdError;
use std::time::Duration;

use deadpool_postgres::{Client, ClientWrapper, StatementCache, Transaction};
use futures_util::future::try_join_all;
use tokio_postgres::Statement;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::error::{Failure, Retry, translate};
use crate::db::{Error, Result, Row, Sql, Value};

/// The number of the advisory lock that migrations hold.
const EXCLUSIVE: i64 = i64::from_be_bytes(*b"\0tokenry");

/// A connection, or a transaction on it, with the statements prepared there.
#[derive(Clone, Copy)]
pub(super) struct Session<'c> {
    client: &'c tokio_postgres::Client,
    prepared: &'c StatementCache,
}

impl<'c> From<&'c Client> for Session<'c> {
    fn from(client: &'c Client) -> Self {
        Self { client, prepared: &client.statement_cache }
    }
}

impl<'c> From<&'c ClientWrapper> for Session<'c> {
    fn from(client: &'c ClientWrapper) -> Self {
        Self { client, prepared: &client.statement_cache }
    }
}

impl<'c> From<&'c Transaction<'_>> for Session<'c> {
    fn from(transaction: &'c Transaction<'_>) -> Self {
        Self { client: transaction.client(), prepared: &transaction.statement_cache }
    }
}

impl Session<'_> {
    /// A statement whose parameters and columns are of the types that a [`Value`] can be.
    pub(super) async fn describe(self, sql: Sql) -> Result<Statement, Failure> {
        let prepared = self.prepared.prepare(self.client, sql.text()).await;
        let prepared = prepared.map_err(|error| translate(&error, Some(sql)))?;
        let columns = prepared.columns().iter().map(tokio_postgres::Column::type_);
        match prepared.params().iter().chain(columns).find(|it| !is_supported(it)) {
            None => Ok(prepared),
            Some(other) => {
                let problem =
                    format_args!("has a parameter or column of type {other}: cast it to BIGINT or TEXT");
                Err(Failure::last(Error::statement(sql, problem)))
            }
        }
    }

    /// The same, ready for `values`. After this only the server can object.
    pub(super) async fn prepare(self, sql: Sql, values: &[Value]) -> Result<Statement, Failure> {
        let prepared = self.describe(sql).await?;
        let due = prepared.params();
        if due.len() != values.len() {
            let problem = format_args!("takes {} parameters, was given {}", due.len(), values.len());
            return Err(Failure::last(Error::statement(sql, problem)));
        }
        for (i, (due, value)) in due.iter().zip(values).enumerate() {
            value.check(i + 1).map_err(Failure::last)?;
            if !fits(value, due) {
                let problem = format!("{sql:?}, parameter ${}: {due} is due, it is {}", i + 1, value.kind());
                return Err(Failure::last(Error::Type(problem)));
            }
        }
        Ok(prepared)
    }

    /// Runs what [`Session::prepare`] made ready for the same `values`.
    pub(super) async fn run(
        self,
        prepared: &Statement,
        sql: Sql,
        values: &[Value],
    ) -> Result<Vec<Row>, Failure> {
        let rows = self.client.query(prepared, &parameters(values)).await;
        let rows = rows.map_err(|error| translate(&error, Some(sql)))?;
        rows.iter().map(from_postgres).collect()
    }

    pub(super) async fn rows(self, sql: Sql, values: &[Value]) -> Result<Vec<Row>, Failure> {
        let prepared = self.prepare(sql, values).await?;
        self.run(&prepared, sql, values).await
    }

    async fn exec(self, sql: Sql, values: &[Value]) -> Result<u64, Failure> {
        let prepared = self.prepare(sql, values).await?;
        if !prepared.columns().is_empty() {
            return Err(Failure::last(Error::statement(sql, "returns rows, which nothing takes")));
        }
        let changed = self.client.execute(&prepared, &parameters(values)).await;
        changed.map_err(|error| translate(&error, Some(sql)))
    }

    /// Runs `sql` for each list of values without waiting for the one before.
    pub(super) async fn exec_each(self, sql: Sql, each: &[Vec<Value>]) -> Result<u64, Failure> {
        let runs = each.iter().map(|values| self.exec(sql, values));
        Ok(try_join_all(runs).await?.into_iter().sum())
    }

    pub(super) async fn script(self, sql: &str) -> Result<(), Failure> {
        self.client.batch_execute(sql).await.map_err(|error| translate(&error, None))
    }

    /// Takes the lock of migrations until the connection ends, and gives the session their time.
    ///
    /// Not inside the transaction: that would not see what the holder before us committed.
    pub(super) async fn lock_exclusively(self, limit: Duration) -> Result<(), Failure> {
        let limit = limit.as_millis();
        self.script(&format!(
            "SET statement_timeout = {limit};
            SET idle_in_transaction_session_timeout = {limit};
            SELECT pg_advisory_lock({EXCLUSIVE});"
        ))
        .await
    }
}

/// The open transaction of a body.
pub(in crate::db) struct PostgresTx<'c> {
    session: Session<'c>,
    /// What the first failed statement means for the whole.
    failed: Option<Retry>,
}

impl<'c> PostgresTx<'c> {
    pub(super) fn new(transaction: &'c Transaction<'_>) -> Self {
        Self { session: transaction.into(), failed: None }
    }

    pub(super) fn failure(&self) -> Option<Retry> {
        self.failed
    }

    pub(in crate::db) async fn rows(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        self.must_be_whole()?;
        let result = self.session.rows(sql, values).await;
        self.noted(result)
    }

    pub(in crate::db) async fn exec(&mut self, sql: Sql, values: &[Value]) -> Result<u64> {
        self.must_be_whole()?;
        let result = self.session.exec(sql, values).await;
        self.noted(result)
    }

    pub(in crate::db) async fn script(&mut self, sql: &str) -> Result<()> {
        self.must_be_whole()?;
        let result = self.session.script(sql).await;
        self.noted(result)
    }

    fn must_be_whole(&self) -> Result<()> {
        if self.failed.is_some() { Err(Error::Aborted) } else { Ok(()) }
    }

    fn noted<T>(&mut self, result: Result<T, Failure>) -> Result<T> {
        result.map_err(|failure| {
            self.failed = Some(failure.retry);
            failure.error
        })
    }
}

fn is_supported(of: &Type) -> bool {
    [Type::BYTEA, Type::INT8, Type::TEXT].contains(of)
}

fn fits(value: &Value, due: &Type) -> bool {
    match value {
        Value::Blob(_) => *due == Type::BYTEA,
        Value::Int(_) => *due == Type::INT8,
        Value::Null => true,
        Value::Text(_) => *due == Type::TEXT,
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|it| it as &(dyn ToSql + Sync)).collect()
}

fn from_postgres(row: &tokio_postgres::Row) -> Result<Row, Failure> {
    let value = |i: usize| match *row.columns()[i].type_() {
        Type::BYTEA => row.try_get(i).map(|it: Option<Vec<u8>>| it.map_or(Value::Null, Value::Blob)),
        Type::INT8 => row.try_get(i).map(|it: Option<i64>| it.map_or(Value::Null, Value::Int)),
        _ => row.try_get(i).map(|it: Option<String>| it.map_or(Value::Null, Value::Text)),
    };
    let values = (0..row.len()).map(value).collect::<Result<Vec<_>, _>>();
    values.map(Row::new).map_err(|error| Failure::last(Error::Type(error.to_string())))
}

impl ToSql for Value {
    fn to_sql(&self, due: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Blob(bytes) => bytes.to_sql(due, out),
            Self::Int(int) => int.to_sql(due, out),
            Self::Null => Ok(IsNull::Yes),
            Self::Text(text) => text.to_sql(due, out),
        }
    }

    fn accepts(due: &Type) -> bool {
        is_supported(due)
    }

    to_sql_checked!();
}
