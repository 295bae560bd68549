//! Everything that is logged on a test's thread, at its most talkative.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};

use serde_json::Value;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::DynFilterFn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

thread_local! {
    static CURRENT: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// The statements that servers run by themselves, whatever is asked of them.
const BACKGROUND: &[&str] = &[
    "ADD_CHECKPOINT",
    "ANY_UNNUMBERED",
    "APPEND_AUDIT",
    "AUDIT_HASHES_AFTER",
    "AUDIT_HASHES_WITHIN",
    "CHECKPOINTS_AFTER",
    "CLIENTS_WITH_DUE_LOGOUTS",
    "COUNT_AUDIT_AFTER",
    "LATEST_CHANGE",
    "LATEST_CHECKPOINT_ID",
    "LEASE_MAIL",
    "LIST_COUNTERS",
    "LIST_SESSION_KEYS",
    "LIST_SIGNING_KEYS",
    "LIST_THEMES",
    "LIST_USERS_TO_TELL_OF_LEAKS",
];

/// The log of this thread: tests run on one each, unless they ask for more.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

/// Ends the keeping when dropped.
#[derive(Debug)]
pub struct LogGuard(());

impl Drop for LogGuard {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(Option::take);
    }
}

impl Log {
    /// Begins to keep what is logged, one line of JSON each, until the guard is dropped.
    #[must_use]
    pub fn start() -> (Self, LogGuard) {
        listen();
        let log = Self::default();
        CURRENT.set(Some(log.clone()));
        (log, LogGuard(()))
    }

    /// What was logged so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The statements and slow hashes, in order, since this was last asked; the log is empty then.
    #[must_use]
    pub fn take_work(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter_map(|line| {
                let fields = &line["fields"];
                let hash = fields["message"].as_str().filter(|message| *message == "slow hash");
                fields["statement"].as_str().or(hash).map(str::to_owned)
            })
            .collect()
    }

    /// As [`Log::take_work`], without what servers do by themselves.
    #[must_use]
    pub fn take_work_of_requests(&self) -> Vec<String> {
        self.take_work().into_iter().filter(|work| !BACKGROUND.contains(&work.as_str())).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One listener for all threads, for ever: with one each, what `tracing` remembers of who is interested in what changes
/// while others are asked.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let kept = DynFilterFn::new(|_metadata, _context| CURRENT.with_borrow(Option::is_some));
        let lines = tracing_subscriber::fmt::layer().json().with_writer(OfThisThread);
        tracing_subscriber::registry().with(lines.with_filter(kept)).init();
    });
}

/// Writes to the log of the thread that writes.
struct OfThisThread;

impl<'a> MakeWriter<'a> for OfThisThread {
    type Writer = Box<dyn Write>;

    fn make_writer(&'a self) -> Box<dyn Write> {
        match CURRENT.with_borrow(Option::clone) {
            Some(log) => Box::new(log),
            None => Box::new(io::sink()),
        }
    }
}
