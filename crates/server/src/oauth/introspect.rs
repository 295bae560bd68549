//! `POST /oauth/introspect` (RFC 7662 §2).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use tokenry_protocol::introspection;

use super::form;
use crate::app::State;
use crate::problem::Failure;

pub(crate) async fn introspect(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    let request = read(&state, &head, body).await;
    let context = state.context(&head);
    let request = request.map_err(|failure| {
        state.engine.note_refusal(&failure.error, &context);
        refused(failure)
    })?;
    let _place = state.place().map_err(|fault| refused(fault.into()))?;
    let answer = state.engine.introspect(&request, &context).await;
    let json = answer.map_err(|refusal| refused(refusal.into()))?.to_json();
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response())
}

async fn read(state: &State, head: &Parts, body: Body) -> Result<introspection::Request, Failure> {
    let (authorization, params) = form::read(state, head, body).await?;
    Ok(introspection::Request::parse(authorization, &params)?)
}

fn refused(failure: Failure) -> Failure {
    if failure.is_of_somebody_known() {
        tracing::info!(reason = failure.reason, "introspection refused");
    } else {
        tracing::debug!(reason = failure.reason, "introspection refused");
    }
    failure
}
