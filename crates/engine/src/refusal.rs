//! A refusal said twice: a public sentence with its RFC code, and a stable word for log, metric and audit.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::ErrorStyle;
use tokenry_protocol::error::{Error, ErrorCode};
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
    /// The quota that was used up, where one was.
    pub exceeded: Option<Box<Exceeded>>,
}

/// A quota that was used up.
#[derive(Clone, Debug)]
pub struct Exceeded {
    /// How many there may be.
    pub limit: u32,
    /// When there may be more.
    pub resets_at: Timestamp,
    /// In whose words its client is told so.
    pub error_style: ErrorStyle,
    /// How the client stands with each of its quotas.
    pub quotas: Vec<QuotaStanding>,
}

impl Refusal {
    /// A refusal that asking again will not change.
    pub(crate) fn new(code: ErrorCode, reason: &'static str, description: &'static str) -> Self {
        Self { error: Error::new(code, description), reason, retry_after: None, exceeded: None }
    }

    /// The client did not prove who it is: one text for every cause, so that none tells which (RFC 6749 §5.2).
    pub(crate) fn invalid_client(reason: &'static str) -> Self {
        Self::new(ErrorCode::InvalidClient, reason, "Client authentication failed.")
    }

    /// Something that this server needs is busy or away.
    pub(crate) fn unavailable(reason: &'static str) -> Self {
        let error =
            Error::new(ErrorCode::TemporarilyUnavailable, "The server cannot answer now. Try again shortly.");
        Self { error, reason, retry_after: Some(Duration::from_secs(1)), exceeded: None }
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
