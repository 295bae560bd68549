//! `GET /session/csrf`: the session's CSRF token, for a page that was opened while somebody was signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use http::HeaderMap;
use serde::Serialize;

use super::{Refused, must_be_signed_in};
use crate::app::{Exchange, State};

#[derive(Serialize)]
pub(crate) struct CsrfView {
    csrf_token: String,
}

pub(crate) async fn csrf(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Json<CsrfView>, Refused> {
    let user = must_be_signed_in(&state, &headers, &context).await?;
    Ok(Json(CsrfView { csrf_token: state.engine.csrf_token(&user).expose().to_owned() }))
}
