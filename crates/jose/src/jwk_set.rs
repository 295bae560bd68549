//! JWK Set (RFC 7517 §5): what a `jwks_uri` serves.

use std::collections::HashSet;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::jwk::refuse_private;
use crate::{Error, Jwk, Result, json};

/// The longest text of a set that is looked at, in octets.
const MAX_LEN: usize = 256 * 1024;

/// The most entries in a set, usable or not.
const MAX_KEYS: usize = 64;

/// Public keys, no two of which have the same `kid`.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    /// A set of these keys, in this order.
    ///
    /// # Errors
    /// [`Error::DuplicateKid`], because [`JwkSet::find`] has to be unambiguous.
    pub fn new(keys: Vec<Jwk>) -> Result<Self> {
        let mut seen = HashSet::new();
        if keys.iter().filter_map(Jwk::kid).all(|kid| seen.insert(kid)) {
            Ok(Self { keys })
        } else {
            Err(Error::DuplicateKid)
        }
    }

    /// Reads a set, leaving out the keys that are of no use here: of another type, use or algorithm, or
    /// outside the limits (RFC 7517 §5 asks for that). A private or symmetric key anywhere refuses the whole
    /// set, for its owner has published a secret and nothing beside it can be trusted.
    ///
    /// # Errors
    /// [`Error::Set`] over 256 KiB or 64 entries, or if it has no array `keys` of objects;
    /// [`Error::KeyPrivate`]; [`Error::DuplicateKid`]; and those of [`json::object`].
    pub fn parse(input: &[u8]) -> Result<Self> {
        if input.len() > MAX_LEN {
            return Err(Error::Set);
        }
        Self::from_members(&json::object(input)?)
    }

    fn from_members(members: &Map<String, Value>) -> Result<Self> {
        let entries = members.get("keys").and_then(Value::as_array).ok_or(Error::Set)?;
        if entries.len() > MAX_KEYS {
            return Err(Error::Set);
        }
        let mut keys = Vec::with_capacity(entries.len());
        for entry in entries {
            let members = entry.as_object().ok_or(Error::Set)?;
            refuse_private(members)?;
            keys.extend(Jwk::from_members(members));
        }
        Self::new(keys)
    }

    /// The keys, in the order of the set.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The key with this `kid`.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid() == Some(kid))
    }

    /// The JSON text (`application/jwk-set+json`).
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("maps of strings serialize")
    }
}

impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = json::deserialize(deserializer)?;
        let members = value.as_object().ok_or(Error::JsonNotObject);
        members.and_then(Self::from_members).map_err(D::Error::custom)
    }
}
