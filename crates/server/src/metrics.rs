//! Counters and histograms for Prometheus, and the listener's router that shows them. Every label has few values.

mod registry;

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tokenry_engine::Issued;
use tokio::time::interval;

pub use self::registry::{METRICS, Metric};

const GUARD_SNAPSHOTS: &str = "tokenry_guard_snapshots_total";
const GUARD_STREAMS: &str = "tokenry_guard_streams";
const HTTP_DURATION: &str = "tokenry_http_request_duration_seconds";
const HTTP_IN_FLIGHT: &str = "tokenry_http_requests_in_flight";
const HTTP_REQUESTS: &str = "tokenry_http_requests_total";
const TOKEN_REQUESTS: &str = "tokenry_token_requests_total";

/// From a cached document to a request that waited for a lock.
const SECONDS: [f64; 11] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];
/// How often what histograms have gathered is folded, whether or not anybody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// The process's metrics. Until [`install`]ed, counting costs next to nothing and goes nowhere.
#[derive(Clone, Debug)]
pub struct Metrics(PrometheusHandle);

/// Metrics cannot be installed; with the reason.
#[derive(Clone, Debug, thiserror::Error)]
#[error("metrics cannot be counted: {0}")]
pub struct NotInstalled(String);

/// Starts counting, for the whole process; further calls return the same metrics.
///
/// # Errors
/// If something else in the process already counts with the `metrics` crate.
pub fn install() -> Result<Metrics, NotInstalled> {
    static INSTALLED: OnceLock<Result<Metrics, NotInstalled>> = OnceLock::new();
    let start = || {
        let recorder = PrometheusBuilder::new().set_buckets(&SECONDS)?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder)?;
        describe();
        Ok(Metrics(handle))
    };
    let started = || start().map_err(|error: BuildError| NotInstalled(error.to_string()));
    INSTALLED.get_or_init(started).clone()
}

impl Metrics {
    /// `GET /metrics`, for a listener of its own (ADM-12).
    pub fn router(&self) -> Router {
        let handle = self.0.clone();
        let show = move || {
            let text = handle.render();
            async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text) }
        };
        Router::new().route("/metrics", get(show))
    }

    /// Keeps memory bounded while nobody asks; to run as long as the process counts.
    pub async fn upkeep(self) {
        let mut ticks = interval(UPKEEP);
        loop {
            ticks.tick().await;
            self.0.run_upkeep();
        }
    }
}

fn describe() {
    for metric in METRICS {
        match (metric.kind, metric.unit()) {
            ("counter", _) => describe_counter!(metric.name, metric.meaning),
            ("gauge", Some(unit)) => describe_gauge!(metric.name, unit, metric.meaning),
            ("gauge", None) => describe_gauge!(metric.name, metric.meaning),
            (_, unit) => describe_histogram!(metric.name, unit.unwrap_or(Unit::Count), metric.meaning),
        }
    }
}

/// A request being answered, until dropped.
#[derive(Debug)]
pub(crate) struct InFlight(());

impl InFlight {
    pub(crate) fn begin() -> Self {
        gauge!(HTTP_IN_FLIGHT).increment(1.0);
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(HTTP_IN_FLIGHT).decrement(1.0);
    }
}

/// An event stream that a guard has open, until dropped.
#[derive(Debug)]
pub(crate) struct OpenStream(());

impl OpenStream {
    pub(crate) fn begin() -> Self {
        gauge!(GUARD_STREAMS).increment(1.0);
        Self(())
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        gauge!(GUARD_STREAMS).decrement(1.0);
    }
}

/// Counts a snapshot.
pub(crate) fn snapshot_begun() {
    counter!(GUARD_SNAPSHOTS).increment(1);
}

/// Counts an answered request. `route` is a template.
pub(crate) fn request(method: &Method, route: &'static str, status: StatusCode, elapsed: Duration) {
    let status = status.as_str().to_owned();
    counter!(HTTP_REQUESTS, "method" => method_label(method), "route" => route, "status" => status)
        .increment(1);
    histogram!(HTTP_DURATION, "route" => route).record(elapsed.as_secs_f64());
}

/// Counts an issued token.
pub(crate) fn token_issued(issued: &Issued) {
    let api = issued.audience.clone();
    counter!(TOKEN_REQUESTS, "grant" => issued.grant, "api" => api, "outcome" => "issued").increment(1);
}

/// Counts a refused token request. Its API is `none`: what a refused request names, it may have made up.
pub(crate) fn token_refused(grant: &'static str, reason: &'static str) {
    counter!(TOKEN_REQUESTS, "grant" => grant, "api" => "none", "outcome" => reason).increment(1);
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::DELETE => "DELETE",
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        _ => "other",
    }
}
