//! JWK, JWKS and JWS over aws-lc-rs, strict by default.
//!
//! Four signature algorithms ([`Algorithm`]), compact serialization, public keys only on the wire. There is
//! no HMAC, no `none` and no JWE: what is not here cannot be confused with what is.
//!
//! # How a token is verified
//!
//! 1. [`Unverified::parse`] checks the framing: three parts, canonical base64url, a header with no duplicate
//!    or dangerous member. Nothing in an [`Unverified`] may be believed; its header, or what it claims, only
//!    helps to find the key.
//! 2. The caller picks a [`VerifyingKey`] by `kid` from a [`JwkSet`] it already trusts. A key is bound to one
//!    algorithm.
//! 3. [`Unverified::verify`] compares the header with the caller's [`Expectations`] and with the key, then
//!    checks the signature. Only this function makes a [`Verified`], and only a [`Verified`] has claims.
//!
//! ```
//! use tokenry_jose::{Algorithm, Expectations, SigningKey, Unverified, VerifyingKey};
//!
//! # fn main() -> Result<(), tokenry_jose::Error> {
//! let (signer, _pkcs8) = SigningKey::generate(Algorithm::Es256)?;
//! let header = signer.header("at+jwt");
//! let token = signer.sign_compact(&header, br#"{"sub":"alice"}"#)?;
//!
//! let key = VerifyingKey::from_jwk(signer.public_jwk())?;
//! let expected = Expectations { algorithms: &[Algorithm::Es256], typ: &["at+jwt"] };
//! let verified = Unverified::parse(&token, 16 * 1024)?.verify(&key, &expected)?;
//! assert_eq!(verified.claims()?["sub"], "alice");
//! # Ok(())
//! # }
//! ```
//!
//! Lifetimes, issuer and audience are claims, and the caller's business: this crate knows no clock.

mod algorithm;
pub mod base64url;
mod digest;
mod error;
mod header;
pub mod json;
mod jwk;
mod jwk_set;
mod jws;
mod public_key;
mod signing_key;
mod verifying_key;

pub use algorithm::Algorithm;
pub use digest::{certificate_thumbprint, constant_time_eq, sha256};
pub use error::{Error, Result};
pub use header::Header;
pub use jwk::Jwk;
pub use jwk_set::JwkSet;
pub use jws::{Expectations, Unverified, Verified};
pub use signing_key::{Pkcs8, RsaSize, SigningKey};
pub use verifying_key::VerifyingKey;
