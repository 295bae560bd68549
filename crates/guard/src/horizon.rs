//! What a table of revocations may have forgotten: what was over at the latest instant at which something was dropped.
//!
//! That instant is read from a clock that can be set. While the clock is ahead, more is dropped than has expired, and
//! what hangs on it is refused. A snapshot mends that: it has everything once more.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;

/// How long after its expiry an entry goes, so that a clock that runs ahead for a while forgets nothing too early.
pub(crate) const KEEP: Duration = Duration::from_secs(86_400);

/// How far the clock may be behind the horizon: by much less than [`KEEP`], so that nothing that matters is missing.
const TOLERANCE: Duration = Duration::from_secs(3_600);

/// The latest instant at which entries were dropped that had been over for [`KEEP`].
pub(crate) struct Horizon {
    /// In milliseconds since the Unix epoch.
    at: AtomicI64,
    /// The same since all entries began to be added anew. Whoever holds it may change both.
    since: Mutex<i64>,
}

impl Default for Horizon {
    fn default() -> Self {
        Self { at: AtomicI64::new(i64::MIN), since: Mutex::new(i64::MIN) }
    }
}

impl Horizon {
    pub(crate) fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.at.load(Ordering::Acquire))
    }

    /// Entries are about to be dropped that have been over for [`KEEP`] at this instant.
    pub(crate) fn advance(&self, to: Timestamp) {
        let mut since = self.since.lock();
        *since = to.as_millis().max(*since);
        self.at.fetch_max(to.as_millis(), Ordering::AcqRel);
    }

    /// Whether an entry may be gone that a token of this expiry hung on. By the clock as it was, the token had expired.
    pub(crate) fn hides(&self, expires_at: Timestamp) -> bool {
        expires_at.plus(KEEP) < self.at()
    }

    /// Whether the clock is so far behind that tokens may be refused for that alone.
    pub(crate) fn is_far_ahead_of(&self, now: Timestamp) -> bool {
        is_far_ahead(self.at(), now)
    }

    /// All that is dead begins to be added anew.
    pub(crate) fn begin_anew(&self, now: Timestamp) {
        *self.since.lock() = now.as_millis();
    }

    /// All was added anew, by someone whose clock showed `told_at` and who may have left out what was over by that.
    pub(crate) fn end_anew(&self, told_at: Timestamp) {
        let since = self.since.lock();
        // Nobody knows which clock is right. The later one has left out more.
        self.at.store(told_at.as_millis().max(*since), Ordering::Release);
    }
}

/// Whether so much is missing by one clock that it matters by the other.
pub(crate) fn is_far_ahead(horizon: Timestamp, now: Timestamp) -> bool {
    horizon > now.plus(TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(days: i64) -> Timestamp {
        Timestamp::from_secs(days * 86_400)
    }

    #[test]
    fn what_was_added_anew_is_not_missing() {
        let horizon = Horizon::default();
        assert!(!horizon.hides(day(0)) && !horizon.is_far_ahead_of(day(0)));
        horizon.advance(day(1_000));
        assert!(horizon.hides(day(998)) && horizon.is_far_ahead_of(day(10)));
        horizon.begin_anew(day(10));
        assert!(horizon.hides(day(998)), "not before the end");
        horizon.advance(day(11));
        horizon.end_anew(day(10));
        assert_eq!(horizon.at(), day(11));
        assert!(!horizon.hides(day(10)) && horizon.hides(day(9)));
    }

    #[test]
    fn a_clock_that_is_ahead_again_meanwhile_counts() {
        let horizon = Horizon::default();
        horizon.advance(day(1_000));
        horizon.begin_anew(day(10));
        horizon.advance(day(900));
        horizon.end_anew(day(10));
        assert_eq!(horizon.at(), day(900));
    }

    #[test]
    fn the_later_of_two_clocks_counts() {
        let horizon = Horizon::default();
        horizon.begin_anew(day(10));
        horizon.end_anew(day(20));
        assert!(horizon.hides(day(18)) && horizon.is_far_ahead_of(day(10)));
        horizon.advance(day(12));
        assert_eq!(horizon.at(), day(20));
        assert!(!horizon.is_far_ahead_of(day(20)));
    }
}
