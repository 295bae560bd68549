//! What tokens hang on, and what ends with it.

use tokenry_clock::Timestamp;

use crate::text_enum::text_enum;

text_enum! {
    /// What tokens hang on.
    RevokedKind, "kind of revocation" {
        /// A handle: every token whose `jti` begins with it.
        Handle = "revoked/handle",
        /// A `kid`: every token that this key signed.
        Key = "revoked/key",
        /// A whole `jti`: that one token.
        Token = "revoked/token",
    }
}

/// Something that tokens hang on, and that is dead for good.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// What it is.
    pub what: RevokedKind,
    /// Its name as tokens have it.
    pub value: String,
    /// When the last token that hangs on it has expired: nobody need know of it then.
    pub expires_at: Timestamp,
}
