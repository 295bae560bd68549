//! An authorization response on its way to the client: a redirect, or a page that posts it.

use std::borrow::Cow;

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use tokenry_engine::form_target;
use tokenry_protocol::authorize::{self, ResponseMode};

use crate::problem::{Failure, Fault};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");

/// What posts an answer by itself; without it the page has a button.
const FORM_POST: &str = include_str!("../assets/form-post.js");

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    action: &'a str,
    parameters: Vec<(&'static str, Cow<'a, str>)>,
}

/// `GET /assets/form-post.js`.
pub(crate) async fn script() -> Response {
    ([(CONTENT_TYPE, SCRIPT)], FORM_POST).into_response()
}

/// Sends the browser to the client with its answer.
pub(crate) fn respond(response: &authorize::Response) -> Result<Response, Failure> {
    match response.mode {
        ResponseMode::FormPost => form_post(response),
        ResponseMode::Query => Ok(see_other(&response.location())),
    }
}

/// 303: what was posted to us is not posted on (RFC 9700 §4.12).
pub(crate) fn see_other(location: &str) -> Response {
    let location = HeaderValue::try_from(location).expect("whatever we redirect to is visible ASCII");
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

fn form_post(response: &authorize::Response) -> Result<Response, Failure> {
    let page = FormPost { action: &response.redirect_uri, parameters: response.parameters() };
    let html = page.render().map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be rendered");
        Fault::Panicked
    })?;
    let target = form_target(&response.redirect_uri).unwrap_or_else(|| "'none'".to_owned());
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action {target}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).expect("an origin is visible ASCII");
    Ok(([(CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, policy)], html).into_response())
}
