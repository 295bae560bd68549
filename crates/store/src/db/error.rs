//! What can go wrong with a database, the same for both engines.
//!
//! No message here holds a value of a row or of a parameter: errors are logged, and rows hold digests and keys.

use std::fmt;

use super::Sql;

/// The result of a database call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a database call failed. Except after [`Error::Unknown`], nothing changed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A transaction body went on, and returned `Ok`, after one of its statements had failed.
    #[error("a transaction went on after one of its statements had failed; it was rolled back")]
    Aborted,
    /// Others kept the database, or the rows, locked until the deadline passed.
    #[error("the database stayed busy until the deadline")]
    Busy,
    /// A row with the same key exists. Holds the name of the unique index, as PostgreSQL would name it.
    #[error("a row with the same key exists ({0})")]
    Conflict(String),
    /// Another constraint refused the row.
    #[error("a {0} constraint refused the row")]
    Constraint(Constraint),
    /// The database, or the row that was read, holds something that cannot be.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// No space is left for a write.
    #[error("the database has no space left")]
    Full,
    /// A transaction body panicked.
    #[error("a transaction panicked and was rolled back")]
    Panicked,
    /// A transaction body awaited something other than its transaction.
    #[error("a transaction awaited something other than the database and was rolled back")]
    Pending,
    /// A program of PostgreSQL's is missing, too old, or failed: what to tell the person at the terminal.
    #[error("{0}")]
    Program(String),
    /// The database, or its file, may not be written to.
    #[error("the database is read-only")]
    ReadOnly,
    /// The database refused the statement itself: a mistake in our SQL, or a schema that does not fit it.
    #[error("statement {name}: {problem}")]
    Statement {
        /// The name it has in the source.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A statement or a transaction took longer than it may.
    #[error("the database took too long")]
    Timeout,
    /// A value has another type than is due, in a row or for a parameter.
    #[error("type mismatch: {0}")]
    Type(String),
    /// The database cannot be reached or does not accept work at the moment.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost while the transaction was being committed: it may or may not have taken place.
    #[error("the connection was lost at commit: it is unknown whether the change took place")]
    Unknown,
}

/// A constraint other than a unique key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// A `CHECK` constraint, or a value outside its column's range.
    Check,
    /// A foreign key: the row refers to one that does not exist, or is referred to.
    ForeignKey,
    /// A `NOT NULL` constraint.
    NotNull,
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Check => "check",
            Self::ForeignKey => "foreign key",
            Self::NotNull => "not null",
        })
    }
}

impl Error {
    /// Whether the request may be answered with 503 and tried again later, as opposed to a fault of ours.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Full | Self::ReadOnly | Self::Timeout | Self::Unavailable(_) | Self::Unknown
        )
    }

    /// The unique index that a row ran into, if that is what happened.
    #[must_use]
    pub fn conflict(&self) -> Option<&str> {
        match self {
            Self::Conflict(index) => Some(index),
            _ => None,
        }
    }

    pub(super) fn statement(sql: Sql, problem: impl fmt::Display) -> Self {
        Self::Statement { name: sql.name(), problem: problem.to_string() }
    }

    pub(super) fn unavailable(reason: impl fmt::Display) -> Self {
        Self::Unavailable(reason.to_string())
    }
}
