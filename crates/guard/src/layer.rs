//! The tower layer: the guard around a handler.

use std::convert::Infallible;
use std::fmt::{self, Debug, Formatter};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request};
use axum::response::Response;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Method;
use http::request::Parts;
use pin_project_lite::pin_project;
use tokenry_clock::Timestamp;
use tower::{Layer, Service};

use crate::caller::Caller;
use crate::denied::Denied;
use crate::guard::{Guard, Verdict};
use crate::policy::{Policy, Rule};
use crate::problem::{self, Offer, Problem};
use crate::record::{self, Facts};
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::sent::Sent;
use crate::token::Wait;

/// What the guard found out, for the extractors. Lies among the request's extensions.
#[derive(Clone)]
pub(crate) struct Passed {
    pub(crate) rule: Arc<Rule>,
    pub(crate) caller: Option<Caller>,
    /// The company of the rule's `tenant_path`, which the caller may act for.
    pub(crate) company: Option<Arc<str>>,
    pub(crate) request_id: RequestId,
}

/// A tower layer that lets a request pass if it satisfies a policy. Made by [`Guard::require`].
#[derive(Clone, Debug)]
pub struct GuardLayer {
    guard: Guard,
    rule: Arc<Rule>,
}

impl Guard {
    /// A layer for people who keep their `axum::Router`. Prefer [`Guard::router`]: it does not let you forget a route.
    ///
    /// Use it with `route_layer`, or on a `MethodRouter`. A [`tenant_path`](crate::tenant_path) that the
    /// matched route does not have is found out only by a request, which is then answered 500.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use tokenry_guard::{Caller, Guard};
    ///
    /// tokenry_guard::scopes! { pub Read = "read:timesheets"; }
    ///
    /// fn app(guard: &Guard) -> Router {
    ///     Router::new()
    ///         .route("/whoami", get(async |caller: Caller<Read>| caller.principal().id().to_owned()))
    ///         .route_layer(guard.require(Read))
    /// }
    /// ```
    pub fn require(&self, policy: impl Policy) -> GuardLayer {
        GuardLayer { guard: self.clone(), rule: Arc::new(policy.into_rule()) }
    }

    pub(crate) fn layer(&self, rule: &Arc<Rule>) -> GuardLayer {
        GuardLayer { guard: self.clone(), rule: Arc::clone(rule) }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> GuardService<S> {
        GuardService { inner, guard: self.guard.clone(), rule: Arc::clone(&self.rule) }
    }
}

/// A service behind a guard. Made by [`GuardLayer`].
#[derive(Clone)]
pub struct GuardService<S> {
    inner: S,
    guard: Guard,
    rule: Arc<Rule>,
}

impl<S> Debug for GuardService<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService").field("rule", &self.rule).finish_non_exhaustive()
    }
}

impl<S> Service<Request> for GuardService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = GuardFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::new(&self.guard, &self.rule, &mut parts);
        match visit.decide(&parts) {
            Verdict::Allowed(caller) => GuardFuture::running(visit, caller, parts, body, &mut self.inner),
            Verdict::Denied(denied, caller) => {
                GuardFuture::answered(visit.refuse(denied.into(), caller.as_ref()))
            }
            Verdict::Wait(wait) => {
                // The clone takes the place of the service that was polled ready, as tower asks.
                let clone = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, clone);
                let waiting = async move {
                    match visit.decide_after(wait, &parts).await {
                        Ok(caller) => GuardFuture::running(visit, caller, parts, body, &mut inner).await,
                        Err((denied, caller)) => Ok(visit.refuse(denied.into(), caller.as_ref())),
                    }
                };
                GuardFuture { state: State::Waiting { waiting: waiting.boxed() } }
            }
        }
    }
}

/// One request on its way through the guard.
struct Visit {
    guard: Guard,
    rule: Arc<Rule>,
    request_id: RequestId,
    method: Method,
    route: Option<MatchedPath>,
    offer: Offer,
    /// Of the rule's `tenant_path`.
    company: Result<Option<Arc<str>>, Denied>,
    now: Timestamp,
}

impl Visit {
    fn new(guard: &Guard, rule: &Arc<Rule>, parts: &mut Parts) -> Self {
        let request_id = match parts.extensions.get::<RequestId>() {
            Some(request_id) => request_id.clone(),
            None => guard.inner().request_ids.of(&parts.headers),
        };
        Self {
            guard: guard.clone(),
            rule: Arc::clone(rule),
            request_id,
            method: parts.method.clone(),
            route: parts.extensions.get::<MatchedPath>().cloned(),
            offer: offer(rule, parts),
            company: rule.tenant_path().map(|name| path_company(parts, name)).transpose(),
            now: guard.inner().clock.now(),
        }
    }

