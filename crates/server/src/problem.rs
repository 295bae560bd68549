//! Failures, and the one place that turns them into responses.
//!
//! A handler returns a [`Failure`]; it travels in the response's extensions to the edge, where [`render`] gives it the
//! face of the path: RFC 6749 §5.2 JSON at `/oauth/*`, RFC 9457 everywhere else.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use tokenry_engine::{Exceeded, GuardRefusal, Refusal};
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::problem::{self, Kind, Problem};

use crate::oauth::rate_limit;

/// The reasons of an engine's refusal by a limit that was hit: 429, where anything else unavailable is 503.
const LIMITED: [&str; 2] = ["quota_exceeded", "rate_limited"];

/// Gives the enum, and what is known of each fault, from one table: status, code among problems, code in OAuth, and
/// the public sentence.
macro_rules! faults {
    ($($(#[$meta:meta])+ $variant:ident = ($status:ident, $code:literal, $oauth:ident, $sentence:literal)),+ $(,)?) => {
        /// What goes wrong in HTTP, before or beside OAuth.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Fault { $($(#[$meta])+ $variant),+ }

        impl Fault {
            /// Every fault.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),+];

            const fn entry(self) -> (StatusCode, &'static str, ErrorCode, &'static str) {
                match self {
                    $(Self::$variant => (StatusCode::$status, $code, ErrorCode::$oauth, $sentence)),+
                }
            }
        }
    };
}

faults! {
    /// The body is longer than the endpoint takes.
    BodyTooLarge = (PAYLOAD_TOO_LARGE, "body_too_large", InvalidRequest, "The request body is too long."),
    /// The body did not arrive whole: too slowly, or broken.
    BodyUnreadable = (BAD_REQUEST, "body_unreadable", InvalidRequest, "The request body broke off or took too long."),
    /// An `Origin` that may not speak to this server.
    ForeignOrigin = (FORBIDDEN, "origin_not_allowed", InvalidRequest, "This Origin is not allowed here."),
    /// Too many header fields, or too long ones.
    HeadTooLarge = (REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", InvalidRequest, "The request has too many header fields."),
    /// `Host` is missing, doubled, malformed, or contradicts the request target.
    HostInvalid = (BAD_REQUEST, "host_invalid", InvalidRequest, "The request needs exactly one valid Host that agrees with its target."),
    /// The path exists, the method does not.
    MethodNotAllowed = (METHOD_NOT_ALLOWED, "method_not_allowed", InvalidRequest, "This path does not have that method; the Allow header lists those it has."),
    /// `Host` names somebody else.
    Misdirected = (MISDIRECTED_REQUEST, "misdirected_request", InvalidRequest, "This server does not answer for that Host."),
    /// Nothing here.
    NotFound = (NOT_FOUND, "not_found", InvalidRequest, "There is nothing here."),
    /// A method that no path has.
    NotImplemented = (NOT_IMPLEMENTED, "not_implemented", InvalidRequest, "This server does not have that method."),
    /// The server must not get traffic now.
    NotReady = (SERVICE_UNAVAILABLE, "not_ready", TemporarilyUnavailable, "The server is not ready."),
    /// More requests than the server takes at once.
    Overloaded = (SERVICE_UNAVAILABLE, "overloaded", TemporarilyUnavailable, "The server has too much to do. Try again shortly."),
    /// A bug.
    Panicked = (INTERNAL_SERVER_ERROR, "server_error", ServerError, "The server failed to answer."),
    /// A guard has missed something, and must begin anew.
    SnapshotRequired = (GONE, "snapshot_required", InvalidRequest, "The events after that one are not all there. Take a snapshot, and follow the events after it."),
    /// No answer within the time for one.
    TimedOut = (SERVICE_UNAVAILABLE, "timed_out", TemporarilyUnavailable, "The server took too long to answer. Try again shortly."),
    /// A guard names a stream that there is not.
    UnknownStream = (NOT_FOUND, "unknown_stream", InvalidRequest, "This API has no such stream. Open another."),
    /// The request target is too long.
    UriTooLong = (URI_TOO_LONG, "uri_too_long", InvalidRequest, "The request target is too long."),
}

/// Every kind of problem that this server has beside those of OAuth, for the page that lists them.
pub fn problems() -> impl Iterator<Item = Kind> {
    Fault::ALL.iter().map(|fault| {
        let (status, code, _oauth, meaning) = fault.entry();
        Kind { code, status: status.as_u16(), meaning }
    })
}

/// Why there is no better answer, said twice: what the outside may see, and a word for log and metric.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// What the outside may see.
    pub(crate) error: Error,
    /// One of a fixed set of words.
    pub(crate) reason: &'static str,
    status: StatusCode,
    code: &'static str,
    reference: Option<&'static str>,
    retry_after: Option<Duration>,
    exceeded: Option<Box<Exceeded>>,
}

impl Failure {
    /// Whether only who has authenticated gets as far as this. Others must not be able to fill a disk with the log.
    pub(crate) const fn is_of_somebody_known(&self) -> bool {
        use ErrorCode::{InvalidScope, InvalidTarget, UnauthorizedClient};
        matches!(self.error.code, InvalidScope | InvalidTarget | UnauthorizedClient)
    }

    /// The same failure, with a challenge to authenticate.
    pub(crate) fn challenged(self) -> Self {
        Self { error: self.error.with_challenge(), ..self }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let (status, code, oauth, sentence) = fault.entry();
        Self {
            error: Error::new(oauth, sentence),
            reason: code,
            status,
            code,
            reference: None,
            retry_after: None,
            exceeded: None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = error.code.as_str();
        Self {
            status: StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            reason: code,
            code,
            reference: Some(error.code.reference()),
            error,
            retry_after: None,
            exceeded: None,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let Refusal { error, reason, retry_after, exceeded } = refusal;
        let mut failure = Self::from(error);
        if LIMITED.contains(&reason) {
            failure.status = StatusCode::TOO_MANY_REQUESTS;
        }
        Self { reason, retry_after, exceeded, ..failure }
    }
}

impl From<GuardRefusal> for Failure {
    fn from(refusal: GuardRefusal) -> Self {
        match refusal {
            GuardRefusal::Refused(refusal) => refusal.into(),
            GuardRefusal::SnapshotRequired => Fault::SnapshotRequired.into(),
            GuardRefusal::UnknownStream => Fault::UnknownStream.into(),
        }
    }
}

/// A response that is only a status until the edge has [`render`]ed it.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        Failure::from(self).into_response()
    }
}

/// How a failure looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Face {
    /// RFC 6749 §5.2.
    OAuth,
    /// RFC 9457.
    Problem,
}

impl Face {
    /// The face of a path. One for every status, so that a client needs one parser only.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/oauth/") { Self::OAuth } else { Self::Problem }
    }
}

