//! A public key, parsed once, that verifies signatures of one algorithm.

use std::fmt::{self, Debug, Formatter};

use aws_lc_rs::signature::ParsedPublicKey;

use crate::{Algorithm, Error, Jwk, Result};

/// A public key bound to one algorithm. Cheap to use, worth keeping: parsing costs about as much as a
/// verification.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    kid: Option<String>,
    key: ParsedPublicKey,
    signature_len: usize,
}

impl VerifyingKey {
    /// Parses the key of a JWK.
    ///
    /// # Errors
    /// [`Error::KeyMalformed`] if its point is not on the curve.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self> {
        let algorithm = jwk.algorithm();
        Ok(Self {
            algorithm,
            kid: jwk.kid().map(str::to_owned),
            key: jwk.key().prepare(algorithm)?,
            signature_len: jwk.key().signature_len(),
        })
    }

    /// The one algorithm this key verifies; see [`Jwk::algorithm`].
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid` of the JWK.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Verifies a signature over `message`.
    ///
    /// # Errors
    /// [`Error::Signature`], also for a signature of another length than the algorithm and the key make.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        if signature.len() != self.signature_len {
            return Err(Error::Signature);
        }
        self.key.verify_sig(message, signature).map_err(|_| Error::Signature)
    }
}

impl Debug for VerifyingKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
