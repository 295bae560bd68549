//! Client grants: which client may ask for tokens for which API, up to which scope.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    ClientGrant, ClientGrantId, ClientId, Record, ResourceServer, ResourceServerId, SecretId, TokenHandle,
};

use crate::change_log::{self, Entity};
use crate::clients::BUMP_CLIENT;
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::resource_servers::read_resource_server;
use crate::store::{insert, update};
use crate::token_handles::{Owner, end_handles, read_handle};
use crate::{Store, api_scopes, audit, params, statements};

macro_rules! columns {
    () => {
        "id, client_id, resource_server_id, scope, created_at"
    };
}

macro_rules! select_target {
    () => {
        "SELECT g.id, g.client_id, g.resource_server_id, g.scope, g.created_at, r.id, r.name, r.audience, r.scopes, \
         r.access_token_ttl, r.signing_alg, r.dialect, r.token_format, r.tenanted, r.version, r.created_at, \
         h.handle, h.longest_ttl \
         FROM client_grants g JOIN resource_servers r ON r.id = g.resource_server_id \
         LEFT JOIN token_handles h ON h.secret_id = $2 AND h.client_grant_id = g.id AND h.company_id = '' \
         WHERE g.client_id = $1"
    };
}

statements! {
    pub(crate) FIND_CLIENT_GRANT = concat!(select_target!(), " AND r.audience = $3");
    pub(crate) FIND_CLIENT_GRANTS =
        concat!(select_target!(), " ORDER BY r.audience LIMIT $3");
    pub(crate) LIST_CLIENT_GRANTS =
        concat!("SELECT ", columns!(), " FROM client_grants WHERE client_id = $1 ORDER BY id");
    pub(crate) LIST_ALL_CLIENT_GRANTS =
        concat!("SELECT ", columns!(), " FROM client_grants ORDER BY client_id, id");
    pub(crate) INSERT_CLIENT_GRANT = concat!(
        "INSERT INTO client_grants (", columns!(), ") VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    );
    pub(crate) DELETE_CLIENT_GRANT = "DELETE FROM client_grants WHERE id = $1 RETURNING client_id";
}

/// How many columns of a handle a target has.
const HANDLE_COLUMNS: usize = 2;

/// A client grant, with what else a token of it rests on.
#[derive(Clone, Debug)]
pub struct GrantTarget {
    /// The grant.
    pub grant: ClientGrant,
    /// Its API.
    pub resource_server: ResourceServer,
    /// The handle of the secret with the grant as far as the client reaches, once one was assigned, and the longest
    /// lifetime of a token under it.
    pub handle: Option<(TokenHandle, Duration)>,
}

impl Store {
    /// A client's grant for the API of that audience, with all that a token of it rests on. `secret` is the one that the
    /// client proved itself with, if it was a secret.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_client_grant(
        &self,
        client_id: &ClientId,
        secret: Option<&SecretId>,
        audience: &str,
    ) -> Result<Option<GrantTarget>> {
        let values = params![client_id.as_str(), secret.map(SecretId::as_str), audience];
        self.db.opt(FIND_CLIENT_GRANT, &values).await?.as_ref().map(target).transpose()
    }

    /// Up to `limit` of a client's grants by audience, as [`find_client_grant`](Self::find_client_grant) has them: two tell
    /// that there is not just one.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_client_grants(
        &self,
        client_id: &ClientId,
        secret: Option<&SecretId>,
        limit: i64,
    ) -> Result<Vec<GrantTarget>> {
        let values = params![client_id.as_str(), secret.map(SecretId::as_str), limit];
        self.db.rows(FIND_CLIENT_GRANTS, &values).await?.iter().map(target).collect()
    }

    /// The grants of one client, or of all.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_client_grants(&self, client_id: Option<&ClientId>) -> Result<Vec<ClientGrant>> {
        let rows = match client_id {
            None => self.db.list(LIST_ALL_CLIENT_GRANTS, &[]).await?,
            Some(id) => self.db.list(LIST_CLIENT_GRANTS, &params![id.as_str()]).await?,
        };
        rows.iter().map(|row| grant(&mut Reader::new(row, "client_grants"))).collect()
    }

    /// Gives a client an API.
    ///
    /// # Errors
    /// When there is no such client or API, when the client has the API already, or when the database does not
    /// answer.
    pub async fn create_client_grant(&self, grant: &ClientGrant, records: &[Record]) -> Result<()> {
        self.change((grant.clone(), records.to_vec()), |tx, (grant, records)| {
            Box::pin(async move {
                let client = grant.client_id.as_str();
                update(tx, BUMP_CLIENT, &params![client], Entity::Client).await?;
                insert_grant(tx, grant).await?;
                change_log::append(tx, Entity::Client, client, grant.created_at).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Takes an API from a client, the grant's token handles with it, and says what guards must learn of it; `None` when
    /// there is no such grant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_client_grant(
        &self,
        id: &ClientGrantId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                let announced = end_handles(tx, Owner::Grant(id.as_str()), *now).await?;
                let Some(row) = tx.opt(DELETE_CLIENT_GRANT, &params![id.as_str()]).await? else {
                    return Ok(None);
                };
                let client = row.text(0)?;
                update(tx, BUMP_CLIENT, &params![client], Entity::Client).await?;
                change_log::append(tx, Entity::Client, client, *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }
}

/// Inserts a grant in the transaction that makes or changes its client.
pub(crate) async fn insert_grant(tx: &mut Tx<'_>, grant: &ClientGrant) -> Result<()> {
    let resource_server = grant.resource_server_id.as_str();
    api_scopes::must_be_defined(tx, resource_server, &grant.scope).await?;
    let values = params![
        grant.id.as_str(),
        grant.client_id.as_str(),
        resource_server,
        grant.scope.to_string(),
        grant.created_at,
    ];
    insert(tx, INSERT_CLIENT_GRANT, &values, Entity::ClientGrant).await
}

fn grant(read: &mut Reader<'_>) -> Result<ClientGrant> {
    Ok(ClientGrant {
        id: read.parse("id", ClientGrantId::parse)?,
        client_id: read.parse("client_id", ClientId::parse)?,
        resource_server_id: read.parse("resource_server_id", ResourceServerId::parse)?,
        scope: read.scope("scope")?,
        created_at: read.at("created_at")?,
    })
}

fn target(row: &Row) -> Result<GrantTarget> {
    let mut read = Reader::new(row, "client_grants");
    let grant = grant(&mut read)?;
    read.table("resource_servers");
    let resource_server = read_resource_server(&mut read)?;
    read.table("token_handles");
    let handle = read.joined(HANDLE_COLUMNS, read_handle)?;
    Ok(GrantTarget { grant, resource_server, handle })
}
