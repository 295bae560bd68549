//! Revoking one key, wherever it is in its life: what leaked is often not what signs.

use tokenry_clock::Timestamp;
use tokenry_model::{Event, KeyState, SigningKeyRecord};
use tokenry_store::Announced;

use super::make::{generate, record};
use super::{Keyholder, KeysError, Outgoing};

impl Keyholder {
    /// Kills a key and every token that it signed. In place of one that signs, the pending one does from now on; in place
    /// of a pending one, another is published. Revoking again changes nothing. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such key, or the database fails.
    pub async fn revoke(
        &self,
        kid: &str,
        now: Timestamp,
    ) -> Result<(SigningKeyRecord, Announced), KeysError> {
        let mut announced = None;
        // Keys only move on: whoever is overtaken finds it further along, and in the end revoked.
        loop {
            let keys = self.list().await?;
            let key = keys.iter().find(|key| key.kid == kid);
            let key = key.ok_or_else(|| KeysError::Unknown { kid: kid.to_owned() })?;
            let told = match key.state {
                KeyState::Active { .. } => {
                    let rotated = self.rotate_seen(&keys, key.algorithm, Outgoing::Revoke, now).await?;
                    Some(rotated.announced)
                }
                KeyState::Pending => self.replace(key, now).await?,
                KeyState::Retired { .. } if key.state.is_revoked() => {
                    let announced = match announced {
                        Some(announced) => announced,
                        None => self.store.announced_so_far().await?,
                    };
                    return Ok((key.clone(), announced));
                }
                KeyState::Retired { .. } => self.revoke_retired(key, now).await?,
            };
            announced = told.or(announced);
        }
    }

    pub(super) async fn revoke_retired(
        &self,
        key: &SigningKeyRecord,
        now: Timestamp,
    ) -> Result<Option<Announced>, KeysError> {
        let revoked = record(now, Event::KeyRevoked, self.actor.clone(), key);
        Ok(self.store.revoke_retired_key(&key.kid, now, &[revoked]).await?)
    }

    async fn replace(
        &self,
        pending: &SigningKeyRecord,
        now: Timestamp,
    ) -> Result<Option<Announced>, KeysError> {
        let next = generate(&self.data_key, pending.algorithm, KeyState::Pending, now, &*self.rng)?;
        let events = [(Event::KeyRevoked, pending), (Event::KeyCreated, &next)];
        let records = events.map(|(event, key)| record(now, event, self.actor.clone(), key));
        Ok(self.store.replace_pending_key(&pending.kid, next.clone(), now, &records).await?)
    }
}
