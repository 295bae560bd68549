//! What the test issuer says of credentials that say nothing by themselves.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderName, HeaderValue};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use tokenry_clock::Clock as _;
use tokenry_jose::{base64url, sha256};
use tokenry_protocol::guard::{Change, HOST_API_COOKIE};
use tokenry_protocol::secret::{Brand, SecretKind, issue};

use super::{TestIssuer, TestToken};
use crate::Credential;

/// What is said of which credential, by its text.
#[derive(Default)]
#[doc(hidden)]
pub struct Answers(Mutex<HashMap<String, (Credential, Value)>>);

/// A user's own credential at a test issuer: a personal access token, a cookie for APIs with its CSRF token, or an account
/// secret. Made by [`TestIssuer::pat`](super::TestIssuer::pat) and its siblings.
#[derive(Clone)]
pub struct TestCredential {
    kind: Credential,
    text: String,
}

impl TestIssuer {
    /// A personal access token of the user of `like`, good for what that one is good for.
    #[must_use]
    pub fn pat(&self, like: &TestToken) -> TestCredential {
        self.own(Credential::Pat, like)
    }

    /// The cookie for APIs of a browser in which the user of `like` is signed in, good for what that one is good for.
    #[must_use]
    pub fn cookie(&self, like: &TestToken) -> TestCredential {
        self.own(Credential::Cookie, like)
    }

    /// The account secret of the user of `like`, good for what that one is good for.
    #[must_use]
    pub fn account_secret(&self, like: &TestToken) -> TestCredential {
        self.own(Credential::Secret, like)
    }

    fn own(&self, kind: Credential, like: &TestToken) -> TestCredential {
        let credential = TestCredential::new(kind, self.minted.fetch_add(1, Ordering::Relaxed));
        self.state.answers.set(&credential, like.claims().clone());
        credential
    }

    /// From now on the credential is good for what `like` is good for, as if its user had got another role, and guards are told.
    pub fn change(&self, credential: &TestCredential, like: &TestToken) {
        self.state.answers.set(credential, like.claims().clone());
        self.changed(like);
    }

    /// Ends the credential, of the user of `like`, as if that user had been disabled, and tells guards.
    pub fn end(&self, credential: &TestCredential, like: &TestToken) {
        self.state.answers.end(credential);
        self.changed(like);
    }

    fn changed(&self, like: &TestToken) {
        let subject = like.claims().get("sub").and_then(Value::as_str).map(str::to_owned);
        self.state.happen(Change::SubjectChanged { subject }, self.clock.now());
    }
}

impl TestCredential {
    /// The `number`th of its kind.
    pub(super) fn new(kind: Credential, number: u64) -> Self {
        let entropy = sha256(format!("{} {number}", kind.as_str()).as_bytes());
        let secret = |kind| issue(&Brand::default(), kind, &entropy).expose().to_owned();
        let text = match kind {
            Credential::Pat => secret(SecretKind::PersonalAccessToken),
            Credential::Secret => secret(SecretKind::AccountSecret),
            Credential::Cookie | Credential::Jwt | Credential::Opaque => base64url::encode(&entropy),
        };
        Self { kind, text }
    }

    /// The text itself: of a cookie, its value.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The header field that carries it.
    ///
    /// # Panics
    /// Never: it is visible ASCII.
    #[must_use]
    pub fn header(&self) -> (HeaderName, HeaderValue) {
        let (name, value) = match self.kind {
            Credential::Cookie => (COOKIE, format!("{HOST_API_COOKIE}={}", self.text)),
            Credential::Secret => (AUTHORIZATION, format!("Secret {}", self.text)),
            Credential::Jwt | Credential::Opaque | Credential::Pat => {
                (AUTHORIZATION, format!("Bearer {}", self.text))
            }
        };
        let mut value = HeaderValue::from_str(&value).expect("base64url is visible ASCII");
        value.set_sensitive(true);
        (name, value)
    }

    /// What a page sends as `X-CSRF-Token` along with the cookie.
    #[must_use]
    pub fn csrf_token(&self) -> String {
        base64url::encode(&sha256(format!("csrf {}", self.text).as_bytes()))
    }
}

impl std::fmt::Debug for TestCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestCredential").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Answers {
    /// From now on the credential is good for what these claims say.
    pub(super) fn set(&self, credential: &TestCredential, mut claims: Map<String, Value>) {
        claims.insert("active".to_owned(), true.into());
        claims.insert("token_type".to_owned(), "Bearer".into());
        if let Some(own) = credential.kind.own() {
            claims.insert("credential".to_owned(), json!(own));
            claims.retain(|claim, _| !["azp", "client_id", "gty"].contains(&claim.as_str()));
        }
        if credential.kind == Credential::Cookie {
            let digest = sha256(credential.csrf_token().as_bytes());
            claims.insert("csrf_sha256".to_owned(), base64url::encode(&digest).into());
        } else if credential.kind.own().is_some() {
            claims.retain(|claim, _| !["auth_time", "sid"].contains(&claim.as_str()));
        }
        self.0.lock().insert(credential.text.clone(), (credential.kind, claims.into()));
    }

    /// From now on it is good for nothing.
    pub(super) fn end(&self, credential: &TestCredential) {
        self.0.lock().remove(&credential.text);
    }

    /// The body of the answer.
    pub(crate) fn about(&self, text: &str, kind: Credential) -> Vec<u8> {
        let answers = self.0.lock();
        let said = answers.get(text).filter(|(known, _)| *known == kind).map(|(_, claims)| claims);
        said.unwrap_or(&json!({ "active": false })).to_string().into_bytes()
    }

    /// The body of the answer to an introspection, which may be about anything but a cookie.
    pub(super) fn introspected(&self, text: &str) -> Vec<u8> {
        let kind = self.0.lock().get(text).map(|(kind, _)| *kind).filter(|kind| *kind != Credential::Cookie);
        kind.map_or_else(
            || json!({ "active": false }).to_string().into_bytes(),
            |kind| self.about(text, kind),
        )
    }
}
