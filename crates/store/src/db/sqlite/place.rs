//! A database file as a whole: looked at, brought into one file, put in the place of another.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;

use super::error::{Context, translate};
use crate::db::{Error, Result};

/// How long to wait for commands that end by themselves.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a database begins with (<https://sqlite.org/fileformat2.html>).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Brings a SQLite database into its one file.
///
/// Every connection of ours holds a lock on the file for as long as it is open, and to leave the write-ahead log SQLite
/// needs the file for itself.
///
/// # Errors
/// [`Error::Busy`] when somebody else has it open, also if it is damaged; [`Error::Corrupt`] if it is.
pub fn settle(file: &Path) -> Result<()> {
    settled(file).map(drop)
}

/// The same, and the connection that did it.
fn settled(file: &Path) -> Result<Connection> {
    let settled = join_file(file);
    if let Err(Error::Corrupt(_)) = settled {
        lock_damaged(file)?;
    }
    settled
}

fn join_file(file: &Path) -> Result<Connection> {
    // SQLite would take away what lies beside a file that is none of its own.
    let mut start = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(MAGIC.len() as u64).read_to_end(&mut start));
    if read.is_ok() && !start.is_empty() && start != MAGIC {
        return Err(Error::Corrupt("the file is not a database".to_owned()));
    }
    let open = || {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(connection)
    };
    let connection = open().map_err(|error: rusqlite::Error| translate(&error, Context::Control))?;
    join(&connection)?;
    Ok(connection)
}

/// What keeps everybody else out of a database for as long as it is held.
#[derive(Default)]
struct Lock {
    _sound: Option<Connection>,
    _damaged: Option<File>,
}

fn lock(file: &Path) -> Result<Lock> {
    let connection = match settled(file) {
        Ok(connection) => connection,
        Err(Error::Corrupt(_)) => return Ok(Lock { _damaged: Some(lock_damaged(file)?), ..Lock::default() }),
        Err(error) => return Err(error),
    };
    let locked = connection.execute_batch("BEGIN EXCLUSIVE");
    locked.map_err(|error| translate(&error, Context::Control))?;
    Ok(Lock { _sound: Some(connection), ..Lock::default() })
}

/// A file that was damaged under a server, which works on with what it remembers, cannot be opened, but is locked as any other
/// that SQLite has open (<https://sqlite.org/lockingv3.html>).
fn lock_damaged(file: &Path) -> Result<File> {
    let opened = File::options().read(true).write(true).open(file);
    let opened = opened.map_err(|error| Error::Unavailable(error.to_string()))?;
    match fcntl_lock(&opened, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(opened),
        Err(Errno::ACCESS | Errno::AGAIN) => Err(Error::Busy),
        Err(error) => Err(Error::Unavailable(error.to_string())),
    }
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
/// What stood there is settled, if it is not damaged, and locked until it stands there no more, so that nobody begins to work
/// on it meanwhile. What is damaged takes its companions with it, because they would be taken for the new one's.
pub(crate) fn put_in_place(fresh: &Path, target: &Path, kept: &Path) -> Result<()> {
    let _locked = if target.exists() { lock(target)? } else { Lock::default() };
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
    File::open(folder_of(target))?.sync_all()
}

/// The folder that a file is in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
