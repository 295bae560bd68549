//! How a database is used: how many connections, and how long anything may take.

use std::time::Duration;

/// Bounds on the use of a database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections for reading, and on PostgreSQL as many again for writing.
    pub connections: usize,
    /// How long a call may take, with its waits and retries.
    pub deadline: Duration,
    /// How long one run of a transaction's body may take.
    pub body_limit: Duration,
    /// How long PostgreSQL may wait for a lock.
    pub lock_timeout: Duration,
    /// How long migrations may take, waiting for another process's migrations included.
    pub migration_deadline: Duration,
    /// Transactions that may wait for SQLite's writer; one more is refused at once.
    pub queue: usize,
    /// The largest size of a SQLite file, in pages of 4 KiB; SQLite's own limit if `None`.
    pub max_pages: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 16,
            deadline: Duration::from_secs(5),
            body_limit: Duration::from_secs(1),
            lock_timeout: Duration::from_secs(2),
            migration_deadline: Duration::from_secs(60),
            queue: 1024,
            max_pages: None,
        }
    }
}
