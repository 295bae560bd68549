//! One structured record for each decision, through `tracing`, target `tokenry_guard::decision`.
//!
//! Refusals are `info`, allowed requests `debug`. Never a token: whoever reads a log must not be able to act.

use http::Method;
use metrics::counter;
use tracing::{debug, error, info};

use crate::caller::Caller;
use crate::denied::{Denied, Reason};
use crate::policy::Rule;
use crate::request_id::RequestId;

/// The target of the records, for filters.
pub const DECISION_TARGET: &str = "tokenry_guard::decision";

/// The metrics of a guard: name, kind, labels and meaning.
#[doc(hidden)]
pub const METRICS: [(&str, &str, &[&str], &str); 3] = [
    (
        "tokenry_guard_decisions_total",
        "counter",
        &["outcome", "stale"],
        "Requests that the guard decided on: `outcome` is `allowed` or `refused`, `stale` whether revocations may have \
         been missing",
    ),
    (
        "tokenry_guard_revocations",
        "gauge",
        &["issuer"],
        "Revoked tokens, handles, keys and companies that the guard keeps in mind",
    ),
    (
        "tokenry_guard_stream_age_seconds",
        "gauge",
        &["issuer"],
        "How old what is known for sure is; above 2 the guard is stale",
    ),
];

/// What a record says of the request.
pub(crate) struct Facts<'a> {
    pub(crate) method: &'a Method,
    /// The route's template, not the path: ids are not for logs.
    pub(crate) route: Option<&'a str>,
    pub(crate) rule: &'a Rule,
    pub(crate) caller: Option<&'a Caller>,
    /// Whether revocations may be missing.
    pub(crate) stale: bool,
    pub(crate) request_id: &'a RequestId,
}

pub(crate) fn allowed(facts: &Facts<'_>) {
    count(Outcome::Allowed, facts);
    if !tracing::enabled!(target: DECISION_TARGET, tracing::Level::DEBUG) {
        return;
    }
    let who = Who::of(facts.caller);
    debug!(
        target: DECISION_TARGET,
        outcome = "allowed",
        stale = facts.stale,
        principal_kind = who.kind,
        principal = who.id,
        issuer = who.issuer,
        client_id = who.client_id,
        credential = who.credential,
        token_id = who.token_id,
        company = who.company,
        corporation = who.corporation,
        method = %facts.method,
        route = facts.route,
        policy = %facts.rule,
        request_id = facts.request_id.as_str(),
    );
}

pub(crate) fn refused(facts: &Facts<'_>, denied: &Denied) {
    count(Outcome::Refused, facts);
    let who = Who::of(facts.caller);
    info!(
        target: DECISION_TARGET,
        outcome = "refused",
        stale = facts.stale,
        reason = denied.code(),
        why = denied.why(),
        principal_kind = who.kind,
        principal = who.id,
        issuer = who.issuer,
        client_id = who.client_id,
        credential = who.credential,
        token_id = who.token_id,
        company = who.company,
        corporation = who.corporation,
        method = %facts.method,
        route = facts.route,
        policy = %facts.rule,
        request_id = facts.request_id.as_str(),
    );
    if matches!(denied.reason(), Reason::Internal) {
        error!(
            why = denied.why(),
            route = facts.route,
            request_id = facts.request_id.as_str(),
            "guard misused"
        );
    }
}

#[derive(Clone, Copy)]
enum Outcome {
    Allowed,
    Refused,
}

/// Labels known to the compiler cost nothing.
fn count(outcome: Outcome, facts: &Facts<'_>) {
    match (outcome, facts.stale) {
        (Outcome::Allowed, false) => {
            counter!("tokenry_guard_decisions_total", "outcome" => "allowed", "stale" => "false")
                .increment(1);
        }
        (Outcome::Allowed, true) => {
            counter!("tokenry_guard_decisions_total", "outcome" => "allowed", "stale" => "true").increment(1);
        }
        (Outcome::Refused, false) => {
            counter!("tokenry_guard_decisions_total", "outcome" => "refused", "stale" => "false")
                .increment(1);
        }
        (Outcome::Refused, true) => {
            counter!("tokenry_guard_decisions_total", "outcome" => "refused", "stale" => "true").increment(1);
        }
    }
}

#[derive(Default)]
struct Who<'a> {
    kind: Option<&'static str>,
    id: Option<&'a str>,
    issuer: Option<&'a str>,
    client_id: Option<&'a str>,
    credential: Option<&'static str>,
    token_id: Option<&'a str>,
    company: Option<&'a str>,
    corporation: Option<&'a str>,
}

impl<'a> Who<'a> {
    fn of(caller: Option<&'a Caller>) -> Self {
        let Some(caller) = caller else {
            return Self::default();
        };
        Self {
            kind: Some(caller.principal().kind()),
            id: Some(caller.principal().id()),
            issuer: Some(caller.issuer()),
            client_id: caller.client_id(),
            credential: Some(caller.credential().as_str()),
            token_id: Some(caller.token_id()),
            company: caller.company(),
            corporation: caller.corporation(),
        }
    }
}
