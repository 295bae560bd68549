//! `POST /oauth/revoke` (RFC 7009 §2).

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use tokenry_protocol::revocation;

use super::form;
use crate::app::State;
use crate::cors;

pub(crate) async fn revoke(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let origin = cors::origin(request.headers());
    let taken = match form::take(&state, request, revocation::Request::parse).await {
        Ok(taken) => taken,
        Err(failure) => return form::refused("revocation", failure).into_response(),
    };
    let revoked = state.engine.revoke(&taken.request, &taken.context).await;
    let response = match revoked {
        // RFC 7009 §2.2 gives the body no meaning; an empty object is one for every client's parser.
        Ok(()) => ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], "{}").into_response(),
        Err(refusal) => form::refused("revocation", refusal.into()).into_response(),
    };
    cors::open(&state, origin, taken.request.client.client_id(), response).await
}
