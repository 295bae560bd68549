//! What is logged on a test's thread.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};

use serde_json::Value;
use tokenry_guard::DECISION_TARGET;
use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::DynFilterFn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

thread_local! {
    static CURRENT: RefCell<Option<(Log, Level)>> = const { RefCell::new(None) };
}

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// Ends the keeping when dropped.
pub(crate) struct LogGuard(());

impl Drop for LogGuard {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(Option::take);
    }
}

/// Begins to keep what is logged on this thread at `level` and above. One listener serves all threads: with one each,
/// what `tracing` remembers of who is interested in what changes while others are asked.
pub(crate) fn record(level: Level) -> (Log, LogGuard) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let kept = DynFilterFn::new(|metadata, _context| {
            CURRENT.with_borrow(|log| log.as_ref().is_some_and(|(_, level)| metadata.level() <= level))
        });
        let lines = tracing_subscriber::fmt::layer().json().with_writer(OfThisThread);
        tracing_subscriber::registry().with(lines.with_filter(kept)).init();
    });
    let log = Log::default();
    CURRENT.set(Some((log.clone(), level)));
    (log, LogGuard(()))
}

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn decisions(&self) -> Vec<Value> {
        let records =
            self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
        records.into_iter().filter(|record| record["target"] == DECISION_TARGET).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes to the log of the thread that writes.
struct OfThisThread;

impl MakeWriter<'_> for OfThisThread {
    type Writer = Box<dyn io::Write>;

    fn make_writer(&self) -> Self::Writer {
        match CURRENT.with_borrow(Clone::clone) {
            Some((log, _level)) => Box::new(log),
            None => Box::new(io::sink()),
        }
    }
}
