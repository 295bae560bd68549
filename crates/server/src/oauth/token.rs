//! `POST /oauth/token` (RFC 6749 §3.2).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use tokenry_protocol::token;

use super::{form, rate_limit};
use crate::app::State;
use crate::cors;
use crate::metrics;
use crate::problem::Failure;

pub(crate) async fn token(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let origin = cors::origin(request.headers());
    let taken = match form::take(&state, request, token::Request::parse).await {
        Ok(taken) => taken,
        Err(failure) => return refused("none", failure).into_response(),
    };
    let client_id = origin.as_ref().and(taken.request.client.client_id()).map(str::to_owned);
    let response = answer(&state, taken).await.into_response();
    cors::open(&state, origin, client_id.as_deref(), response).await
}

async fn answer(state: &State, taken: form::Taken<'_, token::Request>) -> Result<Response, Failure> {
    let form::Taken { request, context, _place } = taken;
    let grant = request.grant.grant_type();
    match state.engine.token(request, &context).await {
        Ok(issued) => {
            metrics::token_issued(&issued);
            let json = Bytes::from_owner(issued.response.to_json());
            let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
            let mut response = (content_type, json).into_response();
            rate_limit::tell_quotas(response.headers_mut(), issued.error_style, &issued.quotas);
            Ok(response)
        }
        Err(refusal) => Err(refused(grant, refusal.into())),
    }
}

fn refused(grant: &'static str, failure: Failure) -> Failure {
    metrics::token_refused(grant, failure.reason);
    form::refused("token request", failure)
}
