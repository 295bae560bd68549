//! Why nothing was done about an account secret.

use std::time::Duration;

use thiserror::Error;
use tokenry_store::Error as StoreError;

use crate::keyring::OpenSealedError;

/// Why nothing was done about an account secret.
#[derive(Debug, Error)]
pub enum AccountSecretError {
    /// The account may not be used any more, or the session has ended.
    #[error("the account may not be used any more, or the session has ended")]
    Barred,
    /// Somebody else has given it another value, or revoked it, at that very time.
    #[error("it was changed meanwhile")]
    Conflict,
    /// A value cannot be taken.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which, as JSON spells it.
        field: &'static str,
        /// What is wrong, and what would do.
        problem: String,
    },
    /// There is none: it was revoked.
    #[error("there is no account secret")]
    None,
    /// The user is no developer who may act.
    #[error("this account is no developer's")]
    NotDeveloper,
    /// It is shown once, when it is made, and was.
    #[error("the value is not kept: it is shown once, when it is made")]
    NotKept,
    /// What is kept was sealed by another key.
    #[error("the value cannot be opened with this keyring")]
    Sealed(#[from] OpenSealedError),
    /// The form that asks for another one has made one before.
    #[error("this form was sent before")]
    SentBefore,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// As many values were made for the user, or shown to them, lately as there may be.
    #[error("too many values were made or shown within an hour")]
    TooOften {
        /// When there may be another.
        retry_after: Duration,
    },
}
