//! Counts by name and address, told to the other replicas through the database: once a second, a row a pair, and no more
//! than a bounded number of rows whatever strangers do.
//!
//! A pair may so fail as often as the limit allows at each of the replicas, if it does so within about a second. A
//! server that starts learns what the last minute brought.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_store::{AuthFailures, Error as StoreError};

use super::{Limits, Pair};
use crate::engine::Engine;
use crate::policy::limits::{WINDOW, Window};

/// How many pairs are written in a second, those that failed most often first.
const MAX_WRITTEN: usize = 500;
/// How many pairs of other replicas are learned in a second, the latest first.
const MAX_LEARNED: i64 = 5_000;
/// How far back others' rows are read again and again: their clocks may be late, and they may take their time.
const OVERLAP: Duration = Duration::from_secs(10);

impl Engine {
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
                self.limits.learn(&merged, now);
            }
            let back = if self.limits.caught_up.load(Ordering::Acquire) { OVERLAP } else { WINDOW };
            let others = self.store.auth_failures_since(now.minus(back), MAX_LEARNED).await?;
            self.limits.learn(&others, now);
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
            if Window::of(row.began_at, failures).at(now).count() == 0 {
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
