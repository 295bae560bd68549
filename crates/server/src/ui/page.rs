//! How a page goes out: rendered from a typed context, under a policy that allows nothing inline and nothing from elsewhere.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};

use super::outcome::Outcome;
use crate::problem::Fault;

pub(crate) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// What a page may do (CON-04, CON-10): its own style sheet, and forms to this server.
pub(crate) const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

/// A page. The edge adds [`POLICY`] and the header fields that all pages have.
pub(crate) fn page(template: &impl Template) -> Result<Response, Fault> {
    page_with(StatusCode::OK, template)
}

/// A page with another status.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, Fault> {
    let html = template.render().map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be rendered");
        Fault::Panicked
    })?;
    Ok((status, [(CONTENT_TYPE, HTML)], html).into_response())
}

/// A page with a form that says what was not done, with the status and header fields of that.
pub(crate) fn page_told(template: &impl Template, outcome: Option<&Outcome>) -> Result<Response, Fault> {
    let Some(outcome) = outcome else { return page(template) };
    let mut response = page_with(outcome.status, template)?;
    outcome.tell(&mut response);
    Ok(response)
}

/// Lets a page's forms lead on to `origin` too: browsers hold the whole chain of redirects after a form against the policy
/// of its page. `origin` is of a redirect URI that has been validated.
pub(crate) fn leading_to(response: Response, origin: Option<&str>) -> Response {
    let Some(origin) = origin else { return response };
    allowing(response, "form-action 'self'", &format!("form-action 'self' {origin}"))
}

/// Lets a page run scripts of ours, which are files.
pub(crate) fn with_script(response: Response) -> Response {
    allowing(response, "default-src 'none'", "default-src 'none'; script-src 'self'")
}

/// Puts more in the place of a part of a page's policy.
fn allowing(mut response: Response, part: &str, more: &str) -> Response {
    let policy = response.headers().get(CONTENT_SECURITY_POLICY).cloned().unwrap_or(POLICY);
    let policy = policy.to_str().map(|policy| policy.replacen(part, more, 1));
    if let Some(policy) = policy.ok().and_then(|policy| HeaderValue::try_from(policy).ok()) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// On to another page, by GET whatever this was (AZ-26). `to` is a path of ours.
pub(crate) fn see_other(to: &str) -> Response {
    match HeaderValue::try_from(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response(),
        Err(_) => Fault::Panicked.into_response(),
    }
}
