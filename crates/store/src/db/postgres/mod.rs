//! PostgreSQL: a pool of connections that read, one of connections that write serializably, and retries.

mod connect;
mod error;
mod held;
mod programs;
mod retry;
mod statement;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Client, Pool, Timeouts, Transaction};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout, timeout_at};

use self::connect::Role;
use self::error::{Failure, Retry, translate};
pub(super) use self::held::PostgresHeld;
use self::programs::Programs;
use self::retry::Attempts;
pub(super) use self::statement::PostgresTx;
use self::statement::Session;
use super::tx::settle;
use super::url::PostgresTarget;
use super::{Error, Hold, Options, Result, Row, Sql, Tx, Value};

/// What a commit gets at least, however late it begins: giving it up makes the outcome unknown.
const COMMIT_GRACE: Duration = Duration::from_secs(2);

/// A PostgreSQL server, as two pools of connections.
pub struct Postgres {
    readers: Pool,
    writers: Pool,
    options: Options,
    programs: Arc<Programs>,
    /// The server without its password, for `Debug`.
    address: String,
}

impl Postgres {
    pub(super) fn open(target: &PostgresTarget, options: &Options) -> Result<Self> {
        Ok(Self {
            readers: connect::pool(target, Role::Read, options)?,
            writers: connect::pool(target, Role::Write, options)?,
            options: options.clone(),
            programs: Arc::new(Programs::of(target)),
            address: target.to_string(),
        })
    }

    /// The rows of a query, which is repeated when its connection is lost.
    pub(super) async fn rows(&self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        let mut attempts = Attempts::within(self.options.deadline);
        loop {
            match self.rows_once(sql, values, attempts.end()).await {
                Ok(rows) => return Ok(rows),
                // The connections for reading are read-only by our own choice.
                Err(Failure { error: Error::ReadOnly, .. }) => {
                    return Err(Error::statement(sql, "writes outside a transaction"));
                }
                Err(failure) => attempts.pause_after(failure).await?,
            }
        }
    }

    async fn rows_once(&self, sql: Sql, values: &[Value], end: Instant) -> Result<Vec<Row>, Failure> {
        let client = acquire(&self.readers, end).await?;
        let outcome = before(end, Session::from(&client).rows(sql, values)).await;
        keep_if_sound(client, outcome)
    }

    /// Runs `body` in serializable transactions until one is committed.
    pub(super) async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync,
    {
        // The wait for locks is part of a body here.
        let limit = self.options.body_limit + self.options.lock_timeout;
        let mut attempts = Attempts::within(self.options.deadline);
        loop {
            match self.write_once(&body, limit, attempts.end()).await {
                Ok(value) => return Ok(value),
                Err(failure) => attempts.pause_after(failure).await?,
            }
        }
    }

    async fn write_once<T, F>(&self, body: &F, limit: Duration, end: Instant) -> Result<T, Failure>
    where
        T: Send,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync,
    {
        let mut client = acquire(&self.writers, end).await?;
        let outcome = attempt(&mut client, body, end.min(Instant::now() + limit)).await;
        keep_if_sound(client, outcome)
    }

    /// Runs one statement, which commits itself. If its connection is lost meanwhile the outcome is unknown.
    pub(super) async fn write_one(&self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        let mut attempts = Attempts::within(self.options.deadline);
        loop {
            match self.statement_once(sql, values, attempts.end()).await {
                Ok(rows) => return Ok(rows),
                Err(failure) => attempts.pause_after(failure).await?,
            }
        }
    }

    async fn statement_once(&self, sql: Sql, values: &[Value], end: Instant) -> Result<Vec<Row>, Failure> {
        let client = acquire(&self.writers, end).await?;
        let outcome = attempt_one(Session::from(&client), sql, values, end).await;
        keep_if_sound(client, outcome)
    }

    /// Runs `body` in a transaction while every other call of this function, in any process, waits.
    pub(super) async fn exclusive<T, F>(&self, body: F) -> Result<T>
    where
        T: Send,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync,
    {
        let limit = self.options.migration_deadline;
        let mut attempts = Attempts::within(limit);
        loop {
            match self.exclusive_once(&body, limit, attempts.end()).await {
                Ok(value) => return Ok(value),
                Err(failure) => attempts.pause_after(failure).await?,
            }
        }
    }

    async fn exclusive_once<T, F>(&self, body: &F, limit: Duration, end: Instant) -> Result<T, Failure>
    where
        T: Send,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync,
    {
        let mut client = acquire(&self.writers, end).await?;
        let outcome = match before(end, Session::from(&client).lock_exclusively(limit)).await {
            Ok(()) => attempt(&mut client, body, end).await,
            Err(failure) => Err(failure),
        };
        // It holds the lock, and the settings of a migration: it is not used again.
        drop(Client::take(client));
        outcome
    }

