//! The signing keys in use: parsed once, a next one always published before it signs.
//!
//! pending → active → retired → removed, each algorithm by itself:
//!
//! 1. [`make`] makes an active and a pending key for an algorithm that is used for the first time.
//! 2. [`Keyholder::rotate`] retires the active key, activates the pending one and publishes another, by an operator's
//!    command or by the [`schedule`]. Of several processes that see the same keys, one wins.
//! 3. A retired key verifies until the last token that it signed has expired; then [`Keyholder::tend`] removes it.
//!    A revoked one verifies nothing from then on: [`Keyholder::revoke`] takes a key from any of these places.
//!
//! Each process keeps the keys and reads them again when the change log moves. A token that was signed with a key that
//! has been retired meanwhile is not recorded as issued, so it is never handed out.

mod certificate;
mod keyholder;
mod make;
mod revoke;
mod schedule;
mod sightings;

use std::sync::Arc;

use arc_swap::ArcSwap;
use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, JwkSet, SigningKey, VerifyingKey};
use tokenry_model::{KeyState, Rng, SigningKeyRecord};
use tokenry_protocol::dialect::Dialect;
use tokenry_store::{Error as StoreError, Store};

use crate::keyring::DataKey;

pub use keyholder::{Keyholder, Outgoing, Rotated};
pub(crate) use make::provision;
pub use schedule::Schedule;
use schedule::may_remove;
use sightings::Sightings;

