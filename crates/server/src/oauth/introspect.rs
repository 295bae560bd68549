//! `POST /oauth/introspect` (RFC 7662 §2).

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use tokenry_protocol::introspection;

use super::form;
use crate::app::State;
use crate::problem::Failure;

pub(crate) async fn introspect(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Failure> {
    let json = answer(&state, request).await.map_err(|failure| form::refused("introspection", failure))?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response())
}

async fn answer(state: &State, request: Request) -> Result<Vec<u8>, Failure> {
    let taken = form::take(state, request, introspection::Request::parse).await?;
    Ok(state.engine.introspect(&taken.request, &taken.context).await?.to_json())
}
