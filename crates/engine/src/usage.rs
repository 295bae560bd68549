//! When secrets, personal access tokens and account secrets were last used, to the minute: kept in memory on the way, written in the background, never in a request's path.
//!
//! Few uses are written within a second. Many are written together once a minute, in the order of their places: the
//! database then writes each page of them once, and not once for every secret on it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::Hash;
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::SecretId;
use tokenry_store::{Error as StoreError, OwnUse};

use crate::engine::Engine;

/// How exactly a last use is known: one that is written is not written again for so long.
const GRAIN: Duration = Duration::from_secs(60);
/// How often is looked whether something is to be written.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So many are few.
const FEW: usize = 256;
/// So many are written even if they are not a minute old, so that memory is bounded: five megabytes.
const MANY: usize = 50_000;

/// Last uses not yet written: of what, and what is written of each.
#[derive(Debug)]
pub(crate) struct Usage<K, V = Timestamp>(Mutex<Uses<K, V>>);

#[derive(Debug)]
struct Uses<K, V> {
    last: HashMap<K, (Timestamp, V)>,
    /// The first of them.
    since: Option<Timestamp>,
}

impl<K, V> Default for Uses<K, V> {
    fn default() -> Self {
        Self { last: HashMap::new(), since: None }
    }
}

impl<K, V> Default for Usage<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl Usage<SecretId> {
    /// Notes that a secret proved its owner at `now`; `written` is the last use that the database knows.
    pub(crate) fn note(&self, secret: &SecretId, written: Option<Timestamp>, now: Timestamp) {
        self.note_with(secret, || now, written, now);
    }
}

impl<K: Clone + Eq + Hash, V> Usage<K, V> {
    /// Notes that something was used at `now`, and what `how` says of that; `written` is the last use that the database knows.
    pub(crate) fn note_with(
        &self,
        used: &K,
        how: impl FnOnce() -> V,
        written: Option<Timestamp>,
        now: Timestamp,
    ) {
        if written.is_some_and(|written| now.since(written) < GRAIN) {
            return;
        }
        let how = how();
        let mut uses = self.0.lock();
        uses.since.get_or_insert(now);
        match uses.last.get_mut(used) {
            Some(last) if last.0 > now => {}
            Some(last) => *last = (now, how),
            None => {
                uses.last.insert(used.clone(), (now, how));
            }
        }
    }

    /// Takes what is to be written at `now`.
    fn take_due(&self, now: Timestamp) -> Vec<(K, V)> {
        let uses = self.0.lock();
        let gathering = (FEW + 1..MANY).contains(&uses.last.len());
        if gathering && uses.since.is_some_and(|since| now.since(since) < GRAIN) {
            return Vec::new();
        }
        drop(uses);
        self.take()
    }

    /// Takes all that was noted.
    fn take(&self) -> Vec<(K, V)> {
        let last = std::mem::take(&mut *self.0.lock()).last;
        last.into_iter().map(|(used, (_at, how))| (used, how)).collect()
    }
}

impl Engine {
    /// Goes on for ever. Beside the engine's other work, which many uses must not hold up.
    pub(crate) async fn tend_usage(&self) -> Infallible {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = self.clock.now();
            self.write_uses(LastUses {
                secrets: self.usage.take_due(now),
                pats: self.pat_usage.take_due(now),
                account_secrets: self.account_secret_usage.take_due(now),
            })
            .await;
        }
    }

    /// Writes what is not yet written, at the end.
    pub(crate) async fn write_last_uses(&self) {
        self.write_uses(LastUses {
            secrets: self.usage.take(),
            pats: self.pat_usage.take(),
            account_secrets: self.account_secret_usage.take(),
        })
        .await;
    }

    async fn write_uses(&self, uses: LastUses) {
        let LastUses { secrets, pats, account_secrets } = uses;
        let store = &self.store;
        if !secrets.is_empty() {
            note_lost("secrets", secrets.len(), store.touch_secrets(secrets).await);
        }
        if !pats.is_empty() {
            note_lost("personal access tokens", pats.len(), store.touch_pats(pats).await);
        }
        if !account_secrets.is_empty() {
            let count = account_secrets.len();
            note_lost("account secrets", count, store.touch_account_secrets(account_secrets).await);
        }
    }
}

/// Last uses that are to be written now.
struct LastUses {
    secrets: Vec<(SecretId, Timestamp)>,
    pats: Vec<OwnUse>,
    account_secrets: Vec<OwnUse>,
}

/// Says that last uses of such credentials could not be written: they are not tried again.
fn note_lost(of: &str, dropped: usize, written: Result<(), StoreError>) {
    if let Err(error) = written {
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, of, dropped, "last uses could not be written");
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
        let usage = Usage::<SecretId>::default();
        let secret = SecretId::parse("s").unwrap();
        usage.note(&secret, Some(at(100)), at(159));
        assert_eq!(usage.take_due(at(160)), []);
        usage.note(&secret, Some(at(100)), at(160));
        usage.note(&secret, None, at(150));
        assert_eq!(usage.take_due(at(160)), [(secret, at(160))]);
    }

    #[test]
    fn many_uses_are_gathered_for_a_minute_and_no_more_than_fit() {
        let usage = Usage::<SecretId>::default();
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
