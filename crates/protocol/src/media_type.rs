//! The `Content-Type` of a request body: a form or JSON, in UTF-8, and nothing else.

use crate::error::{Error, ErrorCode};

/// How a request body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MediaType {
    /// `application/x-www-form-urlencoded` (RFC 6749 appendix B).
    Form,
    /// `application/json`, as Auth0's clients send it.
    Json,
}

impl MediaType {
    /// Reads the value of the one `Content-Type` header field; `None` is its absence.
    ///
    /// Parameters are read with RFC 9110 §5.6.6's grammar. `charset` may only be `utf-8`; others mean nothing
    /// here and are ignored, as RFC 6838 §4.3 asks.
    ///
    /// # Errors
    /// `invalid_request` for a missing, malformed or foreign type, two types in one value, or another
    /// charset.
    pub fn parse(content_type: Option<&[u8]>) -> Result<Self, Error> {
        let foreign = || {
            Error::new(
                ErrorCode::InvalidRequest,
                "Content-Type must be application/x-www-form-urlencoded or application/json",
            )
        };
        let text = content_type.and_then(|value| str::from_utf8(value).ok()).ok_or_else(foreign)?;
        let (essence, parameters) = text.split_at(text.find(';').unwrap_or(text.len()));
        let essence = essence.trim_matches([' ', '\t']);
        let media_type = if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::Form
        } else if essence.eq_ignore_ascii_case("application/json") {
            Self::Json
        } else {
            return Err(foreign());
        };
        let charset = charset(parameters).ok_or_else(foreign)?;
        if charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8")) {
            Ok(media_type)
        } else {
            Err(Error::new(ErrorCode::InvalidRequest, "The only charset of a request body is utf-8"))
        }
    }
}

/// The `charset` among `*( OWS ";" OWS [ parameter ] )`; the outer `None` where the grammar is broken or two
/// stand there.
fn charset(mut rest: &str) -> Option<Option<&str>> {
    let mut found = None;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return Some(found);
        }
        rest = rest.strip_prefix(';')?.trim_start_matches([' ', '\t']);
        if rest.is_empty() || rest.starts_with(';') {
            continue;
        }
        let (name, after) = token(rest)?;
        let (value, after) = value(after.strip_prefix('=')?)?;
        rest = after;
        if name.eq_ignore_ascii_case("charset") && found.replace(value).is_some() {
            return None;
        }
    }
}

/// A token, or a quoted-string without escapes: no charset needs one.
fn value(text: &str) -> Option<(&str, &str)> {
    let Some(quoted) = text.strip_prefix('"') else { return token(text) };
    let (value, after) = quoted.split_once('"')?;
    value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\').then_some((value, after))
}

fn token(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !is_tchar(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// A character of an RFC 9110 §5.6.2 token.
pub(crate) fn is_tchar(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}
