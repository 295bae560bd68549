//! The JOSE header of a JWS: written with three members, read with suspicion.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Algorithm, Error, Result, base64url, json};

/// The longest encoded header that is looked at. Ours have about 120 characters.
const MAX_ENCODED: usize = 4 * 1024;

/// The longest `kid`, in octets.
const MAX_KID: usize = 256;

/// The header parameters that this crate uses. Unknown ones are ignored, as RFC 7515 §4 has it; dangerous
/// ones are refused.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Header {
    /// The algorithm that the sender claims. It chooses nothing: it is compared with the key's and with the
    /// expected ones.
    pub alg: Algorithm,
    /// Which key the sender claims to have used: 1 to 256 octets without control characters, otherwise
    /// anything.
    pub kid: Option<String>,
    /// The media type of the whole JWS, as sent.
    pub typ: Option<String>,
}

impl Header {
    pub(crate) fn parse(encoded: &str) -> Result<Self> {
        if encoded.len() > MAX_ENCODED {
            return Err(Error::TooLarge);
        }
        let members = json::object(&base64url::decode(encoded)?)?;
        refuse_dangerous(&members)?;
        Ok(Self {
            alg: members
                .get("alg")
                .and_then(Value::as_str)
                .ok_or(Error::AlgorithmUnsupported)
                .and_then(Algorithm::parse)?,
            kid: parse_kid(&members)?,
            typ: parse_typ(&members)?,
        })
    }

    /// The encoded header of a JWS by this crate.
    pub(crate) fn encode(alg: Algorithm, typ: &str, kid: &str) -> String {
        #[derive(Serialize)]
        struct Members<'a> {
            alg: Algorithm,
            typ: &'a str,
            kid: &'a str,
        }
        let members = serde_json::to_vec(&Members { alg, typ, kid }).expect("three strings serialize");
        base64url::encode(&members)
    }

    /// Whether `typ` is one of `expected`. Media types have no case, and `application/` may be left out (RFC
    /// 7515 §4.1.9). The empty string among `expected` stands for a header without `typ`.
    pub(crate) fn typ_is_one_of(&self, expected: &[&str]) -> bool {
        let typ = media_type(self.typ.as_deref().unwrap_or_default());
        expected.iter().any(|expected| media_type(expected).eq_ignore_ascii_case(typ))
    }
}

/// Reads `kid` from a header or a JWK.
pub(crate) fn parse_kid(members: &Map<String, Value>) -> Result<Option<String>> {
    match members.get("kid") {
        None => Ok(None),
        Some(Value::String(kid)) if is_kid(kid) => Ok(Some(kid.clone())),
        Some(_) => Err(Error::Kid),
    }
}

fn is_kid(kid: &str) -> bool {
    (1..=MAX_KID).contains(&kid.len()) && !kid.chars().any(char::is_control)
}

fn parse_typ(members: &Map<String, Value>) -> Result<Option<String>> {
    match members.get("typ") {
        None => Ok(None),
        Some(Value::String(typ)) if !typ.is_empty() => Ok(Some(typ.clone())),
        Some(_) => Err(Error::Typ),
    }
}

/// Parameters that would change how the rest is read, or who is trusted. Their mere presence refuses,
/// whatever the value.
fn refuse_dangerous(members: &Map<String, Value>) -> Result<()> {
    const DANGEROUS: [(&str, Error); 8] = [
        ("b64", Error::Unencoded),
        ("crit", Error::Critical),
        ("enc", Error::Encrypted),
        ("jku", Error::KeyInHeader),
        ("jwk", Error::KeyInHeader),
        ("x5c", Error::KeyInHeader),
        ("x5u", Error::KeyInHeader),
        ("zip", Error::Compressed),
    ];
    match DANGEROUS.iter().find(|(name, _)| members.contains_key(*name)) {
        Some((_, error)) => Err(*error),
        None => Ok(()),
    }
}

/// `typ` without the `application/` that may be left out if no other slash follows.
fn media_type(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest))
            if prefix.eq_ignore_ascii_case(PREFIX) && !rest.is_empty() && !rest.contains('/') =>
        {
            rest
        }
        _ => typ,
    }
}
