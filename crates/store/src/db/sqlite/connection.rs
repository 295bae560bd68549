//! One SQLite connection with the settings that everything else relies on, and a clock that interrupts it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;

use super::error::{Context, translate};
use super::file::File;
use crate::db::{Error, Result};

/// How many steps of SQLite's machine pass between two looks at the clock: some ten microseconds.
const STEPS_PER_LOOK: i32 = 1_000;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 256;

/// How long a reader waits for the rare locks that WAL has for readers. It blocks the calling thread.
const READER_BUSY: Duration = Duration::from_millis(250);

pub(super) struct Connection {
    pub(super) inner: rusqlite::Connection,
    timer: Arc<Timer>,
}

impl Connection {
    /// A connection that may write. It does not wait for locks by itself: see [`Connection::begin`].
    pub(super) fn writer(file: &File, max_pages: Option<u32>) -> Result<Self> {
        let this = Self::open(file)?;
        this.busy_timeout(Duration::from_secs(5))?;
        this.set_up_writer().map_err(|error| translate(&error, Context::Control))?;
        if let Some(pages) = max_pages {
            this.pragma("max_page_count", pages)?;
        }
        this.busy_timeout(Duration::ZERO)?;
        Ok(this)
    }

    /// A connection that cannot write.
    pub(super) fn reader(file: &File) -> Result<Self> {
        let this = Self::open(file)?;
        this.busy_timeout(READER_BUSY)?;
        this.pragma("query_only", 1)?;
        Ok(this)
    }

    fn open(file: &File) -> Result<Self> {
        file.check()?;
        // Without CREATE: a file that vanished is an error and not an empty database.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = |file: &File| {
            let mut inner = rusqlite::Connection::open_with_flags(file.path(), flags)?;
            let timer = Arc::new(Timer::default());
            let seen = Arc::clone(&timer);
            inner.progress_handler(STEPS_PER_LOOK, Some(move || seen.is_over()))?;
            inner.set_prepared_statement_cache_capacity(STATEMENTS);
            inner.pragma_update(None, "trusted_schema", 0)?;
            // Without it a statement is planned anew whenever another value is bound to it.
            inner.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            Ok(Self { inner, timer })
        };
        let this = open(file).map_err(|error| translate(&error, Context::Control))?;
        file.check()?;
        Ok(this)
    }

    fn set_up_writer(&self) -> rusqlite::Result<()> {
        let mode: String =
            self.inner.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            // File systems without shared memory cannot do it, and without it readers would block writers.
            return Err(rusqlite::Error::InvalidParameterName(format!(
                "journal mode {mode} in the place of WAL"
            )));
        }
        self.inner.pragma_update(None, "synchronous", "FULL")?;
        // Only macOS has these: there a plain fsync does not reach the disk.
        self.inner.pragma_update(None, "fullfsync", 1)?;
        self.inner.pragma_update(None, "checkpoint_fullfsync", 1)?;
        self.inner.pragma_update(None, "foreign_keys", 1)?;
        self.inner.pragma_update_and_check(None, "journal_size_limit", 64 * 1024 * 1024, |_| Ok(()))
    }

    pub(super) fn pragma(&self, name: &str, value: u32) -> Result<()> {
        let run = self.inner.execute_batch(&format!("PRAGMA {name} = {value}"));
        run.map_err(|error| translate(&error, Context::Control))
    }

    fn busy_timeout(&self, timeout: Duration) -> Result<()> {
        self.inner.busy_timeout(timeout).map_err(|error| translate(&error, Context::Control))
    }

    /// Begins a transaction that holds the right to write, waiting for it until `deadline`.
    pub(super) fn begin(&self, deadline: Instant) -> Result<()> {
        let mut pause = Duration::from_millis(1);
        loop {
            match self.control("BEGIN IMMEDIATE") {
                Err(Error::Busy) if Instant::now() + pause < deadline => thread::sleep(pause),
                result => return result,
            }
            pause = next_pause(pause);
        }
    }

    /// Runs a statement that begins, ends or divides a transaction.
    pub(super) fn control(&self, sql: &str) -> Result<()> {
        let run = self.inner.prepare_cached(sql).and_then(|mut it| it.raw_execute());
        run.map(drop).map_err(|error| translate(&error, Context::Control))
    }

    /// Commits. What an error leaves open is to be rolled back.
    pub(super) fn commit(&self) -> Result<()> {
        self.control("COMMIT").map_err(|error| match error {
            // The log may hold the whole transaction although it could not be synced: after a crash it could appear.
            Error::Unavailable(reason) => {
                tracing::error!(reason, "a commit failed, and it is unknown whether it took place");
                Error::Unknown
            }
            error => error,
        })
    }

    /// Whether a transaction is open.
    pub(super) fn in_transaction(&self) -> bool {
        !self.inner.is_autocommit()
    }

    /// Fails when a row refers to one that does not exist.
    pub(super) fn check_foreign_keys(&self) -> Result<()> {
        let count = "SELECT count(*) FROM pragma_foreign_key_check";
        let orphans: rusqlite::Result<i64> = self.inner.query_row(count, [], |row| row.get(0));
        match orphans.map_err(|error| translate(&error, Context::Control))? {
            0 => Ok(()),
            _ => Err(Error::Constraint(crate::db::Constraint::ForeignKey)),
        }
    }

    /// Reads the first page.
    pub(super) fn probe(&self) -> Result<()> {
        let read: rusqlite::Result<i64> =
            self.inner.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
        read.map(drop).map_err(|error| translate(&error, Context::Control))
    }

    /// Writes the first page, as it is.
    pub(super) fn probe_write(&self) -> Result<()> {
        let write = || {
            let version: i64 = self.inner.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            self.inner.pragma_update(None, "user_version", version)
        };
        write().map_err(|error| translate(&error, Context::Control))
    }

    /// Runs `work`, whose statements are interrupted when `limit` is over.
    pub(super) fn timed<T>(&mut self, limit: Duration, work: impl FnOnce(&mut Self) -> T) -> T {
        self.timer.start(limit);
        let result = work(self);
        self.timer.stop();
        result
    }

    /// Whether the limit of the work that runs is over.
    pub(super) fn is_over_time(&self) -> bool {
        self.timer.is_over()
    }
}

