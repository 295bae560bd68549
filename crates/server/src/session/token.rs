//! `POST /session/token` `{"audience":"…"}`: trades a session for a JWT of five minutes, for one API.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};
use serde::Serialize;

use super::{Refused, must_be_signed_in, proof};
use crate::app::State;
use crate::json::Members;

/// As the token endpoint says it (RFC 6749 §5.1).
#[derive(Serialize)]
pub(crate) struct TokenView {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
}

pub(crate) async fn token(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Json<TokenView>, Refused> {
    let (head, members) = Members::read(&state, request).await?;
    let context = state.context(&head);
    let user = must_be_signed_in(&state, &head.headers, &context).await?;
    proof::check(&state, &user, &head.headers, &context)?;
    let exchanged = state.engine.exchange_session(&user, members.required("audience")?, &context).await?;
    Ok(Json(TokenView {
        access_token: exchanged.token.expose().to_owned(),
        token_type: "Bearer",
        expires_in: exchanged.ttl.as_secs(),
        scope: exchanged.scope,
    }))
}
