//! Credentials that say nothing by themselves: the issuer is asked what they are, once for all who wait for the same answer.
//!
//! Opaque tokens, personal access tokens and account secrets by introspection (RFC 7662), cookies by session-check.
//!
//! What is remembered is never that a credential is allowed: time, revocation, conditions, scope and company are checked at
//! every request. A good answer is used again only while the event stream is fresh, which would tell of its end; else each
//! request asks. Nor is it used, even by whoever waited for it, if its subject has changed since it was asked for. The
//! credential itself is kept nowhere, only its digest.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tracing::{info, warn};

use crate::accept::Credential;
use crate::authority::Authority;
use crate::claims::Expected;
use crate::denied::{Denied, Reason};
use crate::question::{Key, Question, Source};
use crate::remote::FetchError;
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

/// How often it is asked whose subject changes meanwhile.
const ATTEMPTS: u32 = 3;

type Outcome = Result<Answer, Denied>;

/// Asks one issuer.
pub(crate) struct Asker {
    authority: Arc<Authority>,
    source: Source,
    expected: Arc<Expected>,
    active: Cache<Key, Answer>,
    inactive: Cache<Key, Instant>,
    flights: Mutex<HashMap<Key, Flight>>,
    slots: Semaphore,
    failing: AtomicBool,
}

/// A good answer.
#[derive(Clone)]
struct Answer {
    token: Arc<Token>,
    asked: Moment,
}

/// When a question was asked: what came later cannot be in its answer.
#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    /// How many snapshots there had been. Another one may be of another log, whose events end nothing of before.
    snapshots: u64,
    /// How many changes of subjects there had been.
    changes: u64,
}

