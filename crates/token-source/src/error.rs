//! Why there is no token.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::time::Duration;

/// There is no valid token, and the authorization server gave none. Holds no secret; clones share the cause.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    retry_after: Option<Duration>,
}

/// What went wrong at the token endpoint.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request's task ended before its answer came: the runtime that ran it was shut down.
    #[error("the token request was interrupted")]
    Interrupted,
    /// 200, but no token response as of RFC 6749 §5.1.
    #[error("the token endpoint's answer is no token response: {0}")]
    Malformed(&'static str),
    /// An OAuth error (RFC 6749 §5.2), `invalid_client` for instance. Asking again will not help.
    #[error("the authorization server refused: {error}{}", parenthesised(description.as_deref()))]
    Refused {
        /// The `error` code.
        error: String,
        /// The `error_description`, if there was one.
        description: Option<String>,
    },
    /// The request could not be sent or the answer not be read; the source says why.
    #[error("the token endpoint cannot be reached")]
    Transport(#[source] Arc<reqwest::Error>),
    /// 429 or 5xx: the authorization server is overloaded or away.
    #[error("the token endpoint is unavailable: HTTP {status}")]
    Unavailable {
        /// The status of the answer.
        status: u16,
    },
    /// A status that no token endpoint uses: a redirect, or a page from something else.
    #[error("no token endpoint seems to be there: HTTP {status}")]
    Unexpected {
        /// The status of the answer.
        status: u16,
    },
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self { kind, retry_after: None }
    }

    /// The same error, with the time until the next attempt.
    pub(crate) fn retry_in(self, rest: Duration) -> Self {
        Self { retry_after: Some(rest), ..self }
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// How long the source will ask nothing and answer this error again; `None` if it would ask at once.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether waiting may help. A refused client needs a person instead.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self.kind, ErrorKind::Interrupted | ErrorKind::Transport(_) | ErrorKind::Unavailable { .. })
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.kind)
    }
}

fn parenthesised(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!(" ({text})"))
}
