//! `POST /oauth/introspect` (RFC 7662 §2), for clients and APIs, and by `Authorization: Secret …` for programs of developers.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue};
use tokenry_engine::session::Purpose;
use tokenry_protocol::challenge::{Challenge, Scheme};
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::introspection::{self, Asker};

use super::form;
use crate::app::{State, is_from_browser, realm};
use crate::problem::Failure;
use crate::ui::cookies;

pub(crate) async fn introspect(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let challenge = challenge(&state, request.headers());
    match answer(&state, request).await {
        Ok(json) => ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response(),
        Err(failure) => refused(failure, challenge),
    }
}

async fn answer(state: &State, request: Request) -> Result<Vec<u8>, Failure> {
    let has_session_cookie = cookies::is_there(request.headers(), Purpose::SessionCookie)
        || state.api_cookie.is_there(request.headers());
    let taken = form::take(state, request, introspection::Request::parse).await?;
    if has_session_cookie && matches!(taken.request.caller, Asker::Account(_)) {
        // SEC-04: two who ask at once are nobody.
        let error =
            Error::new(ErrorCode::InvalidRequest, "An account secret goes without a session's cookie");
        state.engine.note_refusal(&error, &taken.context);
        return Err(error.into());
    }
    Ok(state.engine.introspect(&taken.request, &taken.context).await?.to_json())
}

/// Who failed to authenticate in the header is told all schemes that there are.
fn refused(failure: Failure, secret: Option<HeaderValue>) -> Response {
    let failure = form::refused("introspection", failure);
    let secret = secret.filter(|_secret| failure.error.challenge);
    let mut response = failure.into_response();
    if let Some(secret) = secret {
        response.headers_mut().append(WWW_AUTHENTICATE, secret);
    }
    response
}

/// That of the scheme `Secret`: no browser is asked for one.
fn challenge(state: &State, headers: &HeaderMap) -> Option<HeaderValue> {
    if is_from_browser(headers) {
        return None;
    }
    let challenge = Challenge::new(Scheme::Secret).realm(realm(state.engine.issuer())).to_string();
    HeaderValue::try_from(challenge).ok()
}
