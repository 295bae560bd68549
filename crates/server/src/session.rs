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
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokenry_engine::session::{Purpose, SignedInUser};
use tokenry_engine::{Context, Refusal};

use crate::app::State;
use crate::problem::{Failure, Fault};
use crate::ui::cookies;

/// Every 401 names a way to authenticate (RFC 9110 §15.5.2). Of a scheme that browsers do not know, so that none asks its user
/// for a password of its own accord.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Session");

/// What goes wrong here.
#[derive(Debug)]
pub(crate) struct Refused(Failure);

impl<F: Into<Failure>> From<F> for Refused {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
        }
        response
    }
}

/// Who is signed in. Nobody is where one of the cookies opens nothing, or they name two sessions.
pub(crate) async fn signed_in(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Option<SignedInUser>, Refusal> {
    let interactive = match cookies::is_there(headers, Purpose::SessionCookie) {
        true => Some(crate::ui::form::signed_in(state, headers, context).await?),
        false => None,
    };
    let for_apis = match state.api_cookie.is_there(headers) {
        true => Some(match state.api_cookie.value(headers) {
            Some(cookie) => state.engine.signed_in_for_apis(&cookie, context).await?,
            None => None,
        }),
        false => None,
    };
    Ok(match (interactive, for_apis) {
        (Some(Some(user)), Some(Some(other))) if user.session().id == other.session().id => Some(user),
        (Some(user), None) | (None, Some(user)) => user,
        (Some(_), Some(_)) | (None, None) => None,
    })
}

/// Who must be signed in.
pub(crate) async fn must_be_signed_in(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<SignedInUser, Refused> {
    Ok(signed_in(state, headers, context).await?.ok_or(Fault::SessionRequired)?)
}
