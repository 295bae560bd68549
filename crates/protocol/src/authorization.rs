//! The `Authorization` header field: a scheme word, exactly one space, credentials (RFC 9110 §11.4, §11.6.2).

use std::fmt;

use crate::media_type::is_tchar;

/// Credentials by scheme, not yet judged. `Debug` shows the scheme alone, and nothing compares two
/// with `==`: they hold secrets.
#[derive(Clone, Copy)]
pub enum Authorization<'a> {
    /// `Basic`, with the base64 text (RFC 7617); see [`crate::basic::Basic::parse`].
    Basic(&'a str),
    /// `Bearer`, with the token (RFC 6750 §2.1).
    Bearer(&'a str),
    /// `Secret`, Tokenry's own scheme, with a developer's account secret.
    Secret(&'a str),
    /// Another scheme: its word only.
    Other(&'a str),
}

/// The header field does not have the form `scheme SP credentials`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the Authorization header must be a scheme, one space and credentials")]
pub struct Malformed;

impl<'a> Authorization<'a> {
    /// Reads the value of the one `Authorization` header field; the scheme's case does not matter.
    ///
    /// # Errors
    /// [`Malformed`] without a scheme, a single space, or credentials of the token68 form (RFC 9110 §11.2)
    /// for the schemes named above; for others, any visible text passes.
    pub fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        let text = str::from_utf8(value).map_err(|_| Malformed)?;
        let (scheme, credentials) = text.split_once(' ').ok_or(Malformed)?;
        if scheme.is_empty() || !scheme.chars().all(is_tchar) {
            return Err(Malformed);
        }
        let known: fn(&'a str) -> Self = if scheme.eq_ignore_ascii_case("basic") {
            Self::Basic
        } else if scheme.eq_ignore_ascii_case("bearer") {
            Self::Bearer
        } else if scheme.eq_ignore_ascii_case("secret") {
            Self::Secret
        } else {
            return if is_visible(credentials) { Ok(Self::Other(scheme)) } else { Err(Malformed) };
        };
        if is_token68(credentials) { Ok(known(credentials)) } else { Err(Malformed) }
    }

    /// The scheme's word; in its usual spelling where it is known.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        match self {
            Self::Basic(_) => "Basic",
            Self::Bearer(_) => "Bearer",
            Self::Secret(_) => "Secret",
            Self::Other(scheme) => scheme,
        }
    }
}

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorization({} …)", self.scheme())
    }
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
fn is_token68(text: &str) -> bool {
    let core = text.trim_end_matches('=');
    !core.is_empty() && core.bytes().all(|byte| TOKEN68[usize::from(byte)])
}

/// Which bytes a token68 consists of. Tokens are long, and every request has one: a table is five times as fast as comparing.
const TOKEN68: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        let ascii = byte as u8;
        table[byte] =
            ascii.is_ascii_alphanumeric() || matches!(ascii, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
        byte += 1;
    }
    table
};

fn is_visible(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(' ') && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
