//! An error as people read it: what is wrong, in one sentence, and code and request id to ask with.

use askama::Template;
use http::StatusCode;
use tokenry_protocol::problem::Problem;

use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    words: &'static Words,
    look: Look,
    title: String,
    text: &'a str,
    /// What there is to say in English alone, for whoever made the application.
    detail: Option<&'a str>,
    code: &'a str,
    request_id: &'a str,
}

/// The page of an error; `reason` is the stable word of what went wrong.
pub(crate) fn page(
    status: StatusCode,
    reason: &str,
    problem: &Problem,
    words: &'static Words,
    look: Look,
) -> Vec<u8> {
    let title = match status.as_u16() {
        404 => words.error_title_not_found(),
        429 => words.error_title_too_many(),
        400..=499 => words.error_title_refused(),
        503 => words.error_title_shortly(),
        _ => words.error_title_failed(),
    };
    let described = problem.detail.as_deref().unwrap_or_default();
    let (text, detail) = match sentence(status, reason, words) {
        Some(sentence) => (sentence, None),
        None if words.is_english() => (described.to_owned(), None),
        None => (words.error_unreadable(), Some(described)),
    };
    let request_id = problem.request_id.as_deref().unwrap_or_default();
    let page = ErrorPage { words, look, title, text: &text, detail, code: &problem.code, request_id };
    // A few texts in a page that is compiled in: if that fails, the sentence alone is left.
    page.render()
        .unwrap_or_else(|_error| {
            askama::filters::escape(&text, askama::filters::Html)
                .map_or_else(|_| String::new(), |text| text.to_string())
        })
        .into_bytes()
}

/// What is said of what people meet. `None`: it is for whoever made the application.
fn sentence(status: StatusCode, reason: &str, words: &Words) -> Option<String> {
    Some(match reason {
        "body_too_large" | "body_unreadable" => words.error_body(),
        "client_disabled" | "client_unknown" | "company_disabled" => words.error_client_unknown(),
        "flow_answered" => words.error_flow_answered(),
        "flow_invalid" => words.error_flow_invalid(),
        "form_not_ours" => words.error_foreign_form(),
        "grant_not_allowed" => words.error_signs_nobody_in(),
        "head_too_large" | "request_too_long" | "uri_too_long" => words.error_too_long(),
        "hint_of_another_client" => words.error_logout_hint(),
        "method_not_allowed" | "not_implemented" => words.error_method(),
        "not_a_member" => words.error_not_a_member(),
        "not_found" => words.error_not_found(),
        "overloaded" => words.error_overloaded(),
        "post_logout_redirect_uri_unknown" => words.error_logout_address(),
        "redirect_uri_unregistered" => words.error_redirect_uri(),
        "timed_out" => words.error_timed_out(),
        _ if status == StatusCode::SERVICE_UNAVAILABLE => words.error_unavailable(),
        _ if status.is_server_error() => words.error_failed(),
        _ => return None,
    })
}
