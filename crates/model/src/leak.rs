//! Leaks: credentials that somebody has seen where they should not be.

use tokenry_clock::Timestamp;

use crate::text_enum::text_enum;

text_enum! {
    /// What kind of credential leaked.
    LeakKind, "kind of a leaked credential" {
        /// An access token, a JWT or an opaque one.
        AccessToken = "access_token",
        /// The secret of a developer's account.
        AccountSecret = "account_secret",
        /// An API's own secret.
        ApiSecret = "api_secret",
        /// A client's secret.
        ClientSecret = "client_secret",
        /// A personal access token.
        Pat = "pat",
        /// A refresh token.
        RefreshToken = "refresh_token",
    }
}

/// A credential that leaked, as its owner and operators are told of it: nothing by which it could be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leak {
    /// Names the credential, of whatever kind it is: `pat:` and the `jti` of the value, and so on.
    pub id: String,
    /// What it is.
    pub kind: LeakKind,
    /// Its last four characters, by which its owner knows it again; none where they would say too much, or nothing.
    pub last4: String,
    /// Whether it was ended; otherwise there were too many of its client's at once, and its owner decides.
    pub revoked: bool,
    /// When it was reported first.
    pub reported_at: Timestamp,
}
