//! The challenge of PKCE (RFC 7636 §4.2), of the one method that keeps the verifier secret: S256.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode};
use crate::params::Params;

/// SHA-256 in base64url without padding.
const LEN: usize = 43;

/// `BASE64URL(SHA256(code_verifier))`: 43 characters.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads a challenge.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let alphabet = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        // 43 characters carry two bits more than a digest has: they are zero, or two texts would be one challenge.
        let whole = text.bytes().last().is_some_and(|last| b"AEIMQUYcgkosw048".contains(&last));
        (text.len() == LEN && alphabet && whole).then(|| Self(text.to_owned()))
    }

    /// The challenge as the wire has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads `code_challenge` and `code_challenge_method`. A method that is missing means `plain`, which is refused like
    /// any other (PK-02).
    pub(super) fn of(params: &Params) -> Result<Option<Self>, Error> {
        let refused = |text| Err(Error::new(ErrorCode::InvalidRequest, text));
        match (params.get("code_challenge"), params.get("code_challenge_method")) {
            (None, None) => Ok(None),
            (None, Some(_)) => refused("code_challenge_method needs code_challenge"),
            (Some(_), None | Some("plain")) => refused("The code_challenge_method must be S256"),
            (Some(challenge), Some("S256")) => match Self::parse(challenge) {
                Some(challenge) => Ok(Some(challenge)),
                None => refused("The code_challenge must be 43 characters of base64url without padding"),
            },
            (Some(_), Some(_)) => refused("This code_challenge_method is not supported; use S256"),
        }
    }
}

impl fmt::Display for CodeChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.0
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no code challenge")
    }
}
