//! Reading a JSON body: its type, its size and the time it takes, before anyone looks inside.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokenry_guard::Problem;

use crate::problem;

const TIMEOUT: Duration = Duration::from_secs(10);

/// The bytes of a body that says it is JSON, at most `LIMIT` of them.
///
/// The type is required: browsers send `text/plain` and forms across sites without asking, but never this.
pub(crate) struct JsonBody<const LIMIT: usize>(pub(crate) Bytes);

impl<S: Sync, const LIMIT: usize> FromRequest<S> for JsonBody<LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_type(&parts.headers)?;
        match tokio::time::timeout(TIMEOUT, read(body, LIMIT)).await {
            Ok(body) => body.map(Self),
            Err(_) => Err(problem::body_timeout()),
        }
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let types: Vec<_> = headers.get_all(CONTENT_TYPE).iter().collect();
    let is_json = match &*types {
        [value] => value.to_str().is_ok_and(|text| essence(text).eq_ignore_ascii_case("application/json")),
        _ => false,
    };
    if !is_json {
        return Err(problem::unsupported_media_type("The content type must be application/json."));
    }
    let is_plain = |value: &axum::http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
        return Err(problem::unsupported_media_type("Compressed bodies are not accepted."));
    }
    Ok(())
}

/// The type without its parameters: JSON has no charset, it is UTF-8 (RFC 8259 §8.1).
fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(problem::body_too_large(limit)),
        Err(_) => Err(problem::invalid_json("it broke off")),
    }
}
