//! How far what a guard knows reaches: every change that was committed before some instant.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokenry_protocol::guard::STALE_AFTER;
use tokio::time::Instant;

/// Not yet, in the atomics.
const NEVER: u64 = 0;

/// The freshness of what one issuer said, by a clock that is never set.
pub(crate) enum Freshness {
    /// Nobody says when something changes, so there is nothing to be late with.
    Unmeasured,
    /// An event stream says so.
    Stream(Marks),
    /// A test does.
    #[cfg(feature = "testing")]
    Switched(std::sync::atomic::AtomicBool),
}

/// Instants, as nanoseconds since the first one, counted from 1.
pub(crate) struct Marks {
    origin: Instant,
    /// When there was a first snapshot, or one from the disk.
    loaded: AtomicU64,
    /// All that was committed before this is known.
    known_through: AtomicU64,
}

impl Freshness {
    pub(crate) fn of_a_stream() -> Self {
        let (loaded, known_through) = (AtomicU64::new(NEVER), AtomicU64::new(NEVER));
        Self::Stream(Marks { origin: Instant::now(), loaded, known_through })
    }

    /// There is a snapshot at `now`, not necessarily the first.
    pub(crate) fn snapshot_loaded(&self, now: Instant) {
        if let Self::Stream(marks) = self {
            let mark = marks.mark(now);
            let _ = marks.loaded.compare_exchange(NEVER, mark, Ordering::AcqRel, Ordering::Acquire);
        }
    }

    /// The stream that was asked for at `asked` has told everything that was committed within `elapsed` after that.
    /// Never later than `now`, whatever the other side counts.
    pub(crate) fn complete(&self, asked: Instant, elapsed: Duration, now: Instant) {
        if let Self::Stream(marks) = self {
            let through = asked.checked_add(elapsed).map_or(now, |through| through.min(now));
            marks.known_through.fetch_max(marks.mark(through), Ordering::AcqRel);
        }
    }

    /// Whether changes may be missing that are older than [`STALE_AFTER`].
    pub(crate) fn is_stale(&self, now: Instant) -> bool {
        match self {
            Self::Unmeasured => false,
            Self::Stream(_) => self.age(now).is_none_or(|age| age > STALE_AFTER),
            #[cfg(feature = "testing")]
            Self::Switched(stale) => stale.load(Ordering::Acquire),
        }
    }

    /// How long ago the instant is up to which all is known; `None` if that was never said.
    pub(crate) fn age(&self, now: Instant) -> Option<Duration> {
        match self {
            Self::Stream(marks) => {
                let through = marks.instant(marks.known_through.load(Ordering::Acquire))?;
                Some(now.saturating_duration_since(through))
            }
            Self::Unmeasured => None,
            #[cfg(feature = "testing")]
            Self::Switched(_) => None,
        }
    }

    /// Whether waiting for the stream is over: it told all once, or the snapshot has been there for longer than that takes.
    pub(crate) fn has_settled(&self, now: Instant) -> bool {
        let Self::Stream(marks) = self else {
            return true;
        };
        let loaded = marks.instant(marks.loaded.load(Ordering::Acquire));
        self.age(now).is_some() || loaded.is_some_and(|at| now.saturating_duration_since(at) > STALE_AFTER)
    }
}

impl Marks {
    fn mark(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.origin).as_nanos();
        u64::try_from(since).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn instant(&self, mark: u64) -> Option<Instant> {
        self.origin.checked_add(Duration::from_nanos(mark.checked_sub(1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_told_late_is_old() {
        let fresh = Freshness::of_a_stream();
        let asked = Instant::now() + SECOND;
        assert!(fresh.is_stale(asked) && fresh.age(asked).is_none());
        fresh.complete(asked, 3 * SECOND, asked + 60 * SECOND);
        assert_eq!(fresh.age(asked + 5 * SECOND), Some(2 * SECOND));
        assert!(!fresh.is_stale(asked + 5 * SECOND));
        assert!(fresh.is_stale(asked + 5 * SECOND + Duration::from_millis(1)));
        fresh.complete(asked, SECOND, asked + 61 * SECOND);
        assert_eq!(fresh.age(asked + 5 * SECOND), Some(2 * SECOND), "it does not unlearn");
    }

    #[test]
    fn nobody_knows_the_future() {
        let fresh = Freshness::of_a_stream();
        let asked = Instant::now() + SECOND;
        fresh.complete(asked, 3_600 * SECOND, asked + SECOND);
        assert_eq!(fresh.age(asked + 3 * SECOND), Some(2 * SECOND));
        fresh.complete(asked, Duration::MAX, asked + SECOND);
        assert_eq!(fresh.age(asked + 3 * SECOND), Some(2 * SECOND));
    }

    #[test]
    fn without_a_stream_the_snapshot_has_to_do_after_a_while() {
        let fresh = Freshness::of_a_stream();
        let at = Instant::now() + SECOND;
        assert!(!fresh.has_settled(at));
        fresh.snapshot_loaded(at);
        assert!(!fresh.has_settled(at + STALE_AFTER));
        assert!(fresh.has_settled(at + STALE_AFTER + Duration::from_millis(1)));
        fresh.complete(at, Duration::ZERO, at);
        assert!(fresh.has_settled(at));
    }
}
