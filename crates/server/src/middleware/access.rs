//! One request in the log and in the metrics: its route, never its path or query, which may hold anything.

use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::response::Response;
use http::Method;
use std::net::SocketAddr;
use tokio::time::Instant;
use tracing::Span;

use super::request_id::RequestId;
use crate::metrics::{self, InFlight};
use crate::paths;
use crate::problem::Fault;

/// A request on its way.
pub(super) struct Access {
    method: Method,
    route: &'static str,
    peer: Option<SocketAddr>,
    started: Instant,
    span: Span,
    _in_flight: InFlight,
}

impl Access {
    pub(super) fn begin(request: &Request, id: &RequestId) -> Self {
        let extensions = request.extensions();
        Self {
            method: request.method().clone(),
            route: paths::template(extensions.get::<MatchedPath>().map(MatchedPath::as_str)),
            peer: extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer),
            started: Instant::now(),
            span: tracing::error_span!("request", request_id = id.as_str()),
            _in_flight: InFlight::begin(),
        }
    }

    /// The span of everything that is logged on behalf of the request.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(super) fn end(self, response: &Response, fault: Option<Fault>) {
        let (Self { method, route, .. }, elapsed) = (&self, self.started.elapsed());
        let status = response.status();
        metrics::request(method, route, status, elapsed);
        let peer = self.peer.map(tracing::field::display);
        let milliseconds = elapsed.as_secs_f64() * 1_000.0;
        // Whoever invents a method, or comes with too many others, is no trouble of ours, and must not hide any.
        let theirs = matches!(fault, Some(Fault::NotImplemented | Fault::Overloaded));
        if status.is_server_error() && !theirs {
            tracing::warn!(%method, route, status = status.as_u16(), milliseconds, peer, "answered");
        } else {
            tracing::debug!(%method, route, status = status.as_u16(), milliseconds, peer, "answered");
        }
    }
}
