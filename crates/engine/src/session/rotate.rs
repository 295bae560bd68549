//! Rotation of session keys: a new pair seals, the one before opens until nothing that it sealed can count.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event};
use tokenry_store::{SessionKeyLeave, SessionKeyRow};

use super::keys::{generate, record};
use crate::engine::Engine;
use crate::keys::{Keyholder, KeysError, Outgoing};

/// How long the key before goes on sealing, so that every server has loaded the new one when the first value sealed with it
/// comes back: servers look for changes twice a second.
const HANDOVER: Duration = Duration::from_secs(5);
/// What is sealed for less than a session ends within this: forms and pending requests, an hour at the most.
const FORMS: Duration = Duration::from_secs(86_400);
/// How far ahead the clock of another process may be.
const SKEW: Duration = Duration::from_secs(60);

/// How a rotation ended.
#[derive(Clone, Debug)]
pub struct RotatedSessionKey {
    /// The name of the key that sealed before.
    pub outgoing_kid: String,
    /// That key, as it is now; `None`: it is gone, and what it sealed with it.
    pub outgoing: Option<SessionKeyRow>,
    /// The key that seals from now on, or from when the one before has retired.
    pub active: SessionKeyRow,
    /// Somebody else rotated at the same moment, and this is their key.
    pub overtaken: bool,
}

impl Keyholder {
    /// Puts a new session key in the place of the one that seals. Of several who do so at once one wins, and the others see
    /// its key.
    ///
    /// # Errors
    /// When there is no session key yet, or the database fails.
    pub async fn rotate_session_key(
        &self,
        outgoing: Outgoing,
        now: Timestamp,
    ) -> Result<RotatedSessionKey, KeysError> {
        let seen = self.list_session_keys().await?;
        let before = seen.iter().find(|key| key.retired_at.is_none()).ok_or(KeysError::NoSessionKey)?;
        let next = generate(&self.data_key, now, &*self.rng)?;
        let (left, leave) = match outgoing {
            Outgoing::Retire => (Event::KeyRetired, SessionKeyLeave::Retired { at: now.plus(HANDOVER) }),
            Outgoing::Revoke => (Event::KeyRevoked, SessionKeyLeave::AtOnce),
        };
        let records = [(left, &before.kid), (Event::KeyCreated, &next.kid)]
            .map(|(event, kid)| record(now, event, self.actor.clone(), kid));
        let won = self.store.rotate_session_key(&before.kid, leave, next, &records).await?;
        let keys = self.list_session_keys().await?;
        let active = keys.iter().find(|key| key.retired_at.is_none()).ok_or(KeysError::NoSessionKey)?.clone();
        let outgoing_kid = before.kid.clone();
        let outgoing = keys.into_iter().find(|key| key.kid == outgoing_kid);
        Ok(RotatedSessionKey { outgoing_kid, outgoing, active, overtaken: !won })
    }

    /// All session keys, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_session_keys(&self) -> Result<Vec<SessionKeyRow>, KeysError> {
        Ok(self.store.list_session_keys().await?)
    }
}

impl Engine {
    /// Removes the keys of which nothing that they sealed can count any more.
    pub(crate) async fn remove_session_keys(&self, now: Timestamp) -> Result<(), KeysError> {
        let by = now.minus(FORMS);
        for kid in self.session_keys.retired(by) {
            let removed = record(now, Event::KeyRemoved, Actor::System, &kid);
            self.store.remove_session_key(&kid, by, SKEW, now, &[removed]).await?;
        }
        Ok(())
    }
}

/// When a key that retired at `retired_at` is removed at the earliest; later while a session lives that began before.
#[must_use]
pub fn session_key_removable_at(retired_at: Timestamp) -> Timestamp {
    retired_at.plus(FORMS)
}
