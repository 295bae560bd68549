//! Which pages may read an answer in a browser (Fetch Standard §3.2): those of a public client's own origins, at the
//! endpoints that such clients use. Never with cookies (that is `session/origins.rs`), and never what a secret bought.

use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::app::State;

/// For how long a browser need not ask again, in seconds.
pub(crate) const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
/// Any, and the one that `*` does not stand for.
const HEADERS: HeaderValue = HeaderValue::from_static("*, authorization");
pub(crate) const EXPOSED: HeaderValue =
    HeaderValue::from_static("retry-after, www-authenticate, x-request-id");

/// What a browser asks before it sends what a form could not. It names no client, so everybody gets one answer (HTTP-09):
/// whether the page may read what comes then is decided then.
pub(crate) async fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

/// Where a request comes from, if it says so once.
pub(crate) fn origin(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next()?;
    origins.next().is_none().then(|| origin.clone())
}

/// Lets pages of `origin` read the answer if they are those of the public client that was answered.
pub(crate) async fn open(
    state: &State,
    origin: Option<HeaderValue>,
    client_id: Option<&str>,
    mut response: Response,
) -> Response {
    let Some(origin) = origin else { return response };
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    let (Some(client_id), Ok(text)) = (client_id, origin.to_str()) else { return response };
    // A database that does not answer now takes nothing from the answer but who may read it.
    if matches!(state.engine.is_origin_of(client_id, text).await, Ok(true)) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}
