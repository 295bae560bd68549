//! The audit trail as operators read it: what happened last, and what became of one request.

mod reasons;

use tokenry_store::StoredRecord;

use super::Manager;
use super::error::Error;

pub use self::reasons::{REASONS, meaning};

/// How many records one request can have that anybody would read.
const MAX_OF_REQUEST: i64 = 100;

impl Manager {
    /// What is recorded of one request, newest first, as its `x-request-id` names it.
    ///
    /// Refusals before authentication are written once a second, equal ones as one record, which names up to 33 of
    /// its requests; a flood's others are at most in the server's log, at `debug`.
    ///
    /// # Errors
    /// When nothing is recorded of it.
    pub async fn audit_of_request(&self, request_id: &str) -> Result<Vec<StoredRecord>, Error> {
        let found =
            self.store.find_audit_of_request(request_id, MAX_OF_REQUEST).await.map_err(Error::Store)?;
        if found.is_empty() { Err(Error::not_found("record of request", request_id)) } else { Ok(found) }
    }

    /// The last `limit` records, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_audit(&self, limit: i64) -> Result<Vec<StoredRecord>, Error> {
        self.store.latest_audit(limit).await.map_err(Error::Store)
    }
}
