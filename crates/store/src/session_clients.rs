//! Whom a session has signed in to: the clients that are told when it ends.

use tokenry_clock::Timestamp;

use crate::db::Tx;
use crate::error::Result;
use crate::{Store, params, statements};

statements! {
    pub(crate) NOTE_SESSION_CLIENT =
        "INSERT INTO session_clients (session_id, client_id, user_id, signed_in_at) \
         SELECT f.session_id, f.client_id, f.user_id, CAST($2 AS BIGINT) FROM token_families f WHERE f.handle = $1 \
         ON CONFLICT (session_id, client_id) DO UPDATE SET signed_in_at = excluded.signed_in_at";
    pub(crate) FORGET_ALL_SESSION_CLIENTS = "DELETE FROM session_clients";
    pub(crate) FORGET_CLIENTS_OF_SESSION = "DELETE FROM session_clients WHERE session_id = $1";
    pub(crate) FORGET_SESSION_CLIENT =
        "DELETE FROM session_clients WHERE session_id = $1 AND client_id = $2";
    pub(crate) FORGET_CLIENTS_OF_USER = "DELETE FROM session_clients WHERE user_id = $1";
    pub(crate) DELETE_OLD_SESSION_CLIENTS =
        "DELETE FROM session_clients WHERE (session_id, client_id) IN \
         (SELECT session_id, client_id FROM session_clients WHERE signed_in_at <= $1 ORDER BY signed_in_at LIMIT $2)";
}

impl Store {
    /// Forgets up to `limit` sign-ins to clients that were at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_old_session_clients(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_OLD_SESSION_CLIENTS, &params![*before, *limit]).await?) })
        })
        .await
    }
}

/// Notes that the client of a family has signed its user in, in the transaction that issues it an ID token. Without one it
/// has a token for an API, and knows no session.
pub(crate) async fn note(tx: &mut Tx<'_>, handle: &str, now: Timestamp) -> Result<()> {
    tx.exec(NOTE_SESSION_CLIENT, &params![handle, now]).await?;
    Ok(())
}
