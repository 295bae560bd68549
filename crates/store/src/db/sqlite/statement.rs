//! Runs one statement on a SQLite connection, with types checked on the way in and out.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ToSql};

use super::connection::Connection;
use super::error::{Context, translate};
use crate::db::{Error, Result, Row, Sql, Value};

/// The names that `$1` and so on have to SQLite, to which they are names and not numbers.
const NAMES: [&str; 40] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16",
    "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24", "$25", "$26", "$27", "$28", "$29", "$30", "$31",
    "$32", "$33", "$34", "$35", "$36", "$37", "$38", "$39", "$40",
];

/// The open transaction of a body.
pub(in crate::db) struct SqliteTx<'c> {
    connection: &'c mut Connection,
    failed: bool,
}

impl<'c> SqliteTx<'c> {
    pub(super) fn new(connection: &'c mut Connection) -> Self {
        Self { connection, failed: false }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    pub(in crate::db) fn rows(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        self.guarded(|connection| rows(connection, sql, values))
    }

    pub(in crate::db) fn exec(&mut self, sql: Sql, values: &[Value]) -> Result<u64> {
        self.guarded(|connection| exec(connection, sql, values))
    }

    pub(in crate::db) fn script(&mut self, sql: &str) -> Result<()> {
        self.guarded(|connection| {
            let run = connection.inner.execute_batch(sql);
            run.map_err(|error| translate(&error, Context::Control))
        })
    }

    /// Runs `work` if the transaction is whole, and remembers when it no longer is.
    fn guarded<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        if self.failed {
            return Err(Error::Aborted);
        }
        let result = if !self.connection.in_transaction() {
            // It would commit by itself.
            Err(Error::Aborted)
        } else if self.connection.is_over_time() {
            Err(Error::Timeout)
        } else {
            work(self.connection)
        };
        self.failed = result.is_err();
        result
    }
}

/// The rows of a statement that changes nothing.
pub(super) fn read(connection: &Connection, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
    let mut statement = bind(connection, sql, values)?;
    if !statement.readonly() {
        return Err(Error::statement(sql, "writes outside a transaction"));
    }
    collect(connection, sql, &mut statement)
}

pub(super) fn prepare(connection: &Connection, sql: Sql) -> Result<()> {
    let prepared = connection.inner.prepare(sql.text());
    prepared.map(drop).map_err(|error| translate(&error, Context::Statement(&connection.inner, sql)))
}

pub(super) fn rows(connection: &Connection, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
    collect(connection, sql, &mut bind(connection, sql, values)?)
}

pub(super) fn exec(connection: &Connection, sql: Sql, values: &[Value]) -> Result<u64> {
    let mut statement = bind(connection, sql, values)?;
    if statement.column_count() > 0 {
        return Err(Error::statement(sql, "returns rows, which nothing takes"));
    }
    let changed = statement.raw_execute();
    changed.map(|it| it as u64).map_err(|error| translate(&error, Context::Statement(&connection.inner, sql)))
}

fn bind<'c>(connection: &'c Connection, sql: Sql, values: &[Value]) -> Result<CachedStatement<'c>> {
    let context = Context::Statement(&connection.inner, sql);
    let mut statement =
        connection.inner.prepare_cached(sql.text()).map_err(|error| translate(&error, context))?;
    if statement.parameter_count() != values.len() || values.len() > NAMES.len() {
        let due = statement.parameter_count();
        return Err(Error::statement(
            sql,
            format_args!("takes {due} parameters, was given {}", values.len()),
        ));
    }
    for (i, value) in values.iter().enumerate() {
        value.check(i + 1)?;
        let index = statement.parameter_index(NAMES[i]).map_err(|error| translate(&error, context))?;
        let index =
            index.ok_or_else(|| Error::statement(sql, format_args!("has no parameter {}", NAMES[i])))?;
        statement.raw_bind_parameter(index, value).map_err(|error| translate(&error, context))?;
    }
    Ok(statement)
}

fn collect(connection: &Connection, sql: Sql, statement: &mut CachedStatement<'_>) -> Result<Vec<Row>> {
    let context = Context::Statement(&connection.inner, sql);
    let width = statement.column_count();
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| translate(&error, context))? {
        let values = (0..width).map(|i| {
            let value = row.get_ref(i).map_err(|error| translate(&error, context))?;
            from_sqlite(value).map_err(|problem| Error::Type(format!("{sql:?}, column {i}: {problem}")))
        });
        found.push(Row::new(values.collect::<Result<_>>()?));
    }
    Ok(found)
}

fn from_sqlite(value: ValueRef<'_>) -> Result<Value, &'static str> {
    match value {
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        ValueRef::Integer(int) => Ok(Value::Int(int)),
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Real(_) => Err("a floating-point number"),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err("text that is not UTF-8"),
        },
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Int(int) => ValueRef::Integer(*int),
            Self::Null => ValueRef::Null,
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