/// Longer by half each time, to 25 ms: short enough not to miss another process's gap for long.
pub(super) fn next_pause(pause: Duration) -> Duration {
    (pause * 3 / 2).min(Duration::from_millis(25))
}

/// When the running work has to end, in nanoseconds after `base`; 0 while nothing runs.
struct Timer {
    base: Instant,
    end: AtomicU64,
}

impl Default for Timer {
    fn default() -> Self {
        Self { base: Instant::now(), end: AtomicU64::new(0) }
    }
}

impl Timer {
    fn start(&self, limit: Duration) {
        self.end.store(nanos(self.base.elapsed() + limit), Ordering::Relaxed);
    }

    fn stop(&self) {
        self.end.store(0, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        let end = self.end.load(Ordering::Relaxed);
        end != 0 && nanos(self.base.elapsed()) >= end
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn db_02_what_is_committed_is_synced_and_what_is_referred_to_exists() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = File::create(folder.path().join("test.db")).unwrap();
        let writer = Connection::writer(&file, None).unwrap();
        let reader = Connection::reader(&file).unwrap();
        let pragma = |connection: &Connection, name: &str| -> String {
            let read = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
            connection.inner.query_row(&read, [], |row| row.get(0)).unwrap()
        };
        assert_eq!(pragma(&writer, "journal_mode"), "wal");
        assert_eq!(pragma(&writer, "synchronous"), "2", "FULL");
        assert_eq!(pragma(&writer, "foreign_keys"), "1");
        assert_eq!(pragma(&reader, "query_only"), "1");
    }
}
