//! Moving keys on: rotation by command or schedule, revocation, removal. Each step is one verb of the store.

use std::sync::Arc;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_model::{Actor, Event, KeyState, MAX_TOKEN_TTL, Record, Rng, SigningKeyRecord};
use tokenry_store::{Announced, Leave, Rotated as StoreRotated, Rotation, Store};

use super::KeysError;
use super::make::{generate, record};
use super::schedule::{Schedule, may_remove, removable_at};
use super::sightings::Sightings;
use crate::keyring::DataKey;

/// What a retired key verifies for at the least, so that tokens of an hour ago live on although an operator has made
/// lifetimes shorter since: the lifetime that tokens have unless an operator says otherwise.
const LEAST: Duration = Duration::from_secs(86_400);
/// How many keys of one algorithm may be published: verifiers commonly take no more than 64 in all.
const MAX_PUBLISHED: usize = 48;
/// How many of all may be: each of the four algorithms still has room for its first two.
const MAX_IN_ALL: usize = 64 - 4 * 2;
/// How far ahead the clock of another process may be.
const SKEW: Duration = Duration::from_secs(60);

/// Moves the keys of one database on, for one actor.
#[derive(Clone, Debug)]
pub struct Keyholder {
    /// The database.
    pub store: Store,
    /// What seals new private parts.
    pub data_key: Arc<DataKey>,
    /// Where nonces come from.
    pub rng: Arc<dyn Rng>,
    /// How long tokens live unless the API or the client says otherwise.
    pub access_token_ttl: Duration,
    /// On whose behalf.
    pub actor: Actor,
}

/// What becomes of the key that signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outgoing {
    /// It verifies until what it signed has expired.
    Retire,
    /// It has leaked: it and all that it signed are dead at once.
    Revoke,
}

/// How a rotation ended.
#[derive(Clone, Debug)]
pub struct Rotated {
    /// The key that signed before, as it is now.
    pub outgoing: SigningKeyRecord,
    /// The key that signs now.
    pub active: SigningKeyRecord,
    /// The key that is published to be the next.
    pub pending: SigningKeyRecord,
    /// How long the key that signs now had been published before: verifiers with an older set refuse its tokens until
    /// they ask for a new one.
    pub published_for: Duration,
    /// Somebody else rotated at the same moment, and these are their keys.
    pub overtaken: bool,
    /// What guards must learn.
    pub announced: Announced,
}

