//! The scripts of the pages: files of their own, which a page runs only where its policy says so.

use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");

/// Copies a value that was just made; without it people mark the text.
const COPY: &str = include_str!("../assets/copy.js");
/// Posts an answer to an application by itself; without it the page has a button.
const FORM_POST: &str = include_str!("../assets/form-post.js");
/// Lets people use passkeys; without it the pages are as if there were none.
const PASSKEYS: &str = include_str!("../assets/passkeys.js");

/// `GET /assets/copy.js`.
pub(crate) async fn copy() -> Response {
    ([(CONTENT_TYPE, SCRIPT)], COPY).into_response()
}

/// `GET /assets/form-post.js`.
pub(crate) async fn form_post() -> Response {
    ([(CONTENT_TYPE, SCRIPT)], FORM_POST).into_response()
}

/// `GET /assets/passkeys.js`.
pub(crate) async fn passkeys() -> Response {
    ([(CONTENT_TYPE, SCRIPT)], PASSKEYS).into_response()
}
