//! Failures, and the one place that turns them into responses.
//!
//! A handler returns a [`Failure`]; it travels in the response's extensions to the edge, where [`render`] gives it the
//! face of the path: RFC 6749 §5.2 JSON at `/oauth/*`, in the style of the client that asked, a page where people look, RFC
//! 9457 everywhere else.

mod auth0;

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body as Content;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use tokenry_engine::{Cause, GuardRefusal, Refusal, SignInError};
use tokenry_model::ErrorStyle;
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::problem::{self, Kind, Problem};

use crate::oauth::rate_limit;
use crate::paths;
use crate::ui::error;
use crate::ui::theme::Look;
use crate::words::Words;
use crate::words::language::Language;

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
    /// All is proven, and it is not said for which company.
    CompanyRequired = (FORBIDDEN, "company_required", InvalidRequest, "Say in company_id for which of these companies you act."),
    /// Somebody else has done the same at that very time.
    Conflict = (CONFLICT, "conflict", InvalidRequest, "It was changed at that very time. Look, and try again."),
    /// Name, password or code is wrong, or whoever it is may not sign in: one answer for all.
    CredentialsInvalid = (UNAUTHORIZED, "invalid_credentials", InvalidRequest, "Username, password or code is wrong."),
    /// An unsafe request with a cookie that does not show that it comes from the session's own page.
    CsrfFailed = (FORBIDDEN, "csrf_failed", InvalidRequest, "The request must come from a page of an allowed origin and show the session's CSRF token as X-CSRF-Token."),
    /// A form that was not made by one of our pages for this browser, or too long ago.
    ForeignForm = (FORBIDDEN, "form_not_ours", InvalidRequest, "This form is too old, or was not made for this browser. Go back, load the page again and try once more."),
    /// An `Origin` that may not speak to this server.
    ForeignOrigin = (FORBIDDEN, "origin_not_allowed", InvalidRequest, "This Origin is not allowed here."),
    /// Too many header fields, or too long ones.
    HeadTooLarge = (REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", InvalidRequest, "The request has too many header fields."),
    /// `Host` is missing, doubled, malformed, or contradicts the request target.
    HostInvalid = (BAD_REQUEST, "host_invalid", InvalidRequest, "The request needs exactly one valid Host that agrees with its target."),
    /// Whatever works elsewhere, where only somebody who is signed in at our pages may ask.
    InteractiveSessionRequired = (FORBIDDEN, "interactive_session_required", InvalidRequest, "Only the cookie of somebody who is signed in opens this, no token, secret or other cookie."),
    /// Good JSON with a member that cannot be taken.
    MemberInvalid = (UNPROCESSABLE_ENTITY, "invalid_member", InvalidRequest, "A member of the body cannot be taken; errors says which, and why."),
    /// The path exists, the method does not.
    MethodNotAllowed = (METHOD_NOT_ALLOWED, "method_not_allowed", InvalidRequest, "This path does not have that method; the Allow header lists those it has."),
    /// `Host` names somebody else.
    Misdirected = (MISDIRECTED_REQUEST, "misdirected_request", InvalidRequest, "This server does not answer for that Host."),
    /// A developer's secret was revoked.
    NoAccountSecret = (NOT_FOUND, "no_account_secret", InvalidRequest, "There is no account secret: it was revoked. Rotate it to get another one."),
    /// The account is no developer's.
    NotDeveloper = (NOT_FOUND, "not_a_developer", InvalidRequest, "This account is no developer's, and has no secret."),
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
    /// The session is good, and the proof in it too old for this.
    ReauthenticationRequired = (FORBIDDEN, "reauthentication_required", InvalidRequest, "This needs a sign-in of the last ten minutes. Sign in once more, and try again."),
    /// The password is right, and a second factor has to be shown.
    SecondFactorRequired = (UNAUTHORIZED, "second_factor_required", InvalidRequest, "A second factor is needed: send the same once more with code."),
    /// A secret is shown once, when it is made.
    SecretNotKept = (CONFLICT, "secret_not_kept", InvalidRequest, "The value is not kept: it is shown once, when it is made. Rotate it to get another one."),
    /// No cookie names a session that lives.
    SessionRequired = (UNAUTHORIZED, "session_required", InvalidRequest, "Nobody is signed in here."),
    /// A call that another server must have signed, and that it did not sign.
    SignatureInvalid = (FORBIDDEN, "signature_invalid", InvalidRequest, "The call is not signed by a key that its sender publishes."),
    /// A guard has missed something, and must begin anew.
    SnapshotRequired = (GONE, "snapshot_required", InvalidRequest, "The events after that one are not all there. Take a snapshot, and follow the events after it."),
    /// No answer within the time for one.
    TimedOut = (SERVICE_UNAVAILABLE, "timed_out", TemporarilyUnavailable, "The server took too long to answer. Try again shortly."),
    /// Somebody has had as many values made, or seen, lately as there may be.
    TooManyChanges = (TOO_MANY_REQUESTS, "too_many_changes", TemporarilyUnavailable, "Too many values of tokens and secrets were made or shown within an hour. Revoking still works."),
    /// Somebody has as many tokens as there may be.
    TooManyTokens = (CONFLICT, "too_many_tokens", InvalidRequest, "There are as many tokens that work as there may be. Revoke one first."),
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
    /// What went wrong, if that was beside OAuth.
    fault: Option<Fault>,
    retry_after: Option<Duration>,
    style: Option<ErrorStyle>,
    cause: Option<Box<Cause>>,
    /// What a problem says beside the members that all have. Boxed: few have any.
    members: Option<Box<Map<String, Value>>>,
}

