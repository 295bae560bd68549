//! Token handles: what is revoked as one, a client's secret together with a client grant.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{ClientGrantId, SecretId, TokenHandle};

use crate::change_log::Entity;
use crate::clients::millis;
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::{Store, params, statements};

/// The clients that may act for a company: those at home there, and those of its whole corporation.
macro_rules! clients_of_company {
    () => {
        "SELECT id FROM clients WHERE company_id = $1 \
         OR corporation_id = (SELECT corporation_id FROM companies WHERE id = $1)"
    };
}

statements! {
    pub(crate) FIND_TOKEN_HANDLE =
        "SELECT handle FROM token_handles WHERE secret_id = $1 AND client_grant_id = $2";
    /// Only for a secret and a grant of one and the same client.
    pub(crate) ASSIGN_TOKEN_HANDLE =
        "INSERT INTO token_handles (handle, secret_id, client_grant_id, created_at) \
         SELECT $1, s.id, g.id, $2 FROM client_secrets s JOIN client_grants g ON g.client_id = s.client_id \
         WHERE s.id = $3 AND g.id = $4 \
         ON CONFLICT (secret_id, client_grant_id) DO NOTHING RETURNING handle";
    pub(crate) FIND_ASSERTION_HANDLE =
        "SELECT handle, longest_ttl FROM assertion_handles WHERE client_grant_id = $1";
    pub(crate) ASSIGN_ASSERTION_HANDLE =
        "INSERT INTO assertion_handles (handle, client_grant_id, longest_ttl, created_at) \
         SELECT $1, id, $2, $3 FROM client_grants WHERE id = $4 \
         ON CONFLICT (client_grant_id) DO UPDATE SET longest_ttl = excluded.longest_ttl \
         WHERE assertion_handles.longest_ttl < excluded.longest_ttl RETURNING handle, longest_ttl";
    pub(crate) END_HANDLES_OF_SECRET = "DELETE FROM token_handles WHERE secret_id = $1 RETURNING handle";
    pub(crate) END_HANDLES_OF_GRANT = "DELETE FROM token_handles WHERE client_grant_id = $1 RETURNING handle";
    pub(crate) END_ASSERTION_HANDLES_OF_GRANT =
        "DELETE FROM assertion_handles WHERE client_grant_id = $1 RETURNING handle";
    pub(crate) END_HANDLES_OF_CLIENT =
        "DELETE FROM token_handles \
         WHERE client_grant_id IN (SELECT id FROM client_grants WHERE client_id = $1) RETURNING handle";
    pub(crate) END_ASSERTION_HANDLES_OF_CLIENT =
        "DELETE FROM assertion_handles \
         WHERE client_grant_id IN (SELECT id FROM client_grants WHERE client_id = $1) RETURNING handle";
    pub(crate) END_HANDLES_OF_COMPANY = concat!(
        "DELETE FROM token_handles WHERE client_grant_id IN \
         (SELECT id FROM client_grants WHERE client_id IN (", clients_of_company!(), ")) RETURNING handle"
    );
    pub(crate) END_ASSERTION_HANDLES_OF_COMPANY = concat!(
        "DELETE FROM assertion_handles WHERE client_grant_id IN \
         (SELECT id FROM client_grants WHERE client_id IN (", clients_of_company!(), ")) RETURNING handle"
    );
    /// What a decision read of a handle that ends must not issue any more, whichever company it was for.
    pub(crate) BUMP_CLIENTS_OF_COMPANY =
        concat!("UPDATE clients SET version = version + 1 WHERE id IN (", clients_of_company!(), ")");
}

/// Whose handles end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner<'a> {
    /// Every handle of a client.
    Client(&'a str),
    /// Those of every client that may act for a company.
    Company(&'a str),
    /// Those of a client grant.
    Grant(&'a str),
    /// Those of a client's secret.
    Secret(&'a str),
}

/// What became of a client or a company that was to be disabled or enabled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Switch {
    /// It is as was asked.
    Done {
        /// The handles of the tokens that are dead for good.
        ended: Vec<TokenHandle>,
    },
    /// There is none of that id.
    NotFound,
    /// It was so before.
    Unchanged,
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

    /// Assigns a handle to a secret with a grant unless they have one, and yields the one that they have. It stays
    /// until it ends for good, so nobody needs to hear of it through the change log.
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

    /// The handle of a client that has no secret with a grant, once one was assigned, and the longest lifetime of a
    /// token under it.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_assertion_handle(
        &self,
        client_grant_id: &ClientGrantId,
    ) -> Result<Option<(TokenHandle, Duration)>> {
        let row = self.db.opt(FIND_ASSERTION_HANDLE, &params![client_grant_id.as_str()]).await?;
        row.as_ref().map(handle_and_ttl).transpose()
    }

    /// Assigns a handle to a client that has no secret with a grant unless it has one, and yields the one that it
    /// has. Before a token of a lifetime is issued under it, that is noted as its longest, unless there was a longer.
    ///
    /// # Errors
    /// When there is no such grant, or the database does not answer.
    pub async fn assign_assertion_handle(
        &self,
        client_grant_id: &ClientGrantId,
        proposed: TokenHandle,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<TokenHandle> {
        let input = (client_grant_id.clone(), proposed, ttl, now);
        self.change(input, |tx, (grant, proposed, ttl, now)| {
            Box::pin(async move {
                let values = params![proposed.as_str(), millis(*ttl), *now, grant.as_str()];
                if let Some(row) = tx.opt(ASSIGN_ASSERTION_HANDLE, &values).await? {
                    return Ok(handle_and_ttl(&row)?.0);
                }
                match tx.opt(FIND_ASSERTION_HANDLE, &params![grant.as_str()]).await? {
                    Some(row) => Ok(handle_and_ttl(&row)?.0),
                    None => Err(Error::Missing(Entity::ClientGrant)),
                }
            })
        })
        .await
    }
}

/// Ends every handle of `owner`: the tokens under them are dead, and nothing revives them. The one place where handles
/// end. The client's version is the caller's to count, except where a company's clients are many.
pub(crate) async fn end_handles(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<Vec<TokenHandle>> {
    let (id, statements): (_, &[_]) = match owner {
        Owner::Client(id) => (id, &[END_HANDLES_OF_CLIENT, END_ASSERTION_HANDLES_OF_CLIENT]),
        Owner::Company(id) => (id, &[END_HANDLES_OF_COMPANY, END_ASSERTION_HANDLES_OF_COMPANY]),
        Owner::Grant(id) => (id, &[END_HANDLES_OF_GRANT, END_ASSERTION_HANDLES_OF_GRANT]),
        Owner::Secret(id) => (id, &[END_HANDLES_OF_SECRET]),
    };
    let mut ended = Vec::new();
    for statement in statements {
        for row in tx.rows(*statement, &params![id]).await? {
            ended.push(handle(&row)?);
        }
    }
    if matches!(owner, Owner::Company(_)) {
        tx.exec(BUMP_CLIENTS_OF_COMPANY, &params![id]).await?;
    }
    Ok(ended)
}

fn handle(row: &Row) -> Result<TokenHandle> {
    Reader::new(row, "token_handles").parse("handle", TokenHandle::parse)
}

fn handle_and_ttl(row: &Row) -> Result<(TokenHandle, Duration)> {
    let mut read = Reader::new(row, "assertion_handles");
    Ok((read.parse("handle", TokenHandle::parse)?, read.ttl("longest_ttl")?))
}
