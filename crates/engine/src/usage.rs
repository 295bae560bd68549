//! When secrets were last used, to the minute: kept in memory on the way, written in the background, never in a request's path.
//!
//! Few uses are written within a second. Many are written together once a minute, in the order of their places: the
//! database then writes each page of them once, and not once for every secret on it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::SecretId;

use crate::engine::Engine;

/// How exactly a last use is known: one that is written is not written again for so long.
const GRAIN: Duration = Duration::from_secs(60);
/// How often is looked whether something is to be written.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So many are few.
const FEW: usize = 256;
/// So many are written even if they are not a minute old, so that memory is bounded: five megabytes.
const MANY: usize = 50_000;

/// Last uses not yet written.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<Uses>);

#[derive(Debug, Default)]
struct Uses {
    last: HashMap<SecretId, Timestamp>,
    /// The first of them.
    since: Option<Timestamp>,
}

impl Usage {
    /// Notes that a secret proved its owner at `now`; `written` is the last use that the database knows.
    pub(crate) fn note(&self, secret: &SecretId, written: Option<Timestamp>, now: Timestamp) {
        if written.is_some_and(|written| now.since(written) < GRAIN) {
            return;
        }
        let mut uses = self.0.lock();
        uses.since.get_or_insert(now);
        match uses.last.get_mut(secret) {
            Some(last) => *last = now.max(*last),
            None => {
                uses.last.insert(secret.clone(), now);
            }
        }
    }

    /// Takes what is to be written at `now`.
    fn take_due(&self, now: Timestamp) -> Vec<(SecretId, Timestamp)> {
        let uses = self.0.lock();
        let gathering = (FEW + 1..MANY).contains(&uses.last.len());
        if gathering && uses.since.is_some_and(|since| now.since(since) < GRAIN) {
            return Vec::new();
        }
        drop(uses);
        self.take()
    }

    /// Takes all that was noted.
    fn take(&self) -> Vec<(SecretId, Timestamp)> {
        std::mem::take(&mut *self.0.lock()).last.into_iter().collect()
    }
}

impl Engine {
    /// Goes on for ever. Beside the engine's other work, which many uses must not hold up.
    pub(crate) async fn tend_usage(&self) -> Infallible {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.write_uses(self.usage.take_due(self.clock.now())).await;
        }
    }

    /// Writes what is not yet written, at the end.
    pub(crate) async fn write_last_uses(&self) {
        self.write_uses(self.usage.take()).await;
    }

    async fn write_uses(&self, uses: Vec<(SecretId, Timestamp)>) {
        let dropped = uses.len();
        if dropped > 0
            && let Err(error) = self.store.touch_secrets(uses).await
        {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, dropped, "last uses of secrets could not be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    #[test]
    fn a_use_is_written_at_most_once_a_minute() {
        let usage = Usage::default();
        let secret = SecretId::parse("s").unwrap();
        usage.note(&secret, Some(at(100)), at(159));
        assert_eq!(usage.take_due(at(160)), []);
        usage.note(&secret, Some(at(100)), at(160));
        usage.note(&secret, None, at(150));
        assert_eq!(usage.take_due(at(160)), [(secret, at(160))]);
    }

    #[test]
    fn many_uses_are_gathered_for_a_minute_and_no_more_than_fit() {
        let usage = Usage::default();
        let mut made = 0;
        let mut note = |count: usize| {
            for _ in 0..count {
                made += 1;
                usage.note(&SecretId::parse(&format!("s{made}")).unwrap(), None, at(1_000));
            }
        };
        note(FEW);
        assert_eq!(usage.take_due(at(1_000)).len(), FEW);
        note(FEW + 1);
        assert_eq!(usage.take_due(at(1_059)), []);
        assert_eq!(usage.take_due(at(1_060)).len(), FEW + 1);
        note(MANY);
        assert_eq!(usage.take_due(at(1_000)).len(), MANY);
    }
}
