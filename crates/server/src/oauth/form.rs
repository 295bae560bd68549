//! What the endpoints under `/oauth` do alike: read one `Authorization` and the parameters of the body, take a place, and
//! log what they refuse.

use axum::body::Body;
use axum::extract::Request;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokenry_engine::Context;
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::params::Params;
use tokio::sync::SemaphorePermit;

use crate::app::{State, peer};
use crate::body::MAX_FORM;
use crate::problem::Failure;

/// A request that could be read, and its place among those at work, which it gives up when it is dropped.
pub(crate) struct Taken<'s, R> {
    pub(crate) request: R,
    pub(crate) context: Context,
    pub(crate) _place: SemaphorePermit<'s>,
}

/// Reads a request by `parse`; one that is not well formed is counted among the refusals.
pub(crate) async fn take<R>(
    state: &State,
    request: Request,
    parse: impl FnOnce(Option<&[u8]>, &Params) -> Result<R, Error>,
) -> Result<Taken<'_, R>, Failure> {
    let (head, body) = request.into_parts();
    let request = match read(state, &head, body).await {
        Ok((authorization, params)) => parse(authorization, &params).map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    let context = state.context(&head);
    match request {
        Ok(request) => Ok(Taken { request, context, _place: state.place()? }),
        Err(failure) => {
            state.engine.note_refusal(&failure.error, &context);
            Err(failure)
        }
    }
}

/// Logs a refusal of what was asked at `endpoint`.
pub(crate) fn refused(endpoint: &'static str, failure: Failure) -> Failure {
    // Only a client that has authenticated gets as far as these. Others must not be able to fill a disk.
    let known = matches!(
        failure.error.code,
        ErrorCode::InvalidScope | ErrorCode::InvalidTarget | ErrorCode::UnauthorizedClient
    );
    if known {
        tracing::info!(reason = failure.reason, "{endpoint} refused");
    } else {
        tracing::debug!(reason = failure.reason, "{endpoint} refused");
    }
    failure
}

/// The value of the `Authorization` header field, if there is one, and the parameters.
async fn read<'h>(state: &State, head: &'h Parts, body: Body) -> Result<(Option<&'h [u8]>, Params), Failure> {
    let content_type = single(&head.headers, &CONTENT_TYPE)?;
    let authorization = single(&head.headers, &AUTHORIZATION)?;
    if head.headers.contains_key(CONTENT_ENCODING) {
        return Err(invalid("The request body must not be encoded.").into());
    }
    let body = state.bodies.read(body, &head.headers, peer(head), MAX_FORM).await?;
    let params = Params::from_body(content_type, &body)?;
    params.check_query(head.uri.query().unwrap_or_default())?;
    Ok((authorization, params))
}

/// The value of a header field that must not stand there twice.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Error> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(HeaderValue::as_bytes)),
        (_, Some(_)) => Err(invalid("Content-Type and Authorization may appear only once.")),
    }
}

fn invalid(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidRequest, description)
}
