//! Public documents under `/.well-known`, for anybody to read and to keep for five minutes.

pub(crate) mod discovery;
pub(crate) mod jwks;

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::response::Response;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue};
use tokenry_protocol::discovery::MAX_AGE_SECS;

use crate::conditional;

static KEEP: LazyLock<HeaderValue> = LazyLock::new(|| {
    HeaderValue::try_from(format!("public, max-age={MAX_AGE_SECS}")).expect("digits are a field value")
});

/// Answers with a document that every origin may read: it says nothing that depends on who asks.
fn document(request: &HeaderMap, json: Bytes) -> Response {
    let tag = conditional::tag(&json);
    let mut response = conditional::answer(request, tag, json);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CACHE_CONTROL, KEEP.clone());
    response
}
