//! An opaque access token: a random reference, and what the server knows of it.

use tokenry_clock::Timestamp;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;

use crate::digest::{Digest, DigestDomain};
use crate::ids::{ClientId, ResourceServerId};
use crate::rng::{Rng, random_base62};
use crate::tenant::Tenant;

/// 43 characters of base62 are 256 bits.
const LEN: usize = 43;

/// What is kept of an opaque access token; not the token, only its digest.
#[derive(Clone, Debug)]
pub struct OpaqueToken {
    /// Finds it.
    pub digest: Digest,
    /// Names it; begins with the handle that it is revoked with.
    pub jti: String,
    /// To whom it was issued.
    pub client_id: ClientId,
    /// For which API.
    pub resource_server_id: ResourceServerId,
    /// What it allows.
    pub scope: Scope,
    /// Whose resources it opens.
    pub tenant: Option<Tenant>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl OpaqueToken {
    /// A new token's value: random, without the brand, and never with the dots of a JWT.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Secret {
        Secret::new(random_base62(rng, LEN))
    }

    /// The digest of a presented value; `None` if it cannot be an opaque token's.
    #[must_use]
    pub fn digest_of(value: &Secret) -> Option<Digest> {
        let text = value.expose();
        let fits = text.len() == LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Digest::of(DigestDomain::OpaqueToken, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SystemRng;

    #[test]
    fn a_value_has_its_form_and_nothing_else_is_looked_up() {
        let value = OpaqueToken::generate(&SystemRng);
        assert!(OpaqueToken::digest_of(&value).is_some());
        let text = value.expose();
        for other in ["", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "."), &"é".repeat(21)] {
            assert!(OpaqueToken::digest_of(&Secret::new(other.to_owned())).is_none());
        }
    }
}
