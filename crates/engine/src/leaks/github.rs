//! What GitHub's secret scanning reports to those who issue credentials: a signed call with all that it found in one push.
//!
//! 1. The call bears GitHub's signature over its bytes as they came (ECDSA on P-256 with SHA-256), by a key that GitHub publishes. The
//!    keys are fetched from where the operator says, seldom enough that strangers cannot make a flood of it ([`GithubKeys`]).
//! 2. Each credential is handled as one that anybody reports, but before the answer.
//! 3. The answer says of each whether it is or was one of ours, as that protocol has it: only GitHub gets it, which has all of
//!    them already. It has their digests, not the credentials.
//!
//! Source: GitHub Docs, "Secret scanning partner program".

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_jose::sha256;
use tokenry_protocol::secret::Secret;

use super::Handled;
use crate::client_keys::{FetchError, FetchKeys, FetchedKeys};
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::refusal::Refusal;

/// How many credentials one call may report.
const MAX_REPORTED: usize = 1_000;
/// How long the keys serve if their publisher does not say, and within which bounds what it says is believed.
const USUAL_AGE: Duration = Duration::from_secs(3_600);
const MIN_AGE: Duration = Duration::from_secs(60);
const MAX_AGE: Duration = Duration::from_secs(86_400);
/// Between two looks, whatever keys strangers name.
const INTERVAL: Duration = Duration::from_secs(60);
/// How long the last good keys are used while looking fails.
const STALE_AT_MOST: Duration = Duration::from_secs(86_400);
/// How many keys are kept.
const MAX_KEYS: usize = 32;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// A call, as it came.
#[derive(Clone, Copy, Debug)]
pub struct GithubCall<'a> {
    /// `Github-Public-Key-Identifier`.
    pub key_id: &'a str,
    /// `Github-Public-Key-Signature`: base64 of the DER form.
    pub signature: &'a str,
    /// The body's bytes.
    pub body: &'a [u8],
}

/// Why a call is not heard.
#[derive(Debug, Error)]
pub enum GithubError {
    /// The body is not what such a call has.
    #[error("the body is no list of credentials")]
    Malformed,
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

/// What GitHub calls that a credential is one, or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LeakLabel {
    /// It is none of ours, and never was, as far as is known.
    FalsePositive,
    /// It is or was one.
    TruePositive,
}

impl LeakLabel {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FalsePositive => "false_positive",
            Self::TruePositive => "true_positive",
        }
    }
}

/// What is answered of one credential.
#[derive(Clone, Debug)]
pub struct LeakVerdict {
    /// SHA-256 of the credential, in hexadecimal.
    pub token_hash: String,
    /// What GitHub calls its kind.
    pub token_type: String,
    /// Whether it is one.
    pub label: LeakLabel,
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
        let Some(uri) = &self.settings.github_keys else { return Err(GithubError::Unsigned) };
        let fetch = self.key_cache.fetcher();
        let key = self.leaks.github.find(fetch, uri, call.key_id, context.now).await?;
        if !key.is_some_and(|key| is_signed(&key, call)) {
            let over = |refusal: &Refusal| self.refusals.note(refusal.reason, None, context);
            self.limits.fail(&Party::reporting(context.address), context.now).inspect_err(over)?;
            return Err(GithubError::Unsigned);
        }
        let reported: Vec<Reported> =
            serde_json::from_slice(call.body).map_err(|_other| GithubError::Malformed)?;
        if reported.len() > MAX_REPORTED {
            return Err(GithubError::TooMany);
        }
        let mut verdicts = Vec::with_capacity(reported.len());
        for Reported { token, kind } in reported {
            let token = Secret::new(token);
            let reporter = Context { address: None, ..context.clone() };
            let label = match self.handle_leak(&token, Some("github"), &reporter).await? {
                Handled::Ours => LeakLabel::TruePositive,
                Handled::Unknown => LeakLabel::FalsePositive,
            };
            let token_hash = hex(&sha256(token.expose().as_bytes()));
            verdicts.push(LeakVerdict { token_hash, token_type: kind, label });
        }
        Ok(verdicts)
    }
}

