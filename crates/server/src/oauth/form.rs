//! What the endpoints under `/oauth` read alike: one `Authorization`, and the parameters of the body.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::params::Params;

use crate::app::{State, peer};
use crate::body::MAX_FORM;
use crate::problem::Failure;

/// The value of the `Authorization` header field, if there is one, and the parameters.
pub(crate) async fn read<'h>(
    state: &State,
    head: &'h Parts,
    body: Body,
) -> Result<(Option<&'h [u8]>, Params), Failure> {
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
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Error> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(HeaderValue::as_bytes)),
        (_, Some(_)) => Err(invalid("Content-Type and Authorization may appear only once.")),
    }
}

fn invalid(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidRequest, description)
}
