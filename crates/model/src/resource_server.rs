//! A resource server: an API that tokens are for (RFC 6749 §1.1), with its own credential.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::scope::{Scope, ScopeToken};

use crate::digest::Digest;
use crate::ids::{ResourceServerId, SecretId};
use crate::text_enum::text_enum;

/// The longest that an access token lives, whatever a client, an API or the configuration says: what was issued by
/// mistake ends within a month.
pub const MAX_TOKEN_TTL: Duration = Duration::from_secs(30 * 86_400);

text_enum! {
    /// What an API's access tokens are.
    TokenFormat, "token format" {
        /// A signed JWT (RFC 9068).
        Jwt = "jwt",
        /// A reference that the API introspects (RFC 7662).
        Opaque = "opaque",
    }
}

/// A scope that an API defines, with what it means in plain words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScopeDefinition {
    /// The scope-token, such as `read:timesheets`.
    pub token: ScopeToken,
    /// For the consent screen.
    pub description: String,
}

/// An API that tokens are for.
#[derive(Clone, Debug)]
pub struct ResourceServer {
    /// Names it; also the user name of its own credential.
    pub id: ResourceServerId,
    /// For people.
    pub name: String,
    /// What `aud` says: its identifier (RFC 8707 §2). Never changes.
    pub audience: String,
    /// The scopes it defines.
    pub scopes: Vec<ScopeDefinition>,
    /// How long its access tokens live; `None`: as configured for the server.
    pub access_token_ttl: Option<Duration>,
    /// What its tokens are signed with; `None`: as configured for the server.
    pub signing_alg: Option<Algorithm>,
    /// The shape of its JWTs.
    pub dialect: Dialect,
    /// What its access tokens are.
    pub token_format: TokenFormat,
    /// Whether its resources belong to companies, so that every token for it carries `companyId` (R23).
    pub tenanted: bool,
    /// Counts every change to it and its scopes, so that issuing can refuse a stale view.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl ResourceServer {
    /// The scopes that it defines, as a set.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scopes.iter().map(|definition| definition.token.clone()).collect()
    }
}

/// A secret with which an API itself calls Tokenry.
#[derive(Clone, Debug)]
pub struct ResourceServerSecret {
    /// Names the secret; not the secret.
    pub id: SecretId,
    /// Whose it is.
    pub resource_server_id: ResourceServerId,
    /// Its digest.
    pub digest: Digest,
    /// For people.
    pub label: String,
    /// The last four characters.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl ResourceServerSecret {
    /// Whether it works at `now`.
    #[must_use]
    pub fn works_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
