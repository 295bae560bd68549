//! `POST /oauth/token` (RFC 6749 §3.2).

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use tokenry_protocol::token::{self, Grant};

use super::{form, rate_limit};
use crate::app::State;
use crate::metrics;
use crate::problem::Failure;

pub(crate) async fn token(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    let request = read(&state, &head, body).await;
    let context = state.context(&head);
    let request = request.map_err(|failure| {
        state.engine.note_refusal(&failure.error, &context);
        refused("none", failure)
    })?;
    let _place = state.place().map_err(|fault| refused("none", fault.into()))?;
    let grant = label(&request.grant);
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

/// What was asked, if it was asked in a way that we take.
async fn read(state: &State, head: &Parts, body: Body) -> Result<token::Request, Failure> {
    let (authorization, params) = form::read(state, head, body).await?;
    Ok(token::Request::parse(authorization, &params)?)
}

fn label(grant: &Grant) -> &'static str {
    match grant {
        Grant::ClientCredentials(_) => "client_credentials",
    }
}

fn refused(grant: &'static str, failure: Failure) -> Failure {
    metrics::token_refused(grant, failure.reason);
    if failure.is_of_somebody_known() {
        tracing::info!(grant, reason = failure.reason, "token request refused");
    } else {
        tracing::debug!(grant, reason = failure.reason, "token request refused");
    }
    failure
}
