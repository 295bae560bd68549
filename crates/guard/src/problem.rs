//! The one place where a refusal, or a problem of the API's own, becomes an answer.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use tokenry_protocol::ErrorCode;
use tokenry_protocol::challenge::{Challenge, Scheme};
use tokenry_protocol::problem::{self, Problem as Details};
use tokenry_protocol::scope::ScopeToken;

use crate::denied::{Denied, Reason};
use crate::request_id::{RequestId, X_REQUEST_ID};

/// When to try again after a 503, in seconds.
const RETRY_SECONDS: u32 = 1;

/// RFC 9457 problem details: the guard's refusals, and answers of your handlers in the same shape.
///
/// The guard around the handler fills in the request id. `?` turns a [`Denied`] into a problem, so a handler can
/// return `Result<_, Problem>` for both.
///
/// ```
/// # use tokenry_guard::{Denied, Problem};
/// # use axum::http::StatusCode;
/// fn taken(id: &str) -> Problem {
///     Problem::new(StatusCode::CONFLICT, "timesheet_exists", "Timesheet exists")
///         .detail("There is a timesheet of this employee for this week.")
///         .with("id", id)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    details: Details,
    status: StatusCode,
    denied: Option<Denied>,
}

impl Problem {
    /// A problem of the API's own. `code` is the stable word for programs, `title` names the kind of problem.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        let details = Details::new(status.as_u16(), code, title);
        Self(Box::new(Inner { details, status, denied: None }))
    }

    /// Says what happened this time, in a sentence for the client.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.details.detail = Some(detail.into());
        self
    }

    /// Adds a further member to the body.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.details = self.0.details.with(member, value);
        self
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable word for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.details.code
    }

    pub(crate) fn denied(&self) -> Option<&Denied> {
        self.0.denied.as_ref()
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let mut problem = Self::new(denied.status(), denied.code(), denied.title()).detail(denied.detail());
        if let Reason::InsufficientScope { required, granted } = denied.reason() {
            let granted: Vec<_> = granted.iter().map(ScopeToken::as_str).collect();
            problem = problem.with("required", required.clone()).with("granted", granted);
        }
        problem.0.denied = Some(denied);
        problem
    }
}

/// Complete but for what only the guard knows. The guard finds the problem among the response's extensions and
/// renders it again.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Answers::default().render(&self, Offer::Bearer, None);
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// What a guard knows about its answers.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) realm: String,
    pub(crate) resource_metadata: Option<String>,
    pub(crate) mode: Mode,
}

/// Whom the answers are for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Mode {
    Development,
    #[default]
    Production,
}

/// How one may authenticate, for challenges.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Offer {
    Bearer,
    BearerAndSecret,
}

impl Answers {
    pub(crate) fn render(&self, problem: &Problem, offer: Offer, request_id: Option<&RequestId>) -> Response {
        let Inner { details, status, denied } = &*problem.0;
        let mut details = details.clone();
        details.request_id = request_id.map(|id| id.as_str().to_owned());
        if let (Mode::Development, Some(why)) = (self.mode, denied.as_ref().and_then(Denied::why)) {
            details = details.with("why", why);
        }
        let mut response = Response::new(Body::from(details.to_json()));
        *response.status_mut() = *status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(problem::CONTENT_TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(request_id) = request_id {
            headers.insert(X_REQUEST_ID, request_id.header_value());
        }
        for challenge in denied.iter().flat_map(|denied| self.challenges(denied, offer)) {
            headers.append(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = denied.as_ref().and_then(retry_after) {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }

    /// One for each scheme; that of `Secret` only where a credential is asked for, and it says nothing but that.
    fn challenges(&self, denied: &Denied, offer: Offer) -> impl Iterator<Item = HeaderValue> {
        let secret = (offer == Offer::BearerAndSecret && denied.status() == StatusCode::UNAUTHORIZED)
            .then(|| Challenge::new(Scheme::Secret).realm(self.realm.clone()));
        let challenges = [self.challenge(denied), secret].into_iter().flatten();
        challenges.filter_map(|challenge| HeaderValue::try_from(challenge.to_string()).ok())
    }

    /// RFC 6750 §3. No error where nothing, or nothing that was looked at, was sent (§3.1).
    fn challenge(&self, denied: &Denied) -> Option<Challenge> {
        let mut challenge = Challenge::new(Scheme::Bearer).realm(self.realm.clone());
        if let Some(url) = &self.resource_metadata {
            challenge = challenge.resource_metadata(url.clone());
        }
        Some(match denied.reason() {
            Reason::InsufficientScope { required, .. } => challenge
                .error(ErrorCode::InsufficientScope, "The access token lacks a scope")
                .scope(&required.iter().filter_map(|token| ScopeToken::parse(token).ok()).collect()),
            Reason::InvalidRequest => {
                challenge.error(ErrorCode::InvalidRequest, "The request carries more than one credential")
            }
            Reason::InvalidToken => challenge.error(ErrorCode::InvalidToken, "The access token is invalid"),
            Reason::TokenExpired => challenge.error(ErrorCode::InvalidToken, "The access token expired"),
            Reason::MissingCredentials | Reason::SchemeNotAccepted => challenge,
            Reason::CsrfFailed
            | Reason::DirectoryUnavailable
            | Reason::Internal
            | Reason::IntrospectionUnavailable
            | Reason::KeysUnavailable
            | Reason::NotFound
            | Reason::RateLimited { .. }
            | Reason::RevocationsUnavailable
            | Reason::ShuttingDown
            | Reason::SnapshotUnavailable
            | Reason::Stale
            | Reason::TenantMismatch => return None,
        })
    }
}

/// In seconds.
fn retry_after(denied: &Denied) -> Option<u32> {
    match denied.reason() {
        Reason::RateLimited { retry_after } => Some(*retry_after),
        _ => (denied.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_SECONDS),
    }
}

/// Adds the header fields that a handler, or layers around it, gave its problem, except those of which we have our own.
pub(crate) fn keep_fields(mut ours: Response, given: Response) -> Response {
    let mut kept = given.into_parts().0.headers;
    kept.remove(CONTENT_LENGTH);
    for name in ours.headers().keys() {
        kept.remove(name);
    }
    ours.headers_mut().extend(kept);
    ours
}
