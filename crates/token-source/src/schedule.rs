//! When to renew, how long to serve, how long to rest. Pure arithmetic on durations.

use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A token minted because an API refused the one before stays at least this long.
pub(crate) const REPLACEMENT_STAYS: Duration = Duration::from_secs(30);

const EARLIEST_MARGIN: Duration = Duration::from_secs(15 * 60);
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(30);
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);
const SAFETY: Duration = Duration::from_secs(5);

/// How long after minting the renewal starts: one to two tenths of the lifetime before its end, but not
/// earlier than 15 to 30 minutes before (R42). `jitter` is in `[0, 1)`.
pub(crate) fn renew_after(lifetime: Duration, jitter: f64) -> Duration {
    let margin = (lifetime / 10).min(EARLIEST_MARGIN);
    lifetime.saturating_sub(margin).saturating_sub(margin.mul_f64(jitter))
}

/// How long after minting the token is handed out: nearly to its end. What is left is for the request to
/// arrive, and for the API's clock to be ahead of ours.
pub(crate) fn serve_for(lifetime: Duration) -> Duration {
    lifetime.saturating_sub((lifetime / 20).min(SAFETY))
}

/// How long to ask nothing after the `run`th failure in a row: a second or a little less, doubling up to half
/// a minute; never less than the server asked for, up to an hour. `jitter` is in `[0, 1)`.
pub(crate) fn backoff(run: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    let doubled = FIRST_REST.saturating_mul(2_u32.saturating_pow(run.saturating_sub(1)));
    let rest = doubled.min(LONGEST_REST).mul_f64(1.0 - jitter / 2.0);
    // Whole milliseconds, as instants are: waiting for the rest that an error names is then waiting long
    // enough.
    let rest = Duration::from_millis(u64::try_from(rest.as_millis()).unwrap_or(u64::MAX));
    rest.max(retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER))
}

/// Numbers in `[0, 1)` that differ from process to process, so that a fleet started at once does not renew at
/// once. Spreading load needs no secrecy: they are hashes of a seed and a counter.
#[derive(Debug)]
pub(crate) struct Jitter {
    count: AtomicU64,
    seed: u64,
}

impl Jitter {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self { count: AtomicU64::new(0), seed: seed.unwrap_or_else(|| RandomState::new().hash_one(0)) }
    }

    pub(crate) fn next(&self) -> f64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, self.count.fetch_add(1, Ordering::Relaxed)).hash(&mut hasher);
        // 32 bits are exact in a double, and plenty to spread a fleet.
        let bits = u32::try_from(hasher.finish() >> 32).expect("32 bits are left");
        f64::from(bits) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn r42_a_days_token_is_renewed_15_to_30_minutes_before_its_end() {
        assert_eq!(renew_after(DAY, 0.0), DAY - Duration::from_secs(900));
        assert_eq!(renew_after(DAY, 1.0), DAY - Duration::from_secs(1_800));
    }

    #[test]
    fn r42_a_short_token_is_renewed_in_its_last_fifth_and_before_it_is_withheld() {
        for secs in [1, 10, 60, 300, 900, 3_600] {
            let lifetime = Duration::from_secs(secs);
            let jitter = Jitter::new(Some(secs));
            for _ in 0..1_000 {
                let renewal = renew_after(lifetime, jitter.next());
                assert!(renewal > lifetime.mul_f64(0.799), "{renewal:?} of {lifetime:?}");
                assert!(renewal < serve_for(lifetime), "{renewal:?} of {lifetime:?}");
            }
        }
    }

    #[test]
    fn a_lifetime_without_end_or_length_does_not_overflow() {
        for lifetime in [Duration::ZERO, Duration::from_secs(u64::MAX)] {
            assert!(renew_after(lifetime, 0.999) <= serve_for(lifetime));
        }
    }

    #[test]
    fn rests_double_up_to_half_a_minute() {
        let rest = |run| backoff(run, None, 0.0).as_secs();
        assert_eq!([1, 2, 3, 5, 6, 1_000].map(rest), [1, 2, 4, 16, 30, 30]);
        assert_eq!(backoff(1, None, 0.999_999).as_millis(), 500);
    }

    #[test]
    fn retry_after_is_a_lower_bound_with_a_cap() {
        let rest = |secs| backoff(1, Some(Duration::from_secs(secs)), 0.0).as_secs();
        assert_eq!([0, 7, u64::MAX].map(rest), [1, 7, 3_600]);
    }

    #[test]
    fn jitter_is_spread_over_the_unit_interval() {
        let jitter = Jitter::new(None);
        let mut tenths = [0; 10];
        for _ in 0..10_000 {
            let at = jitter.next();
            assert!((0.0..1.0).contains(&at));
            let tenth = (0..10).rfind(|&n| at >= f64::from(n) / 10.0).expect("at least 0");
            tenths[usize::try_from(tenth).expect("0 to 9")] += 1;
        }
        assert!(tenths.iter().all(|&count| (800..1_200).contains(&count)), "{tenths:?}");
    }
}
