//! An account secret: what programs of a developer's act by on servers, at the few routes that take it, under the scheme `Secret`.
//!
//! It carries no rights, as a personal access token carries none, and names no APIs: it is for all that its user may do.

use tokenry_clock::Timestamp;

use crate::digest::Digest;
use crate::ids::{SecretId, UserId};
use crate::last_use::LastUse;

/// One value of an account secret, with what of it is kept.
#[derive(Clone, Debug)]
pub struct AccountSecret {
    /// Names it.
    pub id: SecretId,
    /// Whose it is.
    pub user_id: UserId,
    /// Finds it: of all of it.
    pub digest: Digest,
    /// The value itself, for its owner to see again; `None`: it was shown once, or to nobody.
    pub sealed: Option<SealedSecret>,
    /// Names it to guards, as tokens are named; the handle at its head is what they are told when it ends.
    pub jti: String,
    /// The last four characters, by which its owner knows it again.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when another one is in its place, while it still works for a while.
    pub superseded_at: Option<Timestamp>,
    /// When it ends, where another one is in its place; `None`: it does not end by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was last shown to somebody.
    pub revealed_at: Option<Timestamp>,
    /// When, from where and with what it was last used, to the minute.
    pub last_use: Option<LastUse>,
}

/// A secret under a data key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealedSecret {
    /// The secret, sealed.
    pub wrapped: Vec<u8>,
    /// By which data key.
    pub data_key_id: String,
}
