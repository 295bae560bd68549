//! Whether an attempt that failed is repeated, and when.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::error::Failure;
use crate::db::{Error, Result};

/// The attempts at one call: until it succeeds, fails for good, or its time is up.
///
/// A value and not a function that takes closures: those would make every caller's future other than `Send`.
pub(super) struct Attempts {
    backoff: Backoff,
    /// Whether an attempt met another transaction.
    busy: bool,
    end: Instant,
}

impl Attempts {
    pub(super) fn within(limit: Duration) -> Self {
        Self { backoff: Backoff::default(), busy: false, end: Instant::now() + limit }
    }

    pub(super) fn end(&self) -> Instant {
        self.end
    }

    /// Waits before the next attempt, or yields the error when there is to be none.
    pub(super) async fn pause_after(&mut self, failure: Failure) -> Result<()> {
        let pause = self.backoff.next();
        if matches!(failure.error, Error::Timeout) && self.busy {
            // The last attempt had little time; what took the time were the others.
            return Err(Error::Busy);
        }
        self.busy |= matches!(failure.error, Error::Busy);
        if !failure.may_retry() || Instant::now() + pause >= self.end {
            return Err(failure.error);
        }
        sleep(pause).await;
        Ok(())
    }
}

/// Random pauses that grow: from up to 4 ms to up to 128 ms.
///
/// The randomness keeps those who collided from colliding again; it decides nothing else.
#[derive(Default)]
struct Backoff {
    attempt: u32,
    random: RandomState,
}

impl Backoff {
    fn next(&mut self) -> Duration {
        self.attempt += 1;
        let most = 1_000_u64 << (self.attempt + 1).min(7);
        Duration::from_micros(self.random.hash_one(self.attempt) % most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_and_stay_bounded() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..200).map(|_| backoff.next()).collect();
        assert!(pauses.iter().all(|it| *it < Duration::from_millis(128)));
        assert!(pauses[0] < Duration::from_millis(4));
        assert!(pauses.iter().any(|it| *it > Duration::from_millis(64)));
    }
}
