//! A refresh token (RFC 6749 §6): not the token, only its digest, and once it is spent its successor, sealed.

use tokenry_clock::Timestamp;

use crate::digest::Digest;
use crate::token_handle::TokenHandle;

/// A refresh token that was issued.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// Finds it.
    pub digest: Digest,
    /// The family that it belongs to.
    pub handle: TokenHandle,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it ends if it is not used; never after its family.
    pub expires_at: Timestamp,
    /// Whether it has been used, and what for.
    pub state: RefreshTokenState,
}

/// Whether a refresh token has been used.
#[derive(Clone, Debug)]
pub enum RefreshTokenState {
    /// Not yet.
    Fresh,
    /// It has, for a successor.
    Spent {
        /// When.
        at: Timestamp,
        /// Finds the successor.
        successor: Digest,
        /// The successor, sealed under a key that only the spent token yields: who repeats a request gets it again.
        sealed: Vec<u8>,
    },
}
