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

mod answers;
mod events;
mod listen;
mod table;
mod token;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use tokenry_clock::{Clock, MockClock, SystemClock, Timestamp};
use tokenry_jose::{JwkSet, SigningKey};
use tokenry_protocol::Secret;
use tokenry_protocol::guard::{Change, Revoked, RevokedKind, Snapshot};
use tokio::sync::watch;

#[doc(hidden)]
pub use self::answers::Answers;
pub use self::answers::TestCredential;
use self::listen::Listener;
#[doc(hidden)]
pub use self::table::{RevocationTable, TokenNames};
pub use self::token::TestToken;
use crate::authority::{Authority, Kind, Place};
use crate::companies::Directory;
use crate::freshness::Freshness;
use crate::guard::Guard;
use crate::keys::KeyStore;
use crate::revocations::USUAL_CAP;
use crate::{GuardBuilder, Issuer, TenantClaim};
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
    authority: Arc<Authority>,
    answers: Arc<Answers>,
    secret: Secret,
    signer: Mutex<Arc<SigningKey>>,
    published: Mutex<JwkSet>,
    snapshot: Mutex<Snapshot>,
    /// Everything that happened; its length is the number of the last event.
    log: watch::Sender<Vec<Change>>,
    /// Whether the stream of events is down.
    interrupted: watch::Sender<bool>,
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
        Self::with("https://id.example.com", algorithm)
    }

    /// An issuer of another name, for APIs that take tokens of several.
    #[must_use]
    pub fn named(identifier: &str) -> Self {
        Self::with(identifier, Algorithm::Es256)
    }

    fn with(identifier: &str, algorithm: Algorithm) -> Self {
        Self {
            identifier: identifier.to_owned(),
            clock: MockClock::new(Timestamp::from_secs(1_795_228_496)),
            state: Arc::new(State::new(identifier, algorithm)),
            minted: AtomicU64::new(0),
            _listener: None,
        }
    }

    /// An issuer that answers on a free port of 127.0.0.1 until it is dropped, with metadata, key set, snapshot and
    /// events. Its clock shows the system's time and then stands still.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn listen() -> Self {
        let listener = Listener::bind().await;
        let state = Arc::new(State::new(listener.url(), Algorithm::Es256));
        Self {
            identifier: listener.url().to_owned(),
            clock: MockClock::new(SystemClock.now()),
            minted: AtomicU64::new(0),
            _listener: Some(listener.serve(&state)),
            state,
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
            .shared(&self.state.authority, &self.state.answers, Arc::new(self.clock.clone()))
    }

    /// This issuer for [`GuardBuilder::also`]; without a network, as [`guard_builder`](Self::guard_builder).
    #[must_use]
    pub fn further(&self) -> Issuer {
        Issuer::shared(&self.state.authority)
    }

    /// Sets which companies a corporation has.
    pub fn corporation<'a>(&self, id: &str, companies: impl IntoIterator<Item = &'a str>) {
        let after: Vec<_> = companies.into_iter().map(str::to_owned).collect();
        let before = {
            let mut snapshot = self.state.snapshot.lock();
            snapshot.corporations.insert(id.to_owned(), after.clone()).unwrap_or_default()
        };
        // Known, even without a company.
        self.state.authority.replace_companies(self.state.directory());
        let corporation = || id.to_owned();
        for company in before.iter().filter(|company| !after.contains(company)).cloned() {
            self.state.happen(Change::CompanyLeft { corporation: corporation(), company }, self.clock.now());
        }
        for company in after.iter().filter(|company| !before.contains(company)).cloned() {
            self.state
                .happen(Change::CompanyJoined { corporation: corporation(), company }, self.clock.now());
        }
    }

    /// Revokes one token.
    pub fn revoke(&self, token: &TestToken) {
        self.revoked(RevokedKind::Token, token.token_id());
    }

    /// Revokes every token of that one's client so far, and those to come, for a test's client has one handle for ever.
    pub fn revoke_handle(&self, token: &TestToken) {
        self.revoked(RevokedKind::Handle, token.handle());
    }

    /// Revokes the key: tokens of it are no longer valid, whoever still has it in a key set.
    pub fn revoke_key(&self) {
        let kid = self.state.signer.lock().kid().to_owned();
        self.revoked(RevokedKind::Key, &kid);
    }

    /// From now on nobody may act for the company.
    pub fn disable_company(&self, id: &str) {
        self.state.snapshot.lock().disabled_companies.push(id.to_owned());
        self.state.happen(Change::CompanyDisabled { company: id.to_owned() }, self.clock.now());
    }

    /// The company may be acted for again.
    pub fn enable_company(&self, id: &str) {
        self.state.snapshot.lock().disabled_companies.retain(|disabled| disabled != id);
        self.state.happen(Change::CompanyEnabled { company: id.to_owned() }, self.clock.now());
    }

    /// Makes what guards know stale: at once without a network, by ending the stream with one.
    pub fn interrupt(&self) {
        self.switch(true);
    }

    /// Ends an [`interrupt`](Self::interrupt)ion.
    pub fn resume(&self) {
        self.switch(false);
    }

    fn switch(&self, interrupted: bool) {
        self.state.interrupted.send_replace(interrupted);
        if let Freshness::Switched(stale) = &self.state.authority.freshness {
            stale.store(interrupted, Ordering::Release);
        }
    }

    fn revoked(&self, what: RevokedKind, value: &str) {
        let expires_at = self.clock.now().as_secs() + 31 * 24 * 60 * 60;
        let revoked = Revoked { what, value: value.to_owned(), expires_at };
        self.state.snapshot.lock().revoked.push(revoked.clone());
        self.state.happen(Change::Revoked(revoked), self.clock.now());
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
    fn new(identifier: &str, algorithm: Algorithm) -> Self {
        let signer = new_key(algorithm);
        let freshness = Freshness::Switched(AtomicBool::new(false));
        let keys = KeyStore::fixed();
        let authority = Authority::new(identifier.to_owned(), Kind::Tokenry, keys, freshness, USUAL_CAP);
        let state = Self {
            authority: Arc::new(authority),
            answers: Arc::default(),
            secret: Secret::new("a secret of the test issuer's API".to_owned()),
            signer: Mutex::new(Arc::clone(&signer)),
            published: Mutex::new(JwkSet::default()),
            snapshot: Mutex::new(Snapshot { audience: AUDIENCE.to_owned(), ..Snapshot::default() }),
            log: watch::Sender::new(Vec::new()),
            interrupted: watch::Sender::new(false),
        };
        state.authority.replace_companies(state.directory());
        state.publish(signer);
        state
    }

    fn publish(&self, signer: Arc<SigningKey>) {
        let set = JwkSet::new(vec![signer.public_jwk().clone()]).expect("one key has one kid");
        let jwks = serde_json::from_str(&set.to_json()).expect("a key set is JSON");
        *self.published.lock() = set;
        *self.signer.lock() = signer;
        self.authority.announce_keys(&jwks);
        self.log.send_modify(|log| log.push(Change::Keys { jwks }));
    }

    /// Tells everyone of a change: guards in this process at once, others by the stream.
    fn happen(&self, change: Change, now: Timestamp) {
        let mut seq = 0;
        self.log.send_modify(|log| {
            log.push(change.clone());
            seq = i64::try_from(log.len()).expect("a test is short");
        });
        self.authority.apply(&[change], Place { seq, tag: String::new() }, now);
    }

    fn directory(&self) -> Directory {
        let Snapshot { corporations, disabled_companies, .. } = self.snapshot.lock().clone();
        Directory::new(corporations, disabled_companies)
    }
}

fn new_key(algorithm: Algorithm) -> Arc<SigningKey> {
    Arc::new(SigningKey::generate(algorithm).expect("the crypto library makes keys").0)
}
