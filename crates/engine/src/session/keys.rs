//! The session keys in use: pairs of an Ed25519 key that signs and an AES-256-GCM-SIV key that seals, parsed once.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, SigningKey, VerifyingKey, base64url};
use tokenry_model::{Actor, Event, Record, Rng, Subject};
use tokenry_store::{SessionKeyRow, Store};
use zeroize::Zeroizing;

use crate::keyring::{DataKey, SealingKey};
use crate::keys::KeysError;

const SEALING_LEN: usize = 32;

/// A pair of keys for what browsers carry.
#[derive(Debug)]
pub(super) struct SessionKey {
    pub(super) kid: String,
    pub(super) sealing: SealingKey,
    pub(super) signing: SigningKey,
    pub(super) verifying: VerifyingKey,
}

/// A pair, and until when it seals.
#[derive(Clone, Debug)]
struct Placed {
    key: Arc<SessionKey>,
    retired_at: Option<Timestamp>,
}

/// The session keys in use.
#[derive(Debug)]
pub(crate) struct SessionKeys {
    /// The oldest first.
    keys: ArcSwap<Vec<Placed>>,
    data_key: Arc<DataKey>,
    /// Of two who read the keys at once, the one that read the older ones must not be the last to store them.
    loading: tokio::sync::Mutex<()>,
}

impl SessionKeys {
    /// Loads the keys, and first makes one if there is none. Of several processes that find none at once, the key of one is
    /// kept.
    pub(crate) async fn open(
        store: &Store,
        data_key: Arc<DataKey>,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Self, KeysError> {
        if store.list_session_keys().await?.is_empty() {
            let first = generate(&data_key, now, rng)?;
            let record = record(now, Event::KeyCreated, Actor::System, &first.kid);
            store.init_session_key(first, &[record]).await?;
        }
        let keys = Self { keys: ArcSwap::default(), data_key, loading: tokio::sync::Mutex::default() };
        keys.reload(store).await?;
        Ok(keys)
    }

    /// Reads the keys anew; what was loaded stays if that fails.
    pub(crate) async fn reload(&self, store: &Store) -> Result<(), KeysError> {
        let _alone = self.loading.lock().await;
        let known = self.keys.load();
        let mut keys = Vec::new();
        for row in store.list_session_keys().await? {
            let key = match known.iter().find(|known| known.key.kid == row.kid) {
                Some(known) => Arc::clone(&known.key),
                None => Arc::new(unwrap(&row, &self.data_key).ok_or(KeysError::Stored { kid: row.kid })?),
            };
            keys.push(Placed { key, retired_at: row.retired_at });
        }
        self.keys.store(Arc::new(keys));
        Ok(())
    }

    /// The key that seals at `now`: the oldest that has not retired by then. A new one seals only when every server has had
    /// the time to load it.
    pub(super) fn sealing(&self, now: Timestamp) -> Option<Arc<SessionKey>> {
        let keys = self.keys.load();
        let sealing = keys.iter().find(|placed| placed.retired_at.is_none_or(|at| at > now));
        sealing.map(|placed| Arc::clone(&placed.key))
    }

    /// The key that made `sealed`, if it is one of ours.
    pub(super) fn that_made(&self, sealed: &[u8]) -> Option<Arc<SessionKey>> {
        let keys = self.keys.load();
        keys.iter().find(|placed| placed.key.sealing.made(sealed)).map(|placed| Arc::clone(&placed.key))
    }

    /// The keys that retired at `by` or before.
    pub(super) fn retired(&self, by: Timestamp) -> Vec<String> {
        let keys = self.keys.load();
        let retired = keys.iter().filter(|placed| placed.retired_at.is_some_and(|at| at <= by));
        retired.map(|placed| placed.key.kid.clone()).collect()
    }
}

#[cfg(test)]
impl SessionKeys {
    /// Of stored rows, without a database.
    pub(super) fn of(rows: &[SessionKeyRow], data_key: DataKey) -> Self {
        let place = |row: &SessionKeyRow| Placed {
            key: Arc::new(unwrap(row, &data_key).expect("this data key wrapped it")),
            retired_at: row.retired_at,
        };
        let keys = ArcSwap::from_pointee(rows.iter().map(place).collect());
        Self { keys, data_key: Arc::new(data_key), loading: tokio::sync::Mutex::default() }
    }
}

/// A new pair, ready to be stored.
pub(super) fn generate(
    data_key: &DataKey,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<SessionKeyRow, KeysError> {
    let mut bytes = Zeroizing::new([0; SEALING_LEN]);
    rng.fill(bytes.as_mut_slice());
    let (_signing, pkcs8) = SigningKey::generate(Algorithm::EdDsa).map_err(KeysError::Generate)?;
    let kid = base64url::encode(SealingKey::new(&bytes).id());
    let pair = Zeroizing::new([bytes.as_slice(), pkcs8.expose()].concat());
    let wrapped = data_key.seal(&wrapping(&kid), &pair, rng);
    Ok(SessionKeyRow {
        kid,
        wrapped,
        data_key_id: data_key.id().to_owned(),
        created_at: now,
        retired_at: None,
    })
}

pub(super) fn record(now: Timestamp, event: Event, actor: Actor, kid: &str) -> Record {
    Record::new(now, event, actor, Some(Subject::Key(kid.to_owned()))).with("use", "session")
}

/// A stored pair; `None` unless the data key wrapped it under that name.
fn unwrap(row: &SessionKeyRow, data_key: &DataKey) -> Option<SessionKey> {
    let pair = data_key.open(&wrapping(&row.kid), &row.wrapped).ok()?;
    let (sealing, pkcs8) = pair.split_first_chunk::<SEALING_LEN>()?;
    let sealing = SealingKey::new(sealing);
    let signing = SigningKey::from_pkcs8(Algorithm::EdDsa, pkcs8).ok()?;
    let verifying = VerifyingKey::from_jwk(signing.public_jwk()).ok()?;
    (base64url::encode(sealing.id()) == row.kid).then(|| SessionKey {
        kid: row.kid.clone(),
        sealing,
        signing,
        verifying,
    })
}

fn wrapping(kid: &str) -> String {
    format!("tokenry/session-key/1/{kid}")
}
