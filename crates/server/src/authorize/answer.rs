//! An authorization response on its way to the client: a redirect, or a page that posts it.

use std::borrow::Cow;

use askama::Template;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use tokenry_engine::form_target;
use tokenry_protocol::authorize::{self, ResponseMode};

use crate::problem::Fault;
use crate::ui::page::{page, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    words: &'static Words,
    look: Look,
    action: &'a str,
    parameters: Vec<(&'static str, Cow<'a, str>)>,
}

/// Sends the browser to the client with its answer.
pub(crate) fn respond(
    response: &authorize::Response,
    words: &'static Words,
    look: Look,
) -> Result<Response, Fault> {
    match response.mode {
        ResponseMode::FormPost => form_post(response, words, look),
        ResponseMode::Query => Ok(see_other(&response.location())),
    }
}

fn form_post(response: &authorize::Response, words: &'static Words, look: Look) -> Result<Response, Fault> {
    let (action, parameters) = (response.redirect_uri.as_str(), response.parameters());
    let mut html = page(&FormPost { words, look, action, parameters })?;
    let target = form_target(&response.redirect_uri).unwrap_or_else(|| "'none'".to_owned());
    let policy = format!(
        "default-src 'none'; script-src 'self'; img-src 'self'; style-src 'self'; form-action {target}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).map_err(|_invalid| Fault::Panicked)?;
    html.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(html)
}
