//! Which pages of other origins may call `/session`, and what is people's own at `/manage/v1`, with our cookies, and read what
//! they are answered (Fetch Standard §3.2.5): those of listed origins, each named back to itself. Nobody else is told anything,
//! and `null` is nobody.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::app::State;
use crate::cors::{EXPOSED, MAX_AGE, origin};
use crate::paths;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, DELETE");
/// With credentials, `*` stands for nothing but itself.
const HEADERS: HeaderValue = HeaderValue::from_static("content-type, x-csrf-token");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// Whether an origin is one of those whose pages may.
pub(crate) fn is_listed(state: &State, origin: &HeaderValue) -> bool {
    state.headless_origins.iter().any(|listed| origin == listed.as_str())
}

/// Answers what browsers ask before they send what a form could not, and says of every answer who may read it.
pub(crate) async fn open(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    if !paths::is_headless(request.uri().path()) {
        return next.run(request).await;
    }
    let listed = origin(request.headers()).filter(|origin| is_listed(&state, origin));
    let asks_first =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response =
        if asks_first { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = listed {
        allow(headers, origin, asks_first);
    }
    response
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue, asks_first: bool) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
    if asks_first {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    } else {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
