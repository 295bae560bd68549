//! What the authorization server tells a guard, fetched and kept fresh in the background.
//!
//! Tasks for each issuer, which end with the guard: [`jwks`] keeps the key set; [`follow`] takes the snapshot, follows
//! the events and acknowledges them; [`upkeep`] drops what is over, raises the alarm and writes the file. A foreign
//! issuer has the first alone. All keep the last good answer whatever comes after it, and say in the log when
//! they begin to fail and when that is over.

mod clock;
mod discovery;
mod follow;
mod http;
mod jwks;
mod messages;
mod snapshot;
mod state_file;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokenry_clock::Clock;
use tokenry_protocol::guard::Ack;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{info, warn};

pub(crate) use self::http::{HttpSettings, Remote};
pub(crate) use self::state_file::StateFile;
use crate::authority::{Authority, Kind, Place};

/// How long signing off may take.
const SIGN_OFF: Duration = Duration::from_secs(2);

/// What the tasks of one issuer share.
pub(crate) struct Link {
    pub(crate) remote: Arc<Remote>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) audience: String,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where the state is kept, if it is.
    pub(crate) file: Option<Arc<StateFile>>,
    /// The stream of the last connection, as the issuer named it.
    stream: Mutex<Option<String>>,
    /// From when on a clock that is behind is a reason for another snapshot.
    retake_from: Mutex<Instant>,
}

impl Link {
    pub(crate) fn new(
        remote: Arc<Remote>,
        authority: Arc<Authority>,
        audience: String,
        clock: Arc<dyn Clock>,
        file: Option<Arc<StateFile>>,
    ) -> Self {
        Self {
            remote,
            authority,
            audience,
            clock,
            file,
            stream: Mutex::new(None),
            retake_from: Mutex::new(Instant::now()),
        }
    }

    /// Tells the issuer that nobody need wait for this guard any more.
    async fn sign_off(&self) {
        let Some(stream) = self.stream.lock().take() else {
            return;
        };
        let Place { seq, tag } = self.authority.applied();
        let ack = Ack { stream, seq, tag: Some(tag), signed_off: true };
        match self.remote.acknowledge(&ack, SIGN_OFF).await {
            Ok(()) => self.forsake_state(),
            Err(error) => {
                warn!(issuer = self.remote.identifier, %error, "could not sign off: commands will wait for this guard in vain");
            }
        }
    }
}

/// The background tasks of a guard; they end when it is dropped.
#[derive(Default)]
pub(crate) struct Background {
    links: Vec<Arc<Link>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Background {
    pub(crate) fn start(links: Vec<Link>) -> Self {
        let links: Vec<_> = links.into_iter().map(Arc::new).collect();
        let mut tasks = Vec::new();
        for link in &links {
            tasks.push(tokio::spawn(jwks::keep(Arc::clone(&link.remote), Arc::clone(&link.authority))));
            if link.authority.kind == Kind::Tokenry {
                tasks.push(tokio::spawn(follow::keep(Arc::clone(link))));
                tasks.push(tokio::spawn(upkeep::keep(Arc::clone(link))));
            }
        }
        Self { links, tasks: Mutex::new(tasks) }
    }

    /// Ends the tasks, so that none opens another stream, keeps what was learnt last, and then says so to every issuer.
    pub(crate) async fn sign_off(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock());
        tasks.iter().for_each(JoinHandle::abort);
        join_all(tasks).await;
        join_all(self.links.iter().map(|link| link.keep_state())).await;
        join_all(self.links.iter().map(|link| link.sign_off())).await;
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.tasks.lock().iter().for_each(JoinHandle::abort);
    }
}

/// Logs the beginning and the end of an outage, not each failure.
struct Outage {
    what: &'static str,
    issuer: String,
    failures: u32,
}

impl Outage {
    fn of(what: &'static str, remote: &Remote) -> Self {
        Self { what, issuer: remote.identifier.clone(), failures: 0 }
    }

    fn failed(&mut self, error: &FetchError) {
        self.failures = self.failures.saturating_add(1);
        if self.failures == 1 {
            warn!(
                what = self.what,
                issuer = self.issuer,
                %error,
                "cannot be loaded from the authorization server; what is known stays in use"
            );
        }
    }

    fn succeeded(&mut self) {
        if self.failures > 0 {
            info!(
                what = self.what,
                issuer = self.issuer,
                failures = self.failures,
                "loaded from the authorization server again"
            );
        }
        self.failures = 0;
    }
}

/// Why the authorization server's answer is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the clock is far behind the one by which revocations were dropped")]
    ClockSetBack,
    #[error("the answer is not what it should be: {0}")]
    Content(String),
    #[error("the stream ended")]
    Ended,
    #[error("event {actual} came where {expected} was due")]
    Gap { expected: i64, actual: i64 },
    #[error("the stream was slow to begin, and what it says is old")]
    Late,
    #[error("too many credentials were refused to who showed this one; again in {retry_after} s")]
    Limited { retry_after: u32 },
    #[error("{what} is {actual:?}, expected is {expected:?}")]
    Mismatch { what: &'static str, actual: String, expected: String },
    #[error("event {0} is another one than it was")]
    OtherLog(i64),
    #[error("there are more revocations than may be kept")]
    Overflowing,
    #[error("nothing came for too long")]
    Silent,
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    #[error("no answer: {0}")]
    Transport(String),
}
