//! The host's clock, which can be set: by it tokens expire, and revocations are dropped some time after.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::{FetchError, Link};

/// By how much the clock may be set without a word.
const MAX_JUMP_MS: u64 = 60_000;

/// Between two snapshots because of a clock that stays behind.
const RETAKE_INTERVAL: Duration = Duration::from_secs(60);

const LOOK: Duration = Duration::from_secs(1);

/// The clock that can be set, and the one that cannot, at one time.
#[derive(Clone, Copy)]
pub(super) struct Clocks {
    wall: Timestamp,
    steady: Instant,
}

impl Clocks {
    pub(super) fn read(link: &Link) -> Self {
        Self { wall: link.clock.now(), steady: Instant::now() }
    }

    /// Reads them again, and says if the one was set in between.
    pub(super) fn watch(self, link: &Link) -> Self {
        let now = Self::read(link);
        let milliseconds = self.jump_to(now);
        if milliseconds.unsigned_abs() > MAX_JUMP_MS {
            warn!(
                issuer = link.authority.issuer,
                milliseconds, "the clock was set, or the host was suspended"
            );
        }
        now
    }

    fn jump_to(self, now: Self) -> i64 {
        let passed = i64::try_from(now.steady.saturating_duration_since(self.steady).as_millis());
        let moved = now.wall.as_millis().saturating_sub(self.wall.as_millis());
        moved.saturating_sub(passed.unwrap_or(i64::MAX))
    }
}

impl Link {
    /// Whether the clock is so far behind the one by which revocations were dropped that a snapshot should mend it.
    pub(super) fn must_retake_snapshot(&self) -> bool {
        Instant::now() >= *self.retake_from.lock() && self.is_clock_behind()
    }

    /// Says so if that was in vain, and waits before the next.
    pub(super) fn snapshot_taken(&self) {
        if self.is_clock_behind() {
            warn!(
                issuer = self.authority.issuer,
                "the clock is far behind that of the authorization server: what has expired by that one is refused"
            );
            *self.retake_from.lock() = Instant::now() + RETAKE_INTERVAL;
        }
    }

    /// Ends when a snapshot should be taken because of the clock.
    pub(super) async fn clock_set_back(&self) -> FetchError {
        while !self.must_retake_snapshot() {
            sleep(LOOK).await;
        }
        FetchError::ClockSetBack
    }

    fn is_clock_behind(&self) -> bool {
        self.authority.revocations.horizon.is_far_ahead_of(self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_with_the_other_was_not_set() {
        let start = Clocks { wall: Timestamp::from_secs(1_000), steady: Instant::now() };
        let later = |wall, steady| Clocks {
            wall: Timestamp::from_secs(wall),
            steady: start.steady + Duration::from_secs(steady),
        };
        assert_eq!(start.jump_to(later(1_500, 500)), 0);
        assert_eq!(start.jump_to(later(1_561, 500)), 61_000);
        assert_eq!(start.jump_to(later(900, 500)), -600_000);
    }
}
