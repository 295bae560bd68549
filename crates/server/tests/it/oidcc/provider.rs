//! The provider as the suite knows it: its discovery document, two clients, one user, and what every answer must be like.

use std::collections::BTreeMap;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};
use tokenry_clock::Clock as _;
use tokenry_engine::manage::{NewClient, NewUser};
use tokenry_jose::{base64url, sha256};
use tokenry_model::ClientType;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::{Answer, Browser, DemoClient, Engine, Options, Page, TestApp};

pub(super) const CALLBACK: &str = "https://rp.example/callback";
const NONCE: &str = "nonce of this go";
const STATE: &str = "state of this go";
const USERNAME: &str = "ann@acme.example";
const PASSWORD: &str = "gentle harbour kites at noon";

pub(super) struct Provider {
    pub(super) app: TestApp,
    /// What discovery says.
    pub(super) metadata: Value,
    /// `client_secret_basic`, unless a test sends its secret otherwise.
    pub(super) client: DemoClient,
    pub(super) other: DemoClient,
    /// The user's `sub`.
    pub(super) sub: String,
}

/// Every standard claim that the user holds beside name and address.
pub(super) fn held() -> Map<String, Value> {
    let claims = json!({
        "given_name": "Ann", "family_name": "Example", "middle_name": "Lee", "nickname": "Annie",
        "profile": "https://people.example/ann", "picture": "https://people.example/ann.png",
        "website": "https://ann.example", "gender": "female", "birthdate": "1990-02-03",
        "zoneinfo": "Europe/Berlin", "locale": "de-DE",
        "phone_number": "+49 30 123456", "phone_number_verified": true,
        "address": {"street_address": "1 High Street", "locality": "Berlin", "country": "DE"},
    });
    claims.as_object().unwrap().clone()
}

impl Provider {
    pub(super) async fn on(database: Engine) -> Self {
        let signing_alg = tokenry_jose::Algorithm::EdDsa;
        let options = Options { database, signing_alg, tls: Some("localhost"), ..Options::default() };
        let app = TestApp::with(options).await;
        let metadata = Answer::to(app.http.get(app.url("/.well-known/openid-configuration"))).await.json();
        let new = NewUser {
            username: USERNAME.to_owned(),
            email_verified: true,
            name: Some("Ann Lee Example".to_owned()),
            claims: held(),
            ..NewUser::default()
        };
        let sub = app.manager.create_user(new).await.unwrap().id.to_string();
        app.manager.set_user_password(&sub, &Secret::new(PASSWORD.to_owned())).await.unwrap();
        let (client, other) = (client(&app, "First").await, client(&app, "Second").await);
        Self { app, metadata, client, other, sub }
    }

    pub(super) fn endpoint(&self, name: &str) -> String {
        self.metadata[name].as_str().unwrap_or_else(|| panic!("{name}: {}", self.metadata)).to_owned()
    }

