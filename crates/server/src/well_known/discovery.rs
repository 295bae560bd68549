//! `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server` (RFC 8414 §3).

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use http::HeaderMap;

use super::document;
use crate::app::State;

pub(crate) async fn openid(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    document(&headers, state.openid.clone())
}

pub(crate) async fn authorization_server(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    document(&headers, state.authorization_server.clone())
}
