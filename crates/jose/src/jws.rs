//! JWS Compact Serialization (RFC 7515 §3.1, §5.2): from a string of a stranger to claims that somebody
//! signed.

use std::fmt::{self, Debug, Formatter};

use serde_json::{Map, Value};

use crate::{Algorithm, Error, Header, Result, VerifyingKey, base64url, json};

/// What the caller accepts. Both lists are of allowed values; an empty list allows nothing.
#[derive(Clone, Copy, Debug)]
pub struct Expectations<'a> {
    /// The algorithms to accept, whatever the key would allow.
    pub algorithms: &'a [Algorithm],
    /// The values of `typ` to accept, compared as media types: without case, `application/` optional (RFC
    /// 7515 §4.1.9). The empty string stands for a header without `typ`; list it only where no other kind of
    /// token can turn up.
    pub typ: &'a [&'a str],
}

/// A well-formed JWS whose signature nobody has checked.
pub struct Unverified<'a> {
    header: Header,
    payload: Vec<u8>,
    signature: Vec<u8>,
    /// `header.payload` as sent, which is what was signed.
    signing_input: &'a str,
}

impl<'a> Unverified<'a> {
    /// Checks the framing and the header of a token of at most `max_len` octets.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Parts`], [`Error::Base64`]; those of [`json::object`] for the header;
    /// and [`Error::AlgorithmUnsupported`], [`Error::Compressed`], [`Error::Critical`], [`Error::Encrypted`],
    /// [`Error::KeyInHeader`], [`Error::Kid`], [`Error::Typ`], [`Error::Unencoded`] for what it says.
    pub fn parse(token: &'a str, max_len: usize) -> Result<Self> {
        if token.len() > max_len {
            return Err(Error::TooLarge);
        }
        // Looks for three dots and no more, however many there are.
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::Parts);
        };
        Ok(Self {
            header: Header::parse(header)?,
            payload: base64url::decode(payload)?,
            signature: base64url::decode(signature)?,
            signing_input: &token[..header.len() + 1 + payload.len()],
        })
    }

    /// What the sender says, to find the key by. Not to be believed.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the sender says in the payload, to find out whose key to take where the header does not tell. Not to be
    /// believed.
    ///
    /// # Errors
    /// Those of [`json::object`].
    pub fn claimed(&self) -> Result<Map<String, Value>> {
        json::object(&self.payload)
    }

    /// Checks that the header is as expected and made for `key`, then the signature.
    ///
    /// # Errors
    /// [`Error::AlgorithmNotExpected`], [`Error::Typ`], [`Error::AlgorithmMismatch`], [`Error::KidMismatch`]
    /// (only if both the header and the key have one), [`Error::Signature`].
    pub fn verify(self, key: &VerifyingKey, expected: &Expectations<'_>) -> Result<Verified> {
        if !expected.algorithms.contains(&self.header.alg) {
            return Err(Error::AlgorithmNotExpected);
        }
        if !self.header.typ_is_one_of(expected.typ) {
            return Err(Error::Typ);
        }
        if self.header.alg != key.algorithm() {
            return Err(Error::AlgorithmMismatch);
        }
        if let (Some(claimed), Some(kid)) = (self.header.kid.as_deref(), key.kid())
            && claimed != kid
        {
            return Err(Error::KidMismatch);
        }
        key.verify(self.signing_input.as_bytes(), &self.signature)?;
        Ok(Verified { header: self.header, payload: self.payload })
    }
}

impl Debug for Unverified<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").field("header", &self.header).finish_non_exhaustive()
    }
}

/// A header and a payload whose signature was checked. Only [`Unverified::verify`] makes one.
pub struct Verified {
    header: Header,
    payload: Vec<u8>,
}

impl Verified {
    /// The header, now as the signer wrote it.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The octets that were signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload as a JWT Claims Set (RFC 7519 §4). What the claims mean, `exp` included, is for the caller
    /// to check.
    ///
    /// # Errors
    /// Those of [`json::object`].
    pub fn claims(&self) -> Result<Map<String, Value>> {
        json::object(&self.payload)
    }
}

impl Debug for Verified {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("header", &self.header).finish_non_exhaustive()
    }
}
