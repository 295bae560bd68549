//! A client's own public keys, by which it signs assertions: given to us, or published by the client.

use tokenry_jose::JwkSet;

/// A client's own public keys, for `private_key_jwt`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientKeys {
    /// The set itself.
    Inline(JwkSet),
    /// Where the client publishes the set: its `jwks_uri` (OpenID Connect Dynamic Client Registration §2).
    Uri(String),
}
