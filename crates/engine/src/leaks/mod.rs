//! Credentials that leaked: whoever has seen one where it should not be may say so, and it is dead (decision 30).
//!
//! 1. A report is bounded by the address that it comes from, like refused tokens; what has not even the form of a credential
//!    of ours is dropped. Both go by what the reporter knows already.
//! 2. It waits in memory, in bounded numbers, and the reporter has the answer before anything is looked up: none can tell by
//!    it, nor by its time, whether a credential is one. Where too many wait the answer is that, and the report is not taken.
//! 3. It is looked for ([`find`]), and ended alone where it lives, in one transaction with what guards must learn, the record and the
//!    note that its owner is to be told. Of one client's tokens so many are ended in an hour, and of one user's of
//!    them fewer; of the others their owner is told, and a later report may still end them.
//! 4. Storage that fails is tried again for half a minute. What waits when the server stops is done before it does, within
//!    ten seconds; how much was not is logged. Nothing of a credential is kept but its kind, its last four characters and its id.
//! 5. Owners are told of those of a while in one mail ([`tell`]).

mod find;
mod github;
mod github_keys;
mod tell;

use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use tokenry_model::{ClientId, Leak};
use tokenry_protocol::secret::{Secret, Shape, shape};
use tokenry_store::ReportedLeak;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use self::find::Found;
pub use self::github::{GithubCall, GithubError, LeakVerdict};
use self::github_keys::GithubKeys;
use crate::client_auth::RANDOM_SECRET_LEN;
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::own_jwt::MAX_JWT;
use crate::refusal::Refusal;

/// How many reports may wait.
const MAX_WAITING: usize = 256;
/// How many are looked for at once: others' requests come first.
const AT_WORK: usize = 2;
/// How many of one client's tokens are ended so within an hour, before its owner decides.
const MAX_ENDED: i64 = 20;
/// How many of those may be one user's, so that none spends what the others have.
const MAX_ENDED_OF_USER: i64 = 5;
const HOUR: Duration = Duration::from_secs(3_600);
/// How long is waited before a report is tried again that storage has failed.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(6), Duration::from_secs(24)];
/// How long the server waits for reports when it stops.
const LAST_PATIENCE: Duration = Duration::from_secs(10);
/// How long it is known that one was reported.
pub(crate) const KEEP_LEAKS: Duration = Duration::from_secs(30 * 86_400);

const LEAKS: &str = "tokenry_leaks_total";

/// Reports that wait, and whose calls are believed.
#[derive(Debug)]
pub(crate) struct Leaks {
    places: Arc<Semaphore>,
    at_work: Semaphore,
    waiting: TaskTracker,
    github: GithubKeys,
}

impl Default for Leaks {
    fn default() -> Self {
        let waiting = TaskTracker::new();
        // So that it can be waited for: tasks are still taken.
        waiting.close();
        Self {
            places: Arc::new(Semaphore::new(MAX_WAITING)),
            at_work: Semaphore::new(AT_WORK),
            waiting,
            github: GithubKeys::default(),
        }
    }
}

/// What became of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Handled {
    /// It is, or was, a credential of ours.
    Ours,
    /// It is none.
    Unknown,
}

impl Engine {
    /// Takes a report of a credential that leaked, from anybody. Nobody learns whether it is one: this returns before anything
    /// is looked up.
    ///
    /// # Errors
    /// When too many come from that address, or too many wait: then it was not taken.
    pub fn report_leak(self: &Arc<Self>, token: Secret, context: &Context) -> Result<(), Refusal> {
        self.count_failure(&Party::reporting(context.address), context)?;
        if !self.may_be_ours(&token) {
            return Ok(());
        }
        let place = Arc::clone(&self.leaks.places).try_acquire_owned();
        let place = place.map_err(|_full| Refusal::unavailable("too_many_leaks_wait"))?;
        let reporter = Context { address: None, ..context.clone() };
        self.leaks.waiting.spawn(Arc::clone(self).handle_waiting(token, reporter, place));
        Ok(())
    }

    /// Waits until every report that was taken is done, but no longer than a server may take to stop.
    pub async fn settle_leaks(&self) {
        if timeout(LAST_PATIENCE, self.leaks.waiting.wait()).await.is_err() {
            let reports = self.leaks.waiting.len();
            tracing::error!(
                reports,
                "reports of leaked credentials were not looked at before the server stopped"
            );
        }
    }

    /// Step 1: whether a text has the form of something that is looked for. Whoever knows our formats knows as much.
    fn may_be_ours(&self, token: &Secret) -> bool {
        match shape(&self.settings.brand, token.expose()) {
            Shape::BadChecksum => false,
            Shape::Branded(_) => true,
            Shape::Foreign => (RANDOM_SECRET_LEN..=MAX_JWT).contains(&token.len()),
        }
    }

    async fn handle_waiting(self: Arc<Self>, token: Secret, context: Context, place: OwnedSemaphorePermit) {
        let Ok(_turn) = self.leaks.at_work.acquire().await else { return };
        let mut pauses = PAUSES.iter();
        while let Err(refusal) = self.handle_leak(&token, None, &context).await {
            let Some(pause) = pauses.next() else {
                let request_id = context.request_id;
                tracing::error!(
                    request_id,
                    reason = refusal.reason,
                    "a report of a leaked credential is given up"
                );
                break;
            };
            sleep(*pause).await;
        }
        drop(place);
    }

    /// Step 3. `source`: who reports it, where that is known.
    async fn handle_leak(
        &self,
        token: &Secret,
        source: Option<&'static str>,
        context: &Context,
    ) -> Result<Handled, Refusal> {
        // Read anew: it may have waited.
        let now = self.clock.now();
        let mut report = match self.find_leak(token, &Context { now, ..context.clone() }).await? {
            Found::Alive(report) => *report,
            Found::Dead => return Ok(Handled::Ours),
            Found::Nothing => return Ok(Handled::Unknown),
        };
        if let Some(source) = source {
            report.record = report.record.with("source", source);
        }
        let (Leak { id, kind, last4, .. }, client_id) = (report.leak.clone(), report.client_id.clone());
        let reported = self.store.report_leak(report).await;
        self.audit_health.note(&reported, now);
        let outcome = match reported? {
            ReportedLeak::Known => return Ok(Handled::Ours),
            ReportedLeak::Revoked => "revoked",
            ReportedLeak::Told => "told",
        };
        self.feed.wake();
        counter!(LEAKS, "kind" => kind.as_str(), "outcome" => outcome).increment(1);
        let (kind, client_id) = (kind.as_str(), client_id.as_ref().map(ClientId::as_str));
        tracing::warn!(kind, last4, id, client_id, outcome, "a credential was reported to have leaked");
        Ok(Handled::Ours)
    }
}
