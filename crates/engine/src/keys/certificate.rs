//! A published key as others read it: the JWK, and for RS256 a certificate beside it, which some libraries insist on.
//!
//! The certificate vouches for nothing: it is signed with its own key, and what counts is that the key is in the set. It
//! is made of the key and its age alone, so that every replica makes the same one and nothing need be stored. It has
//! no end (RFC 5280 §4.1.2.5): a key ends by leaving the set.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm,
    date_time_ymd,
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, SigningKey, certificate_thumbprint, json};

/// The members of a JWK in Auth0's order, and among them those that its keys, all RSA, do not have.
const ORDER: [&str; 9] = ["alg", "kty", "use", "crv", "n", "e", "x", "y", "kid"];

/// A key as it stands in the published set.
pub(super) fn published(key: &SigningKey, created_at: Timestamp) -> String {
    let jwk = json::object(key.public_jwk().to_json().as_bytes()).expect("our own JWK is an object");
    let certificate = certificate(key, created_at);
    serde_json::to_string(&Entry { jwk, certificate }).expect("strings always serialise")
}

/// The published set (RFC 7517 §5).
pub(super) fn set<'a>(entries: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let entries: Vec<_> = entries.collect();
    format!("{{\"keys\":[{}]}}", entries.join(",")).into_bytes()
}

struct Entry {
    jwk: Map<String, Value>,
    certificate: Option<Vec<u8>>,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(None)?;
        for name in ORDER {
            if let Some(value) = self.jwk.get(name) {
                out.serialize_entry(name, value)?;
            }
        }
        if let Some(certificate) = &self.certificate {
            out.serialize_entry("x5t", &certificate_thumbprint(certificate))?;
            // Base64, not base64url (RFC 7517 §4.7).
            out.serialize_entry("x5c", &[STANDARD.encode(certificate)])?;
        }
        out.end()
    }
}

/// The last second that a certificate can name: of the year 9999 (RFC 5280 §4.1.2.5).
const LAST_SECOND: i64 = 253_402_300_799;

/// A self-signed certificate in DER. Only for RS256: those signatures have no randomness in them, so the same key gives the
/// same certificate, and a key of another algorithm signs with that algorithm alone.
fn certificate(key: &SigningKey, created_at: Timestamp) -> Option<Vec<u8>> {
    let signer =
        Signer { key, public: key.rsa_public_key().filter(|_| key.algorithm() == Algorithm::Rs256)? };
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, key.kid());
    let begins = created_at.as_secs().clamp(0, LAST_SECOND).unsigned_abs();
    params.not_before = date_time_ymd(1970, 1, 1) + Duration::from_secs(begins);
    params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(LAST_SECOND.unsigned_abs());
    let made = params.self_signed(&signer);
    // A key without a certificate is of use to nearly everybody; no key at all to nobody.
    let made = made.inspect_err(|error| tracing::error!(kid = key.kid(), %error, "no certificate for a key"));
    made.ok().map(|certificate| certificate.der().to_vec())
}

/// The key, which signs and is not handed out.
struct Signer<'a> {
    key: &'a SigningKey,
    public: &'a [u8],
}

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl rcgen::SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.key.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &SigningKey, created_at: i64) -> Map<String, Value> {
        let text = published(key, Timestamp::from_secs(created_at));
        json::object(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_same_key_has_the_same_certificate_wherever_it_is_made() {
        let (key, pkcs8) = SigningKey::generate(Algorithm::Rs256).unwrap();
        let elsewhere = SigningKey::from_pkcs8(Algorithm::Rs256, pkcs8.expose()).unwrap();
        let (here, there) = (entry(&key, 1_795_000_000), entry(&elsewhere, 1_795_000_000));
        assert_eq!(here, there);
        assert_ne!(here["x5c"], entry(&key, 1_795_000_001)["x5c"]);
        let der = STANDARD.decode(here["x5c"][0].as_str().unwrap()).unwrap();
        assert_eq!(here["x5t"], certificate_thumbprint(&der));
        assert!(der.windows(9).any(|part| part == b"991231235"), "it never ends");
        let public = key.rsa_public_key().unwrap();
        assert!(der.windows(public.len()).any(|part| part == public), "it is for this key");
    }

    #[test]
    fn an_instant_that_no_certificate_can_name_is_the_nearest_that_one_can() {
        let (key, _pkcs8) = SigningKey::generate(Algorithm::Rs256).unwrap();
        for created_at in [i64::MIN / 1_000, -1, LAST_SECOND + 1, i64::MAX / 1_000] {
            assert!(entry(&key, created_at).contains_key("x5c"), "{created_at}");
        }
    }

    #[test]
    fn only_rs256_keys_have_one() {
        for algorithm in [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Ps256] {
            let entry = entry(&SigningKey::generate(algorithm).unwrap().0, 0);
            assert_eq!((entry.get("x5c"), entry.get("x5t")), (None, None), "{algorithm}");
            assert_eq!((&entry["alg"], &entry["use"]), (&algorithm.as_str().into(), &"sig".into()));
        }
    }

    #[test]
    fn a_set_has_auth0s_order_and_can_be_read_back() {
        let (key, _pkcs8) = SigningKey::generate(Algorithm::Rs256).unwrap();
        let text = published(&key, Timestamp::EPOCH);
        let places = ["alg", "kty", "use", "n", "e", "kid", "x5t", "x5c"]
            .map(|name| text.find(&format!("\"{name}\":")));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
        let set = tokenry_jose::JwkSet::parse(&set([text.as_str()].into_iter())).unwrap();
        assert_eq!(set.keys(), [key.public_jwk().clone()]);
    }
}