fn is_signed(key: &ParsedPublicKey, call: GithubCall<'_>) -> bool {
    let signature = STANDARD.decode(call.signature);
    signature.is_ok_and(|signature| key.verify_sig(call.body, &signature).is_ok())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// GitHub's published keys, fetched by one request for all.
#[derive(Debug, Default)]
pub(crate) struct GithubKeys(tokio::sync::Mutex<Known>);

#[derive(Default)]
struct Known {
    keys: Vec<(String, Arc<ParsedPublicKey>)>,
    fetched_at: Option<Timestamp>,
    serves_until: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// The document that GitHub publishes.
#[derive(Deserialize)]
struct Published {
    public_keys: Vec<PublishedKey>,
}

#[derive(Deserialize)]
struct PublishedKey {
    key_identifier: String,
    key: String,
}

impl GithubKeys {
    /// The key of that name; `None`: there is none.
    async fn find(
        &self,
        fetch: &dyn FetchKeys,
        uri: &str,
        key_id: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<ParsedPublicKey>>, Refusal> {
        let mut known = self.0.lock().await;
        let found = known.find(key_id);
        let serves = known.serves_until.is_some_and(|until| now < until);
        let tried = known.tried_at.is_some_and(|at| now.since(at) < INTERVAL);
        if (serves && found.is_some()) || tried {
            return known.usable(found, now);
        }
        known.tried_at = Some(now);
        match fetch.fetch(uri).await.map_err(Look::Fetch).and_then(|fetched| read(&fetched)) {
            Ok((keys, age)) => {
                let (fetched_at, serves_until) = (Some(now), Some(now.plus(age)));
                *known = Known { keys, fetched_at, serves_until, tried_at: Some(now) };
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "GitHub's keys cannot be had");
            }
        }
        let found = known.find(key_id);
        known.usable(found, now)
    }
}

impl Known {
    fn find(&self, key_id: &str) -> Option<Arc<ParsedPublicKey>> {
        self.keys.iter().find(|(name, _key)| name == key_id).map(|(_name, key)| Arc::clone(key))
    }

    /// Without keys of late nothing is known of any signature.
    fn usable(
        &self,
        found: Option<Arc<ParsedPublicKey>>,
        now: Timestamp,
    ) -> Result<Option<Arc<ParsedPublicKey>>, Refusal> {
        match self.fetched_at.is_some_and(|at| now.since(at) < STALE_AT_MOST) {
            true => Ok(found),
            false => Err(Refusal::unavailable("github_keys_unknown")),
        }
    }
}

/// Why a look brought no keys.
#[derive(Debug, Error)]
enum Look {
    #[error("they are no list of keys")]
    Document(#[source] serde_json::Error),
    #[error(transparent)]
    Fetch(FetchError),
}

/// The keys of a document, without those that cannot be read.
fn read(fetched: &FetchedKeys) -> Result<(Vec<(String, Arc<ParsedPublicKey>)>, Duration), Look> {
    let published: Published = serde_json::from_slice(&fetched.body).map_err(Look::Document)?;
    let keys = published.public_keys.into_iter().take(MAX_KEYS);
    let keys = keys.filter_map(|key| Some((key.key_identifier, Arc::new(parse(&key.key)?)))).collect();
    Ok((keys, fetched.max_age.unwrap_or(USUAL_AGE).clamp(MIN_AGE, MAX_AGE)))
}

/// A P-256 key in a PEM text (RFC 7468 §13).
fn parse(pem: &str) -> Option<ParsedPublicKey> {
    let base64 = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let base64: String = base64.split_ascii_whitespace().collect();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, STANDARD.decode(base64).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]"#;
    /// As GitHub publishes it, and the call of its documentation that it signed.
    const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n-----END PUBLIC KEY-----\n";
    const OTHER: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq\nkCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==\n-----END PUBLIC KEY-----\n";
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

    #[test]
    fn a_key_that_is_none_is_left_out() {
        let halves = KEY.split_at(90);
        for pem in [
            "",
            "x",
            BEGIN,
            halves.0,
            halves.1,
            &KEY.replace("PUBLIC", "PRIVATE"),
            &KEY.replace("MFkw", "MFkx"),
        ] {
            assert!(parse(pem).is_none(), "{pem}");
        }
        let body = serde_json::json!({ "public_keys": [
            { "key_identifier": "broken", "key": "x", "is_current": true },
            { "key_identifier": "good", "key": KEY, "is_current": false },
        ]});
        let fetched = FetchedKeys { body: body.to_string().into_bytes(), max_age: Some(Duration::ZERO) };
        let (keys, age) = read(&fetched).unwrap();
        assert_eq!((keys.len(), keys[0].0.as_str(), age), (1, "good", MIN_AGE));
        assert!(read(&FetchedKeys { body: b"{}".to_vec(), max_age: None }).is_err());
    }
}