/// A question on its way.
struct Flight {
    asked: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Asker {
    /// Good answers take at most about `bytes` of memory.
    pub(crate) fn new(
        authority: Arc<Authority>,
        source: Source,
        expected: Arc<Expected>,
        bytes: u64,
    ) -> Self {
        let weigher = |_: &Key, answer: &Answer| answer.token.weight();
        Self {
            authority,
            source,
            expected,
            active: Cache::builder().max_capacity(bytes).weigher(weigher).time_to_live(ACTIVE_FOR).build(),
            inactive: Cache::builder().max_capacity(MAX_INACTIVE).time_to_live(INACTIVE_FOR).build(),
            flights: Mutex::new(HashMap::new()),
            slots: Semaphore::new(SLOTS),
            failing: AtomicBool::new(false),
        }
    }

    /// What need not be asked; `None` if it has to be.
    pub(crate) fn known(&self, key: &Key) -> Result<Option<Arc<Token>>, Denied> {
        self.authority.check_itself()?;
        if self.inactive.get(key).is_some_and(|asked| asked.elapsed() < INACTIVE_FOR) {
            return Err(inactive());
        }
        if self.authority.is_stale() {
            return Ok(None);
        }
        let is_good = |answer: &Answer| answer.asked.at.elapsed() < ACTIVE_FOR && self.is_current(answer);
        Ok(self.active.get(key).filter(is_good).map(|answer| answer.token))
    }

    /// Whether nothing was heard since that may make it another answer.
    fn is_current(&self, Answer { token, asked }: &Answer) -> bool {
        asked.snapshots == self.authority.snapshots()
            && self.authority.subjects.is_unchanged(token.claims.subject_id(), asked.changes)
    }

    /// Asks, or waits for the answer that someone else asked for.
    pub(crate) async fn ask(self: &Arc<Self>, question: &Question) -> Result<Arc<Token>, Denied> {
        for _ in 0..ATTEMPTS {
            let mut outcome = self.join_or_start(question)?;
            let answered = outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
            let answer = answered.unwrap_or_else(|| Err(unavailable("the question was given up")))?;
            if self.is_current(&answer) {
                return Ok(answer.token);
            }
        }
        Err(unavailable("what its subject may do changed whenever it was asked"))
    }

    fn join_or_start(
        self: &Arc<Self>,
        question: &Question,
    ) -> Result<watch::Receiver<Option<Outcome>>, Denied> {
        let (key, asked) = (question.key, Instant::now());
        let mut flights = self.flights.lock();
        if let Some(flight) = flights.get(&key).filter(|flight| flight.asked + JOINABLE >= asked) {
            return Ok(flight.outcome.clone());
        }
        if flights.len() >= MAX_FLIGHTS {
            return Err(unavailable("too many credentials are being asked about"));
        }
        let (answer, outcome) = watch::channel(None);
        flights.insert(key, Flight { asked, outcome: outcome.clone() });
        let (this, question) = (Arc::clone(self), question.clone());
        // A task of its own: whoever asked first may go away, and others wait.
        tokio::spawn(async move {
            let outcome = this.settle(&question, asked).await;
            this.land(&key, asked);
            answer.send_replace(Some(outcome));
        });
        Ok(outcome)
    }

    fn land(&self, key: &Key, asked: Instant) {
        let mut flights = self.flights.lock();
        if flights.get(key).is_some_and(|flight| flight.asked == asked) {
            flights.remove(key);
        }
    }

    /// Gets the answer and remembers it.
    async fn settle(&self, question: &Question, at: Instant) -> Outcome {
        let (snapshots, changes) = (self.authority.snapshots(), self.authority.subjects.count());
        let body = tokio::time::timeout(LIMIT, self.fetch(question)).await;
        let body = body.unwrap_or_else(|_| Err(FetchError::Transport("no answer in time".to_owned())));
        self.note(body.as_ref().err());
        let body = body.map_err(|error| unanswered(&error))?;
        let outcome = self.read(&body, question.key.0);
        let outcome = outcome.map(|token| Answer { token, asked: Moment { at, snapshots, changes } });
        match &outcome {
            Ok(answer) => self.active.insert(question.key, answer.clone()),
            Err(denied) if matches!(denied.reason(), Reason::InvalidToken) => {
                self.inactive.insert(question.key, at);
                self.active.invalidate(&question.key);
            }
            Err(_) => {}
        }
        outcome
    }

    async fn fetch(&self, question: &Question) -> Result<Vec<u8>, FetchError> {
        // Nobody closes the semaphore.
        let _slot = self.slots.acquire().await;
        self.source.ask(question).await
    }

    /// `active` has to be exactly `true`; then everything is checked as in a signed token.
    fn read(&self, body: &[u8], credential: Credential) -> Result<Arc<Token>, Denied> {
        let answer = tokenry_jose::json::object(body)
            .map_err(|error| unavailable(&format!("the answer is no JSON object: {error}")))?;
        match answer.get("active") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Err(inactive()),
            _ => return Err(unavailable("the answer does not say whether the credential is active")),
        }
        Token::answered(&self.authority, credential, &answer, body, &self.expected).map(Arc::new)
    }

    /// Logs the beginning and the end of an outage. What is limited says nothing of either.
    fn note(&self, error: Option<&FetchError>) {
        let issuer = &self.authority.issuer;
        match error {
            Some(FetchError::Limited { .. }) => {}
            Some(error) if !self.failing.swap(true, Ordering::AcqRel) => {
                warn!(issuer, %error, "the authorization server cannot be asked about credentials");
            }
            None if self.failing.swap(false, Ordering::AcqRel) => {
                info!(issuer, "the authorization server answers about credentials again");
            }
            Some(_) | None => {}
        }
    }
}

fn inactive() -> Denied {
    Denied::invalid_token("the issuer says that the credential is not active")
}

/// Why there is no answer.
fn unanswered(error: &FetchError) -> Denied {
    match error {
        FetchError::Limited { retry_after } => {
            Denied::new(Reason::RateLimited { retry_after: *retry_after }).because(error.to_string())
        }
        error => unavailable(&error.to_string()),
    }
}

fn unavailable(why: &str) -> Denied {
    Denied::new(Reason::IntrospectionUnavailable).because(why)
}
