//! Making signing keys: the private part leaves this file wrapped.

use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, SigningKey};
use tokenry_model::{Actor, Event, KeyState, Record, Rng, SigningKeyRecord, Subject};
use tokenry_store::Store;

use super::KeysError;
use crate::keyring::DataKey;

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
    let records = [&active, &next].map(|key| record(now, Event::KeyCreated, Actor::System, key));
    store.init_signing_keys(algorithm, &[active, next], now, &records).await?;
    Ok(())
}

pub(super) fn generate(
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

pub(super) fn record(now: Timestamp, event: Event, actor: Actor, key: &SigningKeyRecord) -> Record {
    Record::new(now, event, actor, Some(Subject::Key(key.kid.clone())))
        .with("algorithm", key.algorithm.as_str())
}

pub(super) fn purpose(algorithm: Algorithm, kid: &str) -> String {
    format!("tokenry/signing-key/1/{algorithm}/{kid}")
}
