//! What no endpoint wants to see in a request's head.

use axum::extract::Request;
use http::Method;

use crate::problem::Fault;

/// The longest request target. hyper would take 64 KiB, and cut off without an id whoever sends more.
const MAX_TARGET: usize = 8 * 1024;
/// The most header fields. HTTP/1 stops there by itself, HTTP/2 does not.
const MAX_FIELDS: usize = 100;

pub(super) fn check(request: &Request) -> Result<(), Fault> {
    // TRACE would echo credentials, CONNECT make a proxy of us; nothing overrides a method (HTTP-07).
    if !matches!(
        *request.method(),
        Method::DELETE
            | Method::GET
            | Method::HEAD
            | Method::OPTIONS
            | Method::PATCH
            | Method::POST
            | Method::PUT
    ) {
        return Err(Fault::NotImplemented);
    }
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > MAX_TARGET) {
        return Err(Fault::UriTooLong);
    }
    if request.headers().len() > MAX_FIELDS {
        return Err(Fault::HeadTooLarge);
    }
    Ok(())
}
