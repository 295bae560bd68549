//! Answers that a poller may have already: a strong `ETag`, and 304 where `If-None-Match` holds it (RFC 9110 §13.1.2).

use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokenry_jose::sha256;

/// The media type of JSON.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A tag that content shares only with the same content.
pub(crate) fn tag(content: &[u8]) -> HeaderValue {
    let tag = format!("\"{}\"", hex::encode(&sha256(content)[..16]));
    HeaderValue::try_from(tag).expect("hexadecimal digits and quotes are visible ASCII")
}

/// The content, or 304 if the request names its tag.
pub(crate) fn answer(
    request: &HeaderMap,
    tag: HeaderValue,
    content_type: HeaderValue,
    content: Bytes,
) -> Response {
    let mut response = if has(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, content_type)], content).into_response()
    };
    response.headers_mut().insert(ETAG, tag);
    response
}

/// Whether `If-None-Match` lists the tag; weakly, as RFC 9110 §13.1.2 asks.
fn has(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let lists = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known).as_bytes() == tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none(None, 200)]
    #[case::same(Some("TAG"), 304)]
    #[case::weak(Some("W/TAG"), 304)]
    #[case::among_others(Some("\"a\", TAG"), 304)]
    #[case::any(Some("*"), 304)]
    #[case::other(Some("\"a\""), 200)]
    #[case::unquoted(Some("TA"), 200)]
    fn a_poller_that_has_it_gets_304(#[case] known: Option<&str>, #[case] status: u16) {
        let tag = tag(b"{}");
        let mut request = HeaderMap::new();
        if let Some(known) = known {
            let value = known.replace("TAG", tag.to_str().unwrap());
            request.insert(IF_NONE_MATCH, value.parse().unwrap());
        }
        let response = answer(&request, tag.clone(), JSON, Bytes::from_static(b"{}"));
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[ETAG], tag);
    }
}
