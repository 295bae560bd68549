//! `POST /oauth/revoke` (RFC 7009 §2).

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use tokenry_protocol::revocation;

use super::form;
use crate::app::State;
use crate::problem::Failure;

pub(crate) async fn revoke(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Failure> {
    take_away(&state, request).await.map_err(|failure| form::refused("revocation", failure))?;
    // RFC 7009 §2.2 gives the body no meaning; an empty object is one for every client's parser.
    let json = "{}";
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response())
}

async fn take_away(state: &State, request: Request) -> Result<(), Failure> {
    let taken = form::take(state, request, revocation::Request::parse).await?;
    Ok(state.engine.revoke(&taken.request, &taken.context).await?)
}
