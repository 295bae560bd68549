//! One database handle over two engines: rows out, statements in, transactions that hold.
//!
//! What a caller may rely on, on both engines:
//!
//! 1. An error means that nothing changed. The one exception has a name: [`Error::Unknown`].
//! 2. Transactions are serializable: two that ran at the same time leave what one after the other would have left.
//! 3. A body runs inside its transaction and nothing else: it may run more than once, awaits only its [`Tx`], and
//!    cannot end the transaction. Once one of its statements failed it can only fail.
//! 4. Nothing waits for ever: queues are bounded, and every call ends within [`Options::deadline`] and a little.
//! 5. What a value is, is never guessed: see [`Value`] and [`Row`].

mod diagnosis;
mod error;
mod held;
mod kind;
mod options;
mod postgres;
mod row;
mod sql;
mod sqlite;
mod tx;
mod url;
mod value;

use std::sync::Arc;

use futures_util::future::BoxFuture;

pub use diagnosis::PostgresStanding;
pub use error::{Constraint, Error, Result};
pub(crate) use held::{Held, Hold};
pub use kind::Kind;
pub use options::Options;
pub use row::Row;
pub use sql::Sql;
pub use sqlite::settle;
pub(crate) use sqlite::{folder_of, put_in_place};
pub use tx::Tx;
pub use url::{DatabaseUrl, InvalidUrl};
pub use value::Value;

/// The tables, in each engine's own catalogue.
const TABLES_POSTGRES: Sql = Sql::new(
    "TABLES_POSTGRES",
    "SELECT CAST(tablename AS TEXT) FROM pg_catalog.pg_tables WHERE schemaname = ANY (current_schemas(false))",
);
const TABLES_SQLITE: Sql = Sql::new("TABLES_SQLITE", "SELECT name FROM sqlite_schema WHERE type = 'table'");

/// A database; clones share it.
#[derive(Clone, Debug)]
pub enum Db {
    /// A PostgreSQL server.
    Postgres(Arc<postgres::Postgres>),
    /// A SQLite file.
    Sqlite(Arc<sqlite::Sqlite>),
}

impl Db {
    /// Opens the database at `url`.
    ///
    /// A SQLite file is created when it is missing, readable by its owner only. PostgreSQL is not connected to yet:
    /// a server may start before its database does, and [`Db::ping`] says how it stands.
    pub async fn open(url: &DatabaseUrl, options: Options) -> Result<Self> {
        match url.target() {
            url::Target::Postgres(target) => {
                postgres::Postgres::open(target, &options).map(|it| Self::Postgres(Arc::new(it)))
            }
            url::Target::Sqlite(path) => {
                sqlite::Sqlite::open(path.clone(), options).await.map(|it| Self::Sqlite(Arc::new(it)))
            }
        }
    }

    /// The rows of a short query: by key, or of a bounded page.
    ///
    /// On SQLite it runs at once on the calling thread, in microseconds. Queries that read much belong to
    /// [`Db::list`].
    pub async fn rows(&self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        sql.must_read()?;
        tracing::trace!(statement = sql.name(), "rows");
        match self {
            Self::Postgres(it) => it.rows(sql, values).await,
            Self::Sqlite(it) => it.rows(sql, values).await,
        }
    }

    /// The row of a query that yields one row at most; two are an error.
    pub async fn opt(&self, sql: Sql, values: &[Value]) -> Result<Option<Row>> {
        at_most_one(sql, self.rows(sql, values).await?)
    }

    /// The rows of a long query, which blocks no other request: lists, reports, exports.
    pub async fn list(&self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        sql.must_read()?;
        tracing::trace!(statement = sql.name(), "list");
        match self {
            Self::Postgres(it) => it.rows(sql, values).await,
            Self::Sqlite(it) => it.list(sql, values.to_vec()).await,
        }
    }

    /// Runs `body` in a transaction and commits it when it returns `Ok`.
    ///
    /// `body` may run again after a conflict with another transaction, so it makes its future anew each time, from
    /// clones of what it captured.
    ///
    /// ```no_run
    /// # use tokenry_store::{statements, db::{Db, Result}};
    /// statements! { pub(crate) DISABLE = "UPDATE clients SET enabled = 0 WHERE id = $1"; }
    /// # async fn example(db: &Db, id: std::sync::Arc<str>) -> Result<u64> {
    /// db.write(move |tx| {
    ///     let id = id.clone();
    ///     Box::pin(async move { tx.exec(DISABLE, &[(&*id).into()]).await })
    /// })
    /// .await
    /// # }
    /// ```
    pub async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        match self {
            Self::Postgres(it) => it.write(body).await,
            Self::Sqlite(it) => it.write(body).await,
        }
    }

    /// Runs one statement that is the whole transaction, and yields the rows that it returns.
    ///
    /// On PostgreSQL it costs one round trip, where [`Db::write`] costs three.
    pub async fn write_one(&self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>> {
        tracing::trace!(statement = sql.name(), "write one");
        match self {
            Self::Postgres(it) => it.write_one(sql, &values).await,
            Self::Sqlite(it) => it.write_one(sql, values).await,
        }
    }

    /// Which engine it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Postgres(_) => Kind::Postgres,
            Self::Sqlite(_) => Kind::Sqlite,
        }
    }

    /// The names of its tables.
    pub(crate) async fn tables(&self) -> Result<Vec<String>> {
        let tables = match self.kind() {
            Kind::Postgres => TABLES_POSTGRES,
            Kind::Sqlite => TABLES_SQLITE,
        };
        let rows = self.rows(tables, &[]).await?;
        rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
    }

    /// Begins a transaction that is held open over other work.
    pub(crate) async fn hold(&self, hold: Hold) -> Result<Held> {
        match self {
            Self::Postgres(it) => it.hold(hold).await.map(Held::from),
            Self::Sqlite(it) => it.hold(hold).await.map(Held::from),
        }
    }

    /// Whether the database answers, by reading from it: for a readiness check.
    ///
    /// On SQLite it also fails when the file was removed or replaced under us, and after a write failed for want of
    /// space or permission, until a write succeeds again (which it tries itself).
    pub async fn ping(&self) -> Result<()> {
        match self {
            Self::Postgres(it) => it.ping().await,
            Self::Sqlite(it) => it.ping().await,
        }
    }

    /// Prepares `sql` without running it: for the test that every statement is valid on both engines.
    pub async fn prepare(&self, sql: Sql) -> Result<()> {
        match self {
            Self::Postgres(it) => it.prepare(sql).await,
            Self::Sqlite(it) => it.prepare(sql).await,
        }
    }

    /// Ends what was queued, then refuses every call, for all clones.
    pub async fn close(&self) {
        match self {
            Self::Postgres(it) => it.close(),
            Self::Sqlite(it) => it.close().await,
        }
    }

    /// Runs `body` alone: no other process changes the database meanwhile. For migrations.
    pub(crate) async fn exclusive<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        match self {
            Self::Postgres(it) => it.exclusive(body).await,
            Self::Sqlite(it) => it.exclusive(body).await,
        }
    }
}

/// The only row of `rows`.
fn at_most_one(sql: Sql, rows: Vec<Row>) -> Result<Option<Row>> {
    let mut rows = rows.into_iter();
    match (rows.next(), rows.next()) {
        (row, None) => Ok(row),
        (_, Some(_)) => Err(Error::statement(sql, "more than one row where one at most is due")),
    }
}
