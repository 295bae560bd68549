//! Opaque access tokens: the issuer is asked what they are (RFC 7662), once for all who wait for the same answer.
//!
//! What is remembered is never that a token is allowed: time, revocation, scope and company are checked at every
//! request. A good answer is used again only while the event stream is fresh, which would tell of its end; else each
//! request asks. The token itself is kept nowhere, only its digest.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use parking_lot::Mutex;
use serde_json::Value;
use tokenry_protocol::Secret;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tracing::{info, warn};

use crate::authority::Authority;
use crate::cache::Digest;
use crate::claims::Expected;
use crate::denied::{Denied, Reason};
use crate::remote::{FetchError, Remote};
use crate::token::Token;

/// How long a good answer may be used, and a bad one, which strangers can ask for.
const ACTIVE_FOR: Duration = Duration::from_secs(60);
const INACTIVE_FOR: Duration = Duration::from_secs(1);

/// How many bad answers are remembered.
const MAX_INACTIVE: u64 = 10_000;

/// How long an answer may take, the wait for a free slot included.
const LIMIT: Duration = Duration::from_secs(5);

/// How many questions are asked at once, and how many wait for that.
const SLOTS: usize = 64;
const MAX_FLIGHTS: usize = 1_024;

/// An older flight answers nobody new: what it says may be from before a revocation.
const JOINABLE: Duration = Duration::from_secs(1);

type Outcome = Result<Arc<Token>, Denied>;

/// Asks one issuer.
pub(crate) struct Introspection {
    authority: Arc<Authority>,
    remote: Arc<Remote>,
    expected: Arc<Expected>,
    active: Cache<Digest, Active>,
    inactive: Cache<Digest, Instant>,
    flights: Mutex<HashMap<Digest, Flight>>,
    slots: Semaphore,
    failing: AtomicBool,
}

#[derive(Clone)]
struct Active {
    token: Arc<Token>,
    asked: Instant,
    /// How many snapshots there had been then. Another one may be of another log, whose events end nothing of before.
    snapshots: u64,
}

/// A question on its way.
struct Flight {
    asked: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Introspection {
    /// Good answers take at most about `bytes` of memory.
    pub(crate) fn new(
        authority: Arc<Authority>,
        remote: Arc<Remote>,
        expected: Arc<Expected>,
        bytes: u64,
    ) -> Self {
        let weigher = |_: &Digest, active: &Active| active.token.weight();
        Self {
            authority,
            remote,
            expected,
            active: Cache::builder().max_capacity(bytes).weigher(weigher).time_to_live(ACTIVE_FOR).build(),
            inactive: Cache::builder().max_capacity(MAX_INACTIVE).time_to_live(INACTIVE_FOR).build(),
            flights: Mutex::new(HashMap::new()),
            slots: Semaphore::new(SLOTS),
            failing: AtomicBool::new(false),
        }
    }

    /// What need not be asked; `None` if it has to be.
    pub(crate) fn known(&self, digest: &Digest) -> Result<Option<Arc<Token>>, Denied> {
        self.authority.check_itself()?;
        if self.inactive.get(digest).is_some_and(|asked| asked.elapsed() < INACTIVE_FOR) {
            return Err(inactive());
        }
        if self.authority.is_stale() {
            return Ok(None);
        }
        let snapshots = self.authority.snapshots();
        let is_good = |active: &Active| active.asked.elapsed() < ACTIVE_FOR && active.snapshots == snapshots;
        Ok(self.active.get(digest).filter(is_good).map(|active| active.token))
    }

    /// Asks, or waits for the answer that someone else asked for.
    pub(crate) async fn ask(self: &Arc<Self>, digest: Digest, token: &str) -> Outcome {
        let mut outcome = self.join_or_start(digest, token)?;
        let answered = outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        answered.unwrap_or_else(|| Err(unavailable("the question was given up")))
    }

    fn join_or_start(
        self: &Arc<Self>,
        digest: Digest,
        token: &str,
    ) -> Result<watch::Receiver<Option<Outcome>>, Denied> {
        let asked = Instant::now();
        let mut flights = self.flights.lock();
        if let Some(flight) = flights.get(&digest).filter(|flight| flight.asked + JOINABLE >= asked) {
            return Ok(flight.outcome.clone());
        }
        if flights.len() >= MAX_FLIGHTS {
            return Err(unavailable("too many tokens are being asked about"));
        }
        let (answer, outcome) = watch::channel(None);
        flights.insert(digest, Flight { asked, outcome: outcome.clone() });
        let (this, token) = (Arc::clone(self), Secret::new(token.to_owned()));
        // A task of its own: whoever asked first may go away, and others wait.
        tokio::spawn(async move {
            let outcome = this.settle(digest, &token, asked).await;
            this.land(&digest, asked);
            answer.send_replace(Some(outcome));
        });
        Ok(outcome)
    }

    fn land(&self, digest: &Digest, asked: Instant) {
        let mut flights = self.flights.lock();
        if flights.get(digest).is_some_and(|flight| flight.asked == asked) {
            flights.remove(digest);
        }
    }

    /// Gets the answer and remembers it.
    async fn settle(&self, digest: Digest, token: &Secret, asked: Instant) -> Outcome {
        let snapshots = self.authority.snapshots();
        let answer = tokio::time::timeout(LIMIT, self.fetch(token)).await;
        let answer = answer.unwrap_or_else(|_| Err(FetchError::Transport("no answer in time".to_owned())));
        self.note(answer.as_ref().err());
        let outcome = match answer {
            Ok(body) => self.read(&body),
            Err(error) => return Err(unavailable(&error.to_string())),
        };
        match &outcome {
            Ok(token) => self.active.insert(digest, Active { token: Arc::clone(token), asked, snapshots }),
            Err(denied) if matches!(denied.reason(), Reason::InvalidToken) => {
                self.inactive.insert(digest, asked);
                self.active.invalidate(&digest);
            }
            Err(_) => {}
        }
        outcome
    }

    async fn fetch(&self, token: &Secret) -> Result<Vec<u8>, FetchError> {
        // Nobody closes the semaphore.
        let _slot = self.slots.acquire().await;
        self.remote.introspect(token).await
    }

    /// `active` has to be exactly `true`; then everything is checked as in a signed token.
    fn read(&self, body: &[u8]) -> Outcome {
        let answer = tokenry_jose::json::object(body)
            .map_err(|error| unavailable(&format!("the answer is no JSON object: {error}")))?;
        match answer.get("active") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Err(inactive()),
            _ => return Err(unavailable("the answer does not say whether the token is active")),
        }
        Token::introspected(&self.authority, &answer, body, &self.expected).map(Arc::new)
    }

    /// Logs the beginning and the end of an outage.
    fn note(&self, error: Option<&FetchError>) {
        let issuer = &self.authority.issuer;
        match error {
            Some(error) if !self.failing.swap(true, Ordering::AcqRel) => {
                warn!(issuer, %error, "the authorization server cannot be asked about opaque tokens");
            }
            None if self.failing.swap(false, Ordering::AcqRel) => {
                info!(issuer, "the authorization server answers about opaque tokens again");
            }
            Some(_) | None => {}
        }
    }
}

fn inactive() -> Denied {
    Denied::invalid_token("the issuer says that the token is not active")
}

fn unavailable(why: &str) -> Denied {
    Denied::new(Reason::IntrospectionUnavailable).because(why)
}
