//! Claims in access tokens: which names are taken, under which name ours stand, and the tenant claim itself.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::target::{ResourceIndicator, is_scheme};

/// Names that no configured claim may take, in whatever case: whoever could set one could forge what the
/// authorization server says (RFC 7519 §4.1, RFC 7662 §2.2, RFC 7800, RFC 8693 §4, RFC 9068 §2.2, RFC 9396
/// §9.1, OIDC Core §2, OIDC logout, and ours).
pub const RESERVED: [&str; 32] = [
    "acr",
    "act",
    "active",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "authorization_details",
    "azp",
    "c_hash",
    "client_id",
    "cnf",
    "entitlements",
    "events",
    "exp",
    "groups",
    "gty",
    "iat",
    "iss",
    "jti",
    "may_act",
    "nbf",
    "nonce",
    "roles",
    "s_hash",
    "scope",
    "sid",
    "sub",
    "sub_jwk",
    "token_type",
    "typ",
    "username",
];

/// The longest name of a claim, in bytes.
pub const MAX_NAME: usize = 256;
/// The longest identifier in a [`TenantClaim`], in bytes.
pub const MAX_ID: usize = 128;

/// The longest a client's own claims may be together, in bytes of JSON.
pub const MAX_CUSTOM: usize = 1_024;
/// The members of [`TenantClaim`].
const TENANT: [&str; 2] = ["companyId", "corporationId"];

/// Why an operator's claims cannot stand under the namespace.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidCustom {
    /// A claim without a name.
    #[error("a claim has no name")]
    Nameless,
    /// A name, in whatever case, under which tokens say something themselves.
    #[error("\"{0}\" is a name that no configured claim may have")]
    Reserved(String),
    /// Longer than [`MAX_CUSTOM`].
    #[error("the claims are longer than {MAX_CUSTOM} bytes")]
    TooLong,
}

/// Whether an operator's claims may stand under the namespace, beside the tenant: none of them shadows what Tokenry
/// says there or elsewhere, in whatever case.
///
/// # Errors
/// The first thing that is wrong with them.
pub fn check_custom(claims: &Map<String, Value>) -> Result<(), InvalidCustom> {
    for name in claims.keys() {
        if name.is_empty() {
            return Err(InvalidCustom::Nameless);
        }
        if is_reserved(name) || TENANT.iter().any(|tenant| tenant.eq_ignore_ascii_case(name)) {
            return Err(InvalidCustom::Reserved(name.clone()));
        }
    }
    let text = if claims.is_empty() { 0 } else { Value::Object(claims.clone()).to_string().len() };
    if text <= MAX_CUSTOM { Ok(()) } else { Err(InvalidCustom::TooLong) }
}

/// Whether `name` is one of [`RESERVED`], in whatever case.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// The one name under which Tokenry's own claims stand: an absolute http(s) URL, which can never be reserved.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Namespace(Box<str>);

/// The text is no [`Namespace`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a claim namespace is an absolute http or https URL without fragment, at most 256 bytes long")]
pub struct InvalidNamespace;

impl Namespace {
    /// Reads a namespace.
    ///
    /// # Errors
    /// [`InvalidNamespace`] for anything but an absolute http(s) URL, which a reserved name is not.
    pub fn parse(text: &str) -> Result<Self, InvalidNamespace> {
        let web = is_scheme(text, "https") || is_scheme(text, "http");
        if text.len() > MAX_NAME || !web || is_reserved(text) {
            return Err(InvalidNamespace);
        }
        ResourceIndicator::parse(text).map(|_| Self(text.into())).map_err(|_| InvalidNamespace)
    }

    /// The URL as it was written, which is the claim's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose resources a token opens: `{"companyId":"…"}`, or with `"corporationId":"…"` those of all its
/// companies.
///
/// Reading one is strict: an object, identifiers non-empty and at most [`MAX_ID`] bytes, no member twice, no
/// `null`. Unknown members are ignored.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct TenantClaim {
    /// The company, always there.
    pub company_id: String,
    /// The corporation whose companies are all open; absent, not null, for a token of one company.
    pub corporation_id: Option<String>,
}

impl Serialize for TenantClaim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut claim = serializer.serialize_map(None)?;
        claim.serialize_entry("companyId", &self.company_id)?;
        if let Some(corporation_id) = &self.corporation_id {
            claim.serialize_entry("corporationId", corporation_id)?;
        }
        claim.end()
    }
}

/// By hand, because a derived one would take an array for an object and `null` for absence.
impl<'de> Deserialize<'de> for TenantClaim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TenantVisitor)
    }
}

struct TenantVisitor;

impl<'de> Visitor<'de> for TenantVisitor {
    type Value = TenantClaim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with companyId")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<TenantClaim, A::Error> {
        let (mut company_id, mut corporation_id) = (None, None);
        while let Some(name) = members.next_key::<String>()? {
            let member = match name.as_str() {
                "companyId" => &mut company_id,
                "corporationId" => &mut corporation_id,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let id: String = members.next_value()?;
            if id.is_empty() || id.len() > MAX_ID || member.replace(id).is_some() {
                return Err(A::Error::custom("an identifier that is empty, too long or there twice"));
            }
        }
        let company_id = company_id.ok_or_else(|| A::Error::missing_field("companyId"))?;
        Ok(TenantClaim { company_id, corporation_id })
    }
}
