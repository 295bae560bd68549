//! The issuer's verification keys: the last good set, and at most one look for a newer one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_jose::{JwkSet, VerifyingKey};
use tokio::sync::{Notify, Semaphore, watch};

/// How long a request with an unknown `kid` waits for a newer set.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// How much time lies between two looks that unknown `kid`s ask for: strangers choose the `kid`.
const INTERVAL: Duration = Duration::from_secs(30);

/// How many requests may wait at once; the rest are refused at once.
const MAX_WAITING: usize = 256;

/// Keys parsed once, ready to verify.
pub(crate) struct KeySet {
    published: JwkSet,
    keys: Vec<VerifyingKey>,
    /// Another number whenever the keys change, so that nothing that an old key signed outlives it in a cache.
    epoch: u64,
}

impl KeySet {
    /// The key with that `kid`; without one, the only key.
    pub(crate) fn find(&self, kid: Option<&str>) -> Option<&VerifyingKey> {
        match (kid, self.keys.as_slice()) {
            (Some(kid), keys) => keys.iter().find(|key| key.kid() == Some(kid)),
            (None, [key]) => Some(key),
            (None, _) => None,
        }
    }

    /// Whether all of its keys are in `other`.
    pub(crate) fn is_within(&self, other: &JwkSet) -> bool {
        self.published.keys().iter().all(|key| other.keys().contains(key))
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The set as it was published, as JSON.
    pub(crate) fn published(&self) -> String {
        self.published.to_json()
    }
}

/// A set without a key that verifies anything.
#[derive(Debug, thiserror::Error)]
#[error("the key set holds no key that can verify a token")]
pub(crate) struct NoKeys;

/// Where the current set is.
pub(crate) struct KeyStore {
    current: ArcSwapOption<KeySet>,
    /// Counts the sets that the issuer announced by itself.
    announced: AtomicU64,
    writing: Mutex<()>,
    refetch: Option<Refetch>,
}

impl KeyStore {
    /// Without keys yet; someone loads them and watches [`refetch`](Self::refetch).
    pub(crate) fn loaded_elsewhere() -> Self {
        Self::new(Some(Refetch::new()))
    }

    /// Without keys yet, and nobody to ask for newer ones.
    #[cfg(feature = "testing")]
    pub(crate) fn fixed() -> Self {
        Self::new(None)
    }

    fn new(refetch: Option<Refetch>) -> Self {
        Self {
            current: ArcSwapOption::empty(),
            announced: AtomicU64::new(0),
            writing: Mutex::new(()),
            refetch,
        }
    }

    pub(crate) fn current(&self) -> Option<Arc<KeySet>> {
        self.current.load_full()
    }

    /// Takes over the set that the issuer announced by itself, which is newer than any that was asked for before.
    pub(crate) fn announce(&self, published: JwkSet) -> Result<bool, NoKeys> {
        let _writing = self.writing.lock();
        self.announced.fetch_add(1, Ordering::AcqRel);
        self.store(published)
    }

    /// How many sets were announced, to be told to [`replace_fetched`](Self::replace_fetched).
    pub(crate) fn announced(&self) -> u64 {
        self.announced.load(Ordering::Acquire)
    }

    /// Takes over a set that was asked for when `asked` sets had been announced; the answer may be older than one that
    /// was announced since, which then stays.
    pub(crate) fn replace_fetched(&self, published: JwkSet, asked: u64) -> Result<bool, NoKeys> {
        let _writing = self.writing.lock();
        if self.announced() != asked {
            return Ok(false);
        }
        self.store(published)
    }

    /// Says whether anything changed. The last good set stays if this one is of no use.
    fn store(&self, published: JwkSet) -> Result<bool, NoKeys> {
        let current = self.current.load();
        if current.as_ref().is_some_and(|current| current.published == published) {
            return Ok(false);
        }
        let keys: Vec<_> =
            published.keys().iter().filter_map(|key| VerifyingKey::from_jwk(key).ok()).collect();
        if keys.is_empty() {
            return Err(NoKeys);
        }
        let epoch = current.as_ref().map_or(0, |current| current.epoch + 1);
        self.current.store(Some(Arc::new(KeySet { published, keys, epoch })));
        Ok(true)
    }

    /// Waits for a look at the issuer's key set that an unknown `kid` is reason for, if one is due.
    pub(crate) async fn look_again(&self, now: Timestamp) {
        if let Some(refetch) = &self.refetch {
            refetch.look_again(now).await;
        }
    }

    pub(crate) fn refetch(&self) -> Option<&Refetch> {
        self.refetch.as_ref()
    }
}

/// The single flight between the requests that miss a key and the task that fetches.
pub(crate) struct Refetch {
    state: Mutex<State>,
    asked: Notify,
    /// Counts the looks that came to an end, well or not.
    finished: watch::Sender<u64>,
    waiting: Semaphore,
}

#[derive(Clone, Copy)]
enum State {
    Idle { last: Option<Timestamp> },
    InFlight { since: Timestamp },
}

impl Refetch {
    fn new() -> Self {
        Self {
            state: Mutex::new(State::Idle { last: None }),
            asked: Notify::new(),
            finished: watch::Sender::new(0),
            waiting: Semaphore::new(MAX_WAITING),
        }
    }

    async fn look_again(&self, now: Timestamp) {
        let Ok(_permit) = self.waiting.try_acquire() else {
            return;
        };
        let mut finished = self.finished.subscribe();
        if !self.start_or_join(now) {
            return;
        }
        // Either way the caller looks into the set that is current then.
        let _ = tokio::time::timeout(MAX_WAIT, finished.changed()).await;
    }

    /// Whether there is something to wait for.
    fn start_or_join(&self, now: Timestamp) -> bool {
        let mut state = self.state.lock();
        match *state {
            State::InFlight { .. } => true,
            // A clock that was set back does not end the looking.
            State::Idle { last: Some(last) } if now >= last && now.since(last) < INTERVAL => false,
            State::Idle { .. } => {
                *state = State::InFlight { since: now };
                self.asked.notify_one();
                true
            }
        }
    }

    /// For the fetching task: returns when a look is asked for, which then has to be [`finish`](Self::finish)ed.
    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }

    pub(crate) fn finish(&self) {
        {
            let mut state = self.state.lock();
            if let State::InFlight { since } = *state {
                *state = State::Idle { last: Some(since) };
            }
        }
        self.finished.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_07_one_look_in_an_interval_however_many_ask() {
        let refetch = Refetch::new();
        let start = Timestamp::from_secs(1_000);
        assert!(refetch.start_or_join(start), "the first starts one");
        assert!(refetch.start_or_join(start), "the second joins it");
        refetch.finish();
        assert!(!refetch.start_or_join(start));
        assert!(!refetch.start_or_join(start.plus(INTERVAL).minus(Duration::from_millis(1))));
        assert!(refetch.start_or_join(start.plus(INTERVAL)));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_end_the_looking() {
        let refetch = Refetch::new();
        assert!(refetch.start_or_join(Timestamp::from_secs(1_000)));
        refetch.finish();
        assert!(refetch.start_or_join(Timestamp::from_secs(10)));
    }
}
