//! The one list of what a server measures: `/metrics` says it, and `docs/reference/metrics.md` is made of it.

use metrics::Unit;

/// A metric.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its labels, each with few values: nothing that a stranger chooses.
    pub labels: &'static [&'static str],
    /// What it tells, in a line.
    pub meaning: &'static str,
}

impl Metric {
    /// What it is measured in, if not by the piece; its name says so.
    pub(super) fn unit(&self) -> Option<Unit> {
        self.name.ends_with("_seconds").then_some(Unit::Seconds)
    }
}

const fn metric(
    name: &'static str,
    kind: &'static str,
    labels: &'static [&'static str],
    meaning: &'static str,
) -> Metric {
    Metric { name, kind, labels, meaning }
}

/// Every metric, by name. Those of a guard, in the APIs' processes, are the guard's own.
pub const METRICS: &[Metric] = &[
    metric(
        "tokenry_audit_checkpoint_age_seconds",
        "gauge",
        &[],
        "Age of the last checkpoint of the audit trail; it grows while nothing is written",
    ),
    metric(
        "tokenry_audit_checkpoints_total",
        "counter",
        &[],
        "Checkpoints of the audit trail that this process signed",
    ),
    metric(
        "tokenry_audit_unsealed_rows",
        "gauge",
        &[],
        "Audit records that no checkpoint seals yet, counted to a hundred thousand",
    ),
    metric(
        "tokenry_guard_events_numbered_total",
        "counter",
        &[],
        "Events for guards that this process gave a number",
    ),
    metric("tokenry_guard_snapshots_total", "counter", &[], "Snapshots begun to be sent to guards"),
    metric("tokenry_guard_streams", "gauge", &[], "Event streams that guards have open here"),
    metric(
        "tokenry_http_request_duration_seconds",
        "histogram",
        &["route"],
        "Time to answer an HTTP request, by route",
    ),
    metric("tokenry_http_requests_in_flight", "gauge", &[], "HTTP requests being answered"),
    metric(
        "tokenry_http_requests_total",
        "counter",
        &["method", "route", "status"],
        "HTTP requests, by method, route and status",
    ),
    metric(
        "tokenry_leaks_total",
        "counter",
        &["kind", "outcome"],
        "Credentials of ours that were reported to have leaked, by kind and by whether they were revoked or their owner was only told",
    ),
    metric(
        "tokenry_limited_total",
        "counter",
        &["limit"],
        "Requests that were turned away because too much had failed or been minted, by limit",
    ),
    metric(
        "tokenry_limits_dropped_total",
        "counter",
        &["what"],
        "Failures that could not be counted, or told to other replicas",
    ),
    metric(
        "tokenry_log_lines_suppressed_total",
        "counter",
        &[],
        "Lines that were left out of the log because too many of their kind came within a second",
    ),
    metric(
        "tokenry_logouts_total",
        "counter",
        &["outcome"],
        "Logout tokens, by outcome: delivered, refused, given_up; failed: a try that is made again",
    ),
    metric(
        "tokenry_mail_total",
        "counter",
        &["outcome"],
        "Tries to send a mail, by outcome: sent, or why no mail server took it; given_up: after a day",
    ),
    metric(
        "tokenry_over_minting_clients",
        "gauge",
        &[],
        "Clients that got so many tokens here within a day that they cannot be keeping any",
    ),
    metric(
        "tokenry_token_requests_total",
        "counter",
        &["api", "grant", "outcome"],
        "Token requests, by grant, API and outcome: issued, or the reason of the refusal",
    ),
];
