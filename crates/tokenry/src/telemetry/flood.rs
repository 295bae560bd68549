//! A filter that lets no line of code fill a disk: strangers decide how often some of them are logged. What it leaves out is
//! counted, and a line says so once it is over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// What the engine says of the audit trail: checkpoints, which leave the machine with the log, and never many.
const AUDIT: &str = "tokenry_engine::audit";
/// How many lines of one kind are logged in a second.
const MAX_LINES: u32 = 20;
const SECOND: Duration = Duration::from_secs(1);
/// Counts what is left out.
const SUPPRESSED: &str = "tokenry_log_lines_suppressed_total";

/// What passed the process's own log.
static LOGGED: OnceLock<Arc<Kinds>> = OnceLock::new();

/// Lets so many lines of each kind pass in a second. Who asks for `debug` or `trace` gets all of those.
#[derive(Debug, Default)]
pub(super) struct Bounded(Arc<Kinds>);

/// By the line of code.
#[derive(Debug, Default)]
struct Kinds(Mutex<HashMap<Identifier, Lines>>);

#[derive(Debug)]
struct Lines {
    began: Instant,
    count: u32,
    /// Left out since that was last told.
    suppressed: u64,
    target: &'static str,
    line: u32,
}

/// Lines of one kind that were left out.
#[derive(Debug, Eq, PartialEq)]
struct Suppressed {
    target: &'static str,
    line: u32,
    count: u64,
}

impl Bounded {
    /// That of the process's log, which [`tell`] tells of.
    pub(super) fn of_the_process() -> Self {
        Self(Arc::clone(LOGGED.get_or_init(Arc::default)))
    }
}

/// Says in log and metrics what was left out in seconds that are over: to be called once a second. A line for each kind.
pub(super) fn tell() {
    for suppressed in LOGGED.get().map(|kinds| kinds.take_suppressed(Instant::now())).unwrap_or_default() {
        let Suppressed { target, line, count } = suppressed;
        metrics::counter!(SUPPRESSED).increment(count);
        tracing::warn!(
            count,
            source = target,
            source_line = line,
            "lines were left out of the log: too many of one kind within a second"
        );
    }
}

impl Kinds {
    fn lock(&self) -> MutexGuard<'_, HashMap<Identifier, Lines>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lets_pass(&self, kind: &'static Metadata<'static>, now: Instant) -> bool {
        let mut kinds = self.lock();
        let (target, line) = (kind.target(), kind.line().unwrap_or(0));
        let new = || Lines { began: now, count: 0, suppressed: 0, target, line };
        let lines = kinds.entry(kind.callsite()).or_insert_with(new);
        if lines.is_over(now) {
            (lines.began, lines.count) = (now, 0);
        }
        lines.count = lines.count.saturating_add(1);
        let passes = lines.count <= MAX_LINES;
        if !passes {
            lines.suppressed += 1;
        }
        passes
    }

    /// What was left out in seconds that are over.
    fn take_suppressed(&self, now: Instant) -> Vec<Suppressed> {
        let mut kinds = self.lock();
        let told = kinds.values_mut().filter(|lines| lines.suppressed > 0 && lines.is_over(now));
        told.map(|lines| Suppressed {
            target: lines.target,
            line: lines.line,
            count: std::mem::take(&mut lines.suppressed),
        })
        .collect()
    }
}

impl Lines {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.began) >= SECOND
    }
}

impl<S: Subscriber> Filter<S> for Bounded {
    fn enabled(&self, _metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _context: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        *metadata.level() > Level::INFO
            || metadata.target().starts_with(AUDIT)
            || metadata.target() == module_path!()
            || self.0.lets_pass(metadata, Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use tracing_subscriber::layer::{Layer, SubscriberExt as _};

    use super::*;

    /// Counts what it is told of.
    #[derive(Clone, Default)]
    struct Counter(Arc<AtomicU32>);

    impl<S: Subscriber> Layer<S> for Counter {
        fn on_event(&self, _event: &Event<'_>, _context: Context<'_, S>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    fn counted(log: impl Fn()) -> u32 {
        let counter = Counter::default();
        let lines = counter.clone().with_filter(Bounded::default());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            (0..1_000).for_each(|_| log());
        });
        counter.0.load(Relaxed)
    }

    #[test]
    fn a_line_is_logged_so_often_in_a_second_and_no_more() {
        let begun = Instant::now();
        let warned = counted(|| tracing::warn!("somebody came"));
        let seconds = u32::try_from(begun.elapsed().as_secs()).unwrap() + 1;
        assert!((MAX_LINES..=MAX_LINES * seconds).contains(&warned), "{warned} in {seconds} s");
        let begun = Instant::now();
        let both = counted(|| {
            tracing::error!("this");
            tracing::info!("that");
        });
        let seconds = u32::try_from(begun.elapsed().as_secs()).unwrap() + 1;
        assert!((2 * MAX_LINES..=2 * MAX_LINES * seconds).contains(&both), "{both}: each kind by itself");
    }

    #[test]
    fn leak_05_no_checkpoint_is_kept_from_the_log() {
        assert_eq!(
            counted(|| tracing::info!(target: "tokenry_engine::audit::sealer", "audit checkpoint")),
            1_000
        );
    }

    #[test]
    fn who_looks_for_a_fault_sees_all() {
        assert_eq!(counted(|| tracing::debug!("somebody came")), 1_000);
    }

    #[test]
    fn what_is_left_out_is_told_once_its_second_is_over() {
        let kinds = Arc::new(Kinds::default());
        let lines = Counter::default().with_filter(Bounded(Arc::clone(&kinds)));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            (0..1_000).for_each(|_| tracing::warn!("somebody came"));
            tracing::warn!("and another");
        });
        assert!(kinds.lock().values().any(|lines| lines.suppressed > 0));
        let later = Instant::now() + SECOND;
        let told = kinds.take_suppressed(later);
        let passed: u64 = u64::from(MAX_LINES);
        assert_eq!((told.len(), told[0].target), (1, module_path!()));
        assert!(told[0].count <= 1_000 - passed && told[0].count > 0, "{told:?}");
        assert_eq!(kinds.take_suppressed(later), [], "once");
    }
}
