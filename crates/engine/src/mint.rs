//! Minting: evidence in, access token out. Nothing else in Tokenry makes one.

pub(crate) mod session;
pub(crate) mod user;

use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_model::{Client, Digest, DigestDomain, OpaqueToken, ResourceServer, Rng, Tenant, TokenHandle};
use tokenry_protocol::claims::{Namespace, check_custom};
use tokenry_protocol::dialect::{Claim, GTY_CLIENT_CREDENTIALS};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;

use crate::client_auth::AuthenticatedClient;
use crate::keys::ActiveKey;
use crate::refusal::Refusal;

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
    /// The key that signed it; `None` for an opaque token.
    pub(crate) kid: Option<String>,
    /// What is kept of an opaque token.
    pub(crate) opaque: Option<OpaqueToken>,
}

/// Refuses a client whose own claims would shadow what Tokenry says. They were checked when they were configured; that
/// they are checked again is for what came into the database in another way (R13, PEER-10).
///
/// # Errors
/// When they would: then there is no token rather than one without them.
pub(crate) fn check_claims(client: &Client) -> Result<(), Refusal> {
    check_custom(&client.claims).map_err(|error| {
        tracing::error!(client = client.id.as_str(), error = %error, "a client's claims cannot be issued");
        Refusal::new(ErrorCode::ServerError, "client_claims_refused", "The server failed to answer.")
    })
}

/// Signs a client's own access token (RFC 9068 §2, RFC 6749 §4.4).
///
/// # Errors
/// When the client's own claims cannot be issued, or aws-lc cannot sign.
pub(crate) fn mint(token: &ClientToken<'_>, key: &ActiveKey, rng: &dyn Rng) -> Result<Minted, Refusal> {
    check_claims(token.client.client())?;
    let jti = token.handle.new_jti(rng);
    let claims = Claims { token, jti: &jti };
    let payload = serde_json::to_vec(&claims).expect("claims are plain JSON");
    let header = key.header(token.resource_server.dialect);
    let signed = key.key.sign_compact(header, &payload).map_err(signing_failed)?;
    Ok(Minted {
        token: Secret::new(signed),
        jti,
        expires_at: token.now.plus(token.ttl),
        kid: Some(key.key.kid().to_owned()),
        opaque: None,
    })
}

pub(crate) fn signing_failed(error: tokenry_jose::Error) -> Refusal {
    tracing::error!(error = &error as &dyn std::error::Error, "signing failed");
    Refusal::new(ErrorCode::ServerError, "signing_failed", "The server failed to answer.")
}

/// Makes a client's own access token that says nothing by itself: who wants to know asks (RFC 7662).
pub(crate) fn mint_opaque(token: &ClientToken<'_>, rng: &dyn Rng) -> Minted {
    let jti = token.handle.new_jti(rng);
    let value = OpaqueToken::generate(rng);
    let expires_at = token.now.plus(token.ttl);
    let opaque = OpaqueToken {
        digest: Digest::of(DigestDomain::OpaqueToken, &value),
        jti: jti.clone(),
        client_id: token.client.client().id.clone(),
        resource_server_id: token.resource_server.id.clone(),
        scope: token.scope.clone(),
        tenant: token.tenant.cloned(),
        issued_at: token.now,
        expires_at,
    };
    Minted { token: value, jti, expires_at, kid: None, opaque: Some(opaque) }
}

struct Claims<'a> {
    token: &'a ClientToken<'a>,
    jti: &'a str,
}

impl Serialize for Claims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let token = self.token;
        let form = token.resource_server.dialect.form();
        let client_id = token.client.client().id.as_str();
        let issued_at = token.now.as_secs();
        let lifetime = i64::try_from(token.ttl.as_secs()).unwrap_or(i64::MAX);
        let own = Own { tenant: token.tenant, claims: &token.client.client().claims };
        let mut claims = serializer.serialize_map(None)?;
        for claim in form.claims {
            match claim {
                Claim::Audience => claims.serialize_entry("aud", &token.resource_server.audience)?,
                Claim::AuthorizedParty => claims.serialize_entry("azp", client_id)?,
                Claim::ClientId => claims.serialize_entry("client_id", client_id)?,
                Claim::ExpiresAt => claims.serialize_entry("exp", &issued_at.saturating_add(lifetime))?,
                Claim::GrantType => claims.serialize_entry("gty", GTY_CLIENT_CREDENTIALS)?,
                Claim::IssuedAt => claims.serialize_entry("iat", &issued_at)?,
                Claim::Issuer => claims.serialize_entry("iss", token.issuer)?,
                Claim::Own if !own.is_there() => {}
                // They are of what a user let a client have.
                Claim::AuthTime | Claim::SessionId => {}
                Claim::Own => claims.serialize_entry(token.namespace.as_str(), &own)?,
                // The grammar of scopes has no empty one (RFC 6749 §3.3).
                Claim::Scope if token.scope.is_empty() => {}
                Claim::Scope => claims.serialize_entry("scope", token.scope)?,
                Claim::Subject => {
                    claims.serialize_entry("sub", &format_args!("{client_id}{}", form.subject_suffix))?;
                }
                Claim::TokenId => claims.serialize_entry("jti", self.jti)?,
            }
        }
        claims.end()
    }
}

/// What stands under the namespace in a client's tokens, if anything does.
pub(crate) fn own_claims(tenant: Option<&Tenant>, claims: &Map<String, Value>) -> Option<Value> {
    let own = Own { tenant, claims };
    own.is_there().then(|| serde_json::to_value(&own).expect("claims are plain JSON"))
}

/// What stands under the namespace: the tenant, and the client's own claims, which never share a name with it.
struct Own<'a> {
    tenant: Option<&'a Tenant>,
    claims: &'a Map<String, Value>,
}

impl Own<'_> {
    fn is_there(&self) -> bool {
        self.tenant.is_some() || !self.claims.is_empty()
    }
}

impl Serialize for Own<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut own = serializer.serialize_map(None)?;
        if let Some(tenant) = self.tenant {
            own.serialize_entry("companyId", &tenant.company)?;
            if let Some(corporation) = &tenant.corporation {
                own.serialize_entry("corporationId", corporation)?;
            }
        }
        for (name, value) in self.claims {
            own.serialize_entry(name, value)?;
        }
        own.end()
    }
}
