//! A transaction on its way through the writer: a body, the result it comes to, and the caller who waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::connection::Connection;
use super::statement::SqliteTx;
use crate::db::tx::settle;
use crate::db::{Error, Result, Tx};

/// A transaction that waits for the writer, or for the commit of its group.
pub(super) trait Job: Send {
    /// Until when it may begin.
    fn deadline(&self) -> Instant;

    /// Claims it for the writer. `false` if nobody waits for it any more; then it must not run.
    fn begin(&self) -> bool;

    /// Runs the body. An error means that what it changed has to be rolled back.
    fn run(&mut self, connection: &mut Connection, limit: Duration) -> Result<(), &Error>;

    /// Tells the caller what it came to: its own error, or what became of its group.
    fn finish(self: Box<Self>, group: Result<(), &Error>);
}

/// Settles between the caller and the writer whether a job runs. The caller may stop waiting and be certain that
/// nothing happens, as long as the writer has not begun.
pub(super) struct Ticket {
    deadline: Instant,
    state: AtomicU8,
}

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const WITHDRAWN: u8 = 2;

impl Ticket {
    pub(super) fn new(deadline: Instant) -> Arc<Self> {
        Arc::new(Self { deadline, state: AtomicU8::new(WAITING) })
    }

    /// Whether the job will not run, from now on.
    pub(super) fn withdraw(&self) -> bool {
        self.claim(WITHDRAWN)
    }

    fn claim(&self, state: u8) -> bool {
        self.state.compare_exchange(WAITING, state, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

struct Write<T, F> {
    body: F,
    caller: oneshot::Sender<Result<T>>,
    /// What the body came to, if it has run.
    result: Option<Result<T>>,
    ticket: Arc<Ticket>,
}

/// A job, and where its result will arrive.
pub(super) fn new<T, F>(body: F, ticket: Arc<Ticket>) -> (Box<dyn Job>, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    (Box::new(Write { body, caller, result: None, ticket }), answer)
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>> + Send,
{
    fn deadline(&self) -> Instant {
        self.ticket.deadline
    }

    fn begin(&self) -> bool {
        !self.caller.is_closed() && self.ticket.claim(BEGUN)
    }

    fn run(&mut self, connection: &mut Connection, limit: Duration) -> Result<(), &Error> {
        self.result.insert(run(connection, &self.body, limit)).as_ref().map(drop)
    }

    fn finish(self: Box<Self>, group: Result<(), &Error>) {
        let result = match (self.result, group) {
            (Some(Ok(_)) | None, Err(error)) => Err(error.clone()),
            (Some(result), _) => result,
            (None, Ok(())) => Err(Error::Aborted),
        };
        // The caller may have gone.
        let _ = self.caller.send(result);
    }
}

/// Runs `body` inside the transaction that is open on `connection`.
pub(super) fn run<T, F>(connection: &mut Connection, body: &F, limit: Duration) -> Result<T>
where
    F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T>>,
{
    connection.timed(limit, |connection| {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let mut tx = Tx::sqlite(SqliteTx::new(connection));
            let result = poll_once(body(&mut tx));
            settle(result, tx.into_sqlite().is_none_or(|it| it.has_failed()))
        }));
        match result {
            Err(_) => Err(Error::Panicked),
            // Between its statements nothing could interrupt it.
            Ok(Ok(_)) if connection.is_over_time() => Err(Error::Timeout),
            Ok(result) => result,
        }
    })
}

/// The result of a future that has nothing to wait for: statements run at once here. One that waits for something
/// else would hold up every writer, so it is dropped.
fn poll_once<T>(mut body: BoxFuture<'_, Result<T>>) -> Result<T> {
    match body.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Error::Pending),
    }
}
