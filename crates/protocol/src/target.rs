//! Resource indicators: the identifiers of APIs, which become a token's audience (RFC 8707 §2).

use std::fmt;

use url::Url;

/// The longest resource indicator, in bytes.
pub const MAX_LEN: usize = 2048;

/// An absolute URI without a fragment, kept and compared exactly as it was written.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ResourceIndicator(Box<str>);

/// The text is no [`ResourceIndicator`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a resource indicator is an absolute URI without fragment and user information, at most 2048 bytes long"
)]
pub struct InvalidResourceIndicator;

impl ResourceIndicator {
    /// Reads a resource indicator; a URN is one too.
    ///
    /// # Errors
    /// [`InvalidResourceIndicator`] if it is not absolute, has a fragment (even an empty one), user
    /// information, or a character that RFC 3986 does not allow in a URI, or is longer than [`MAX_LEN`].
    pub fn parse(text: &str) -> Result<Self, InvalidResourceIndicator> {
        let fits = text.len() <= MAX_LEN && is_uri(text.as_bytes()) && Url::parse(text).is_ok();
        let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
        // `Url` finds a host in `https:example.com` and in `https:///example.com`; other readers do not.
        let web = ["http", "https"].iter().any(|scheme| is_scheme(text, scheme));
        let lost = web && authority.is_none_or(str::is_empty);
        if !fits || lost || authority.is_some_and(|authority| authority.contains('@')) {
            return Err(InvalidResourceIndicator);
        }
        Ok(Self(text.into()))
    }

    /// The URI as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceIndicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` begins with this scheme and a colon.
pub(crate) fn is_scheme(text: &str, scheme: &str) -> bool {
    text.split_once(':').is_some_and(|(given, _)| given.eq_ignore_ascii_case(scheme))
}

/// Whether every character may stand in a URI without fragment (RFC 3986 §2).
///
/// `Url` repairs what it reads: it trims spaces, drops tabs and newlines and turns backslashes round. Two
/// texts must not become one API.
fn is_uri(text: &[u8]) -> bool {
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => after,
            [byte, after @ ..] if byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=".contains(byte) => {
                after
            }
            _ => return false,
        }
    }
}
