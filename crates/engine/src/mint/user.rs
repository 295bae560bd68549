//! Minting for a user's client: a living family in, access token, ID token and refresh token out.

use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, base64url, sha256};
use tokenry_model::{Client, Digest, DigestDomain, OpaqueToken, ResourceServer, Rng, TokenFamily};
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::dialect::{Claim, Dialect};
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;

use super::{Minted, Own, check_claims, signing_failed};
use crate::keys::ActiveKey;
use crate::policy::still_granted::Left;
use crate::policy::user_claims::claims_of;
use crate::refusal::Refusal;
use crate::token::LivingFamily;

/// What ID tokens are signed with: what every client understands (OpenID Connect Core §15.1).
pub(crate) const ID_TOKEN_ALGORITHM: Algorithm = Algorithm::Rs256;

/// What an access token says that a user let a client have. The family comes as evidence.
#[derive(Debug)]
pub(crate) struct UserToken<'a> {
    pub(crate) living: &'a LivingFamily,
    pub(crate) client: &'a Client,
    pub(crate) left: &'a Left,
    pub(crate) issuer: &'a str,
    pub(crate) namespace: &'a Namespace,
    /// The address of `/userinfo`, which is an audience of its own.
    pub(crate) userinfo: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) ttl: Duration,
}

impl UserToken<'_> {
    const fn family(&self) -> &TokenFamily {
        self.living.family()
    }

    fn dialect(&self) -> Dialect {
        self.living.resource_server().map_or(Dialect::Rfc, |api| api.dialect)
    }
}

/// For which APIs a token is: with `openid` for `/userinfo` too.
pub(crate) fn audiences(api: Option<&ResourceServer>, scope: &Scope, userinfo: &str) -> Vec<String> {
    let own = (api.is_none() || scope.contains("openid")).then(|| userinfo.to_owned());
    api.map(|api| api.audience.clone()).into_iter().chain(own).collect()
}

/// Signs a user's access token (RFC 9068 §2).
///
/// # Errors
/// When the client's own claims cannot be issued, or aws-lc cannot sign.
pub(crate) fn mint_user(token: &UserToken<'_>, key: &ActiveKey, rng: &dyn Rng) -> Result<Minted, Refusal> {
    check_claims(token.client)?;
    let jti = token.family().handle.new_jti(rng);
    let payload = serde_json::to_vec(&Claims { token, jti: &jti }).expect("claims are plain JSON");
    let signed = key.key.sign_compact(key.header(token.dialect()), &payload).map_err(signing_failed)?;
    Ok(Minted {
        token: Secret::new(signed),
        jti,
        expires_at: token.now.plus(token.ttl),
        kid: Some(key.key.kid().to_owned()),
        opaque: None,
    })
}

/// Makes a user's access token for `api` that says nothing by itself.
pub(crate) fn mint_user_opaque(token: &UserToken<'_>, api: &ResourceServer, rng: &dyn Rng) -> Minted {
    let jti = token.family().handle.new_jti(rng);
    let value = OpaqueToken::generate(rng);
    let expires_at = token.now.plus(token.ttl);
    let opaque = OpaqueToken {
        digest: Digest::of(DigestDomain::OpaqueToken, &value),
        jti: jti.clone(),
        client_id: token.client.id.clone(),
        resource_server_id: api.id.clone(),
        scope: token.left.scope.clone(),
        tenant: token.left.tenant.clone(),
        issued_at: token.now,
        expires_at,
    };
    Minted { token: value, jti, expires_at, kid: None, opaque: Some(opaque) }
}

/// Signs an ID token (OpenID Connect Core §2, §3.1.3.6). It has a subset of what `/userinfo` says.
///
/// # Errors
/// When aws-lc cannot sign.
pub(crate) fn mint_id_token(
    token: &UserToken<'_>,
    access_token: &Secret,
    nonce: Option<&str>,
    key: &ActiveKey,
) -> Result<Secret, Refusal> {
    let family = token.family();
    let mut claims: Map<String, Value> = claims_of(token.living.user(), &token.left.scope);
    let issued_at = token.now.as_secs();
    let lifetime = i64::try_from(token.ttl.as_secs()).unwrap_or(i64::MAX);
    let hash = sha256(access_token.expose().as_bytes());
    let amr: Vec<_> = family.amr.iter().map(|method| method.as_str()).collect();
    for (name, value) in [
        ("iss", json!(token.issuer)),
        ("sub", json!(family.user_id.as_str())),
        ("aud", json!(family.client_id.as_str())),
        ("azp", json!(family.client_id.as_str())),
        ("iat", json!(issued_at)),
        ("exp", json!(issued_at.saturating_add(lifetime))),
        ("auth_time", json!(family.auth_time.as_secs())),
        ("amr", json!(amr)),
        ("sid", json!(family.session_id.as_str())),
        ("at_hash", json!(base64url::encode(&hash[..hash.len() / 2]))),
    ] {
        claims.insert(name.to_owned(), value);
    }
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), nonce.into());
    }
    let payload = serde_json::to_vec(&claims).expect("claims are plain JSON");
    // `JWT`, as libraries expect of ID tokens.
    let signed = key.key.sign_compact(key.header(Dialect::Auth0), &payload).map_err(signing_failed)?;
    Ok(Secret::new(signed))
}

struct Claims<'a> {
    token: &'a UserToken<'a>,
    jti: &'a str,
}

impl Serialize for Claims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (token, family) = (self.token, self.token.family());
        let client_id = family.client_id.as_str();
        let issued_at = token.now.as_secs();
        let lifetime = i64::try_from(token.ttl.as_secs()).unwrap_or(i64::MAX);
        let own = Own { tenant: token.left.tenant.as_ref(), claims: &token.client.claims };
        let mut claims = serializer.serialize_map(None)?;
        for claim in token.dialect().form().user_claims {
            match claim {
                Claim::Audience => {
                    match audiences(token.living.resource_server(), &token.left.scope, token.userinfo)
                        .as_slice()
                    {
                        [one] => claims.serialize_entry("aud", one)?,
                        many => claims.serialize_entry("aud", many)?,
                    }
                }
                Claim::AuthTime => claims.serialize_entry("auth_time", &family.auth_time.as_secs())?,
                Claim::AuthorizedParty => claims.serialize_entry("azp", client_id)?,
                Claim::ClientId => claims.serialize_entry("client_id", client_id)?,
                Claim::ExpiresAt => claims.serialize_entry("exp", &issued_at.saturating_add(lifetime))?,
                Claim::IssuedAt => claims.serialize_entry("iat", &issued_at)?,
                Claim::Issuer => claims.serialize_entry("iss", token.issuer)?,
                Claim::Own if own.is_there() => claims.serialize_entry(token.namespace.as_str(), &own)?,
                Claim::Scope => claims.serialize_entry("scope", &token.left.scope)?,
                Claim::SessionId => claims.serialize_entry("sid", family.session_id.as_str())?,
                Claim::Subject => claims.serialize_entry("sub", family.user_id.as_str())?,
                Claim::TokenId => claims.serialize_entry("jti", self.jti)?,
                // `gty` is of clients' own tokens.
                Claim::GrantType | Claim::Own => {}
            }
        }
        claims.end()
    }
}
