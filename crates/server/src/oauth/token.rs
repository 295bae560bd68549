//! `POST /oauth/token` (RFC 6749 §3.2).

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::params::Params;
use tokenry_protocol::token::{self, Grant};

use crate::app::{State, peer};
use crate::body::MAX_FORM;
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
            Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response())
        }
        Err(refusal) => Err(refused(grant, refusal.into())),
    }
}

/// What was asked, if it was asked in a way that we take.
async fn read(state: &State, head: &Parts, body: Body) -> Result<token::Request, Failure> {
    let content_type = single(&head.headers, &CONTENT_TYPE)?;
    let authorization = single(&head.headers, &AUTHORIZATION)?;
    if head.headers.contains_key(CONTENT_ENCODING) {
        return Err(invalid("The request body must not be encoded.").into());
    }
    let body = state.bodies.read(body, &head.headers, peer(head), MAX_FORM).await?;
    let params = Params::from_body(content_type, &body)?;
    params.check_query(head.uri.query().unwrap_or_default())?;
    Ok(token::Request::parse(authorization, &params)?)
}

/// The value of a header field that must not stand there twice.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Error> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(HeaderValue::as_bytes)),
        (_, Some(_)) => Err(invalid("Content-Type and Authorization may appear only once.")),
    }
}

fn label(grant: &Grant) -> &'static str {
    match grant {
        Grant::ClientCredentials(_) => "client_credentials",
    }
}

fn refused(grant: &'static str, failure: Failure) -> Failure {
    metrics::token_refused(grant, failure.reason);
    // Only a client that has authenticated gets as far as these. Others must not be able to fill a disk.
    let known = matches!(
        failure.error.code,
        ErrorCode::InvalidScope | ErrorCode::InvalidTarget | ErrorCode::UnauthorizedClient
    );
    if known {
        tracing::info!(grant, reason = failure.reason, "token request refused");
    } else {
        tracing::debug!(grant, reason = failure.reason, "token request refused");
    }
    failure
}

fn invalid(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidRequest, description)
}
