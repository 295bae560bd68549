//! The data key: made once per database, wrapped by the master keys, with a check value that tells a foreign keyring at once.

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record, Rng, uuid_v7};
use tokenry_store::{Error as StoreError, Store};
use zeroize::Zeroizing;

use super::aead::{OpenSealedError, SealingKey};
use super::master::MasterKeys;

pub(super) const CHECK_PURPOSE: &str = "tokenry/keyring-check/1";
const CHECK_TEXT: &[u8] = b"this database belongs to this keyring";

/// The key that seals what the database holds; it lies there itself, wrapped by the master keys.
#[derive(Debug)]
pub struct DataKey {
    id: String,
    key: SealingKey,
}

impl DataKey {
    /// Names the key in the database.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// One of its own, for tests without a database.
    #[cfg(test)]
    pub(crate) fn sample(byte: u8) -> Self {
        Self { id: format!("dk{byte}"), key: SealingKey::new(&[byte; 32]) }
    }

    /// Seals `plaintext` for `purpose`.
    #[must_use]
    pub fn seal(&self, purpose: &str, plaintext: &[u8], rng: &dyn Rng) -> Vec<u8> {
        self.key.seal(purpose, plaintext, rng)
    }

    /// Opens what was sealed for the same purpose.
    ///
    /// # Errors
    /// When another key sealed it, or for another purpose, or it has been changed.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenSealedError> {
        self.key.open(purpose, sealed)
    }
}

/// The database cannot be unlocked.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// Others sealed the data keys anew at the same time.
    #[error("the keyring is being rewrapped by somebody else; try again")]
    Changed,
    /// The data key does not open although the check value does.
    #[error("the database's data key cannot be opened: the database has been changed or mixed from two")]
    DataKey,
    /// The keyring is another database's.
    #[error(
        "this keyring is not the one that the database was made with; \
         point keyring_file at that one (a new keyring is never made for an old database)"
    )]
    Foreign,
    /// The database failed.
    #[error("the database could not be asked for its keyring")]
    Store(#[from] StoreError),
}

/// Opens the database's data key with the master keys; makes it if the database has none yet.
/// Of several processes that find none at once, one makes it and all use that one.
///
/// # Errors
/// When the keyring is another database's, or the database fails. Nothing is changed then.
pub async fn unlock(
    store: &Store,
    master: &MasterKeys,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<DataKey, KeyringError> {
    if store.find_keyring().await?.is_none() {
        let id = uuid_v7(now, rng).to_string();
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill(bytes.as_mut_slice());
        let check = master.seal(CHECK_PURPOSE, CHECK_TEXT, rng);
        let wrapped = master.seal(&purpose(&id), bytes.as_slice(), rng);
        let record = Record::new(now, Event::KeyringCreated, Actor::System, None);
        store.init_keyring(check, &id, wrapped, now, &[record]).await?;
    }
    let row = store.find_keyring().await?.ok_or(KeyringError::DataKey)?;
    check(master, &row.check)?;
    let key = store.list_data_keys().await?.pop().ok_or(KeyringError::DataKey)?;
    let bytes = master.open(&purpose(&key.id), &key.wrapped).map_err(|_cannot| KeyringError::DataKey)?;
    let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_length| KeyringError::DataKey)?;
    Ok(DataKey { key: SealingKey::new(bytes), id: key.id })
}

/// Refuses a keyring that does not open a database's check value, without the database.
///
/// # Errors
/// When it is another database's.
pub fn must_open(master: &MasterKeys, sealed: &[u8]) -> Result<(), KeyringError> {
    check(master, sealed).map(drop)
}

/// Opens the check value: a keyring that does not open it is the wrong one.
pub(super) fn check(master: &MasterKeys, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let check = master.open(CHECK_PURPOSE, sealed).map_err(|_cannot| KeyringError::Foreign)?;
    if check.as_slice() == CHECK_TEXT { Ok(check) } else { Err(KeyringError::Foreign) }
}

pub(super) fn purpose(data_key_id: &str) -> String {
    format!("tokenry/data-key/1/{data_key_id}")
}
