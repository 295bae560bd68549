//! An error as people read it: what is wrong, in one sentence, and the request's id to ask with.

use askama::Template;
use http::StatusCode;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    text: &'a str,
    request_id: &'a str,
}

/// The page of an error.
pub(crate) fn page(status: StatusCode, text: &str, request_id: &str) -> Vec<u8> {
    let title = match status.as_u16() {
        404 => "There is nothing here",
        429 => "Too many attempts",
        400..=499 => "This cannot be done",
        503 => "Try again shortly",
        _ => "Something went wrong",
    };
    let page = ErrorPage { title, text, request_id };
    // Three texts in a page that is compiled in: if that fails, the sentence alone is left.
    page.render()
        .unwrap_or_else(|_error| {
            askama::filters::escape(text, askama::filters::Html)
                .map_or_else(|_| String::new(), |text| text.to_string())
        })
        .into_bytes()
}