    /// As far as it goes without waiting.
    fn decide(&self, parts: &Parts) -> Verdict {
        match &self.company {
            Ok(company) => self.guard.decide(&self.rule, parts.into(), company.as_deref(), self.now),
            Err(denied) => Verdict::Denied(denied.clone(), None),
        }
    }

    /// After waiting for what may settle it, which does.
    async fn decide_after(
        &self,
        wait: Wait,
        parts: &Parts,
    ) -> Result<Option<Caller>, (Denied, Option<Caller>)> {
        let company = self.company.as_ref().ok().and_then(Option::as_deref);
        self.guard.decide_after(wait, &self.rule, parts.into(), company, self.now).await
    }

    /// The answer for a refusal, ours or the handler's, with its record.
    fn refuse(&self, problem: Problem, caller: Option<&Caller>) -> Response {
        if let Some(denied) = problem.denied() {
            record::refused(&self.facts(caller), denied);
        }
        self.guard.inner().answers.render(&problem, self.offer, Some(&self.request_id))
    }

    fn facts<'a>(&'a self, caller: Option<&'a Caller>) -> Facts<'a> {
        Facts {
            method: &self.method,
            route: self.route.as_ref().map(MatchedPath::as_str),
            rule: &self.rule,
            caller,
            stale: caller.map_or_else(|| self.guard.inner().authorities.any_stale(), Caller::is_stale),
            request_id: &self.request_id,
        }
    }

    /// Completes what the handler answered: its problems get our rendering, every answer gets the request id.
    fn finish(&self, caller: Option<&Caller>, mut response: Response) -> Response {
        // A layer may have made something else of it.
        let rendered = response.extensions_mut().remove::<Problem>();
        if let Some(problem) = rendered.filter(|problem| problem.status() == response.status()) {
            return problem::keep_fields(self.refuse(problem, caller), response);
        }
        response.headers_mut().entry(X_REQUEST_ID).or_insert_with(|| self.request_id.header_value());
        response
    }
}

/// No browser is asked for a secret.
fn offer(rule: &Rule, parts: &Parts) -> Offer {
    if rule.takes_secret && !Sent::from(parts).is_from_browser() {
        Offer::BearerAndSecret
    } else {
        Offer::Bearer
    }
}

/// The parameter as the handler will see it, percent-decoded: what is checked is what is used.
fn path_company(parts: &mut Parts, name: &str) -> Result<Arc<str>, Denied> {
    // It only looks into the extensions: ready at once.
    let company = match RawPathParams::from_request_parts(parts, &()).now_or_never() {
        // Bytes that are no text name no company, and neither does the empty string.
        Some(Err(RawPathParamsRejection::InvalidUtf8InPathParam(_))) => Some(Arc::from("")),
        Some(Ok(params)) => params.iter().find(|(param, _)| *param == name).map(|(_, value)| value.into()),
        Some(Err(_)) | None => None,
    };
    company
        .ok_or_else(|| Denied::internal(format!("tenant_path({name:?}) on a route without that parameter")))
}

pin_project! {
    /// The answer of a [`GuardService`].
    pub struct GuardFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F> {
        Answered { response: Option<Response> },
        Running { #[pin] running: F, visit: Visit, caller: Option<Caller> },
        Waiting { waiting: BoxFuture<'static, Result<Response, Infallible>> },
    }
}

impl<F> GuardFuture<F> {
    fn answered(response: Response) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }

    fn running<S>(
        visit: Visit,
        caller: Option<Caller>,
        mut parts: Parts,
        body: axum::body::Body,
        inner: &mut S,
    ) -> Self
    where
        S: Service<Request, Future = F>,
    {
        record::allowed(&visit.facts(caller.as_ref()));
        parts.extensions.insert(Passed {
            rule: Arc::clone(&visit.rule),
            caller: caller.clone(),
            company: visit.company.as_ref().ok().cloned().flatten(),
            request_id: visit.request_id.clone(),
        });
        let running = inner.call(Request::from_parts(parts, body));
        Self { state: State::Running { running, visit, caller } }
    }
}

impl<F> Future for GuardFuture<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            Projected::Answered { response } => {
                Poll::Ready(Ok(response.take().expect("polled again after it was ready")))
            }
            Projected::Running { running, visit, caller } => {
                let Ok(response) = ready!(running.poll(cx));
                Poll::Ready(Ok(visit.finish(caller.as_ref(), response)))
            }
            Projected::Waiting { waiting } => waiting.as_mut().poll(cx),
        }
    }
}

impl<F> Debug for GuardFuture<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardFuture").finish_non_exhaustive()
    }
}
