//! A private key, parsed once, that signs with one algorithm.

use std::fmt::{self, Debug, Formatter};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use zeroize::Zeroizing;

use crate::header::Header;
use crate::public_key::PublicKey;
use crate::{Algorithm, Error, Jwk, Result, base64url};

/// The longest signature: an RSA key of 8192 bits.
const MAX_SIGNATURE: usize = 1024;

/// A private key for one algorithm. Shared by reference between threads; holds everything that signing needs.
pub struct SigningKey {
    pair: Pair,
    algorithm: Algorithm,
    kid: String,
    jwk: Jwk,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// Signs, and returns the JWS Compact Serialization (RFC 7515 §3.1). `header` is what
    /// [`SigningKey::header`] of this key made, once, and the caller keeps.
    ///
    /// # Errors
    /// [`Error::Signing`] if the library fails, which it has no known reason to.
    pub fn sign_compact(&self, header: &str, payload: &[u8]) -> Result<String> {
        let signature_len = self.jwk.key().signature_len();
        let mut token = String::with_capacity(
            header.len() + base64url::encoded_len(payload.len()) + base64url::encoded_len(signature_len) + 2,
        );
        token.push_str(header);
        token.push('.');
        base64url::encode_into(payload, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        base64url::encode_into(signature.as_octets(), &mut token);
        Ok(token)
    }

    /// Signs `message`: 64 octets for EdDSA and ES256, as many as the modulus has for RSA.
    ///
    /// # Errors
    /// As [`SigningKey::sign_compact`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.signature(message).map(|signature| signature.as_octets().to_vec())
    }

    /// The encoded header of this key's tokens, with `alg`, `typ` and `kid`. The same for every token of a
    /// `typ`: make it once.
    #[must_use]
    pub fn header(&self, typ: &str) -> String {
        Header::encode(self.algorithm, typ, &self.kid)
    }

    /// A fresh key for `algorithm`, and the document to store. RSA keys have 2048 bits.
    ///
    /// The randomness is the crypto library's own, as is that of ES256 and PS256 signatures.
    ///
    /// # Errors
    /// [`Error::Generation`].
    pub fn generate(algorithm: Algorithm) -> Result<(Self, Pkcs8)> {
        let failed = |_| Error::Generation;
        let pkcs8 = match algorithm {
            Algorithm::EdDsa => {
                Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(failed)?
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
                pair.to_pkcs8v1().map_err(failed)?
            }
            Algorithm::Ps256 | Algorithm::Rs256 => return Self::generate_rsa(algorithm, RsaSize::Bits2048),
        };
        Self::with_document(algorithm, pkcs8.as_ref())
    }

    /// A fresh RSA key of `size` for PS256 or RS256, and the document to store. Takes some ten to some
    /// hundred milliseconds.
    ///
    /// # Errors
    /// [`Error::AlgorithmMismatch`] for another algorithm, [`Error::Generation`].
    pub fn generate_rsa(algorithm: Algorithm, size: RsaSize) -> Result<(Self, Pkcs8)> {
        if !matches!(algorithm, Algorithm::Ps256 | Algorithm::Rs256) {
            return Err(Error::AlgorithmMismatch);
        }
        let failed = |_| Error::Generation;
        let pkcs8 = RsaKeyPair::generate(size.key_size()).and_then(|pair| pair.as_der()).map_err(failed)?;
        Self::with_document(algorithm, pkcs8.as_ref())
    }

    /// What was generated is read back at once: a document that could not be is never stored.
    fn with_document(algorithm: Algorithm, pkcs8: &[u8]) -> Result<(Self, Pkcs8)> {
        let key = Self::from_pkcs8(algorithm, pkcs8).map_err(|_| Error::Generation)?;
        Ok((key, Pkcs8(Zeroizing::new(pkcs8.to_vec()))))
    }

