//! The outermost layer of a router that has others: gives the request its identifier, and every answer the request's.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::Request;
use axum::response::Response;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::guard::Guard;
use crate::request_id::{RequestId, X_REQUEST_ID};

/// The layer.
#[derive(Clone)]
pub(crate) struct Identify(pub(crate) Guard);

impl<S> Layer<S> for Identify {
    type Service = Identified<S>;

    fn layer(&self, inner: S) -> Identified<S> {
        Identified { inner, guard: self.0.clone() }
    }
}

/// What is inside of it.
#[derive(Clone)]
pub(crate) struct Identified<S> {
    inner: S,
    guard: Guard,
}

impl<S> Service<Request> for Identified<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let id = self.guard.inner().request_ids.of(request.headers());
        request.extensions_mut().insert(id.clone());
        Answering { answering: self.inner.call(request), id }
    }
}

pin_project! {
    /// The answer of [`Identified`].
    pub(crate) struct Answering<F> {
        #[pin]
        answering: F,
        id: RequestId,
    }
}

impl<F> Future for Answering<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Ok(mut response) = ready!(this.answering.poll(context));
        response.headers_mut().entry(X_REQUEST_ID).or_insert_with(|| this.id.header_value());
        Poll::Ready(Ok(response))
    }
}
