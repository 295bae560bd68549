//! Clients with keys of their own, and what they sign.

use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};
use tokenry_engine::manage::{NewClient, NewClientKeys};
use tokenry_jose::{Algorithm, SigningKey, base64url};
use tokenry_model::ClientAuthMethod;
use tokenry_protocol::token::JWT_BEARER_ASSERTION;
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, Refusal, TestApp};

use crate::token::support::{acme, client};

pub(super) const GRANT: (&str, &str) = ("grant_type", "client_credentials");
pub(super) const TYPE: (&str, &str) = ("client_assertion_type", JWT_BEARER_ASSERTION);
/// Where a client authenticates.
pub(super) const ENDPOINTS: [&str; 3] = ["/oauth/token", "/oauth/introspect", "/oauth/revoke"];

/// A client that signs assertions.
pub(super) struct Signer {
    /// Its secret is empty: it has none.
    pub(super) client: DemoClient,
    pub(super) key: SigningKey,
}

/// A key of a client's own.
pub(super) fn new_key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap().0
}

/// The set of these keys' public halves.
pub(super) fn jwks(keys: &[&SigningKey]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| key.public_jwk().to_json()).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// A job of Acme's to be made that signs assertions.
pub(super) fn signing(app: &TestApp, keys: NewClientKeys) -> NewClient {
    let auth_method = Some(ClientAuthMethod::PrivateKeyJwt);
    NewClient { auth_method, keys: Some(keys), ..acme(app, "Signing job") }
}

/// One of Acme's jobs that has the Timesheets API and signs with a key that we were given.
pub(super) async fn signer(app: &TestApp, algorithm: Algorithm) -> Signer {
    let key = new_key(algorithm);
    let keys = NewClientKeys::Inline(jwks(&[&key]).into_bytes());
    let client = client(app, signing(app, keys), &[AUDIENCE]).await;
    assert_eq!(client.secret, "", "it holds none");
    Signer { client, key }
}

impl Signer {
    /// What an honest assertion says now, under a `jti` of its own.
    pub(super) fn claims(&self, app: &TestApp) -> Map<String, Value> {
        let now = tokenry_clock::Clock::now(&app.clock).as_secs();
        let mut unique = [0; 16];
        tokenry_model::Rng::fill(&tokenry_model::SystemRng, &mut unique);
        let claims = json!({
            "iss": self.client.id, "sub": self.client.id, "aud": app.issuer,
            "iat": now, "exp": now + 60, "jti": base64url::encode(&unique),
        });
        claims.as_object().unwrap().clone()
    }

    /// An honest assertion.
    pub(super) fn assertion(&self, app: &TestApp) -> String {
        self.sign(&self.claims(app))
    }

    /// An assertion that says what an honest one does, but for this.
    pub(super) fn saying(&self, app: &TestApp, name: &str, value: Value) -> String {
        let mut claims = self.claims(app);
        claims.insert(name.to_owned(), value);
        self.sign(&claims)
    }

    pub(super) fn sign(&self, claims: &Map<String, Value>) -> String {
        sign(&self.key, "JWT", claims)
    }

    /// A token request with an honest assertion.
    pub(super) fn request(&self, app: &TestApp) -> RequestBuilder {
        ask(app, &self.assertion(app), &[])
    }

    pub(super) async fn token(&self, app: &TestApp) -> String {
        Answer::to(self.request(app)).await.token()
    }

    /// How a request of this client must be refused that proves nothing.
    pub(super) fn refusal(&self, reason: &'static str) -> Refusal {
        Refusal::of_claimed(&self.client, 401, "invalid_client", reason)
    }

    /// How many tokens this client has been issued.
    pub(super) async fn issued(&self, app: &TestApp) -> usize {
        let mine = |record: &tokenry_store::StoredRecord| {
            record.event == "token.issued" && record.actor_id.as_deref() == Some(&*self.client.id)
        };
        app.audit().await.iter().filter(|record| mine(record)).count()
    }
}

pub(super) fn sign(key: &SigningKey, typ: &str, claims: &Map<String, Value>) -> String {
    key.sign_compact(&key.header(typ), &serde_json::to_vec(claims).unwrap()).unwrap()
}

/// A JWS with a header of our own making.
pub(super) fn sign_with_header(key: &SigningKey, header: &Value, claims: &Map<String, Value>) -> String {
    let part = |value: &[u8]| base64url::encode(value);
    let input =
        format!("{}.{}", part(header.to_string().as_bytes()), part(&serde_json::to_vec(claims).unwrap()));
    format!("{input}.{}", part(&key.sign(input.as_bytes()).unwrap()))
}

/// A token request with an assertion, and these parameters.
pub(super) fn ask(app: &TestApp, assertion: &str, more: &[(&str, &str)]) -> RequestBuilder {
    at(app, "/oauth/token", assertion, more)
}

/// Asserts that an assertion gets a token.
pub(super) async fn taken(app: &TestApp, assertion: &str) {
    drop(Answer::to(ask(app, assertion, &[])).await.token());
}

/// A request to an endpoint at which clients authenticate.
pub(super) fn at(app: &TestApp, path: &str, assertion: &str, more: &[(&str, &str)]) -> RequestBuilder {
    let own = [GRANT, ("token", "unknown"), TYPE, ("client_assertion", assertion)];
    let form: Vec<_> = own.iter().chain(more).collect();
    app.http.post(app.url(path)).form(&form)
}
