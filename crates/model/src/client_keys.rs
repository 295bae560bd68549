//! A client's own public keys, by which it signs assertions: given to us, or published by the client.

use tokenry_jose::{Jwk, JwkSet};

/// A client's own public keys, for `private_key_jwt`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientKeys {
    /// The set itself.
    Inline(JwkSet),
    /// Where the client publishes the set: its `jwks_uri` (OpenID Connect Dynamic Client Registration §2).
    Uri(String),
}

impl ClientKeys {
    /// Whether with `later` in place of these a key is gone that the client could sign with. Where it publishes its set
    /// elsewhere, nobody here knows what is gone.
    #[must_use]
    pub fn lose_any_to(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Inline(before), Self::Inline(after)) => {
                let kept: Vec<_> = after.keys().iter().map(Jwk::thumbprint).collect();
                before.keys().iter().any(|key| !kept.contains(&key.thumbprint()))
            }
            (before, after) => before != after,
        }
    }
}
