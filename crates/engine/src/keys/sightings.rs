//! When this process itself saw keys come and begin to sign: what other processes wrote is by their clocks.

use std::collections::BTreeMap;

use tokenry_clock::Timestamp;
use tokenry_model::{KeyState, SigningKeyRecord};

/// When this process itself saw each published key, by its own clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Sightings(BTreeMap<String, Sighting>);

#[derive(Clone, Copy, Debug)]
struct Sighting {
    /// When it was there for the first time.
    first: Timestamp,
    /// Whether it did not sign then.
    was_pending: bool,
    /// When it signed for the first time, if it had not before.
    activated: Option<Timestamp>,
}

impl Sightings {
    /// What is known once these keys are seen at `now`; those that are gone are forgotten.
    pub(super) fn with<'k>(&self, keys: impl Iterator<Item = &'k SigningKeyRecord>, now: Timestamp) -> Self {
        Self(keys.map(|key| (key.kid.clone(), self.with_key(key, now))).collect())
    }

    fn with_key(&self, key: &SigningKeyRecord, now: Timestamp) -> Sighting {
        let new = Sighting { first: now, was_pending: key.state == KeyState::Pending, activated: None };
        let mut sighting = self.0.get(&key.kid).copied().unwrap_or(new);
        if sighting.was_pending && matches!(key.state, KeyState::Active { .. }) {
            sighting.activated.get_or_insert(now);
        }
        sighting
    }

    /// Since when this process has seen the key published.
    pub(super) fn published_since(&self, kid: &str) -> Option<Timestamp> {
        self.0.get(kid).map(|sighting| sighting.first)
    }

    /// Since when a key signs that says `since`: who saw it begin goes by that.
    pub(super) fn active_since(&self, kid: &str, since: Timestamp) -> Timestamp {
        self.0.get(kid).and_then(|sighting| sighting.activated).unwrap_or(since)
    }
}
