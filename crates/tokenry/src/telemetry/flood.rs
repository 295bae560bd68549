//! A filter that lets no line of code fill a disk: strangers decide how often some of them are logged.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// What the engine says of the audit trail: checkpoints, which leave the machine with the log, and never many.
const AUDIT: &str = "tokenry_engine::audit";
/// How many lines of one kind are logged in a second.
const MAX_LINES: u32 = 20;
const SECOND: Duration = Duration::from_secs(1);

/// Lets so many lines of each kind pass in a second. Who asks for `debug` or `trace` gets all of those.
#[derive(Debug, Default)]
pub(super) struct Bounded(Mutex<HashMap<Identifier, Lines>>);

#[derive(Debug)]
struct Lines {
    began: Instant,
    count: u32,
}

impl Bounded {
    fn lets_pass(&self, kind: Identifier, now: Instant) -> bool {
        let mut kinds = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let lines = kinds.entry(kind).or_insert(Lines { began: now, count: 0 });
        if now.duration_since(lines.began) >= SECOND {
            *lines = Lines { began: now, count: 0 };
        }
        lines.count = lines.count.saturating_add(1);
        lines.count <= MAX_LINES
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
            || self.lets_pass(metadata.callsite(), Instant::now())
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
}
