//! The keys that GitHub publishes for its reports: fetched for all calls at once, and seldom enough that strangers cannot make a
//! flood of it.
//!
//! 1. They serve for as long as they say, if the one that is asked for is among them.
//! 2. Otherwise there is another look, unless there was one within a minute: strangers choose the names.
//! 3. A look that fails leaves the last good ones in use, for a day at most. Without any no call is believed, and none is refused
//!    as a stranger's.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use thiserror::Error;
use tokenry_clock::Timestamp;

use crate::client_keys::{FetchError, FetchKeys, FetchedKeys};
use crate::refusal::Refusal;

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

type Key = Arc<ParsedPublicKey>;
/// Each by the name that calls have for it.
type NamedKeys = Vec<(String, Key)>;

/// GitHub's published keys, fetched by one request for all.
#[derive(Debug, Default)]
pub(crate) struct GithubKeys(tokio::sync::Mutex<Known>);

#[derive(Default)]
struct Known {
    keys: NamedKeys,
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
    pub(super) async fn find(
        &self,
        fetch: &dyn FetchKeys,
        uri: &str,
        key_id: &str,
        now: Timestamp,
    ) -> Result<Option<Key>, Refusal> {
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
    fn find(&self, key_id: &str) -> Option<Key> {
        self.keys.iter().find(|(name, _key)| name == key_id).map(|(_name, key)| Arc::clone(key))
    }

    /// Without keys of late nothing is known of any signature.
    fn usable(&self, found: Option<Key>, now: Timestamp) -> Result<Option<Key>, Refusal> {
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
fn read(fetched: &FetchedKeys) -> Result<(NamedKeys, Duration), Look> {
    let published: Published = serde_json::from_slice(&fetched.body).map_err(Look::Document)?;
    let keys = published.public_keys.into_iter().take(MAX_KEYS);
    let keys = keys.filter_map(|key| Some((key.key_identifier, Arc::new(parse(&key.key)?)))).collect();
    Ok((keys, fetched.max_age.unwrap_or(USUAL_AGE).clamp(MIN_AGE, MAX_AGE)))
}

/// A P-256 key in a PEM text (RFC 7468 §13).
pub(super) fn parse(pem: &str) -> Option<ParsedPublicKey> {
    let base64 = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let base64: String = base64.split_ascii_whitespace().collect();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, STANDARD.decode(base64).ok()?).ok()
}

/// A key of GitHub's own, as it publishes it.
#[cfg(test)]
pub(super) const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n-----END PUBLIC KEY-----\n";

#[cfg(test)]
mod tests {
    use super::*;

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
