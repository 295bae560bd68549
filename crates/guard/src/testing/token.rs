//! Tokens for tests: valid ones, and ones with a single flaw.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use serde_json::{Map, Value, json};
use tokenry_clock::Timestamp;
use tokenry_jose::{SigningKey, base64url, sha256};

use super::{AUDIENCE, NAMESPACE, new_key};
use crate::ScopeType;

/// How many characters of a `jti` are its handle.
const HANDLE_LEN: usize = 11;

/// One for each client, the same each time.
fn handle(client_id: &str) -> String {
    let mut handle = String::new();
    for byte in sha256(client_id.as_bytes()) {
        handle.push_str(&format!("{byte:02x}"));
    }
    handle.truncate(HANDLE_LEN);
    handle
}

/// A token to be minted. Made by [`TestIssuer::token`](super::TestIssuer::token).
#[derive(Clone)]
pub struct TestToken {
    signer: Arc<SigningKey>,
    now: Timestamp,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    change: Option<(String, Value)>,
}

impl TestToken {
    pub(super) fn new(signer: Arc<SigningKey>, issuer: &str, now: Timestamp, number: u64) -> Self {
        let header = [
            ("alg", json!(signer.algorithm().as_str())),
            ("typ", json!("at+jwt")),
            ("kid", json!(signer.kid())),
        ];
        let claims = [
            ("iss", json!(issuer)),
            ("aud", json!(AUDIENCE)),
            ("iat", json!(now.as_secs())),
            ("exp", json!(now.as_secs() + 3_600)),
            // A handle, and what makes it this token; the client fills in the former.
            ("jti", json!(format!("{:011}{number:021}", 0))),
        ];
        let owned = |members: &[(&str, Value)]| {
            members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        Self { signer, now, header: owned(&header), claims: owned(&claims), change: None }
            .client("test-client")
    }

    /// A token of this client on its own behalf.
    #[must_use]
    pub fn client(self, client_id: &str) -> Self {
        let id = self.token_id().get(HANDLE_LEN..).unwrap_or_default().to_owned();
        self.claim("jti", format!("{}{id}", handle(client_id)))
            .claim("sub", client_id)
            .claim("client_id", client_id)
            .claim("azp", client_id)
            .claim("gty", "client-credentials")
    }

    /// A token of this user, by way of the client `test-client`.
    #[must_use]
    pub fn user(self, id: &str) -> Self {
        let issued_at = self.now.as_secs();
        self.client("test-client")
            .claim("sub", id)
            .without("gty")
            .claim("auth_time", issued_at)
            .claim("sid", "test-session")
    }

    pub(super) const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The `jti`; empty if it was taken away.
    #[must_use]
    pub fn token_id(&self) -> &str {
        self.claims.get("jti").and_then(Value::as_str).unwrap_or_default()
    }

    /// The part of the `jti` that all tokens of the client have in common.
    #[must_use]
    pub fn handle(&self) -> &str {
        self.token_id().get(..HANDLE_LEN).unwrap_or_default()
    }

    /// Adds a scope.
    #[must_use]
    pub fn scope<S: ScopeType>(self, _scope: S) -> Self {
        let scope = match self.claims.get("scope") {
            Some(Value::String(granted)) => format!("{granted} {}", S::TOKEN),
            _ => S::TOKEN.to_owned(),
        };
        self.claim("scope", scope)
    }

    /// For a company.
    #[must_use]
    pub fn company(self, id: &str) -> Self {
        self.tenant_member("companyId", id)
    }

    /// For all companies of a corporation, beside the home [`company`](Self::company).
    #[must_use]
    pub fn corporation(self, id: &str) -> Self {
        self.tenant_member("corporationId", id)
    }

    fn tenant_member(mut self, name: &str, id: &str) -> Self {
        let claim = self.claims.entry(NAMESPACE).or_insert_with(|| json!({}));
        claim[name] = id.into();
        self
    }

    /// Over for a second.
    #[must_use]
    pub fn expired(self) -> Self {
        let past = self.now.as_secs() - 1;
        self.claim("exp", past)
    }

    /// Valid this long from now, in whole seconds.
    #[must_use]
    pub fn expires_in(self, lifetime: Duration) -> Self {
        let expires_at = self.now.plus(lifetime).as_secs();
        self.claim("exp", expires_at)
    }

    /// For another API.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        self.claim("aud", audience)
    }

    /// Of another issuer, but signed by this one's key.
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// Of another type.
    #[must_use]
    pub fn typ(self, typ: &str) -> Self {
        self.header("typ", typ)
    }

    /// Sets a claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Takes a claim away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a member of the header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Takes a member of the header away.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Signed by a stranger's key, under the `kid` of the issuer's.
    #[must_use]
    pub fn wrong_key(mut self) -> Self {
        self.signer = new_key(self.signer.algorithm());
        self
    }

    /// Naming a key that the issuer does not have.
    #[must_use]
    pub fn unknown_key(self) -> Self {
        self.wrong_key().header("kid", "unknown")
    }

    /// With a claim changed after it was signed.
    #[must_use]
    pub fn tampered(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.change = Some((name.to_owned(), value.into()));
        self
    }

    /// The token.
    ///
    /// # Panics
    /// If the crypto library fails.
    #[must_use]
    pub fn mint(&self) -> String {
        self.mint_payload(Value::Object(self.claims.clone()).to_string().as_bytes())
    }

    /// The token with another payload, JSON or not.
    ///
    /// # Panics
    /// If the crypto library fails.
    #[must_use]
    pub fn mint_payload(&self, payload: &[u8]) -> String {
        let header = base64url::encode(Value::Object(self.header.clone()).to_string().as_bytes());
        let mut payload = base64url::encode(payload);
        let signature = self.signer.sign(format!("{header}.{payload}").as_bytes());
        let signature = base64url::encode(&signature.expect("the crypto library signs"));
        if let Some((name, value)) = &self.change {
            let mut claims = self.claims.clone();
            claims.insert(name.clone(), value.clone());
            payload = base64url::encode(Value::Object(claims).to_string().as_bytes());
        }
        format!("{header}.{payload}.{signature}")
    }

    /// The token as the value of an `Authorization` header field.
    ///
    /// # Panics
    /// As [`TestToken::mint`].
    #[must_use]
    pub fn bearer(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.mint()))
            .expect("base64url and dots are visible ASCII");
        value.set_sensitive(true);
        value
    }
}

impl std::fmt::Debug for TestToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestToken").field("header", &self.header).field("claims", &self.claims).finish()
    }
}