impl Failure {
    const fn new(error: Error, status: StatusCode, reason: &'static str) -> Self {
        Self {
            error,
            reason,
            status,
            fault: None,
            retry_after: None,
            style: None,
            cause: None,
            members: None,
        }
    }

    /// The same failure, of which a problem says more.
    pub(crate) fn with(mut self, member: &str, value: Value) -> Self {
        self.members.get_or_insert_default().insert(member.to_owned(), value);
        self
    }

    /// The same failure, which may be none any more after so long.
    pub(crate) fn until(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// The same failure of somebody whom we know, and who may not.
    pub(crate) fn forbidden(self) -> Self {
        Self { status: StatusCode::FORBIDDEN, ..self }
    }

    /// The same failure, with a challenge to authenticate.
    pub(crate) fn challenged(self) -> Self {
        Self { error: self.error.with_challenge(), ..self }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let (status, code, oauth, sentence) = fault.entry();
        Self { fault: Some(fault), ..Self::new(Error::new(oauth, sentence), status, code) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reason = error.code.as_str();
        Self::new(error, status, reason)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let Refusal { error, reason, retry_after, style, cause } = refusal;
        let mut failure = Self::from(error);
        if let Some(Cause::QuotaExceeded(_) | Cause::RateLimited) = cause.as_deref() {
            failure.status = StatusCode::TOO_MANY_REQUESTS;
        }
        Self { reason, retry_after, style, cause, ..failure }
    }
}

/// Where programs sign people in.
impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Busy => Fault::Overloaded.into(),
            SignInError::CodesLocked | SignInError::InvalidCredentials => Fault::CredentialsInvalid.into(),
            SignInError::TooMany { retry_after } => {
                let text = "Too many attempts have failed. Try again later.";
                let failure = Self::from(Error::new(ErrorCode::TemporarilyUnavailable, text));
                let status = StatusCode::TOO_MANY_REQUESTS;
                Self { status, retry_after: Some(retry_after), ..failure }
            }
            SignInError::Unavailable => {
                let text = "The server cannot answer now. Try again shortly.";
                Error::new(ErrorCode::TemporarilyUnavailable, text).into()
            }
        }
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
    /// For people.
    Page,
    /// RFC 9457.
    Problem,
}

