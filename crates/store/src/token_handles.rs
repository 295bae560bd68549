//! Token handles: what is revoked as one, a client's secret together with a client grant.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientGrantId, SecretId, TokenHandle};

use crate::change_log::Entity;
use crate::db::Row;
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::{Store, params, statements};

statements! {
    pub(crate) FIND_TOKEN_HANDLE =
        "SELECT handle FROM token_handles WHERE secret_id = $1 AND client_grant_id = $2";
    /// Only for a secret and a grant of one and the same client.
    pub(crate) ASSIGN_TOKEN_HANDLE =
        "INSERT INTO token_handles (handle, secret_id, client_grant_id, created_at) \
         SELECT $1, s.id, g.id, $2 FROM client_secrets s JOIN client_grants g ON g.client_id = s.client_id \
         WHERE s.id = $3 AND g.id = $4 \
         ON CONFLICT (secret_id, client_grant_id) DO NOTHING RETURNING handle";
}

impl Store {
    /// The handle of a secret with a grant, once one was assigned.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_token_handle(
        &self,
        secret_id: &SecretId,
        client_grant_id: &ClientGrantId,
    ) -> Result<Option<TokenHandle>> {
        let values = params![secret_id.as_str(), client_grant_id.as_str()];
        self.db.opt(FIND_TOKEN_HANDLE, &values).await?.as_ref().map(handle).transpose()
    }

    /// Assigns a handle to a secret with a grant unless they have one, and yields the one that they have. It never
    /// changes again, so nobody needs to hear of it through the change log.
    ///
    /// # Errors
    /// When there are no such secret and grant of one client, or the database does not answer.
    pub async fn assign_token_handle(
        &self,
        secret_id: &SecretId,
        client_grant_id: &ClientGrantId,
        proposed: TokenHandle,
        now: Timestamp,
    ) -> Result<TokenHandle> {
        let input = (secret_id.clone(), client_grant_id.clone(), proposed, now);
        self.change(input, |tx, (secret_id, client_grant_id, proposed, now)| {
            Box::pin(async move {
                let (secret, grant) = (secret_id.as_str(), client_grant_id.as_str());
                let values = params![proposed.as_str(), *now, secret, grant];
                if let Some(row) = tx.opt(ASSIGN_TOKEN_HANDLE, &values).await? {
                    return handle(&row);
                }
                match tx.opt(FIND_TOKEN_HANDLE, &params![secret, grant]).await? {
                    Some(row) => handle(&row),
                    None => Err(Error::Missing(Entity::ClientGrant)),
                }
            })
        })
        .await
    }
}

fn handle(row: &Row) -> Result<TokenHandle> {
    Reader::new(row, "token_handles").parse("handle", TokenHandle::parse)
}
