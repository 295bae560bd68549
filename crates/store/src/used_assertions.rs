//! Client assertions, each of which is used once, whichever replica it reaches (RFC 7523 §3, `jti`).

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, Digest};

use crate::error::Result;
use crate::{Store, params, statements};

statements! {
    /// Only for a client that there is: one that goes meanwhile leaves nothing behind.
    pub(crate) USE_ASSERTION =
        "INSERT INTO used_assertions (client_id, jti_digest, expires_at) \
         SELECT id, $2, $3 FROM clients WHERE id = $1 ON CONFLICT DO NOTHING RETURNING expires_at";
    pub(crate) DELETE_EXPIRED_ASSERTIONS =
        "DELETE FROM used_assertions WHERE (client_id, jti_digest) IN \
         (SELECT client_id, jti_digest FROM used_assertions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// What became of an assertion that was to be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UseAssertion {
    /// Nobody had used it; nobody can any more.
    First,
    /// It had been used before, or its client is gone.
    Replay,
}

impl Store {
    /// Uses a client's assertion, which is named by its `jti`. `expires_at` is when nobody takes it any more.
    ///
    /// # Errors
    /// When the database does not answer: it may or may not be used then, and nothing may be issued for it.
    pub async fn use_assertion(
        &self,
        client_id: &ClientId,
        jti: &Digest,
        expires_at: Timestamp,
    ) -> Result<UseAssertion> {
        let values = params![client_id.as_str(), jti.as_bytes().as_slice(), expires_at];
        let rows = self.db.write_one(USE_ASSERTION, values.into()).await?;
        Ok(if rows.is_empty() { UseAssertion::Replay } else { UseAssertion::First })
    }

    /// Forgets up to `limit` assertions that expired at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_assertions(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_EXPIRED_ASSERTIONS, &params![*before, *limit]).await?) })
        })
        .await
    }
}
