//! SQLite: reads at once on pooled connections, every write through one thread that commits in groups.

mod connection;
mod error;
mod file;
mod held;
mod job;
mod place;
mod readers;
mod statement;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use self::connection::Connection;
use self::file::File;
pub(super) use self::held::SqliteHeld;
use self::job::{Job, Ticket};
pub use self::place::settle;
pub(crate) use self::place::{folder_of, put_in_place};
use self::readers::Readers;
pub(super) use self::statement::SqliteTx;
use self::writer::{Message, Writer};
use super::{Error, Hold, Options, Result, Row, Sql, Tx, Value};

/// How long the answer of a job that has begun may be waited for beyond its deadline, while its group commits.
const COMMIT_GRACE: Duration = Duration::from_secs(5);

/// A SQLite file, open.
pub struct Sqlite {
    file: Arc<File>,
    options: Options,
    queue: mpsc::Sender<Message>,
    /// For short queries.
    readers: Readers,
    /// For long ones, so that they cannot starve the short ones.
    listers: Arc<Readers>,
}

impl Sqlite {
    pub(super) async fn open(path: PathBuf, options: Options) -> Result<Self> {
        blocking(move || {
            let file = Arc::new(File::create(path)?);
            let queue = Writer::start(Arc::clone(&file), options.clone())?;
            let readers = Readers::new(Arc::clone(&file), &options);
            let listers = Arc::new(Readers::new(Arc::clone(&file), &options));
            Ok(Self { file, options, queue, readers, listers })
        })
        .await
    }

    pub(super) async fn rows(&self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        let permit = self.readers.permit().await?;
        self.readers.run(permit, |connection| statement::read(connection, sql, values))
    }

    pub(super) async fn list(&self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>> {
        let listers = Arc::clone(&self.listers);
        let permit = self.listers.permit().await?;
        blocking(move || listers.run(permit, |connection| statement::read(connection, sql, &values))).await
    }

    /// Hands `body` to the writer and waits for the commit of its group.
    ///
    /// A caller that is dropped before its job began takes the job with it; after that the job takes its course.
    pub(super) async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        let deadline = Instant::now() + self.options.deadline;
        let ticket = Ticket::new(deadline.into_std());
        let (job, mut answer) = job::new(body, Arc::clone(&ticket));
        self.submit(job)?;
        match timeout_at(deadline, &mut answer).await {
            Ok(Ok(result)) => result,
            // The writer ended. What it had not begun did not happen.
            Ok(Err(_)) if ticket.withdraw() => Err(closed()),
            Ok(Err(_)) => Err(Error::Unknown),
            Err(_) if ticket.withdraw() => Err(Error::Busy),
            Err(_) => match timeout(COMMIT_GRACE, answer).await {
                Ok(Ok(result)) => result,
                _ => Err(Error::Unknown),
            },
        }
    }

    pub(super) async fn write_one(&self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>> {
        let values = Arc::<[Value]>::from(values);
        self.write(move |tx| {
            let values = Arc::clone(&values);
            Box::pin(async move { tx.rows(sql, &values).await })
        })
        .await
    }

    fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        self.queue.try_send(Message::Job(job)).map_err(|error| match error {
            mpsc::error::TrySendError::Closed(_) => closed(),
            mpsc::error::TrySendError::Full(_) => Error::unavailable("too many writes are waiting"),
        })
    }

    /// Runs `body` on a connection of its own that holds the only right to write, without enforcing foreign keys
    /// until the end: a migration may have to rebuild a table that others refer to.
    pub(super) async fn exclusive<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        let file = Arc::clone(&self.file);
        let deadline = self.options.migration_deadline;
        blocking(move || {
            let mut connection = Connection::writer(&file, None)?;
            connection.pragma("foreign_keys", 0)?;
            connection.begin(std::time::Instant::now() + deadline)?;
            let result = job::run(&mut connection, &body, deadline).and_then(|value| {
                connection.check_foreign_keys()?;
                connection.commit()?;
                Ok(value)
            });
            // Dropping the connection rolls back what was not committed.
            result
        })
        .await
    }

    pub(super) async fn hold(&self, hold: Hold) -> Result<SqliteHeld> {
        let (file, patience) = (Arc::clone(&self.file), self.options.deadline);
        blocking(move || SqliteHeld::begin(&file, hold, patience)).await
    }

    /// Reads; and when a write has failed for want of space or rights, tries to write.
    pub(super) async fn ping(&self) -> Result<()> {
        self.file.check()?;
        let permit = self.readers.permit().await?;
        self.readers.run(permit, |connection| connection.probe())?;
        if self.queue.is_closed() {
            return Err(closed());
        }
        if self.file.is_faulty() { self.probe_write().await } else { Ok(()) }
    }

    /// Writes a page as it is.
    pub(crate) async fn probe_write(&self) -> Result<()> {
        let (done, answer) = oneshot::channel();
        let full = |_| Error::unavailable("too many writes are waiting");
        self.queue.try_send(Message::Probe(done)).map_err(full)?;
        let answer = timeout(self.options.deadline, answer).await.map_err(|_| Error::Busy)?;
        answer.map_err(|_| closed())?
    }

    pub(super) async fn prepare(&self, sql: Sql) -> Result<()> {
        let permit = self.readers.permit().await?;
        self.readers.run(permit, |connection| statement::prepare(connection, sql))
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error means that another call closed it.
            let _ = closed.await;
        }
        self.readers.close();
        self.listers.close();
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sqlite({})", self.file.path().display())
    }
}

fn closed() -> Error {
    Error::unavailable("it was closed")
}

/// Runs what blocks on a thread where it may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err(Error::Panicked),
        Err(_) => Err(Error::unavailable("the program is ending")),
    }
}