impl Face {
    /// The face of a path. One for every status, so that a client needs one parser only.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/oauth/") || path == paths::USERINFO {
            Self::OAuth
        } else if paths::is_page(path) {
            Self::Page
        } else {
            Self::Problem
        }
    }
}

/// What refusals say besides what they are about.
pub(crate) struct Manner {
    /// The value of `WWW-Authenticate` where client authentication failed.
    pub(crate) challenge: HeaderValue,
    /// How pages look now.
    pub(crate) look: Box<dyn Fn() -> Look + Send + Sync>,
    /// The style for those of whom it is not known which client they are.
    pub(crate) style: ErrorStyle,
}

/// Gives a failed response its body and header fields; any other is left alone. Tells what went wrong, if that was beside
/// OAuth.
pub(crate) fn render(
    response: &mut Response,
    face: Face,
    (request_id, language): (&str, Language),
    manner: &Manner,
) -> Option<Fault> {
    let failure = response.extensions_mut().remove::<Failure>()?;
    let style = failure.style.unwrap_or(manner.style);
    let (content_type, body) = match face {
        Face::OAuth => {
            let body = failure.body(style);
            *response.status_mut() = body.status;
            ("application/json", body.to_json())
        }
        Face::Page => (
            "text/html; charset=utf-8",
            error::page(
                failure.status,
                failure.reason,
                &failure.problem(request_id),
                Words::of(language),
                (manner.look)(),
            ),
        ),
        Face::Problem => (problem::CONTENT_TYPE, failure.problem(request_id).to_json()),
    };
    *response.body_mut() = Content::from(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if failure.error.challenge {
        // Before those of other schemes that the endpoint takes.
        let others: Vec<_> = headers.get_all(WWW_AUTHENTICATE).iter().cloned().collect();
        headers.insert(WWW_AUTHENTICATE, manner.challenge.clone());
        for other in others {
            headers.append(WWW_AUTHENTICATE, other);
        }
    }
    if failure.error.code == ErrorCode::TemporarilyUnavailable {
        headers.insert(RETRY_AFTER, seconds(failure.retry_after.unwrap_or(Duration::from_secs(1))));
    }
    if let Some(Cause::QuotaExceeded(exceeded)) = failure.cause.as_deref() {
        rate_limit::tell_exceeded(headers, style, exceeded);
    }
    failure.fault
}

/// A refusal as an OAuth client reads it (RFC 6749 §5.2).
#[derive(Serialize)]
struct Body {
    #[serde(skip)]
    status: StatusCode,
    error: &'static str,
    error_description: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_uri: Option<&'static str>,
}

impl Body {
    fn rfc(failure: &Failure) -> Self {
        let Error { code, description, .. } = &failure.error;
        Self {
            status: failure.status,
            error: code.as_str(),
            error_description: description.clone(),
            error_uri: None,
        }
    }

    fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("three strings always serialise")
    }
}

impl Failure {
    /// The one place where a style decides on a body; header fields are [`rate_limit`]'s.
    fn body(&self, style: ErrorStyle) -> Body {
        match style {
            ErrorStyle::Auth0 => auth0::body(self),
            ErrorStyle::Rfc => Body::rfc(self),
        }
    }

    fn problem(&self, request_id: &str) -> Problem {
        let title = self.status.canonical_reason().unwrap_or("Failure");
        let oauth = self.error.code;
        let code = self.fault.map_or(oauth.as_str(), |fault| fault.entry().1);
        let problem = Problem::new(self.status.as_u16(), code, title)
            .with_detail(self.error.description.clone())
            .with_request_id(request_id);
        let problem = match self.fault {
            Some(_) => problem,
            None => problem.with_type(oauth.reference()),
        };
        let members = self.members.iter().flat_map(|members| members.iter());
        members.fold(problem, |problem, (member, value)| problem.with(member, value.clone()))
    }
}

/// Whole seconds, rounded up: never an invitation to come back too early.
fn seconds(wait: Duration) -> HeaderValue {
    HeaderValue::from(wait.as_millis().div_ceil(1_000).max(1).try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
