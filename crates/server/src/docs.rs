//! `/docs` and `/llms.txt`: the documentation that belongs to this very version, as pages and as Markdown.
//!
//! A page is made when it is asked for the first time: what strangers ask for again and again must cost next to nothing.
//!
//! `docs/README.md` is the index, in the form of <https://llmstxt.org>: its sections and links, in their order, are the pages.

mod index;
mod markdown;

use std::collections::BTreeMap;

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderMap, HeaderValue};
use parking_lot::RwLock;
use rust_embed::Embed;

use self::index::{INDEX, Section};
use crate::conditional;
use crate::paths;
use crate::problem::Fault;
use crate::well_known::KEEP;

/// The pages that are for users. `dev` and `decisions` are for who works on Tokenry.
#[derive(Embed)]
#[folder = "../../docs"]
#[include = "README.md"]
#[include = "concepts/*.md"]
#[include = "guides/*.md"]
#[include = "guides/verify/*.md"]
#[include = "reference/*.md"]
#[include = "tutorial/*.md"]
struct Files;

const STYLE: &str = concat!(include_str!("style/base.css"), include_str!("style/docs.css"));
const CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const MARKDOWN: HeaderValue = HeaderValue::from_static("text/markdown; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Own style, nothing else: no script, no frame, no form.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

#[derive(Template)]
#[template(path = "docs.html")]
struct Page<'a> {
    title: &'a str,
    /// The page's name, `guides/revocation`; the index has none.
    name: &'a str,
    /// Where its Markdown is.
    twin: &'a str,
    sections: &'a [Section],
    /// The page itself: our own Markdown, in which HTML counts as text.
    content: &'a str,
}

/// `GET /docs`.
pub(crate) async fn index(request: HeaderMap) -> Result<Response, Fault> {
    page(&request, "", "README.md")
}

/// `GET /docs/`.
pub(crate) async fn slash() -> Redirect {
    Redirect::permanent(paths::DOCS)
}

/// `GET /docs/…`: a page, its Markdown, or the style sheet.
pub(crate) async fn document(Path(name): Path<String>, request: HeaderMap) -> Result<Response, Fault> {
    if name == "style.css" {
        return Ok(answer(&request, CSS, Bytes::from_static(STYLE.as_bytes())));
    }
    match name.strip_suffix(".md") {
        Some(_) => Ok(answer(&request, MARKDOWN, text(&name)?.into())),
        None => page(&request, &name, &format!("{name}.md")),
    }
}

/// `GET /llms.txt`: the index, with links from the root.
pub(crate) async fn llms(request: HeaderMap) -> Result<Response, Fault> {
    let index = text("README.md")?.replace("](", &format!("]({}/", paths::DOCS));
    Ok(answer(&request, TEXT, index.into()))
}

fn page(request: &HeaderMap, name: &str, file: &str) -> Result<Response, Fault> {
    /// By name; none that there is no file of.
    static PAGES: RwLock<BTreeMap<String, (HeaderValue, Bytes)>> = RwLock::new(BTreeMap::new());
    let known = PAGES.read().get(name).cloned();
    let (tag, html) = match known {
        Some(known) => known,
        None => {
            let html = Bytes::from(render(name, file)?);
            let made = (conditional::tag(&html), html);
            PAGES.write().insert(name.to_owned(), made.clone());
            made
        }
    };
    Ok(tagged(request, HTML, tag, html))
}

fn render(name: &str, file: &str) -> Result<String, Fault> {
    let rendered = markdown::render(&text(file)?, name);
    let twin = format!("{}/{file}", paths::DOCS);
    let title = rendered.title.as_str();
    let page = Page { title, name, twin: &twin, sections: &INDEX, content: &rendered.html };
    page.render().map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, name, "a page cannot be rendered");
        Fault::Panicked
    })
}

/// The text of a file that is for users.
fn text(file: &str) -> Result<String, Fault> {
    let found = Files::get(file).ok_or(Fault::NotFound)?;
    Ok(String::from_utf8_lossy(&found.data).into_owned())
}

fn answer(request: &HeaderMap, content_type: HeaderValue, body: Bytes) -> Response {
    let tag = conditional::tag(&body);
    tagged(request, content_type, tag, body)
}

fn tagged(request: &HeaderMap, content_type: HeaderValue, tag: HeaderValue, body: Bytes) -> Response {
    let mut response = conditional::answer(request, tag, content_type, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, KEEP.clone());
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}

#[cfg(test)]
mod tests;
