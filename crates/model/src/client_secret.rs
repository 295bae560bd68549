//! A client's secret: what is kept of it, and when it works.

use tokenry_clock::Timestamp;

use crate::digest::Digest;
use crate::ids::{ClientId, SecretId};

/// What a presented secret is compared with.
#[derive(Clone, Debug)]
pub enum SecretVerifier {
    /// An argon2id hash in PHC form, for imported secrets shorter than 32 characters: those can be guessed.
    Argon2id(String),
    /// A digest, for random secrets.
    Digest(Digest),
}

/// One of a client's secrets. Several may work at once, so that they can be rotated with overlap.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    /// Names the secret; not the secret.
    pub id: SecretId,
    /// Whose it is.
    pub client_id: ClientId,
    /// What a presented secret is compared with.
    pub verifier: SecretVerifier,
    /// For people: which deployment uses it.
    pub label: String,
    /// The last four characters, so that people can tell secrets apart; empty for imported ones.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it last authenticated its client, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl ClientSecret {
    /// Whether it works at `now`.
    #[must_use]
    pub fn works_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
