//! Counts by name and address, told to the other replicas through the database: once a second, a row a pair, and no more
//! than a bounded number of rows whatever strangers do.
//!
//! A pair may so fail as often as the limit allows at each of the replicas, if it does so within about a second. A
//! server that starts learns what the last minute brought.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_store::{AuthFailures, Error as StoreError};

use super::{Limits, Pair};
use crate::engine::Engine;
use crate::policy::limits::{WINDOW, Window};

/// How often replicas tell each other.
const SHARE_EVERY: Duration = Duration::from_secs(1);
/// How many pairs are written each time, those that failed most often first.
pub(crate) const MAX_WRITTEN: usize = 500;
/// How many pairs of other replicas are learned in a second, the latest first.
const MAX_LEARNED: i64 = 5_000;
/// How far back others' rows are read again and again, and how far ahead they may be: clocks differ, and writing takes
/// its time.
const OVERLAP: Duration = Duration::from_secs(10);

impl Engine {
    /// Goes on for ever. Beside the engine's other work, which a database under a flood must not hold up.
    pub(crate) async fn tend_limits(&self) -> Infallible {
        let mut ticks = tokio::time::interval(SHARE_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.share_limits().await;
        }
    }

    /// Step 5. What cannot be written counts here and is not told.
    pub(crate) async fn share_limits(&self) {
        let now = self.clock.now();
        let own = self.limits.take(now);
        if !self.limits.are_shared() {
            return;
        }
        let shared = async {
            if !own.is_empty() {
                let merged = self.store.add_auth_failures(own, WINDOW, now).await?;
                self.limits.learn(&merged, self.clock.now());
            }
            let back = if self.limits.caught_up.load(Ordering::Acquire) { OVERLAP } else { WINDOW };
            let others = self.store.auth_failures_since(now.minus(back), MAX_LEARNED).await?;
            self.limits.learn(&others, self.clock.now());
            self.limits.caught_up.store(true, Ordering::Release);
            Ok::<(), StoreError>(())
        };
        if let Err(error) = shared.await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "failed authentications could not be shared with the other replicas");
        }
    }
}

impl Limits {
    const fn are_shared(&self) -> bool {
        self.limits.failures_per_client > 0
    }

    /// What has failed since the last time, and forgets what is over.
    fn take(&self, now: Timestamp) -> Vec<AuthFailures> {
        let mut counts = self.counts.lock();
        counts.pairs.sweep(now);
        counts.addresses.sweep(now);
        let dropped = std::mem::take(&mut counts.dropped);
        let mut taken: Vec<_> = counts
            .pairs
            .iter_mut()
            .filter(|(_id, pair)| pair.unshared > 0)
            .map(|(id, pair)| {
                let failures = i64::from(std::mem::take(&mut pair.unshared));
                (pair.window.count(), AuthFailures { pair: *id, began_at: pair.window.began(), failures })
            })
            .collect();
        drop(counts);
        if taken.len() > MAX_WRITTEN {
            taken.select_nth_unstable_by_key(MAX_WRITTEN, |(count, _)| std::cmp::Reverse(*count));
        }
        let unshared = taken.drain(MAX_WRITTEN.min(taken.len())..).count();
        count_dropped("counting", dropped);
        count_dropped("sharing", u64::try_from(unshared).unwrap_or(u64::MAX));
        taken.into_iter().map(|(_count, failures)| failures).collect()
    }

    /// Takes over what the database knows.
    fn learn(&self, rows: &[AuthFailures], now: Timestamp) {
        let mut counts = self.counts.lock();
        for row in rows {
            let failures = u32::try_from(row.failures).unwrap_or(u32::MAX);
            let over = Window::of(row.began_at, failures).at(now).count() == 0;
            // What a clock wrote that was ahead would begin anew each time that it is read, until now has caught up.
            if over || row.began_at > now.plus(OVERLAP) {
                continue;
            }
            let new = || Pair { window: Window::new(now), unshared: 0 };
            if let Some(pair) = counts.pairs.entry(row.pair, now, new) {
                let both = failures.saturating_add(pair.unshared);
                pair.window = pair.window.or(Window::of(row.began_at, both), now);
            }
        }
    }
}

fn count_dropped(what: &'static str, how_many: u64) {
    if how_many > 0 {
        metrics::counter!("tokenry_limits_dropped_total", "what" => what).increment(how_many);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Party;
    use crate::policy::limits::GuessLimits;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn limits() -> Limits {
        Limits::new(GuessLimits { failures_per_client: 3, ..GuessLimits::default() })
    }

    fn row(began_at: Timestamp, failures: i64) -> AuthFailures {
        let party = Party::new(Some("cron"), None);
        AuthFailures { pair: party.pair.unwrap(), began_at, failures }
    }

    fn is_limited(limits: &Limits, now: Timestamp) -> bool {
        limits.admit(&Party::new(Some("cron"), None), now).is_err()
    }

    #[test]
    fn r104_what_others_counted_is_added_to_what_was_not_told_yet() {
        let limits = limits();
        limits.fail(&Party::new(Some("cron"), None), NOW).unwrap();
        limits.learn(&[row(NOW, 1)], NOW);
        assert!(!is_limited(&limits, NOW));
        limits.learn(&[row(NOW, 2)], NOW);
        assert!(is_limited(&limits, NOW));
        limits.learn(&[row(NOW, 2)], NOW.plus(Duration::from_secs(59)));
        assert!(!is_limited(&limits, NOW.plus(WINDOW)), "reading a row again prolongs nothing");
    }

    #[test]
    fn r104_rows_of_another_time_are_not_learned() {
        let limits = limits();
        limits.learn(&[row(NOW.minus(WINDOW), 3), row(NOW.plus(Duration::from_secs(11)), 3)], NOW);
        assert!(!is_limited(&limits, NOW));
        limits.learn(&[row(NOW.plus(Duration::from_secs(9)), 3)], NOW);
        assert!(is_limited(&limits, NOW), "clocks differ by a few seconds");
    }

    #[test]
    fn r104_what_is_written_in_a_second_is_bounded_and_those_who_failed_most_come_first() {
        let limits = limits();
        let party = |n: usize| {
            Party::new(Some(&n.to_string()), Some([10, 0, n.to_be_bytes()[6], n.to_be_bytes()[7]].into()))
        };
        for n in 0..2_000 {
            limits.fail(&party(n), NOW).unwrap();
        }
        for n in 0..100 {
            limits.fail(&party(n * 20), NOW).unwrap();
        }
        let taken = limits.take(NOW);
        assert_eq!(taken.len(), MAX_WRITTEN);
        assert_eq!(taken.iter().filter(|row| row.failures == 2).count(), 100);
        assert_eq!(limits.take(NOW), [], "what was left out is not told later");
    }
}