/// Gives a failed response its body and header fields; any other is left alone.
pub(crate) fn render(response: &mut Response, face: Face, request_id: &str, challenge: &HeaderValue) {
    let Some(failure) = response.extensions_mut().remove::<Failure>() else { return };
    let (content_type, body) = match face {
        Face::OAuth => ("application/json", failure.error.to_json()),
        Face::Problem => (problem::CONTENT_TYPE, failure.problem(request_id).to_json()),
    };
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if failure.error.challenge {
        headers.insert(WWW_AUTHENTICATE, challenge.clone());
    }
    if failure.error.code == ErrorCode::TemporarilyUnavailable {
        headers.insert(RETRY_AFTER, seconds(failure.retry_after.unwrap_or(Duration::from_secs(1))));
    }
    if let Some(exceeded) = &failure.exceeded {
        rate_limit::tell_exceeded(headers, exceeded);
    }
}

impl Failure {
    fn problem(&self, request_id: &str) -> Problem {
        let title = self.status.canonical_reason().unwrap_or("Failure");
        let problem = Problem::new(self.status.as_u16(), self.code, title)
            .with_detail(self.error.description.clone())
            .with_request_id(request_id);
        match self.reference {
            Some(reference) => problem.with_type(reference),
            None => problem,
        }
    }
}

/// Whole seconds, rounded up: never an invitation to come back too early.
fn seconds(wait: Duration) -> HeaderValue {
    HeaderValue::from(wait.as_millis().div_ceil(1_000).max(1).try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
