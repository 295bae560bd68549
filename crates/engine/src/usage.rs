//! When secrets were last used: kept in memory on the way, written once a second, never in a request's path.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::SecretId;

/// Last uses not yet written.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<HashMap<SecretId, Timestamp>>);

impl Usage {
    /// Notes that a secret proved its owner at `now`.
    pub(crate) fn note(&self, secret: &SecretId, now: Timestamp) {
        let mut uses = self.0.lock();
        match uses.get_mut(secret) {
            Some(last) => *last = now.max(*last),
            None => {
                uses.insert(secret.clone(), now);
            }
        }
    }

    /// Takes what was noted, to be written.
    pub(crate) fn take(&self) -> Vec<(SecretId, Timestamp)> {
        std::mem::take(&mut *self.0.lock()).into_iter().collect()
    }
}
