//! Why nothing was done to a personal access token.

use std::time::Duration;

use thiserror::Error;
use tokenry_store::{Entity, Error as StoreError};

use super::MAX_PATS;

/// Why nothing was done to a personal access token.
#[derive(Debug, Error)]
pub enum PatError {
    /// The account may not be used any more, or the session has ended.
    #[error("the account may not be used any more, or the session has ended")]
    Barred,
    /// Somebody else has given it another value at that very time, which is the one that counts.
    #[error("it was given another value meanwhile")]
    Conflict,
    /// A value cannot be taken.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which, as JSON spells it.
        field: &'static str,
        /// What is wrong, and what would do.
        problem: String,
    },
    /// The user has no such token that works.
    #[error("there is no such token")]
    NotFound,
    /// The form that asks for it has made a value before.
    #[error("this form was sent before")]
    SentBefore,
    /// The database failed.
    #[error("the database failed")]
    Store(#[source] StoreError),
    /// The user has as many as there may be.
    #[error("there are {MAX_PATS} tokens already that work; revoke one first")]
    TooMany,
    /// As many values were made for the user, or shown to them, lately as there may be.
    #[error("too many values were made or shown within an hour")]
    TooOften {
        /// When there may be another.
        retry_after: Duration,
    },
}

impl PatError {
    pub(super) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { field, problem: problem.into() }
    }
}

impl From<StoreError> for PatError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(Entity::ResourceServer) => {
                Self::invalid("apis", "an API was removed at that very time")
            }
            StoreError::ScopeUndefined { scope } => {
                Self::invalid("scopes", format!("no API defines \"{scope}\" any more"))
            }
            error => Self::Store(error),
        }
    }
}
