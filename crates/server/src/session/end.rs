//! `DELETE /session`: signs out. Where nobody is signed in, there is nothing to do and nothing wrong.
//!
//! Each cookie counts by itself here, also where the two together are nobody's, and whoever has deleted the account signs out as
//! well: after 204 nothing lives that the request has shown.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use tokenry_engine::session::{LivingSession, Purpose, Withheld};

use super::{Refused, check_one_credential, has_cookie, proof};
use crate::app::{Exchange, State};
use crate::problem::Fault;
use crate::ui::cookies;
use crate::ui::logout::without_session;

/// How many cookies of one name are looked at: browsers have one, or a few by the trick of somebody else.
const MAX_COOKIES: usize = 4;

pub(crate) async fn end(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let done = StatusCode::NO_CONTENT.into_response();
    if !has_cookie(&state, &headers) {
        return Ok(done);
    }
    check_one_credential(&headers, true)?;
    let mut living = Vec::<LivingSession>::new();
    for cookie in cookies::all(&headers, Purpose::SessionCookie).take(MAX_COOKIES) {
        living.extend(state.engine.living_session(&cookie, &context).await?);
    }
    for cookie in state.api_cookie.all(&headers).take(MAX_COOKIES) {
        living.extend(state.engine.living_session_for_apis(&cookie, &context).await?);
    }
    if !living.is_empty() {
        let user = living.first().map(|living| living.session().user_id.clone());
        living.retain(|living| proof::is_shown(&state, living.session(), &headers));
        if living.is_empty() {
            state.engine.note_withheld(Withheld::CsrfFailed, user.as_ref(), &context);
            return Err(Fault::CsrfFailed.into());
        }
    }
    for session in living {
        state.engine.end_living_session(&session, &context).await?;
    }
    Ok(without_session(&state, done))
}
