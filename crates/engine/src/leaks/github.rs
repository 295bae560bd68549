//! What GitHub's secret scanning reports to those who issue credentials: a signed call with all that it found in one push.
//!
//! 1. The call bears GitHub's signature over its bytes as they came (ECDSA on P-256 with SHA-256), by a key that GitHub publishes. The
//!    keys are fetched from where the operator says, seldom enough that strangers cannot make a flood of it (`github_keys`).
//! 2. Each credential is handled as one that anybody reports, but before the answer.
//! 3. The answer says of each whether it is or was one of ours, as that protocol has it: only GitHub gets it, which has all of
//!    them already. It has their digests, not the credentials.
//!
//! Source: GitHub Docs, "Secret scanning partner program".

use std::fmt;

use aws_lc_rs::signature::ParsedPublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokenry_jose::sha256;
use tokenry_protocol::secret::Secret;

use super::Handled;
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::refusal::Refusal;

/// How many credentials one call may report.
const MAX_REPORTED: usize = 1_000;

/// A call, as it came.
#[derive(Clone, Copy)]
pub struct GithubCall<'a> {
    /// `Github-Public-Key-Identifier`.
    pub key_id: &'a str,
    /// `Github-Public-Key-Signature`: base64 of the DER form.
    pub signature: &'a str,
    /// The body's bytes.
    pub body: &'a [u8],
}

/// The body is credentials.
impl fmt::Debug for GithubCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GithubCall").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Why a call is not heard.
#[derive(Debug, Error)]
pub enum GithubError {
    /// The body is not what such a call has. Of why only the place is kept: the parser's words may quote a credential.
    #[error("the body is no list of credentials, as of line {line}, column {column}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// In bytes, counted from 1.
        column: usize,
    },
    /// Such calls are not taken here.
    #[error("no calls of GitHub's are taken")]
    NotHeard,
    /// Storage failed, GitHub's keys cannot be had, or too many calls failed.
    #[error("the call cannot be answered now")]
    Refused(Refusal),
    /// More credentials than are taken at once.
    #[error("more than {MAX_REPORTED} credentials")]
    TooMany,
    /// It is not GitHub's.
    #[error("the signature is not GitHub's")]
    Unsigned,
}

impl From<Refusal> for GithubError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What is answered of one credential, with the members that GitHub reads.
#[derive(Clone, Debug, Serialize)]
pub struct LeakVerdict {
    /// SHA-256 of the credential, in hexadecimal.
    token_hash: String,
    /// What GitHub calls its kind.
    token_type: String,
    /// `true_positive`: it is or was one of ours. `false_positive`: it is none, and never was, as far as is known.
    label: &'static str,
}

/// One credential that GitHub found.
#[derive(Deserialize)]
struct Reported {
    token: String,
    #[serde(default, rename = "type")]
    kind: String,
}

impl Engine {
    /// Whether GitHub's calls are taken.
    #[must_use]
    pub const fn hears_github(&self) -> bool {
        self.settings.github_keys.is_some()
    }

    /// Handles a call of GitHub's, and says what each credential is.
    ///
    /// # Errors
    /// When it is not GitHub's, or such calls are not taken, or storage fails; what was handled before is.
    pub async fn github_leaks(
        &self,
        call: GithubCall<'_>,
        context: &Context,
    ) -> Result<Vec<LeakVerdict>, GithubError> {
        let Some(uri) = &self.settings.github_keys else { return Err(GithubError::NotHeard) };
        let fetch = self.key_cache.fetcher();
        let key = self.leaks.github.find(fetch, uri, call.key_id, context.now).await?;
        if !key.is_some_and(|key| is_signed(&key, call)) {
            self.count_failure(&Party::reporting(context.address), context)?;
            return Err(GithubError::Unsigned);
        }
        let reported: Vec<Reported> = serde_json::from_slice(call.body)
            .map_err(|error| GithubError::Malformed { line: error.line(), column: error.column() })?;
        if reported.len() > MAX_REPORTED {
            return Err(GithubError::TooMany);
        }
        let mut verdicts = Vec::with_capacity(reported.len());
        for Reported { token, kind } in reported {
            let token = Secret::new(token);
            let reporter = Context { address: None, ..context.clone() };
            let label = match self.handle_leak(&token, Some("github"), &reporter).await? {
                Handled::Ours => "true_positive",
                Handled::Unknown => "false_positive",
            };
            let token_hash = hex::encode(sha256(token.expose().as_bytes()));
            verdicts.push(LeakVerdict { token_hash, token_type: kind, label });
        }
        Ok(verdicts)
    }
}

fn is_signed(key: &ParsedPublicKey, call: GithubCall<'_>) -> bool {
    let signature = STANDARD.decode(call.signature);
    signature.is_ok_and(|signature| key.verify_sig(call.body, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaks::github_keys::{KEY, parse};

    const BODY: &[u8] = br#"[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]"#;
    const OTHER: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq\nkCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==\n-----END PUBLIC KEY-----\n";
    /// Of the call of GitHub's documentation, by [`KEY`].
    const SIGNATURE: &str =
        "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==";

    fn signed(key: &str, signature: &str, body: &[u8]) -> bool {
        is_signed(&parse(key).unwrap(), GithubCall { key_id: "", signature, body })
    }

    #[test]
    fn the_call_of_githubs_documentation_is_githubs() {
        assert!(signed(KEY, SIGNATURE, BODY));
    }

    #[test]
    fn no_other_key_signature_or_body_is() {
        assert!(!signed(OTHER, SIGNATURE, BODY));
        assert!(!signed(KEY, SIGNATURE, &[BODY, b"\n"].concat()), "signed are the bytes as they came");
        assert!(!signed(KEY, SIGNATURE, b""));
        let cut = &SIGNATURE[..SIGNATURE.len() - 4];
        let other = SIGNATURE.replace("MEQC", "MEQD");
        for signature in ["", "AA==", "MAYCAQACAQA=", "no base64", cut, &other] {
            assert!(!signed(KEY, signature, BODY), "{signature}");
        }
    }
}
