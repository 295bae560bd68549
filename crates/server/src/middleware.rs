//! What every request passes on its way in and every response on its way out.
//!
//! 1. The request gets an id, a span and an answer's clock. ([`request_id`], [`access`])
//! 2. Its head is judged: method, length, `Host`, `Origin`. ([`head`], [`hosts`])
//! 3. It gets a place among the requests at work, or 503 at once; where a body is awaited, once that is there.
//!    ([`paths::place`])
//! 4. The handler runs, for so long and no longer; a panic ends the request, not the server.
//! 5. A failure gets the face of its path ([`crate::problem`]), the response its header fields. ([`headers`])
//! 6. One line in the log, one count in the metrics. ([`access`])
//!
//! This is one service with one boxed future rather than a tower of layers: every token request passes it.

mod access;
mod head;
mod headers;
pub(crate) mod hosts;
pub(crate) mod request_id;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use tokenry_model::Rng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tower::{Layer, Service};
use tracing::Instrument as _;

use self::access::Access;
use self::hosts::HostPolicy;
use self::request_id::RequestId;
use crate::app::Scheme;
use crate::paths::{self, Place};
use crate::problem::{self, Face, Fault, Manner};
use crate::words::language::{Language, Tongue};

/// The edge of the application; a layer for a `Router`.
#[derive(Clone)]
pub(crate) struct Edge(Arc<Rules>);

/// What the edge enforces.
pub(crate) struct Rules {
    pub(crate) manner: Manner,
    pub(crate) hosts: HostPolicy,
    pub(crate) request_timeout: Duration,
    pub(crate) scheme: Scheme,
    pub(crate) rng: Arc<dyn Rng>,
    /// The places for requests at work.
    pub(crate) places: Arc<Semaphore>,
}

impl Edge {
    pub(crate) fn new(rules: Rules) -> Self {
        Self(Arc::new(rules))
    }
}

impl<S> Layer<S> for Edge {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, rules: Arc::clone(&self.0) }
    }
}

/// The application behind the edge.
#[derive(Clone)]
pub(crate) struct Guarded<S> {
    inner: S,
    rules: Arc<Rules>,
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let id = RequestId::generate(self.rules.rng.as_ref());
        let access = Access::begin(&request, &id);
        let face = Face::of(request.uri().path());
        // What a proxy that is believed says of the way before it.
        let scheme = request.extensions().get().copied().unwrap_or(self.rules.scheme);
        let admitted = self.rules.admit(&request);
        request.extensions_mut().insert(id.clone());
        let tongue = (face == Face::Page)
            .then(|| Tongue::new(request.headers(), self.rules.hosts.is_for_this_machine_alone()));
        if let Some(tongue) = &tongue {
            request.extensions_mut().insert(tongue.clone());
        }
        let handler = admitted.map(|place| (place, self.inner.call(request)));
        let rules = Arc::clone(&self.rules);
        let span = access.span();
        let exchange = async move {
            let mut response = match handler {
                Ok((place, handler)) => {
                    let response = rules.run(handler).await;
                    drop(place);
                    response
                }
                Err(early) => *early,
            };
            let language = tongue.as_ref().map_or(Language::En, Tongue::language);
            let fault = problem::render(&mut response, face, (id.as_str(), language), &rules.manner);
            headers::finish(response.headers_mut(), (face, language), scheme, id);
            access.end(&response, fault);
            Ok(response)
        };
        Box::pin(exchange.instrument(span))
    }
}

impl Rules {
    /// Whether the request may come in: its place if it gets one now, or the answer that it gets instead.
    fn admit(&self, request: &Request) -> Result<Option<OwnedSemaphorePermit>, Box<Response>> {
        let refuse = |fault: Fault| Box::new(fault.into_response());
        head::check(request).map_err(refuse)?;
        self.hosts.check(request)?;
        match paths::place(request.uri().path()) {
            Place::AtOnce => {
                let place = Arc::clone(&self.places).try_acquire_owned();
                place.map(Some).map_err(|_| refuse(Fault::Overloaded))
            }
            Place::Later | Place::Never => Ok(None),
        }
    }

    async fn run(&self, handler: impl Future<Output = Result<Response, Infallible>>) -> Response {
        let handler = AssertUnwindSafe(handler).catch_unwind();
        match timeout(self.request_timeout, handler).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Err(_panic)) => {
                // The panic hook has logged message and place; neither belongs in the answer (LEAK-02).
                tracing::error!("a handler panicked");
                Fault::Panicked.into_response()
            }
            Err(_) => {
                tracing::error!("no answer in time");
                Fault::TimedOut.into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests;
