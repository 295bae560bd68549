//! A database file as a whole: looked at, brought into one file, put in the place of another.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{Context, translate};
use crate::db::{Error, Result};

/// How long to wait for commands that end by themselves.
const PATIENCE: Duration = Duration::from_secs(2);

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Brings a SQLite database into its one file.
///
/// Every connection of ours holds a lock on the file for as long as it is open, and to leave the write-ahead log SQLite
/// needs the file for itself.
///
/// # Errors
/// [`Error::Busy`] when somebody else has it open; and when it is damaged.
pub fn settle(file: &Path) -> Result<()> {
    settled(file).map(drop)
}

/// The same, and the connection that did it.
fn settled(file: &Path) -> Result<Connection> {
    let open = || {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(connection)
    };
    let connection = open().map_err(|error: rusqlite::Error| translate(&error, Context::Control))?;
    join(&connection)?;
    Ok(connection)
}

/// A lock that keeps everybody else out of a database for as long as it is held; none where it is so damaged that nobody can
/// open it.
fn lock(file: &Path) -> Result<Option<Connection>> {
    let connection = match settled(file) {
        Ok(connection) => connection,
        Err(Error::Corrupt(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let locked = connection.execute_batch("BEGIN EXCLUSIVE");
    locked.map_err(|error| translate(&error, Context::Control))?;
    Ok(Some(connection))
}

/// Looks whether a copy is sound, and brings it into its one file.
pub(super) fn check_and_join(copy: &Connection) -> Result<()> {
    let first = |sql: &str| copy.query_row(sql, [], |row| row.get::<_, String>(0));
    let check = || {
        let integrity = first("PRAGMA integrity_check(1)")?;
        let orphans = first(
            "SELECT CASE count(*) WHEN 0 THEN 'ok' ELSE 'a row refers to none' END FROM pragma_foreign_key_check",
        )?;
        Ok(if integrity == "ok" { orphans } else { integrity })
    };
    match check().map_err(|error: rusqlite::Error| translate(&error, Context::Control))?.as_str() {
        "ok" => join(copy),
        problem => Err(Error::Corrupt(problem.to_owned())),
    }
}

fn join(connection: &Connection) -> Result<()> {
    let mode = connection.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0));
    match mode.map_err(|error| translate(&error, Context::Control))? {
        mode if mode == "delete" => Ok(()),
        mode => {
            let mode: String = mode;
            Err(Error::Unavailable(format!("journal mode {mode} in the place of DELETE")))
        }
    }
}

/// Puts `fresh` in the place of `target`, at once as a whole, and keeps what stood there as `kept`. Both are in one folder.
///
/// What stood there is settled and locked until it stands there no more, so that nobody begins to work on it meanwhile. Or it
/// is so damaged that nobody can open it: then its companions go with it, because they would be taken for the new one's.
pub(crate) fn put_in_place(fresh: &Path, target: &Path, kept: &Path) -> Result<()> {
    let _locked = if target.exists() { lock(target)? } else { None };
    rename(fresh, target, kept).map_err(|error| Error::Unavailable(error.to_string()))
}

fn rename(fresh: &Path, target: &Path, kept: &Path) -> io::Result<()> {
    File::open(fresh)?.sync_all()?;
    if target.exists() {
        for companion in COMPANIONS {
            let of = |path: &Path| {
                let mut name = OsString::from(path);
                name.push(companion);
                PathBuf::from(name)
            };
            if of(target).exists() {
                fs::rename(of(target), of(kept))?;
            }
        }
        // A second name first: at every moment something stands in the place.
        fs::hard_link(target, kept)?;
    }
    fs::rename(fresh, target)?;
    match target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}
