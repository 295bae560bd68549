//! An authorization code (RFC 6749 §4.1.2): not the code, only its digest and what it is bound to.

use tokenry_clock::Timestamp;
use tokenry_protocol::secret::Secret;

use crate::digest::{Digest, DigestDomain};
use crate::rng::{Rng, random_base62};
use crate::token_handle::TokenHandle;

/// 43 characters of base62 are 256 bits.
const LEN: usize = 43;

/// A code that was issued. It is redeemed once, by one conditional statement.
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    /// Finds it.
    pub digest: Digest,
    /// The family that it stands for.
    pub handle: TokenHandle,
    /// The redirect URI that was sent, verbatim.
    pub redirect_uri: String,
    /// The PKCE challenge, S256 (RFC 7636 §4.2); `None` only where an operator does not demand one.
    pub code_challenge: Option<String>,
    /// What the ID token repeats (OpenID Connect Core §3.1.2.1).
    pub nonce: Option<String>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// When it was redeemed.
    pub redeemed_at: Option<Timestamp>,
}

impl AuthorizationCode {
    /// A new code's value.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Secret {
        Secret::new(random_base62(rng, LEN))
    }

    /// The digest of a presented value; `None` if it cannot be a code.
    #[must_use]
    pub fn digest_of(value: &Secret) -> Option<Digest> {
        let text = value.expose();
        let fits = text.len() == LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Digest::of(DigestDomain::AuthorizationCode, value))
    }
}
