//! The signing keys in use: parsed once, a next one always published before it signs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, JwkSet, SigningKey};
use tokenry_model::{Actor, Dialect, Event, KeyState, Record, Rng, SigningKeyRecord, Subject};
use tokenry_store::{Error as StoreError, Store};

use crate::keyring::DataKey;

/// The signing keys cannot be used.
#[derive(Debug, Error)]
pub enum KeysError {
    /// aws-lc could not make a key.
    #[error("a new signing key could not be made")]
    Generate(#[source] tokenry_jose::Error),
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
}

/// A key that signs now, with the headers that its tokens begin with.
#[derive(Debug)]
pub(crate) struct ActiveKey {
    pub(crate) key: SigningKey,
    header_rfc: String,
    header_auth0: String,
}

impl ActiveKey {
    /// The encoded JOSE header of an access token in `dialect`.
    pub(crate) fn header(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Auth0 => &self.header_auth0,
            Dialect::Rfc => &self.header_rfc,
        }
    }
}

/// One view of all keys.
#[derive(Debug)]
struct KeySet {
    active: Vec<Arc<ActiveKey>>,
    jwks: Arc<[u8]>,
}

/// The signing keys in use.
#[derive(Debug)]
pub(crate) struct Keys {
    set: ArcSwap<KeySet>,
    data_key: Arc<DataKey>,
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
        let set = load(store, &data_key).await?;
        Ok(Self { set: ArcSwap::from_pointee(set), data_key })
    }

    /// Reads the keys anew; what was loaded stays if that fails.
    pub(crate) async fn reload(&self, store: &Store) -> Result<(), KeysError> {
        let set = load(store, &self.data_key).await?;
        self.set.store(Arc::new(set));
        Ok(())
    }

    /// The key that signs with `algorithm` now.
    pub(crate) fn active(&self, algorithm: Algorithm) -> Option<Arc<ActiveKey>> {
        self.set.load().active.iter().find(|active| active.key.algorithm() == algorithm).cloned()
    }

    /// The published keys as a JSON document (RFC 7517 §5).
    pub(crate) fn jwks(&self) -> Arc<[u8]> {
        Arc::clone(&self.set.load().jwks)
    }
}

/// Makes an active and a pending key for `algorithm`, unless the database has keys for it. Of several processes that find
/// none at once, the keys of one are kept (KEY-04).
pub(crate) async fn provision(
    store: &Store,
    data_key: &DataKey,
    algorithm: Algorithm,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(), KeysError> {
    if store.list_signing_keys().await?.iter().any(|key| key.algorithm == algorithm) {
        return Ok(());
    }
    let active = generate(data_key, algorithm, KeyState::Active { since: now }, now, rng)?;
    let next = generate(data_key, algorithm, KeyState::Pending, now, rng)?;
    let records = [record(&active, now), record(&next, now)];
    store.init_signing_keys(algorithm, &[active, next], now, &records).await?;
    Ok(())
}

fn generate(
    data_key: &DataKey,
    algorithm: Algorithm,
    state: KeyState,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<SigningKeyRecord, KeysError> {
    let (key, pkcs8) = SigningKey::generate(algorithm).map_err(KeysError::Generate)?;
    Ok(SigningKeyRecord {
        kid: key.kid().to_owned(),
        algorithm,
        state,
        public_jwk: key.public_jwk().to_json(),
        wrapped_private: data_key.seal(&purpose(algorithm, key.kid()), pkcs8.expose(), rng),
        data_key_id: data_key.id().to_owned(),
        created_at: now,
    })
}

fn record(key: &SigningKeyRecord, now: Timestamp) -> Record {
    Record::new(now, Event::KeyCreated, Actor::System, Some(Subject::Key(key.kid.clone())))
        .with("algorithm", key.algorithm.as_str())
}

async fn load(store: &Store, data_key: &DataKey) -> Result<KeySet, KeysError> {
    let mut active = Vec::new();
    let mut published = Vec::new();
    for stored in store.list_signing_keys().await? {
        // Only what the data key sealed is published: whoever can write rows but holds no keyring must not add a key.
        let key = open(&stored, data_key).ok_or(KeysError::Stored { kid: stored.kid })?;
        published.push(key.public_jwk().clone());
        if matches!(stored.state, KeyState::Active { .. }) {
            active.push(Arc::new(ActiveKey {
                header_rfc: key.header("at+jwt"),
                header_auth0: key.header("JWT"),
                key,
            }));
        }
    }
    let jwks = JwkSet::new(published).map_err(KeysError::Set)?;
    Ok(KeySet { active, jwks: jwks.to_json().into_bytes().into() })
}

fn open(stored: &SigningKeyRecord, data_key: &DataKey) -> Option<SigningKey> {
    let pkcs8 = data_key.open(&purpose(stored.algorithm, &stored.kid), &stored.wrapped_private).ok()?;
    let key = SigningKey::from_pkcs8(stored.algorithm, &pkcs8).ok()?;
    // The kid is the public key's thumbprint: it binds what is published to what was sealed.
    (key.kid() == stored.kid).then_some(key)
}

fn purpose(algorithm: Algorithm, kid: &str) -> String {
    format!("tokenry/signing-key/1/{algorithm}/{kid}")
}
