//! How long to wait before an attempt is repeated.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Random pauses that grow: from up to 4 ms to up to 128 ms.
///
/// The randomness keeps those who collided from colliding again; it decides nothing else.
#[derive(Default)]
pub(super) struct Backoff {
    attempt: u32,
    random: RandomState,
}

impl Backoff {
    pub(super) fn next(&mut self) -> Duration {
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
