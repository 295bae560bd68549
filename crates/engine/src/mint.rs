//! Minting: evidence in, signed access token out. Nothing else in Tokenry signs one.

use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};
use tokenry_clock::Timestamp;
use tokenry_model::{Dialect, ResourceServer, Rng, Tenant, TokenHandle};
use tokenry_protocol::claims::{Namespace, TenantClaim};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;

use crate::client_auth::AuthenticatedClient;
use crate::keys::ActiveKey;
use crate::refusal::Refusal;

/// `gty` of a token that a client got for itself: the word that Auth0 emits (R11).
const GTY_CLIENT_CREDENTIALS: &str = "client-credentials";

/// What a client's own access token says. The client comes as evidence, by value.
#[derive(Debug)]
pub(crate) struct ClientToken<'a> {
    pub(crate) client: AuthenticatedClient,
    pub(crate) issuer: &'a str,
    pub(crate) namespace: &'a Namespace,
    pub(crate) resource_server: &'a ResourceServer,
    pub(crate) scope: &'a Scope,
    pub(crate) tenant: Option<&'a Tenant>,
    pub(crate) handle: &'a TokenHandle,
    pub(crate) now: Timestamp,
    pub(crate) ttl: Duration,
}

/// A signed access token and what the audit keeps of it.
#[derive(Debug)]
pub(crate) struct Minted {
    pub(crate) token: Secret,
    pub(crate) jti: String,
    pub(crate) expires_at: Timestamp,
}

/// Signs a client's own access token (RFC 9068 §2, RFC 6749 §4.4).
///
/// # Errors
/// When aws-lc cannot sign.
pub(crate) fn mint(token: &ClientToken<'_>, key: &ActiveKey, rng: &dyn Rng) -> Result<Minted, Refusal> {
    let jti = token.handle.new_jti(rng);
    let claims = Claims { token, jti: &jti };
    let payload = serde_json::to_vec(&claims).expect("claims are plain JSON");
    let header = key.header(token.resource_server.dialect);
    let signed = key.key.sign_compact(header, &payload).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "signing failed");
        Refusal::new(ErrorCode::ServerError, "signing_failed", "The server failed to answer.")
    })?;
    Ok(Minted { token: Secret::new(signed), jti, expires_at: token.now.plus(token.ttl) })
}

struct Claims<'a> {
    token: &'a ClientToken<'a>,
    jti: &'a str,
}

impl Serialize for Claims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let token = self.token;
        let client_id = token.client.client().id.as_str();
        let issued_at = token.now.as_secs();
        let lifetime = i64::try_from(token.ttl.as_secs()).unwrap_or(i64::MAX);
        let mut claims = serializer.serialize_map(None)?;
        claims.serialize_entry("iss", token.issuer)?;
        match token.resource_server.dialect {
            Dialect::Auth0 => claims.serialize_entry("sub", &format_args!("{client_id}@clients"))?,
            Dialect::Rfc => claims.serialize_entry("sub", client_id)?,
        }
        claims.serialize_entry("aud", &token.resource_server.audience)?;
        claims.serialize_entry("iat", &issued_at)?;
        claims.serialize_entry("exp", &issued_at.saturating_add(lifetime))?;
        claims.serialize_entry("jti", self.jti)?;
        claims.serialize_entry("client_id", client_id)?;
        claims.serialize_entry("azp", client_id)?;
        claims.serialize_entry("gty", GTY_CLIENT_CREDENTIALS)?;
        // The grammar of scopes has no empty one (RFC 6749 §3.3).
        if !token.scope.is_empty() {
            claims.serialize_entry("scope", token.scope)?;
        }
        if let Some(tenant) = token.tenant {
            let claim = TenantClaim {
                company_id: tenant.company.to_string(),
                corporation_id: tenant.corporation.as_ref().map(ToString::to_string),
            };
            claims.serialize_entry(token.namespace.as_str(), &claim)?;
        }
        claims.end()
    }
}
