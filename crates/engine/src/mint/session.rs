//! Minting for a user's own page: a session that is signed in, in; a JWT for one API, out.

use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Map;
use tokenry_clock::Timestamp;
use tokenry_model::{ResourceServer, Rng, Tenant, TokenHandle};
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::dialect::Claim;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;

use super::{Minted, Own, signing_failed};
use crate::keys::ActiveKey;
use crate::refusal::Refusal;
use crate::session::SignedInUser;

/// What the JWT of a session says.
#[derive(Debug)]
pub(crate) struct SessionToken<'a> {
    /// Evidence of who acts.
    pub(crate) user: &'a SignedInUser,
    pub(crate) api: &'a ResourceServer,
    pub(crate) scope: &'a Scope,
    pub(crate) tenant: Option<&'a Tenant>,
    pub(crate) handle: &'a TokenHandle,
    pub(crate) issuer: &'a str,
    pub(crate) namespace: &'a Namespace,
    pub(crate) now: Timestamp,
    pub(crate) ttl: Duration,
}

/// Signs it (RFC 9068 §2).
///
/// # Errors
/// When aws-lc cannot sign.
pub(crate) fn mint_session(
    token: &SessionToken<'_>,
    key: &ActiveKey,
    rng: &dyn Rng,
) -> Result<Minted, Refusal> {
    let jti = token.handle.new_jti(rng);
    let payload = serde_json::to_vec(&Claims { token, jti: &jti }).expect("claims are plain JSON");
    let signed = key.key.sign_compact(key.header(token.api.dialect), &payload).map_err(signing_failed)?;
    Ok(Minted {
        token: Secret::new(signed),
        jti,
        expires_at: token.now.plus(token.ttl),
        kid: Some(key.key.kid().to_owned()),
        opaque: None,
    })
}

struct Claims<'a> {
    token: &'a SessionToken<'a>,
    jti: &'a str,
}

impl Serialize for Claims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (token, session) = (self.token, self.token.user.session());
        let issued_at = token.now.as_secs();
        let lifetime = i64::try_from(token.ttl.as_secs()).unwrap_or(i64::MAX);
        let none = Map::new();
        let own = Own { tenant: token.tenant, claims: &none };
        let mut claims = serializer.serialize_map(None)?;
        for claim in token.api.dialect.form().user_claims {
            match claim {
                Claim::Audience => claims.serialize_entry("aud", &token.api.audience)?,
                Claim::AuthTime => claims.serialize_entry("auth_time", &session.auth_time.as_secs())?,
                // No application acts here but our own: a client's id is never an address, so that nobody has this one.
                Claim::AuthorizedParty => claims.serialize_entry("azp", token.issuer)?,
                Claim::ClientId => claims.serialize_entry("client_id", token.issuer)?,
                Claim::ExpiresAt => claims.serialize_entry("exp", &issued_at.saturating_add(lifetime))?,
                Claim::IssuedAt => claims.serialize_entry("iat", &issued_at)?,
                Claim::Issuer => claims.serialize_entry("iss", token.issuer)?,
                Claim::Own if own.is_there() => claims.serialize_entry(token.namespace.as_str(), &own)?,
                Claim::Scope => claims.serialize_entry("scope", token.scope)?,
                Claim::SessionId => claims.serialize_entry("sid", session.id.as_str())?,
                Claim::Subject => claims.serialize_entry("sub", token.user.user().id.as_str())?,
                Claim::TokenId => claims.serialize_entry("jti", self.jti)?,
                Claim::GrantType | Claim::Own => {}
            }
        }
        claims.end()
    }
}