    /// The parameters of the authorization request of the suite, with these in the place of the usual ones; empty: without.
    pub(super) fn parameters(&self, other: &[(&str, &str)]) -> Vec<(String, String)> {
        let usual = [
            ("client_id", self.client.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", STATE),
            ("nonce", NONCE),
            ("response_type", "code"),
        ];
        let kept = usual.iter().filter(|(name, _)| !other.iter().any(|(it, _)| it == name));
        let pairs = kept.chain(other).filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Sends the browser off with an authorization request; nobody does anything there.
    pub(super) async fn ask(&self, browser: &mut Browser, other: &[(&str, &str)]) -> Page {
        let mut url: reqwest::Url = self.endpoint("authorization_endpoint").parse().unwrap();
        url.query_pairs_mut().extend_pairs(self.parameters(other));
        browser.open(url.as_str()).await
    }

    /// The same; whoever is asked signs in and allows.
    pub(super) async fn go(&self, browser: &mut Browser, other: &[(&str, &str)]) -> Page {
        let page = self.ask(browser, other).await;
        self.comply(browser, page).await
    }

    /// Signs in and allows, where a page asks for it.
    pub(super) async fn comply(&self, browser: &mut Browser, mut page: Page) -> Page {
        for _page in 0..4 {
            let action = page.forms().first().map(|form| form.action.path().to_owned());
            page = match action.as_deref() {
                Some("/login") => {
                    let form = page.form("/login").with("username", USERNAME).with("password", PASSWORD);
                    browser.submit(&form).await
                }
                Some("/consent") => browser.submit(&page.form("/consent").with("decision", "allow")).await,
                _ => return page,
            };
        }
        panic!("asked without an end: {page:?}")
    }

    /// A code, for a request with these parameters.
    pub(super) async fn code(&self, browser: &mut Browser, other: &[(&str, &str)]) -> String {
        let told = self.told(&self.go(browser, other).await);
        assert!(!told.contains_key("error"), "{told:?}");
        told["code"].clone()
    }

    /// What the client is told by the redirect that a page is: by us, and with the state that it sent.
    #[track_caller]
    pub(super) fn told(&self, page: &Page) -> BTreeMap<String, String> {
        let to = page.redirect().unwrap_or_else(|| panic!("no redirect: {page:?}"));
        assert!(to.as_str().starts_with(CALLBACK), "{to}");
        let told: BTreeMap<_, _> = to.query_pairs().into_owned().collect();
        assert_eq!(told.get("state").map(String::as_str), Some(STATE), "{told:?}");
        assert_eq!(told.get("iss"), Some(&self.app.issuer));
        told
    }

    /// Asserts that the client is told of an error, and nobody was asked.
    pub(super) async fn refuses(&self, other: &[(&str, &str)], error: &str) {
        let told = self.told(&self.ask(&mut self.app.browser(), other).await);
        assert_eq!(told.get("error").map(String::as_str), Some(error), "{told:?}");
        assert!(!told.contains_key("code"));
    }

    /// A token request of the client, by HTTP Basic.
    pub(super) fn token_request(&self, form: &[(&str, &str)]) -> RequestBuilder {
        let request = self.app.http.post(self.endpoint("token_endpoint"));
        request.basic_auth(&self.client.id, Some(&self.client.secret)).form(form)
    }

    pub(super) async fn redeem(&self, code: &str) -> Answer {
        let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        Answer::to(self.token_request(&form)).await
    }

    /// What a code is good for.
    pub(super) async fn tokens(&self, code: &str) -> Tokens {
        let answer = self.redeem(code).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.read(&answer).await
    }

    /// The tokens of a whole go, with these parameters.
    pub(super) async fn flow(&self, browser: &mut Browser, other: &[(&str, &str)]) -> Tokens {
        self.tokens(&self.code(browser, other).await).await
    }

    /// Reads a token answer as the suite does: its form, and all that is said of an ID token.
    pub(super) async fn read(&self, answer: &Answer) -> Tokens {
        answer.must_be_token_like();
        let body = answer.json();
        assert_eq!(body["token_type"].as_str().unwrap().to_lowercase(), "bearer");
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let access_token = text("access_token").unwrap();
        let id_token = text("id_token").unwrap();
        let claims = self.verify(&id_token).await;
        let hash = sha256(access_token.as_bytes());
        assert_eq!(claims["at_hash"], base64url::encode(&hash[..16]));
        Tokens { access_token, refresh_token: text("refresh_token"), id_token, claims }
    }

    /// Whether the published keys verify an ID token.
    pub(super) async fn verifies(&self, id_token: &str) -> bool {
        self.decode(id_token).await.is_ok()
    }

    /// What an ID token says, by another implementation than ours.
    async fn decode(&self, id_token: &str) -> jsonwebtoken::errors::Result<Value> {
        let jwks = Answer::to(self.app.http.get(self.endpoint("jwks_uri"))).await.json();
        let jwks: JwkSet = serde_json::from_value(jwks).unwrap();
        let header = decode_header(id_token)?;
        assert_eq!(header.alg, Algorithm::RS256);
        let key = jwks.find(header.kid.as_deref().unwrap()).unwrap();
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[&self.app.issuer]);
        rules.set_audience(&[&self.client.id]);
        // The clock is the test's.
        rules.validate_exp = false;
        Ok(decode(id_token, &DecodingKey::from_jwk(key)?, &rules)?.claims)
    }

    /// The claims of an ID token that must be good.
    async fn verify(&self, id_token: &str) -> Value {
        let claims = self.decode(id_token).await.unwrap();
        let now = self.app.clock.now().as_secs();
        assert_eq!((claims["iat"].as_i64(), claims["sub"].as_str()), (Some(now), Some(self.sub.as_str())));
        assert!(claims["exp"].as_i64().unwrap() > now && claims["auth_time"].as_i64().unwrap() <= now);
        assert_eq!(claims.get("acr"), None, "none was asked for that we vouch for");
        claims
    }

    /// What is told of the user.
    pub(super) async fn userinfo(&self, access_token: &str) -> Value {
        let request = self.app.http.get(self.endpoint("userinfo_endpoint")).bearer_auth(access_token);
        self.must_be_userinfo(&Answer::to(request).await)
    }

    pub(super) fn must_be_userinfo(&self, answer: &Answer) -> Value {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
        let claims = answer.json();
        assert_eq!(claims["sub"], self.sub.as_str());
        claims
    }

    pub(super) fn pass(&self, secs: u64) {
        self.app.clock.advance(Duration::from_secs(secs));
    }
}

/// What a token answer had.
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) refresh_token: Option<String>,
    pub(super) id_token: String,
    /// Those of the ID token.
    pub(super) claims: Value,
}

async fn client(app: &TestApp, name: &str) -> DemoClient {
    let new = NewClient {
        redirect_uris: vec![CALLBACK.to_owned()],
        require_pkce: false,
        skip_consent: false,
        ..NewClient::new(ClientType::Web, name)
    };
    let created = app.manager.create_client(new).await.unwrap();
    let secret = created.secret.unwrap().expose().to_owned();
    DemoClient { id: created.client.id.to_string(), secret }
}
