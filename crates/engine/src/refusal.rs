//! A refusal said twice: a public sentence with its RFC code, and a stable word for log, metric and audit.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, ErrorStyle};
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::scope::Scope;
use tokenry_store::Error as StoreError;

use crate::quotas::QuotaStanding;

/// A refusal.
#[derive(Debug)]
pub struct Refusal {
    /// For the client.
    pub error: Error,
    /// For log, metric and audit: one of a fixed set of words.
    pub reason: &'static str,
    /// When asking again may help.
    pub retry_after: Option<Duration>,
    /// How the client that asked wants refusals to look; `None` while it is not known which client that is.
    pub style: Option<ErrorStyle>,
    /// What decides on more than the words.
    pub cause: Option<Box<Cause>>,
}

/// A quota that was used up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exceeded {
    /// How many there may be.
    pub limit: u32,
    /// When there may be more.
    pub resets_at: Timestamp,
    /// How the client stands with each of its quotas.
    pub quotas: Vec<QuotaStanding>,
}

/// Which of several causes a refusal has that are one and the same in RFC 6749's words. All but [`Cause::RateLimited`] are told
/// to authenticated clients and APIs only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cause {
    /// There is such an API, and the client was not granted it.
    ApiNotGranted {
        /// Who asked.
        client_id: ClientId,
        /// For what.
        audience: String,
    },
    /// There is no such API.
    ApiUnknown {
        /// What was asked for.
        audience: String,
    },
    /// Too many credentials were refused to whoever showed the one that is asked about.
    CredentialLimited,
    /// The client may not use the grant type.
    GrantTypeNotAllowed {
        /// Which.
        grant_type: &'static str,
    },
    /// No API was named, and none goes without saying.
    NoTarget,
    /// The client has got all the tokens that it may get for now.
    QuotaExceeded(Exceeded),
    /// Too much has failed for the name or from the address.
    RateLimited,
    /// Scopes that the client may not have.
    ScopeNotGranted {
        /// All of those that it asked for.
        scope: Scope,
    },
}

impl Refusal {
    /// A refusal that asking again will not change.
    pub(crate) fn new(code: ErrorCode, reason: &'static str, description: &'static str) -> Self {
        Self { error: Error::new(code, description), reason, retry_after: None, style: None, cause: None }
    }

    /// The client did not prove who it is: one text for every cause, so that none tells which (RFC 6749 §5.2).
    pub(crate) fn invalid_client(reason: &'static str) -> Self {
        Self::new(ErrorCode::InvalidClient, reason, "Client authentication failed.")
    }

    /// Something that this server needs is busy or away.
    pub(crate) fn unavailable(reason: &'static str) -> Self {
        let text = "The server cannot answer now. Try again shortly.";
        let refusal = Self::new(ErrorCode::TemporarilyUnavailable, reason, text);
        Self { retry_after: Some(Duration::from_secs(1)), ..refusal }
    }

    /// The same refusal in the style of the client that asked.
    pub(crate) fn in_style(self, style: ErrorStyle) -> Self {
        Self { style: Some(style), ..self }
    }

    /// The same refusal with its cause.
    pub(crate) fn caused_by(self, cause: Cause) -> Self {
        Self { cause: Some(Box::new(cause)), ..self }
    }
}

/// Storage that fails refuses: never a guess, never a token (DB-03, DB-05).
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "storage failed");
        if error.is_unavailable() {
            Self::unavailable("storage_unavailable")
        } else {
            Self::new(ErrorCode::ServerError, "storage_failed", "The server failed to answer.")
        }
    }
}