/// The signing keys cannot be used.
#[derive(Debug, Error)]
pub enum KeysError {
    /// aws-lc could not make a key.
    #[error("a new signing key could not be made")]
    Generate(#[source] tokenry_jose::Error),
    /// There is nothing to rotate.
    #[error("there are no {algorithm} keys; they are made when a token is first signed with {algorithm}")]
    None {
        /// Of which algorithm.
        algorithm: Algorithm,
    },
    /// There is no key that seals sessions.
    #[error("there is no session key yet; the first server that starts makes one")]
    NoSessionKey,
    /// The stored keys do not make a set.
    #[error("the stored signing keys cannot be published")]
    Set(#[source] tokenry_jose::Error),
    /// A stored key cannot be opened or read; the others are not used either, rather than guess.
    #[error("the stored signing key {kid} cannot be opened with this keyring")]
    Stored {
        /// Which.
        kid: String,
    },
    /// The database failed.
    #[error("the database could not be asked for the signing keys")]
    Store(#[from] StoreError),
    /// Verifiers take a bounded number of keys.
    #[error("{published} keys are published, and verifiers take no more: wait until retired keys have ended")]
    TooMany {
        /// How many there are, of the algorithm or in all.
        published: usize,
    },
    /// There is no such key.
    #[error("there is no signing key \"{kid}\"")]
    Unknown {
        /// Which.
        kid: String,
    },
}

/// A key that signs, or did, with the headers that its tokens begin with.
#[derive(Debug)]
pub(crate) struct ActiveKey {
    pub(crate) key: SigningKey,
    pub(crate) verifying: VerifyingKey,
    /// One for each dialect, in their order.
    headers: [String; Dialect::ALL.len()],
    /// What stands in the published set.
    published: String,
}

impl ActiveKey {
    /// The encoded JOSE header of an access token in `dialect`.
    pub(crate) fn header(&self, dialect: Dialect) -> &str {
        &self.headers[dialect as usize]
    }
}

/// One view of all keys.
#[derive(Debug, Default)]
struct KeySet {
    active: Vec<Arc<ActiveKey>>,
    /// Every published key, opened.
    opened: Vec<Arc<ActiveKey>>,
    /// What is in the JWKS, with the state that it was in.
    published: Vec<SigningKeyRecord>,
    /// The others, which only wait to be removed.
    ended: Vec<SigningKeyRecord>,
    sightings: Sightings,
    jwks: Arc<[u8]>,
}

/// The signing keys in use.
#[derive(Debug)]
pub(crate) struct Keys {
    set: ArcSwap<KeySet>,
    data_key: Arc<DataKey>,
    /// Of two who read the keys at once, the one that read the older ones must not be the last to store them.
    loading: tokio::sync::Mutex<()>,
}

impl Keys {
    /// Loads the keys, and first makes what `algorithm` lacks.
    pub(crate) async fn open(
        store: &Store,
        data_key: Arc<DataKey>,
        algorithm: Algorithm,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Self, KeysError> {
        provision(store, &data_key, algorithm, now, rng).await?;
        let set = load(store, &data_key, &KeySet::default(), now).await?;
        Ok(Self { set: ArcSwap::from_pointee(set), data_key, loading: tokio::sync::Mutex::default() })
    }

    /// Reads the keys anew; what was loaded stays if that fails.
    pub(crate) async fn reload(&self, store: &Store, now: Timestamp) -> Result<(), KeysError> {
        let _alone = self.loading.lock().await;
        let set = load(store, &self.data_key, &self.set.load(), now).await?;
        self.set.store(Arc::new(set));
        Ok(())
    }

    /// The key that signs with `algorithm` now.
    pub(crate) fn active(&self, algorithm: Algorithm) -> Option<Arc<ActiveKey>> {
        self.set.load().active.iter().find(|active| active.key.algorithm() == algorithm).cloned()
    }

    /// A published key. It was sealed with its private part, so nobody without the keyring made it.
    pub(crate) fn published(&self, kid: &str) -> Option<Arc<ActiveKey>> {
        self.set.load().opened.iter().find(|opened| opened.key.kid() == kid).cloned()
    }

    /// The published keys as a JSON document (RFC 7517 §5).
    pub(crate) fn jwks(&self) -> Arc<[u8]> {
        Arc::clone(&self.set.load().jwks)
    }

    /// Whether at `now` there is something that [`Keyholder::tend`] would do, or another set to publish.
    pub(crate) fn want_care(&self, schedule: &Schedule, now: Timestamp) -> bool {
        let set = self.set.load();
        set.published.iter().any(|key| !key.state.is_published_at(now))
            || set.ended.iter().any(|key| key.state.is_published_at(now) || may_remove(key.state, now))
            || !schedule.due(&set.published, &set.sightings, now).is_empty()
    }

    /// Does what `schedule` says of the keys, as far as this process has seen them long enough.
    pub(crate) async fn tend(
        &self,
        keyholder: &Keyholder,
        schedule: &Schedule,
        now: Timestamp,
    ) -> Result<(), KeysError> {
        keyholder.tend(schedule, &self.set.load_full().sightings, now).await
    }
}

/// Reads the stored keys; those that `known` has are not parsed again.
async fn load(
    store: &Store,
    data_key: &DataKey,
    known: &KeySet,
    now: Timestamp,
) -> Result<KeySet, KeysError> {
    let mut set = KeySet::default();
    let mut jwks = Vec::new();
    for record in store.list_signing_keys().await? {
        if !record.state.is_published_at(now) {
            set.ended.push(record);
            continue;
        }
        // Only what the data key sealed is published: whoever can write rows but holds no keyring must not add a key.
        let known = known.opened.iter().find(|known| known.key.kid() == record.kid);
        let opened = match known {
            Some(known) => Arc::clone(known),
            None => Arc::new(open(data_key, &record).ok_or(KeysError::Stored { kid: record.kid.clone() })?),
        };
        jwks.push(opened.key.public_jwk().clone());
        if matches!(record.state, KeyState::Active { .. }) {
            set.active.push(Arc::clone(&opened));
        }
        set.opened.push(opened);
        set.published.push(record);
    }
    set.sightings = known.sightings.with(set.published.iter(), now);
    // No two of one kid.
    JwkSet::new(jwks).map_err(KeysError::Set)?;
    set.jwks = certificate::set(set.opened.iter().map(|opened| opened.published.as_str())).into();
    Ok(set)
}

/// A stored key; `None` unless the data key sealed it.
pub(crate) fn open(data_key: &DataKey, record: &SigningKeyRecord) -> Option<ActiveKey> {
    let pkcs8 = data_key.open(&make::purpose(record.algorithm, &record.kid), &record.wrapped_private).ok()?;
    let key = SigningKey::from_pkcs8(record.algorithm, &pkcs8).ok()?;
    // The kid is the public key's thumbprint: it binds what is published to what was sealed.
    let verifying = VerifyingKey::from_jwk(key.public_jwk()).ok()?;
    (key.kid() == record.kid).then(|| ActiveKey {
        headers: Dialect::ALL.map(|dialect| key.header(dialect.form().typ)),
        published: certificate::published(&key, record.created_at),
        verifying,
        key,
    })
}
