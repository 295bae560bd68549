//! JSON Web Key (RFC 7517): public signature keys, and nothing else.

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::header::parse_kid;
use crate::public_key::PublicKey;
use crate::{Algorithm, Error, Result, base64url, json, sha256};

/// A public key for verifying signatures: RSA, EC on P-256, or OKP with Ed25519.
///
/// Bound to one algorithm from the start; see [`Jwk::algorithm`]. Other members than the ones used are
/// ignored and not kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Jwk {
    key: PublicKey,
    alg: Option<Algorithm>,
    kid: Option<String>,
}

impl Jwk {
    /// Reads a JWK. The caller bounds the length.
    ///
    /// # Errors
    /// [`Error::KeyPrivate`] if it holds a private or symmetric key; the other `Key…` variants for keys that
    /// are unknown, weak, malformed or for another use; [`Error::AlgorithmUnsupported`],
    /// [`Error::AlgorithmMismatch`], [`Error::Kid`]; and those of [`json::object`].
    pub fn parse(input: &[u8]) -> Result<Self> {
        Self::from_members(&json::object(input)?)
    }

    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self> {
        refuse_private(members)?;
        refuse_other_use(members)?;
        let key = PublicKey::parse(members)?;
        let alg = match members.get("alg") {
            None => None,
            Some(Value::String(name)) => Some(Algorithm::parse(name)?),
            Some(_) => return Err(Error::AlgorithmUnsupported),
        };
        if alg.is_some_and(|alg| !key.allows(alg)) {
            return Err(Error::AlgorithmMismatch);
        }
        Ok(Self { key, alg, kid: parse_kid(members)? })
    }

    /// A key of our own, under its thumbprint.
    pub(crate) fn own(key: PublicKey, alg: Algorithm) -> Self {
        let mut jwk = Self { key, alg: Some(alg), kid: None };
        jwk.kid = Some(jwk.thumbprint());
        jwk
    }

    /// The one algorithm this key verifies: `alg` if given, else the only one its type allows, else (RSA)
    /// RS256.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.alg.unwrap_or_else(|| self.key.default_algorithm())
    }

    /// The `kid` that the key's owner gave it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The thumbprint of RFC 7638 with SHA-256, in base64url: 43 characters. It covers the key only, not
    /// `alg` or `kid`.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // None of these values needs escaping: names are ours, and values are base64url or ours.
        let members: Vec<_> =
            self.key.members().iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        base64url::encode(&sha256(format!("{{{}}}", members.join(",")).as_bytes()))
    }

    /// The JSON text, with `"use":"sig"`.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a map of strings serializes")
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }
}

/// Refuses every member that RFC 7518 §6 or RFC 8037 §2 calls private, and `priv` of the post-quantum key
/// type, whatever `kty` says.
pub(crate) fn refuse_private(members: &Map<String, Value>) -> Result<()> {
    const PRIVATE: [&str; 9] = ["d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"];
    let symmetric = members.get("kty").is_some_and(|kty| kty == "oct");
    if symmetric || PRIVATE.iter().any(|name| members.contains_key(*name)) {
        Err(Error::KeyPrivate)
    } else {
        Ok(())
    }
}

fn refuse_other_use(members: &Map<String, Value>) -> Result<()> {
    let for_signatures = members.get("use").is_none_or(|value| value == "sig");
    let for_verifying = members.get("key_ops").is_none_or(|operations| {
        operations.as_array().is_some_and(|operations| operations.iter().any(|name| name == "verify"))
    });
    if for_signatures && for_verifying { Ok(()) } else { Err(Error::KeyUse) }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.key.members() {
            map.serialize_entry(name, &value)?;
        }
        if let Some(alg) = &self.alg {
            map.serialize_entry("alg", alg)?;
        }
        if let Some(kid) = &self.kid {
            map.serialize_entry("kid", kid)?;
        }
        map.serialize_entry("use", "sig")?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = json::deserialize(deserializer)?;
        let members = value.as_object().ok_or(Error::JsonNotObject);
        members.and_then(Self::from_members).map_err(D::Error::custom)
    }
}
