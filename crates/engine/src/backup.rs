//! What may be restored where, and what a restored or copied database needs before anybody is served from it.
//!
//! A restored database has forgotten what happened since its backup:
//!
//! 1. What was taken away is back: secrets, grants, clients, and the handles of their tokens. Nobody can know what it was.
//!    JWTs live on to their `exp`, and the operator is told until when that may be.
//! 2. Guards may know events that are not in its log any more. Each proves its place by number and tag, and takes a snapshot
//!    where that place is gone; until it has a stream again it counts as one that knows nothing.
//! 3. With [`Tokens::End`] every token issued so far ends. Handles alone would not do: of those that were assigned since
//!    the backup nothing is known. So all keys that may have signed one are revoked too, also the next one, which may
//!    have become active since. Opaque tokens are known by their digests, and those of since by none.
//! 4. Where a server was filled, the database is marked until the last of this is done: whoever is interrupted leaves one
//!    that nobody serves from, and that the next restore completes.

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_jose::base64url;
use tokenry_model::{Actor, Event, KeyState, Record, SigningKeyRecord};
use tokenry_store::archive::Manifest;
use tokenry_store::db::Kind;
use tokenry_store::{Copied, Error as StoreError, Store, migrate};

use crate::audit::{AuditKeyError, Verification, verify};
use crate::keyring::{DataKey, KeyringError, MasterKeys, must_open};
use crate::keys::{Keyholder, KeysError};

/// Why nothing is restored.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The audit trail cannot be checked.
    #[error(transparent)]
    Audit(#[from] AuditKeyError),
    /// It is for the other engine.
    #[error("the backup is of a {of} database, and the configured one is {here}")]
    Engine {
        /// The backup's.
        of: Kind,
        /// The configured database's.
        here: Kind,
    },
    /// The keyring does not open it.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The signing keys cannot be replaced.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// What it says of itself makes no sense.
    #[error("the backup is damaged: it does not say what it holds")]
    Manifest,
    /// A newer tokenry made it, and changed the schema beyond what this one understands.
    #[error(
        "the backup is at schema version {found} and needs a tokenry that knows version {oldest_compatible} at least, this \
         one knows {known}"
    )]
    Newer {
        /// Its version.
        found: i64,
        /// The least version that a binary must know.
        oldest_compatible: i64,
        /// The newest version that this binary knows.
        known: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What becomes of the tokens that were issued so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tokens {
    /// All of them end.
    End,
    /// They are what the backup knows of them.
    Keep,
}

/// How a restored database stands.
#[derive(Debug)]
pub struct Restored {
    /// What became of the audit trail.
    pub audit: Verification,
    /// When the last JWT expires that may have been issued before this: unless somebody set a longer lifetime since the
    /// backup than any that the backup knows.
    pub live_until: Timestamp,
    /// Whether clients authenticate by assertions, of which those that were used since the backup are not known as used.
    pub takes_assertions: bool,
}

/// Refuses a backup that this binary cannot restore into a database of `here` with this keyring. Looks at nothing else.
///
/// # Errors
/// When it is of the other engine, of a schema too new, or of another keyring.
pub fn may_restore(manifest: &Manifest, here: Kind, master: &MasterKeys) -> Result<(), RestoreError> {
    if manifest.engine != here {
        return Err(RestoreError::Engine { of: manifest.engine, here });
    }
    if manifest.oldest_compatible > migrate::NEWEST {
        let Manifest { schema: found, oldest_compatible, .. } = *manifest;
        return Err(RestoreError::Newer { found, oldest_compatible, known: migrate::NEWEST });
    }
    if let Some(check) = &manifest.keyring_check {
        let check = base64url::decode(check).map_err(|_other| RestoreError::Manifest)?;
        must_open(master, &check)?;
    }
    Ok(())
}

/// Records that a backup is whole.
///
/// # Errors
/// When the database does not answer: the backup is none the worse.
pub async fn record_backup(
    store: &Store,
    manifest: &Manifest,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<(), StoreError> {
    let record = Record::new(now, Event::DatabaseBackedUp, Actor::Operator, None)
        .with("audit_seq", manifest.audit_seq)
        .with("checkpoint", manifest.checkpoint)
        .with("sha256", base64url::encode(digest));
    store.note_backup(Timestamp::from_millis(manifest.created_at), record).await
}

/// Makes a database that was restored from `manifest` ready to be served from: see the head of this file. It is migrated and
/// unlocked, and nobody serves from it yet.
///
/// # Errors
/// When the database or one of its keys fails.
pub async fn take_over(
    holder: &Keyholder,
    manifest: &Manifest,
    tokens: Tokens,
    now: Timestamp,
) -> Result<Restored, RestoreError> {
    let store = &holder.store;
    let audit = verify(store, &holder.data_key, &[]).await?;
    let live_until = now.plus(store.longest_token_ttl().await?.max(holder.access_token_ttl));
    let takes_assertions = store.any_signing_client().await?;
    let created_at = Timestamp::from_millis(manifest.created_at).to_string();
    let mut record = Record::new(now, Event::DatabaseRestored, Actor::Operator, None)
        .with("backup_of", created_at)
        .with("audit_seq", manifest.audit_seq)
        .with("audit_intact", audit.findings.is_empty());
    if tokens == Tokens::End {
        let ended = store.end_all_tokens(now).await?;
        let keys = replace_keys(holder, now).await?;
        record = record
            .with("ended_handles", ended.handles)
            .with("ended_opaque_tokens", ended.opaque_tokens)
            .with("ended_pats", ended.pats)
            .with("ended_account_secrets", ended.account_secrets)
            .with("revoked_keys", keys);
    }
    store.note_restored(now, record).await?;
    Ok(Restored { audit, live_until, takes_assertions })
}

/// Revokes every key that may have signed a token, and yields how many those are: also those that are retired for good by
/// this clock, which may be ahead. A pending one goes first: it would sign next.
async fn replace_keys(holder: &Keyholder, now: Timestamp) -> Result<usize, KeysError> {
    let mut keys = holder.list().await?;
    keys.retain(|key| !key.state.is_revoked());
    keys.sort_by_key(|key: &SigningKeyRecord| key.state != KeyState::Pending);
    for key in &keys {
        holder.revoke(&key.kid, now).await?;
    }
    Ok(keys.len())
}

/// Records in the target of a copy where its rows came from, and checks its audit trail.
///
/// # Errors
/// When the database fails, or its keys do not open.
pub async fn arrive(
    store: &Store,
    data_key: &DataKey,
    from: Kind,
    copied: Copied,
    now: Timestamp,
) -> Result<Verification, RestoreError> {
    let audit = verify(store, data_key, &[]).await?;
    let record = Record::new(now, Event::DatabaseCopied, Actor::Operator, None)
        .with("from", from.to_string())
        .with("rows", copied.rows)
        .with("audit_intact", audit.findings.is_empty());
    store.note_restored(now, record).await?;
    Ok(audit)
}
