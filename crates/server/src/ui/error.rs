//! An error as people read it: what is wrong, in one sentence, and code and request id to ask with.

use askama::Template;
use http::StatusCode;
use tokenry_protocol::problem::Problem;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    text: &'a str,
    code: &'a str,
    request_id: &'a str,
}

/// The page of an error.
pub(crate) fn page(status: StatusCode, problem: &Problem) -> Vec<u8> {
    let title = match status.as_u16() {
        404 => "Page not found",
        429 => "Too many attempts",
        400..=499 => "This cannot be done",
        503 => "Try again shortly",
        _ => "Something went wrong",
    };
    let text = problem.detail.as_deref().unwrap_or_default();
    let request_id = problem.request_id.as_deref().unwrap_or_default();
    let page = ErrorPage { title, text, code: &problem.code, request_id };
    // Four texts in a page that is compiled in: if that fails, the sentence alone is left.
    page.render()
        .unwrap_or_else(|_error| {
            askama::filters::escape(text, askama::filters::Html)
                .map_or_else(|_| String::new(), |text| text.to_string())
        })
        .into_bytes()
}
