//! When secrets were last used, to the minute: kept in memory on the way, written in the background, never in a request's path.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::SecretId;

/// How exactly a last use is known: one that is written is not written again for so long.
const GRAIN: Duration = Duration::from_secs(60);

/// Last uses not yet written.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<HashMap<SecretId, Timestamp>>);

impl Usage {
    /// Notes that a secret proved its owner at `now`; `written` is the last use that the database knows.
    pub(crate) fn note(&self, secret: &SecretId, written: Option<Timestamp>, now: Timestamp) {
        if written.is_some_and(|written| now.since(written) < GRAIN) {
            return;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_written_at_most_once_a_minute() {
        let usage = Usage::default();
        let secret = SecretId::parse("s").unwrap();
        let at = Timestamp::from_secs;
        usage.note(&secret, Some(at(100)), at(159));
        assert_eq!(usage.take(), []);
        usage.note(&secret, Some(at(100)), at(160));
        usage.note(&secret, None, at(150));
        assert_eq!(usage.take(), [(secret, at(160))]);
    }
}
