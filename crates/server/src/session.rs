//! `/session`: JSON for user interfaces that are not ours, whose people sign in with us and call APIs with the cookie for those
//! (decision 28).
//!
//! What a browser has of a session are two cookies. Either of them is enough here, and where both are there they must name one
//! session. What changes something must show that it comes from a page that may ([`proof`]); which pages may read an answer is
//! said by [`origins`].

pub(crate) mod begin;
pub(crate) mod cookie;
pub(crate) mod csrf;
pub(crate) mod end;
pub(crate) mod origins;
pub(crate) mod proof;
pub(crate) mod show;
pub(crate) mod token;

use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokenry_engine::session::{Purpose, SignedInUser};
use tokenry_engine::{Context, Refusal};
use tokenry_protocol::error::{Error, ErrorCode};

use crate::app::State;
use crate::problem::{Failure, Fault};
use crate::ui::{cookies, form};

/// Every 401 names a way to authenticate (RFC 9110 §15.5.2). Of a scheme that browsers do not know, so that none asks its user
/// for a password of its own accord.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Session");

/// What goes wrong here.
#[derive(Debug)]
pub(crate) struct Refused(Box<Response>);

impl<F: Into<Failure>> From<F> for Refused {
    fn from(failure: F) -> Self {
        Self(Box::new(failure.into().into_response()))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = *self.0;
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
        }
        response
    }
}

/// Refuses a second credential: an `Authorization` field beside a cookie, whoever the two name, and two such fields (SES-17).
pub(crate) fn check_one_credential(headers: &HeaderMap, has_cookie: bool) -> Result<(), Failure> {
    let fields = headers.get_all(AUTHORIZATION).iter().count();
    if fields + usize::from(has_cookie) <= 1 {
        return Ok(());
    }
    let text = "One credential at a time: the session's cookie, without an Authorization header.";
    Err(Error::new(ErrorCode::InvalidRequest, text).into())
}

/// What the two cookies open, each where it is there.
struct Opened {
    interactive: Option<Option<SignedInUser>>,
    for_apis: Option<Option<SignedInUser>>,
}

impl Opened {
    async fn by(state: &State, headers: &HeaderMap, context: &Context) -> Result<Self, Refused> {
        check_one_credential(headers, has_cookie(state, headers))?;
        let interactive = match cookies::is_there(headers, Purpose::SessionCookie) {
            true => Some(form::signed_in(state, headers, context).await?),
            false => None,
        };
        let for_apis = match state.api_cookie.is_there(headers) {
            true => Some(match state.api_cookie.value(headers) {
                Some(cookie) => state.engine.signed_in_for_apis(&cookie, context).await?,
                None => None,
            }),
            false => None,
        };
        Ok(Self { interactive, for_apis })
    }

    /// Who is signed in. Nobody is where one of the cookies opens nothing, or they name two sessions.
    fn user(self) -> Option<SignedInUser> {
        match (self.interactive, self.for_apis) {
            (Some(Some(user)), Some(Some(other))) if user.session().id == other.session().id => Some(user),
            (Some(user), None) | (None, Some(user)) => user,
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

/// Who is signed in.
///
/// # Errors
/// When there is a second credential, or the database fails.
pub(crate) async fn signed_in(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Option<SignedInUser>, Refused> {
    Ok(Opened::by(state, headers, context).await?.user())
}

/// Whether the browser has one of a session's two cookies, whatever it is worth.
pub(crate) fn has_cookie(state: &State, headers: &HeaderMap) -> bool {
    cookies::is_there(headers, Purpose::SessionCookie) || state.api_cookie.is_there(headers)
}

/// Who must be signed in. Where nobody is, the cookies that open nothing are taken back (SES-04).
pub(crate) async fn must_be_signed_in(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<SignedInUser, Refused> {
    let opened = Opened::by(state, headers, context).await?;
    let mut refused = match &opened.interactive {
        Some(None) => nobody_by_cookie(state, headers, context).await?,
        Some(Some(_)) | None => Fault::SessionRequired.into(),
    };
    if matches!(opened.for_apis, Some(None)) {
        state.api_cookie.take_back(&mut refused.0);
    }
    opened.user().ok_or(refused)
}

/// The answer to an interactive cookie that opens nothing: it is taken back, but from whoever has deleted their account and can
/// still take that back by it.
pub(crate) async fn nobody_by_cookie(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Refused, Refusal> {
    let mut refused = Refused::from(Fault::SessionRequired);
    if form::leaving(state, headers, context).await?.is_none() {
        cookies::take_back(&mut refused.0, Purpose::SessionCookie);
    }
    Ok(refused)
}
