//! The `WWW-Authenticate` header field: how to authenticate, and why it did not work (RFC 9110 §11.6.1).

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::error::{Error, ErrorCode};
use crate::scope::Scope;

/// The schemes that Tokenry challenges for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// RFC 7617; at the token endpoint and wherever a client authenticates.
    Basic,
    /// RFC 6750.
    Bearer,
    /// Tokenry's own: a developer's account secret.
    Secret,
}

impl Scheme {
    /// The scheme's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Bearer => "Bearer",
            Self::Secret => "Secret",
        }
    }
}

/// One challenge. `Display` is the header field's value; several are joined with `, ` or sent as several
/// fields.
///
/// Every value is quoted, and what cannot stand inside quotes (controls, non-ASCII) is percent-encoded: no
/// value can start a new parameter or a new header field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    scheme: Scheme,
    /// Each name once (RFC 9110 §11.2), in the order in which they were given.
    parameters: Vec<(&'static str, Cow<'static, str>)>,
}

impl Challenge {
    /// A challenge that says nothing but the scheme.
    #[must_use]
    pub const fn new(scheme: Scheme) -> Self {
        Self { scheme, parameters: Vec::new() }
    }

    /// Names the protection space (RFC 9110 §11.5).
    #[must_use]
    pub fn realm(self, realm: impl Into<Cow<'static, str>>) -> Self {
        self.with("realm", realm)
    }

    /// Says where the resource server's metadata is (RFC 9728 §5.1).
    #[must_use]
    pub fn resource_metadata(self, url: impl Into<Cow<'static, str>>) -> Self {
        self.with("resource_metadata", url)
    }

    /// Says what was wrong (RFC 6750 §3). Not for a request without credentials, which did nothing wrong
    /// (§3.1).
    #[must_use]
    pub fn error(self, code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        // Its characters are those of RFC 6749's error_description, which has no quotes to escape.
        self.with("error", code.as_str()).with("error_description", Error::new(code, description).description)
    }

    /// Says which scope would do (RFC 6750 §3); the empty one is left out.
    #[must_use]
    pub fn scope(self, scope: &Scope) -> Self {
        if scope.is_empty() { self } else { self.with("scope", scope.to_string()) }
    }

    /// Asks for an authentication that is at most so many seconds old (RFC 9470 §3).
    #[must_use]
    pub fn max_age(self, seconds: u64) -> Self {
        self.with("max_age", seconds.to_string())
    }

    /// Asks for an authentication of one of these classes, in order of preference (RFC 9470 §3).
    #[must_use]
    pub fn acr_values(self, values: impl Into<Cow<'static, str>>) -> Self {
        self.with("acr_values", values)
    }

    fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let value = value.into();
        match self.parameters.iter_mut().find(|(earlier, _)| *earlier == name) {
            Some((_, earlier)) => *earlier = value,
            None => self.parameters.push((name, value)),
        }
        self
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme.as_str())?;
        for (at, (name, value)) in self.parameters.iter().enumerate() {
            f.write_str(if at == 0 { " " } else { ", " })?;
            write!(f, "{name}=\"")?;
            for byte in value.bytes() {
                match byte {
                    b'"' | b'\\' => write!(f, "\\{}", char::from(byte))?,
                    b' '..=b'~' => f.write_char(char::from(byte))?,
                    _ => write!(f, "%{byte:02X}")?,
                }
            }
            f.write_char('"')?;
        }
        Ok(())
    }
}
