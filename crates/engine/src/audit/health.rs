//! Whether audit records can be written: noticed where one could not, and tried again until one can.

use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_store::Error as StoreError;
use tokenry_store::db::{Constraint, Error as DbError};

/// Whether audit records can be written.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<Option<Timestamp>>);

impl Health {
    /// Notes how writing a record ended.
    pub(crate) fn note<T>(&self, result: &Result<T, StoreError>, now: Timestamp) {
        if let Err(error) = result
            && is_lasting(error)
        {
            let mut failing = self.0.lock();
            if failing.is_none() {
                *failing = Some(now);
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "audit records cannot be written; what must be recorded is refused"
                );
            }
        }
    }

    /// Since when they cannot be written; `None`: nothing is known against it.
    pub(crate) fn failing_since(&self) -> Option<Timestamp> {
        *self.0.lock()
    }

    /// One was written.
    pub(crate) fn recovered(&self) {
        *self.0.lock() = None;
    }
}

/// Whether the table, the disk or a permission is at fault. A database that is away or busy is noticed by asking it, and a
/// token that lost a race with the removal of its client says nothing of the audit.
fn is_lasting(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Db(
            DbError::Conflict(_)
                | DbError::Constraint(Constraint::Check | Constraint::NotNull)
                | DbError::Corrupt(_)
                | DbError::Full
                | DbError::ReadOnly
                | DbError::Statement { .. }
                | DbError::Type(_)
        )
    )
}