    pub(super) async fn hold(&self, hold: Hold) -> Result<PostgresHeld> {
        let end = Instant::now() + self.options.deadline;
        let pool = match hold {
            Hold::Read => &self.readers,
            Hold::Write => &self.writers,
        };
        let client = Client::take(acquire(pool, end).await.map_err(|it| it.error)?);
        PostgresHeld::begin(client, hold, self.options.migration_deadline, Arc::clone(&self.programs)).await
    }

    /// Puts what `pg_dump` wrote into the database, which holds nothing yet: all of it or nothing.
    pub(crate) async fn restore<R>(&self, dump: R) -> Result<()>
    where
        R: FnOnce(&mut dyn std::io::Write) -> Result<()> + Send + 'static,
    {
        let programs = Arc::clone(&self.programs);
        blocking(move || programs.restore(dump)).await
    }

    pub(super) async fn ping(&self) -> Result<()> {
        for pool in [&self.readers, &self.writers] {
            let end = Instant::now() + self.options.deadline;
            let client = acquire(pool, end).await.map_err(|it| it.error)?;
            let outcome = before(end, Session::from(&client).script("SELECT count(*) FROM pg_class")).await;
            keep_if_sound(client, outcome).map_err(|it| it.error)?;
        }
        Ok(())
    }

    pub(super) async fn prepare(&self, sql: Sql) -> Result<()> {
        let client = acquire(&self.writers, Instant::now() + self.options.deadline).await;
        let client = client.map_err(|it| it.error)?;
        Session::from(&client).describe(sql).await.map(drop).map_err(|it| it.error)
    }

    pub(super) fn close(&self) {
        self.readers.close();
        self.writers.close();
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Postgres({})", self.address)
    }
}

/// A connection from the pool, or a new one.
async fn acquire(pool: &Pool, end: Instant) -> Result<Client, Failure> {
    let left = Some(end.saturating_duration_since(Instant::now()));
    let timeouts = Timeouts { wait: left, create: left, recycle: left };
    pool.timeout_get(&timeouts).await.map_err(|error| Failure::last(connect::unavailable(&error)))
}

/// Puts a connection back into its pool, unless it may be at fault.
fn keep_if_sound<T>(client: Client, outcome: Result<T, Failure>) -> Result<T, Failure> {
    if let Err(Failure { retry: Retry::OnAnotherConnection, .. }) = outcome {
        drop(Client::take(client));
    }
    outcome
}

/// One run of `body` in one transaction, from its beginning to its commit.
async fn attempt<T, F>(client: &mut Client, body: &F, end: Instant) -> Result<T, Failure>
where
    T: Send,
    F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync,
{
    // Dropping a transaction rolls it back.
    let (transaction, value) = before(end, async {
        let transaction = client.transaction().await.map_err(|error| translate(&error, None))?;
        let value = run(&transaction, body).await?;
        Ok((transaction, value))
    })
    .await?;
    let grace = end.saturating_duration_since(Instant::now()).max(COMMIT_GRACE);
    match timeout(grace, transaction.commit()).await {
        Ok(Ok(())) => Ok(value),
        Ok(Err(error)) => Err(translate(&error, None).at_commit()),
        Err(_) => Err(Failure::unknown()),
    }
}

/// Runs `body` inside `transaction`, which may be committed if this succeeds.
async fn run<T, F>(transaction: &Transaction<'_>, body: &F) -> Result<T, Failure>
where
    T: Send,
    F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync,
{
    let mut tx = Tx::postgres(PostgresTx::new(transaction));
    let result = AssertUnwindSafe(body(&mut tx)).catch_unwind().await.unwrap_or(Err(Error::Panicked));
    // Whatever the body made of a failed statement, the transaction cannot go on, but may have to run again.
    let failure = tx.into_postgres().and_then(|it| it.failure());
    let retry = failure.unwrap_or(Retry::Never);
    settle(result, failure.is_some()).map_err(|error| Failure { cut: false, error, retry })
}

/// One run of one statement, which is over when the server answers.
async fn attempt_one(
    session: Session<'_>,
    sql: Sql,
    values: &[Value],
    end: Instant,
) -> Result<Vec<Row>, Failure> {
    let prepared = before(end, session.prepare(sql, values)).await?;
    let grace = end.saturating_duration_since(Instant::now()).max(COMMIT_GRACE);
    match timeout(grace, session.run(&prepared, sql, values)).await {
        Ok(outcome) => outcome.map_err(Failure::at_commit),
        Err(_) => Err(Failure::unknown()),
    }
}

/// Gives up, at `end`, work that has committed nothing. Its connection is of no use then.
async fn before<T>(end: Instant, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout_at(end, work).await.unwrap_or_else(|_| Err(Failure::lost(Error::Timeout)))
}

/// Runs what blocks on a thread where it may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err(Error::Panicked),
        Err(_) => Err(Error::unavailable("the program is ending")),
    }
}
