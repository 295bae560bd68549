//! `GET /.well-known/jwks.json` (RFC 7517 §5): the keys that verify our tokens, the next one included.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::response::Response;
use http::HeaderMap;

use super::document;
use crate::app::State;

pub(crate) async fn jwks(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    document(&headers, Bytes::from_owner(state.engine.jwks()))
}