impl Keyholder {
    /// All keys, by algorithm and age.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<SigningKeyRecord>, KeysError> {
        Ok(self.store.list_signing_keys().await?)
    }

    /// Activates the pending key of `algorithm` at once and publishes another. Of several who rotate the same keys one
    /// wins, and the others see its keys; a key that one of them wants revoked is revoked in any case.
    ///
    /// # Errors
    /// When there are no keys of `algorithm`, too many are published, or the database fails.
    pub async fn rotate(
        &self,
        algorithm: Algorithm,
        outgoing: Outgoing,
        now: Timestamp,
    ) -> Result<Rotated, KeysError> {
        let seen = self.list().await?;
        self.rotate_seen(&seen, algorithm, outgoing, now).await
    }

    /// Does what the schedule says of the keys as they are now, and removes those that have ended.
    pub(super) async fn tend(
        &self,
        schedule: &Schedule,
        sightings: &Sightings,
        now: Timestamp,
    ) -> Result<(), KeysError> {
        let seen = self.list().await?;
        for algorithm in schedule.due(&seen, sightings, now) {
            // What was due is what was seen: whoever comes second finds other keys, and leaves them alone.
            let rotated = self.rotate_seen(&seen, algorithm, Outgoing::Retire, now).await?;
            if !rotated.overtaken {
                tracing::info!(%algorithm, kid = rotated.active.kid, "the next signing key signs");
            }
        }
        for key in seen.iter().filter(|key| may_remove(key.state, now)) {
            let removed = record(now, Event::KeyRemoved, self.actor.clone(), key);
            self.store.remove_signing_key(&key.kid, removable_at(now), now, &[removed]).await?;
        }
        Ok(())
    }

    pub(super) async fn rotate_seen(
        &self,
        seen: &[SigningKeyRecord],
        algorithm: Algorithm,
        outgoing: Outgoing,
        now: Timestamp,
    ) -> Result<Rotated, KeysError> {
        let (active, pending) = pair(seen, algorithm)?;
        if outgoing == Outgoing::Retire {
            check_room(seen, algorithm, now)?;
        }
        let next = generate(&self.data_key, algorithm, KeyState::Pending, now, &*self.rng)?;
        let records = self.records(active, pending, &next, outgoing, now);
        let rotation = Rotation {
            retire: active.kid.clone(),
            activate: pending.kid.clone(),
            next,
            since: now,
            leave: self.leave(active, outgoing, now),
        };
        let (overtaken, announced) = match self.store.rotate_signing_keys(&rotation, &records).await? {
            StoreRotated::Done { announced } => (false, announced),
            // Keys only move on, and both moves are one: whoever was faster has retired it.
            StoreRotated::Overtaken if outgoing == Outgoing::Revoke => {
                (true, self.revoke_retired(active, now).await?.unwrap_or_default())
            }
            StoreRotated::Overtaken => (true, Announced::default()),
        };
        let keys = self.list().await?;
        let outgoing = keys.iter().find(|key| key.kid == active.kid).unwrap_or(active).clone();
        let (active, pending) = pair(&keys, algorithm)?;
        let published_for = now.since(active.created_at);
        let (active, pending) = (active.clone(), pending.clone());
        Ok(Rotated { outgoing, active, pending, published_for, overtaken, announced })
    }

    fn leave(&self, active: &SigningKeyRecord, outgoing: Outgoing, now: Timestamp) -> Leave {
        match outgoing {
            Outgoing::Retire => Leave::WithItsTokens {
                signed_until: active.state.since().map_or(now, |since| since.max(now)).plus(SKEW),
                at_least: self.access_token_ttl.clamp(LEAST, MAX_TOKEN_TTL),
                at_most: MAX_TOKEN_TTL,
            },
            Outgoing::Revoke => Leave::AtOnce,
        }
    }

    fn records(
        &self,
        active: &SigningKeyRecord,
        pending: &SigningKeyRecord,
        next: &SigningKeyRecord,
        outgoing: Outgoing,
        now: Timestamp,
    ) -> [Record; 3] {
        let left = match outgoing {
            Outgoing::Retire => Event::KeyRetired,
            Outgoing::Revoke => Event::KeyRevoked,
        };
        let events = [(left, active), (Event::KeyActivated, pending), (Event::KeyCreated, next)];
        events.map(|(event, key)| record(now, event, self.actor.clone(), key))
    }
}

fn check_room(seen: &[SigningKeyRecord], algorithm: Algorithm, now: Timestamp) -> Result<(), KeysError> {
    let published = seen.iter().filter(|key| key.state.is_published_at(now));
    let (in_all, own) =
        (published.clone().count(), published.filter(|key| key.algorithm == algorithm).count());
    match (own >= MAX_PUBLISHED, in_all >= MAX_IN_ALL) {
        (false, false) => Ok(()),
        (true, _) => Err(KeysError::TooMany { published: own }),
        (false, true) => Err(KeysError::TooMany { published: in_all }),
    }
}

/// The key of `algorithm` that signs, and the one that will be next.
fn pair(
    keys: &[SigningKeyRecord],
    algorithm: Algorithm,
) -> Result<(&SigningKeyRecord, &SigningKeyRecord), KeysError> {
    let mut own = keys.iter().filter(|key| key.algorithm == algorithm);
    let active = own.clone().find(|key| matches!(key.state, KeyState::Active { .. }));
    active.zip(own.find(|key| key.state == KeyState::Pending)).ok_or(KeysError::None { algorithm })
}
