//! What SQLite's errors mean.

use rusqlite::{Error as Sqlite, ErrorCode, ffi};

use crate::db::{Constraint, Error, Sql};

/// What was being done when the error came up.
#[derive(Clone, Copy)]
pub(super) enum Context<'c> {
    /// Opening, settings, beginning and ending transactions.
    Control,
    /// A statement, on the connection that can name the index it ran into.
    Statement(&'c rusqlite::Connection, Sql),
}

pub(super) fn translate(error: &Sqlite, context: Context<'_>) -> Error {
    let Sqlite::SqliteFailure(failure, message) = error else {
        // The texts of our statements may be in here, their values are not.
        return mistake(error, context);
    };
    match failure.code {
        ErrorCode::ConstraintViolation => {
            constraint(failure.extended_code, message.as_deref().unwrap_or_default(), context)
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            Error::Busy
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Error::Corrupt(failure.to_string()),
        ErrorCode::DiskFull => Error::Full,
        ErrorCode::OperationInterrupted => Error::Timeout,
        ErrorCode::CannotOpen | ErrorCode::OutOfMemory | ErrorCode::SystemIoFailure => {
            Error::Unavailable(format!("{failure} (SQLite code {})", failure.extended_code))
        }
        ErrorCode::PermissionDenied | ErrorCode::ReadOnly => Error::ReadOnly,
        ErrorCode::TooBig | ErrorCode::TypeMismatch => Error::Type(failure.to_string()),
        _ => mistake(error, context),
    }
}

fn mistake(error: &Sqlite, context: Context<'_>) -> Error {
    match context {
        Context::Control => Error::Unavailable(error.to_string()),
        Context::Statement(_, sql) => Error::statement(sql, error),
    }
}

fn constraint(code: i32, message: &str, context: Context<'_>) -> Error {
    match code {
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Error::Constraint(Constraint::ForeignKey),
        ffi::SQLITE_CONSTRAINT_NOTNULL => Error::Constraint(Constraint::NotNull),
        ffi::SQLITE_CONSTRAINT_DATATYPE => Error::Type(message.to_owned()),
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID | ffi::SQLITE_CONSTRAINT_UNIQUE => {
            Error::Conflict(match context {
                Context::Control => message.to_owned(),
                Context::Statement(connection, _) => unique_index(connection, code, message),
            })
        }
        _ => Error::Constraint(Constraint::Check),
    }
}

/// The name of the index that `message` speaks of, as PostgreSQL would name it: its own, or one made of table and
/// columns if it stands for a constraint.
fn unique_index(connection: &rusqlite::Connection, code: i32, message: &str) -> String {
    let failed = message.strip_prefix("UNIQUE constraint failed: ").unwrap_or(message);
    if let Some(name) = failed.strip_prefix("index '") {
        return name.trim_end_matches('\'').to_owned();
    }
    let columns: Vec<&str> = failed.split(", ").filter_map(|it| it.split_once('.')).map(|it| it.1).collect();
    let table = failed.split_once('.').map_or(failed, |it| it.0);
    if code != ffi::SQLITE_CONSTRAINT_UNIQUE {
        return format!("{table}_pkey");
    }
    created_index(connection, table, &columns.join(","))
        .unwrap_or_else(|| format!("{table}_{}_key", columns.join("_")))
}

/// The index that `CREATE UNIQUE INDEX` made on these columns.
fn created_index(connection: &rusqlite::Connection, table: &str, columns: &str) -> Option<String> {
    let find = "SELECT name FROM pragma_index_list(?1) AS list WHERE list.\"unique\" = 1 AND list.origin = 'c' AND ?2 = \
                (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno)) \
                ORDER BY name";
    connection.query_row(find, [table, columns], |row| row.get(0)).ok()
}