    /// Reads an unencrypted PKCS#8 document (RFC 5208, or RFC 5958 for Ed25519).
    ///
    /// # Errors
    /// [`Error::Pkcs8`] if it is not a consistent private key of the algorithm's type and curve;
    /// [`Error::KeySize`] and [`Error::KeyExponent`] for weak RSA keys.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self> {
        let (pair, public) = match algorithm {
            Algorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| Error::Pkcs8)?;
                let x = pair.public_key().as_ref().try_into().map_err(|_| Error::Pkcs8)?;
                (Pair::Ed25519(pair), PublicKey::ed25519(x)?)
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(|_| Error::Pkcs8)?;
                let public = PublicKey::p256(pair.public_key().as_ref())?;
                (Pair::P256(pair), public)
            }
            Algorithm::Ps256 | Algorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| Error::Pkcs8)?;
                let octets =
                    |number: aws_lc_rs::io::Positive<'_>| number.big_endian_without_leading_zero().to_vec();
                let public = PublicKey::rsa(
                    octets(pair.public_key().modulus()),
                    octets(pair.public_key().exponent()),
                )?;
                (Pair::Rsa(pair), public)
            }
        };
        let jwk = Jwk::own(public, algorithm);
        Ok(Self { pair, algorithm, kid: jwk.thumbprint(), jwk })
    }

    /// The RFC 7638 thumbprint of the public key, under which it is published.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public half, with `alg`, `kid` and `use`.
    #[must_use]
    pub fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The public half of an RSA key as a certificate holds it: `RSAPublicKey` of RFC 8017 §A.1.1, in DER.
    #[must_use]
    pub fn rsa_public_key(&self) -> Option<&[u8]> {
        match &self.pair {
            Pair::Ed25519(_) | Pair::P256(_) => None,
            Pair::Rsa(pair) => Some(pair.public_key().as_ref()),
        }
    }

    fn signature(&self, message: &[u8]) -> Result<Signature> {
        match &self.pair {
            Pair::Ed25519(pair) => {
                pair.try_sign(message).map(|signature| Signature::copy(signature.as_ref()))
            }
            Pair::P256(pair) => {
                pair.sign(&SystemRandom::new(), message).map(|signature| Signature::copy(signature.as_ref()))
            }
            Pair::Rsa(pair) => {
                let padding =
                    if self.algorithm == Algorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = Signature { octets: [0; MAX_SIGNATURE], len: pair.public_modulus_len() };
                // The library ignores the source of randomness that it asks for, and takes its own.
                let octets = &mut signature.octets[..signature.len];
                pair.sign(padding, &SystemRandom::new(), message, octets).map(|()| signature)
            }
        }
        .map_err(|_| Error::Signing)
    }
}

impl Debug for SigningKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// A signature on the stack.
struct Signature {
    octets: [u8; MAX_SIGNATURE],
    len: usize,
}

impl Signature {
    fn copy(octets: &[u8]) -> Self {
        let mut signature = Self { octets: [0; MAX_SIGNATURE], len: octets.len() };
        signature.octets[..octets.len()].copy_from_slice(octets);
        signature
    }

    fn as_octets(&self) -> &[u8] {
        &self.octets[..self.len]
    }
}

/// The size of an RSA modulus to generate. A signature by 3072 bits costs three times one by 2048, by 4096
/// bits seven times.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RsaSize {
    /// About 112 bits of strength; what every client accepts.
    Bits2048,
    /// About 128 bits of strength.
    Bits3072,
    /// About 152 bits of strength.
    Bits4096,
}

impl RsaSize {
    fn key_size(self) -> KeySize {
        match self {
            Self::Bits2048 => KeySize::Rsa2048,
            Self::Bits3072 => KeySize::Rsa3072,
            Self::Bits4096 => KeySize::Rsa4096,
        }
    }
}

/// An unencrypted PKCS#8 document: the private key itself. Wiped from memory on drop; encrypt it before it is
/// stored.
pub struct Pkcs8(Zeroizing<Vec<u8>>);

impl Pkcs8 {
    /// The DER octets.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl Debug for Pkcs8 {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Pkcs8(…)")
    }
}
