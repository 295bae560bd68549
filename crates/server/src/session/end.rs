//! `DELETE /session`: signs out. Where nobody is signed in, there is nothing to do and nothing wrong.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use tokenry_engine::session::Purpose;

use super::{Refused, proof, signed_in};
use crate::app::{Exchange, State};
use crate::ui::cookies;
use crate::ui::logout::without_session;

pub(crate) async fn end(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let done = StatusCode::NO_CONTENT.into_response();
    if let Some(user) = signed_in(&state, &headers, &context).await? {
        proof::check(&state, &user, &headers, &context)?;
        state.engine.end_session(&user, &context).await?;
    } else if !cookies::is_there(&headers, Purpose::SessionCookie) && !state.api_cookie.is_there(&headers) {
        return Ok(done);
    }
    Ok(without_session(&state, done))
}
