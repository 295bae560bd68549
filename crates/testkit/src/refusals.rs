//! Requests that must fail, and the rules that hold for each of them whatever it tries.
//!
//! - G1: nothing that is stored changes, but for audit records and last uses.
//! - G2: an audit record says who was refused and why: with the answer for an authenticated client, within two
//!   seconds and counted for anybody else.
//! - G3: no secret is in the answer or in the log.
//! - G4, G5: the answer has the header fields and the characters of RFC 6749 §5.2.
//! - G6: it never redirects.
//! - G7: the next honest request succeeds.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::RequestBuilder;
use tokenry_store::StoredRecord;

use crate::answer::Answer;
use crate::app::TestApp;
use crate::demo::DemoClient;
use crate::log::{Log, LogGuard};

/// How long counted refusals may take to be written: once a second, and a little for a busy machine.
const FLUSHED: Duration = Duration::from_secs(6);

/// How a request must be refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: u16,
    code: &'static str,
    audit: Audit,
}

#[derive(Clone, Debug)]
enum Audit {
    Counted { reason: &'static str, client: Option<String> },
    Durable { reason: &'static str, client: String },
    Unheard,
}

impl Refusal {
    /// By somebody who did not prove to be anyone: counted by reason.
    #[must_use]
    pub const fn of_stranger(status: u16, code: &'static str, reason: &'static str) -> Self {
        Self { status, code, audit: Audit::Counted { reason, client: None } }
    }

    /// By somebody who named an existing client and did not prove to be it: counted by reason and client.
    #[must_use]
    pub fn of_claimed(client: &DemoClient, status: u16, code: &'static str, reason: &'static str) -> Self {
        Self { status, code, audit: Audit::Counted { reason, client: Some(client.id.clone()) } }
    }

    /// Of a client that is who it says it is: recorded before it is answered.
    #[must_use]
    pub fn of_client(client: &DemoClient, status: u16, code: &'static str, reason: &'static str) -> Self {
        Self { status, code, audit: Audit::Durable { reason, client: client.id.clone() } }
    }

    /// Before anything of the request was looked at: only the log and the metrics know.
    #[must_use]
    pub const fn unheard(status: u16, code: &'static str) -> Self {
        Self { status, code, audit: Audit::Unheard }
    }
}

/// A series of requests to one server that must be refused. [`Refusals::end`] checks what takes its time.
#[must_use = "call end() when all requests were made"]
#[derive(Debug)]
pub struct Refusals<'a> {
    app: &'a TestApp,
    after: i64,
    counted: BTreeMap<(String, Option<String>), i64>,
    secrets: Vec<String>,
    log: Log,
    _guard: LogGuard,
}

impl<'a> Refusals<'a> {
    /// Begins a series. The log of the calling thread is watched: for tests that run on one thread.
    pub async fn of(app: &'a TestApp) -> Self {
        let (log, guard) = Log::start();
        let demo = &app.demo;
        let owners = [&demo.api, &demo.cron, &demo.globex_client, &demo.group, &demo.readonly];
        let secrets = owners.iter().flat_map(|owner| forms(&owner.id, &owner.secret)).collect();
        let after = app.audit().await.last().map_or(0, |record| record.seq);
        Self { app, after, counted: BTreeMap::new(), secrets, log, _guard: guard }
    }

    /// Names a further secret that must show nowhere.
    pub fn hide(&mut self, owner: &DemoClient) {
        self.secrets.extend(forms(&owner.id, &owner.secret));
    }

    /// Sends a request to the token endpoint that must be refused as given.
    pub async fn expect(&mut self, request: RequestBuilder, refusal: Refusal) -> Answer {
        let answer = self.send(request, &refusal.audit).await;
        answer.must_be_error(refusal.status, refusal.code);
        answer
    }

    /// Sends a request to an endpoint that answers with problems (RFC 9457) which must be refused as given.
    pub async fn expect_problem(&mut self, request: RequestBuilder, refusal: Refusal) -> Answer {
        let answer = self.send(request, &refusal.audit).await;
        let json = answer.json();
        assert_eq!(
            (answer.status.as_u16(), json["code"].as_str(), json["status"].as_u64()),
            (refusal.status, Some(refusal.code), Some(refusal.status.into())),
            "{answer:?}"
        );
        assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        assert_eq!(json["request_id"], answer.header("x-request-id"), "{answer:?}");
        answer.must_be_ours();
        answer
    }

    async fn send(&mut self, request: RequestBuilder, audit: &Audit) -> Answer {
        self.app.numbered().await;
        let before = self.app.database.contents();
        let answer = Answer::to(request).await;
        self.shows_no_secret(&format!("{answer:?}"));
        assert_eq!(before, self.app.database.contents(), "G1 after {answer:?}");
        match audit {
            Audit::Counted { reason, client } => {
                *self.counted.entry(((*reason).to_owned(), client.clone())).or_default() += 1;
            }
            Audit::Durable { reason, client } => self.is_recorded(&answer, reason, client).await,
            Audit::Unheard => {}
        }
        self.app.token(&self.app.demo.readonly).await;
        answer
    }

    /// Asserts that every refusal that is only counted was, and nothing else, and that the log is clean.
    pub async fn end(self) {
        let started = Instant::now();
        loop {
            let written = counts(&self.app.audit_after(self.after).await);
            if written == self.counted {
                break;
            }
            assert!(started.elapsed() < FLUSHED, "G2: {written:?} instead of {:?}", self.counted);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let log = self.log.text();
        assert!(log.contains("\"answered\""), "the log was not captured");
        self.shows_no_secret(&log);
    }

    async fn is_recorded(&self, answer: &Answer, reason: &str, client: &str) {
        let id = answer.header("x-request-id");
        let records = self.app.audit_after(self.after).await;
        let record = records.iter().find(|record| record.request_id.as_deref() == Some(id));
        let record = record.unwrap_or_else(|| panic!("G2: no audit record of {answer:?}"));
        assert_eq!(
            (record.event.as_str(), record.outcome.as_str(), record.count),
            ("token.refused", reason, 1),
            "{record:?}"
        );
        assert_eq!((record.actor_kind.as_str(), record.actor_id.as_deref()), ("client", Some(client)));
        assert_eq!(record.address.as_deref(), Some("127.0.0.1"));
        assert!(record.is_intact(), "{record:?}");
    }

    fn shows_no_secret(&self, text: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret.as_str()), "G3: a secret shows in {text}");
        }
    }
}

/// How often nobody in particular was refused, by reason and claimed client.
fn counts(records: &[StoredRecord]) -> BTreeMap<(String, Option<String>), i64> {
    let mut counts = BTreeMap::new();
    for record in records.iter().filter(|record| record.actor_kind == "anonymous") {
        assert!(record.is_intact(), "{record:?}");
        assert_eq!(
            (record.event.as_str(), record.address.as_deref()),
            ("token.refused", Some("127.0.0.0/24"))
        );
        assert!(record.request_id.is_some(), "{record:?}");
        *counts.entry((record.outcome.clone(), record.subject_id.clone())).or_default() += record.count;
    }
    counts
}

/// The forms in which a secret travels.
fn forms(id: &str, secret: &str) -> [String; 2] {
    [secret.to_owned(), STANDARD.encode(format!("{id}:{secret}"))]
}
