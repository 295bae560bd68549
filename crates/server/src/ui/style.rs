//! The style sheets of the pages: one for all, and colours of themes, under names that change with them, so that browsers may
//! keep them for ever.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tokenry_jose::{base64url, sha256};

use super::theme;
use crate::problem::Fault;

const STYLE: &str = concat!(include_str!("../style/base.css"), include_str!("../style/pages.css"));
pub(super) const CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");
pub(super) const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Under which name it is.
static NAME: LazyLock<String> =
    LazyLock::new(|| format!("pages-{}.css", base64url::encode(&sha256(STYLE.as_bytes())[..9])));
static PATH: LazyLock<String> = LazyLock::new(|| format!("/assets/{}", *NAME));

/// Where it is.
pub(crate) fn path() -> &'static str {
    &PATH
}

/// `GET /assets/…`.
pub(crate) async fn style(Path(name): Path<String>) -> Result<Response, Fault> {
    if name != *NAME {
        return theme::colors(&name).ok_or(Fault::NotFound);
    }
    let fields = [(CONTENT_TYPE, CSS), (CACHE_CONTROL, FOR_EVER)];
    Ok((fields, Bytes::from_static(STYLE.as_bytes())).into_response())
}
