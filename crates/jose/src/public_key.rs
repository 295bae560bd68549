//! The public key material of a JWK (RFC 7518 §6, RFC 8037 §2), checked as far as arithmetic on octets goes.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use serde_json::{Map, Value};

use crate::{Algorithm, Error, Result, base64url};

/// A public key of one of the three types that the supported algorithms use. Numbers are big-endian.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PublicKey {
    Ed25519 { x: [u8; 32] },
    P256 { x: [u8; 32], y: [u8; 32] },
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl PublicKey {
    /// Reads the members that belong to `kty` and `crv`.
    pub(crate) fn parse(members: &Map<String, Value>) -> Result<Self> {
        match string(members, "kty")? {
            "EC" if string(members, "crv")? == "P-256" => {
                Ok(Self::P256 { x: octets_32(members, "x")?, y: octets_32(members, "y")? })
            }
            "OKP" if string(members, "crv")? == "Ed25519" => Self::ed25519(octets_32(members, "x")?),
            "RSA" => Self::rsa(octets(members, "n")?, octets(members, "e")?),
            _ => Err(Error::KeyUnsupported),
        }
    }

    /// An Ed25519 public key, unless its order is so small that a signature by it says nothing.
    pub(crate) fn ed25519(x: [u8; 32]) -> Result<Self> {
        if has_small_order(x) { Err(Error::KeyMalformed) } else { Ok(Self::Ed25519 { x }) }
    }

    /// A P-256 public key from the uncompressed point of SEC 1 §2.3.3.
    pub(crate) fn p256(point: &[u8]) -> Result<Self> {
        let [4, coordinates @ ..] = point else {
            return Err(Error::KeyMalformed);
        };
        let (x, y) = coordinates.split_at_checked(32).ok_or(Error::KeyMalformed)?;
        let coordinate = |octets: &[u8]| octets.try_into().map_err(|_| Error::KeyMalformed);
        Ok(Self::P256 { x: coordinate(x)?, y: coordinate(y)? })
    }

    /// An RSA public key. Both numbers are in the fewest octets (`Base64urlUInt`, RFC 7518 §2).
    pub(crate) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self> {
        if n.first().is_none_or(|octet| *octet == 0) || e.first().is_none_or(|octet| *octet == 0) {
            return Err(Error::KeyMalformed);
        }
        if !(2048..=8192).contains(&bit_length(&n)) {
            return Err(Error::KeySize);
        }
        if !is_odd(&n) {
            return Err(Error::KeyMalformed);
        }
        // 65537 at least (NIST SP 800-56B); the upper bound keeps verification cheap, and nobody is above it.
        let large_enough = e.len() == 4 || (e.len() == 3 && e.as_slice() >= [1, 0, 1].as_slice());
        if large_enough && is_odd(&e) { Ok(Self::Rsa { n, e }) } else { Err(Error::KeyExponent) }
    }

    /// Whether `algorithm` uses keys of this type.
    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Ed25519 { .. } => algorithm == Algorithm::EdDsa,
            Self::P256 { .. } => algorithm == Algorithm::Es256,
            Self::Rsa { .. } => matches!(algorithm, Algorithm::Ps256 | Algorithm::Rs256),
        }
    }

    /// The algorithm of a key that names none. For RSA it is RS256: a choice made here, never by a token's
    /// header.
    pub(crate) fn default_algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519 { .. } => Algorithm::EdDsa,
            Self::P256 { .. } => Algorithm::Es256,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// The members of RFC 7638 §3.2, in its order (by name).
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Ed25519 { x } => {
                vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", base64url::encode(x))]
            }
            Self::P256 { x, y } => vec![
                ("crv", "P-256".into()),
                ("kty", "EC".into()),
                ("x", base64url::encode(x)),
                ("y", base64url::encode(y)),
            ],
            Self::Rsa { n, e } => {
                vec![("e", base64url::encode(e)), ("kty", "RSA".into()), ("n", base64url::encode(n))]
            }
        }
    }

    /// The length of a signature by this key, in octets. All other lengths are refused.
    pub(crate) fn signature_len(&self) -> usize {
        match self {
            Self::Ed25519 { .. } | Self::P256 { .. } => 64,
            Self::Rsa { n, .. } => n.len(),
        }
    }

    /// Parses the key for `algorithm`; whether a point is on its curve is decided here.
    pub(crate) fn prepare(&self, algorithm: Algorithm) -> Result<ParsedPublicKey> {
        let rejected = |_| Error::KeyMalformed;
        match (self, algorithm) {
            (Self::Ed25519 { x }, Algorithm::EdDsa) => ParsedPublicKey::new(&ED25519, x).map_err(rejected),
            (Self::P256 { x, y }, Algorithm::Es256) => {
                let point = [&[4], x.as_slice(), y].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(rejected)
            }
            (Self::Rsa { n, e }, Algorithm::Ps256 | Algorithm::Rs256) => {
                let parameters = if algorithm == Algorithm::Ps256 {
                    &RSA_PSS_2048_8192_SHA256
                } else {
                    &RSA_PKCS1_2048_8192_SHA256
                };
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(rejected)
            }
            _ => Err(Error::AlgorithmMismatch),
        }
    }
}

fn string<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str> {
    members.get(name).and_then(Value::as_str).ok_or(Error::KeyMalformed)
}

fn octets(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>> {
    base64url::decode(string(members, name)?).map_err(|_| Error::KeyMalformed)
}

/// A coordinate, always at full length (RFC 7518 §6.2.1.2).
fn octets_32(members: &Map<String, Value>, name: &str) -> Result<[u8; 32]> {
    octets(members, name)?.try_into().map_err(|_| Error::KeyMalformed)
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|octet| octet & 1 == 1)
}

/// The bits of a number whose first octet is not zero.
fn bit_length(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// Whether the point is one of the eight of the torsion subgroup, in any encoding. With such a "public key"
/// anybody can sign: for the neutral element, `R = B`, `S = 1` verifies under every message.
fn has_small_order(mut x: [u8; 32]) -> bool {
    // y = 0, 1, the two of order 8, -1, and the non-canonical p and p + 1. The sign of x, the top bit, is not
    // looked at.
    const ORDER_8: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    x[31] &= 0x7f;
    let low = x[0] <= 1 && x[1..].iter().all(|octet| *octet == 0);
    let high = (0xec..=0xee).contains(&x[0]) && x[1..31].iter().all(|octet| *octet == 0xff) && x[31] == 0x7f;
    low || high || ORDER_8.contains(&x)
}
