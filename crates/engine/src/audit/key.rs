//! The key that signs checkpoints: Ed25519, its own, kept wrapped by the data key like the keys that sign tokens.

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, SigningKey, VerifyingKey};
use tokenry_model::{Actor, AuditRemoval, Checkpoint, Event, Record, Rng, Subject};
use tokenry_store::{AuditKeyRow, Error as StoreError, Store};

use crate::keyring::DataKey;

/// The key that signs checkpoints cannot be used.
#[derive(Debug, Error)]
pub enum AuditKeyError {
    /// aws-lc could not make or use it.
    #[error("the audit key could not be made")]
    Jose(#[source] tokenry_jose::Error),
    /// The stored key cannot be opened or read.
    #[error("the stored audit key {kid} cannot be opened with this keyring")]
    Stored {
        /// Which.
        kid: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key that signs checkpoints.
#[derive(Debug)]
pub struct AuditKey {
    signing: SigningKey,
    verifying: VerifyingKey,
}

impl AuditKey {
    /// The database's; made if it has none yet. Of several processes that find none at once, one makes it and all use it.
    ///
    /// # Errors
    /// When it cannot be opened, or the database fails.
    pub async fn open(
        store: &Store,
        data_key: &DataKey,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Self, AuditKeyError> {
        if store.list_audit_keys().await?.is_empty() {
            let (key, pkcs8) = SigningKey::generate(Algorithm::EdDsa).map_err(AuditKeyError::Jose)?;
            let row = AuditKeyRow {
                kid: key.kid().to_owned(),
                wrapped_private: data_key.seal(&purpose(key.kid()), pkcs8.expose(), rng),
                data_key_id: data_key.id().to_owned(),
                created_at: now,
            };
            let subject = Subject::Key(row.kid.clone());
            let record = Record::new(now, Event::AuditKeyCreated, Actor::System, Some(subject));
            store.init_audit_key(row, record).await?;
        }
        let rows = store.list_audit_keys().await?;
        let row = rows.last().ok_or_else(|| AuditKeyError::Stored { kid: String::new() })?;
        Self::unwrap(row, data_key)
    }

    /// Names it.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.signing.kid()
    }

    pub(super) fn sign(&self, statement: &[u8]) -> Result<Vec<u8>, AuditKeyError> {
        self.signing.sign(statement).map_err(AuditKeyError::Jose)
    }

    /// Whether it is the key of that name, and signed `statement`.
    pub(super) fn verify(&self, kid: &str, statement: &[u8], signature: &[u8]) -> bool {
        kid == self.kid() && self.verifying.verify(statement, signature).is_ok()
    }

    fn unwrap(row: &AuditKeyRow, data_key: &DataKey) -> Result<Self, AuditKeyError> {
        let stored = || AuditKeyError::Stored { kid: row.kid.clone() };
        let pkcs8 = data_key.open(&purpose(&row.kid), &row.wrapped_private).map_err(|_cannot| stored())?;
        let signing = SigningKey::from_pkcs8(Algorithm::EdDsa, &pkcs8).map_err(|_invalid| stored())?;
        if signing.kid() != row.kid {
            return Err(stored());
        }
        let verifying = VerifyingKey::from_jwk(signing.public_jwk()).map_err(AuditKeyError::Jose)?;
        Ok(Self { signing, verifying })
    }
}

/// What verifies checkpoints: the public halves of keys that the keyring opens. A key that somebody put into the database
/// without the keyring is none of them.
#[derive(Debug)]
pub(super) struct AuditKeys(Vec<AuditKey>);

impl AuditKeys {
    /// All that there are.
    pub(super) async fn load(store: &Store, data_key: &DataKey) -> Result<Self, AuditKeyError> {
        let rows = store.list_audit_keys().await?;
        rows.iter().map(|row| AuditKey::unwrap(row, data_key)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of them signed the checkpoint.
    pub(super) fn signed(&self, checkpoint: &Checkpoint) -> bool {
        self.verify(&checkpoint.kid, &checkpoint.statement(), &checkpoint.signature)
    }

    /// Whether one of them signed the mark of what was removed.
    pub(super) fn signed_removal(&self, removal: &AuditRemoval) -> bool {
        self.verify(&removal.kid, &removal.statement(), &removal.signature)
    }

    /// Whether the key of that name signed `statement`.
    pub(super) fn verify(&self, kid: &str, statement: &[u8], signature: &[u8]) -> bool {
        self.0.iter().any(|key| key.verify(kid, statement, signature))
    }
}

fn purpose(kid: &str) -> String {
    format!("tokenry/audit-key/1/{kid}")
}
