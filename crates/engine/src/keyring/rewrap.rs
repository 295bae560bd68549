//! Changing the master key: the data keys are sealed anew, and nothing that they seal is touched.
//!
//! 1. The operator puts the new key first into every server's keyring file and keeps the old one below it; the servers
//!    are started again, so that all can open what either sealed.
//! 2. `rewrap` seals the check value and the data keys with the first key.
//! 3. The old key can leave the keyring files.

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record, Rng};
use tokenry_store::{Rewrap, Store};

use super::data_key::{CHECK_PURPOSE, KeyringError, check, purpose};
use super::master::MasterKeys;

/// Seals with the first master key what another sealed, and yields how many data keys that were. Doing it again
/// changes nothing.
///
/// # Errors
/// When the keyring does not open everything, somebody else does the same, or the database fails. Nothing is changed
/// then.
pub async fn rewrap(
    store: &Store,
    master: &MasterKeys,
    now: Timestamp,
    rng: &dyn Rng,
    actor: Actor,
) -> Result<usize, KeyringError> {
    let row = store.find_keyring().await?.ok_or(KeyringError::DataKey)?;
    let text = check(master, &row.check)?;
    let mut data_keys = Vec::new();
    for key in store.list_data_keys().await? {
        let purpose = purpose(&key.id);
        // Opened in any case: an old key must not leave the file while something needs it.
        let bytes = master.open(&purpose, &key.wrapped).map_err(|_cannot| KeyringError::DataKey)?;
        if !master.wrapped(&key.wrapped) {
            let wrapped = master.seal(&purpose, &bytes, rng);
            data_keys.push((key.id, key.wrapped, wrapped));
        }
    }
    if data_keys.is_empty() && master.wrapped(&row.check) {
        return Ok(0);
    }
    let count = data_keys.len();
    let rewrap = Rewrap { check: (row.check, master.seal(CHECK_PURPOSE, &text, rng)), data_keys };
    let record = Record::new(now, Event::KeyringRewrapped, actor, None).with("data_keys", count);
    if store.rewrap_keyring(&rewrap, now, &[record]).await? { Ok(count) } else { Err(KeyringError::Changed) }
}
