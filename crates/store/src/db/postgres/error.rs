//! What PostgreSQL's errors mean, and whether to try again.

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::db::{Constraint, Error, Sql};

/// Whether an attempt that failed may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::db) enum Retry {
    /// Nothing changed, and the next attempt is likely to end the same.
    Never,
    /// This connection is lost or confused.
    OnAnotherConnection,
    /// Another transaction was in the way.
    Soon,
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// Whether the connection ended without a word on what became of the statement.
    pub(super) cut: bool,
    pub(super) error: Error,
    pub(super) retry: Retry,
}

impl Failure {
    /// Nothing changed, and trying again would not help.
    pub(super) fn last(error: Error) -> Self {
        Self { cut: false, error, retry: Retry::Never }
    }

    /// Nothing changed, and the connection is of no more use.
    pub(super) fn lost(error: Error) -> Self {
        Self { cut: false, error, retry: Retry::OnAnotherConnection }
    }

    /// The connection ended: before a commit nothing changed, during one see [`Failure::at_commit`].
    fn cut(error: Error) -> Self {
        Self { cut: true, error, retry: Retry::OnAnotherConnection }
    }

    /// It was cut off while it was being committed.
    pub(super) fn unknown() -> Self {
        Self::cut(Error::Unknown)
    }

    /// This failure, if it came up while committing.
    pub(super) fn at_commit(self) -> Self {
        if self.cut { Self::unknown() } else { self }
    }

    /// Not when the outcome is unknown, nor when the time is used up.
    pub(super) fn may_retry(&self) -> bool {
        self.retry != Retry::Never && !matches!(self.error, Error::Timeout | Error::Unknown)
    }
}

/// Reads an error of a statement, or of the connection.
pub(super) fn translate(error: &tokio_postgres::Error, sql: Option<Sql>) -> Failure {
    match error.as_db_error() {
        Some(db) if !matches!(db.parsed_severity(), None | Some(Severity::Error)) => {
            // Even a commit that took place can be answered by "terminating connection".
            Failure::cut(Error::Unavailable(format!(
                "the server ended the connection ({})",
                db.code().code()
            )))
        }
        Some(db) => refused(db, sql),
        // Broken or closed, or the server does not keep to the protocol. The text holds no values.
        None => Failure::cut(Error::Unavailable(error.to_string())),
    }
}

/// The server refused a statement; its transaction is rolled back, and its connection goes on.
fn refused(db: &DbError, sql: Option<Sql>) -> Failure {
    let code = db.code();
    let soon = |error| Failure { cut: false, error, retry: Retry::Soon };
    match code.code() {
        "40001" | "40P01" | "55P03" => soon(Error::Busy),
        "40003" | "08007" => Failure::unknown(),
        // A prepared statement that the server forgot, or made for a schema that has changed since.
        "26000" => Failure::lost(mistake(db, sql)),
        "0A000" if db.message().contains("cached plan") => Failure::lost(mistake(db, sql)),
        "57014" => Failure::last(Error::Timeout),
        "25P03" => Failure::lost(Error::Timeout),
        "53100" => Failure::last(Error::Full),
        "25006" => Failure::lost(Error::ReadOnly),
        _ if code == &SqlState::UNIQUE_VIOLATION => {
            Failure::last(Error::Conflict(db.constraint().unwrap_or_default().to_owned()))
        }
        _ if code == &SqlState::FOREIGN_KEY_VIOLATION => constraint(Constraint::ForeignKey),
        _ if code == &SqlState::NOT_NULL_VIOLATION => constraint(Constraint::NotNull),
        class if class.starts_with("23") => constraint(Constraint::Check),
        // "Invalid data": the message would quote it.
        class if class.starts_with("22") => {
            Failure::last(Error::Type(format!("{}: invalid data ({class})", sql.map_or("SQL", Sql::name))))
        }
        class if class.starts_with("53") || class.starts_with("57") || class.starts_with("58") => {
            Failure::lost(Error::Unavailable(format!("the server is out of order ({class})")))
        }
        class if class.starts_with("XX") => Failure::last(Error::Corrupt(format!("SQLSTATE {class}"))),
        _ => Failure::last(mistake(db, sql)),
    }
}

fn constraint(constraint: Constraint) -> Failure {
    Failure::last(Error::Constraint(constraint))
}

/// The statement does not fit the schema. The detail is left out: it may quote rows.
fn mistake(db: &DbError, sql: Option<Sql>) -> Error {
    let name = sql.map_or("SQL", Sql::name);
    Error::Statement { name, problem: format!("{} ({})", db.message(), db.code().code()) }
}
