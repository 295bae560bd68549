//! Authorization requests that have had a code, or were denied: either is once for each, whatever becomes of the answer. So it
//! is with the challenges of passkeys, and with the forms that make personal access tokens and account secrets.

use tokenry_clock::Timestamp;
use tokenry_model::Record;

use crate::db::Tx;
use crate::error::Result;
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) IS_ANSWERED = "SELECT id FROM answered_requests WHERE id = $1";
    pub(crate) INSERT_ANSWERED_REQUEST =
        "INSERT INTO answered_requests (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id";
    pub(crate) DELETE_EXPIRED_ANSWERED_REQUESTS =
        "DELETE FROM answered_requests WHERE id IN \
         (SELECT id FROM answered_requests WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// An authorization request, a challenge, or a form, that is to be answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PendingRequest {
    /// Its id.
    pub id: String,
    /// When nobody can send it any more.
    pub ends_at: Timestamp,
}

impl Store {
    /// Whether a request has been answered.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_request_answered(&self, request: &PendingRequest) -> Result<bool> {
        Ok(self.db.opt(IS_ANSWERED, &params![request.id.as_str()]).await?.is_some())
    }

    /// Answers a request without a code, as its user wants; `false` when it had been answered before, and nothing is
    /// recorded then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deny_request(&self, request: &PendingRequest, records: &[Record]) -> Result<bool> {
        self.change((request.clone(), records.to_vec()), |tx, (request, records)| {
            Box::pin(async move {
                if !mark_answered(tx, request).await? {
                    return Ok(false);
                }
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Forgets up to `limit` answered requests that nobody could send any more at `before`, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_answered_requests(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move {
                Ok(tx.exec(DELETE_EXPIRED_ANSWERED_REQUESTS, &params![*before, *limit]).await?)
            })
        })
        .await
    }
}

/// Whether a request has been answered, in the transaction that answers it.
pub(crate) async fn is_answered(tx: &mut Tx<'_>, request: &PendingRequest) -> Result<bool> {
    Ok(tx.opt(IS_ANSWERED, &params![request.id.as_str()]).await?.is_some())
}

/// Marks a request as answered; `false` where it has been.
pub(crate) async fn mark_answered(tx: &mut Tx<'_>, request: &PendingRequest) -> Result<bool> {
    let values = params![request.id.as_str(), request.ends_at];
    Ok(tx.opt(INSERT_ANSWERED_REQUEST, &values).await?.is_some())
}
