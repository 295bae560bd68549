//! An issuer for tests: it mints real tokens, signed with keys that it made, and guards believe it.
//!
//! ```
//! use axum::http::{Request, StatusCode};
//! use axum::{body::Body, routing::get};
//! use tokenry_guard::{Caller, testing::TestIssuer};
//! use tower::ServiceExt;
//!
//! tokenry_guard::scopes! { pub Read = "read:timesheets"; }
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let issuer = TestIssuer::new();
//! let guard = issuer.guard_builder().build().await.unwrap();
//! let app = guard.router().route("/whoami", get(async |_: Caller<Read>| "you"), Read).build();
//!
//! let token = issuer.token().client("cron").scope(Read).company("acme").mint();
//! let request = Request::get("/whoami").header("authorization", format!("Bearer {token}"));
//! let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//! # });
//! ```

mod listen;
mod token;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokenry_clock::{Clock, MockClock, SystemClock, Timestamp};
use tokenry_jose::{JwkSet, SigningKey};
use tokenry_protocol::Secret;
use tokenry_protocol::guard::Snapshot;

use self::listen::Listener;
pub use self::token::TestToken;
use crate::guard::{Guard, Trusted};
use crate::keys::KeyStore;
use crate::{GuardBuilder, TenantClaim};
pub use tokenry_jose::Algorithm;

/// The audience of a test issuer's tokens.
pub const AUDIENCE: &str = "https://timesheets.example.com";

/// The name of a test issuer's tenant claim.
pub const NAMESPACE: &str = "https://auth.example.com/metadata";

const API_ID: &str = "timesheets-api";

/// An authorization server in the test's process.
///
/// Made by [`new`](Self::new), nothing leaves the process: guards of [`guard_builder`](Self::guard_builder) share keys, companies
/// and clock with it. Made by [`listen`](Self::listen), it also answers over HTTP, for programs that configure their
/// own guard.
pub struct TestIssuer {
    identifier: String,
    clock: MockClock,
    state: Arc<State>,
    minted: AtomicU64,
    _listener: Option<Listener>,
}

/// What the issuer publishes.
pub(crate) struct State {
    trusted: Arc<Trusted>,
    secret: Secret,
    signer: Mutex<Arc<SigningKey>>,
    published: Mutex<JwkSet>,
    snapshot: Mutex<Snapshot>,
}

impl TestIssuer {
    /// An issuer with an ES256 key, whose clock stands at 2026-11-21T02:34:56Z.
    #[must_use]
    pub fn new() -> Self {
        Self::with_algorithm(Algorithm::Es256)
    }

    /// An issuer with a key for this algorithm.
    #[must_use]
    pub fn with_algorithm(algorithm: Algorithm) -> Self {
        Self {
            identifier: "https://id.example.com".to_owned(),
            clock: MockClock::new(Timestamp::from_secs(1_795_228_496)),
            state: Arc::new(State::new(algorithm)),
            minted: AtomicU64::new(0),
            _listener: None,
        }
    }

    /// An issuer that answers on a free port of 127.0.0.1 until it is dropped, with metadata, key set and snapshot. Its clock
    /// shows the system's time and then stands still.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn listen() -> Self {
        let state = Arc::new(State::new(Algorithm::Es256));
        let listener = Listener::start(&state).await;
        Self {
            identifier: listener.url().to_owned(),
            clock: MockClock::new(SystemClock.now()),
            state,
            minted: AtomicU64::new(0),
            _listener: Some(listener),
        }
    }

    /// The issuer identifier; its URL, if it listens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.identifier
    }

    /// The clock of this issuer and of the guards of [`guard_builder`](Self::guard_builder).
    #[must_use]
    pub fn clock(&self) -> &MockClock {
        &self.clock
    }

    /// The id and secret of the API with [`AUDIENCE`].
    #[must_use]
    pub fn credentials(&self) -> (&'static str, Secret) {
        (API_ID, self.state.secret.clone())
    }

    /// A guard's configuration for [`AUDIENCE`] and [`NAMESPACE`] that believes this issuer, without a network.
    pub fn guard_builder(&self) -> GuardBuilder {
        Guard::builder()
            .issuer(&self.identifier)
            .audience(AUDIENCE)
            .tenant(TenantClaim::namespace(NAMESPACE))
            .shared(&self.state.trusted, Arc::new(self.clock.clone()))
    }

    /// Sets which companies a corporation has.
    pub fn corporation<'a>(&self, id: &str, companies: impl IntoIterator<Item = &'a str>) {
        let mut snapshot = self.state.snapshot.lock();
        snapshot.corporations.insert(id.to_owned(), companies.into_iter().map(str::to_owned).collect());
        self.state.trusted.replace_companies(snapshot.clone());
    }

    /// The key set as JSON, for tests that serve it themselves.
    #[must_use]
    pub fn key_set(&self) -> String {
        self.state.published.lock().to_json()
    }

    /// Replaces the key, as after an emergency: tokens of the old one are no longer valid.
    pub fn replace_key(&self) {
        let algorithm = self.state.signer.lock().algorithm();
        self.state.publish(new_key(algorithm));
    }

    /// Starts a token: of the client `test-client`, for [`AUDIENCE`], an hour long, without scope and company.
    #[must_use]
    pub fn token(&self) -> TestToken {
        let number = self.minted.fetch_add(1, Ordering::Relaxed);
        TestToken::new(Arc::clone(&self.state.signer.lock()), &self.identifier, self.clock.now(), number)
    }
}

impl Default for TestIssuer {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestIssuer").field("identifier", &self.identifier).finish_non_exhaustive()
    }
}

impl State {
    fn new(algorithm: Algorithm) -> Self {
        let signer = new_key(algorithm);
        let snapshot = Snapshot { audience: AUDIENCE.to_owned(), ..Snapshot::default() };
        let state = Self {
            trusted: Arc::new(Trusted::new(KeyStore::fixed())),
            secret: Secret::new("a secret of the test issuer's API".to_owned()),
            signer: Mutex::new(Arc::clone(&signer)),
            published: Mutex::new(JwkSet::default()),
            snapshot: Mutex::new(snapshot.clone()),
        };
        state.trusted.replace_companies(snapshot);
        state.publish(signer);
        state
    }

    fn publish(&self, signer: Arc<SigningKey>) {
        let set = JwkSet::new(vec![signer.public_jwk().clone()]).expect("one key has one kid");
        *self.published.lock() = set.clone();
        *self.signer.lock() = signer;
        self.trusted.replace_keys(set).expect("a key that signs has a half that verifies");
    }
}

fn new_key(algorithm: Algorithm) -> Arc<SigningKey> {
    Arc::new(SigningKey::generate(algorithm).expect("the crypto library makes keys").0)
}
