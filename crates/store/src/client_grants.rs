//! Client grants: which client may ask for tokens for which API, up to which scope.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientGrant, ClientGrantId, ClientId, Record, ResourceServer, ResourceServerId};

use crate::change_log::{self, Entity};
use crate::clients::BUMP_CLIENT;
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::resource_servers::{RESOURCE_SERVER_EXISTS, read_resource_server};
use crate::store::{insert, must_exist, update};
use crate::token_handles::{Owner, end_handles};
use crate::{Store, audit, params, statements};

macro_rules! columns {
    () => {
        "id, client_id, resource_server_id, scope, created_at"
    };
}

macro_rules! select_with_resource_server {
    () => {
        "SELECT g.id, g.client_id, g.resource_server_id, g.scope, g.created_at, r.id, r.name, r.audience, r.scopes, \
         r.access_token_ttl, r.signing_alg, r.dialect, r.token_format, r.tenanted, r.version, r.created_at \
         FROM client_grants g JOIN resource_servers r ON r.id = g.resource_server_id WHERE g.client_id = $1"
    };
}

statements! {
    pub(crate) FIND_CLIENT_GRANT = concat!(select_with_resource_server!(), " AND r.audience = $2");
    pub(crate) FIND_CLIENT_GRANTS =
        concat!(select_with_resource_server!(), " ORDER BY r.audience LIMIT $2");
    pub(crate) LIST_CLIENT_GRANTS =
        concat!("SELECT ", columns!(), " FROM client_grants WHERE client_id = $1 ORDER BY id");
    pub(crate) LIST_ALL_CLIENT_GRANTS =
        concat!("SELECT ", columns!(), " FROM client_grants ORDER BY client_id, id");
    pub(crate) INSERT_CLIENT_GRANT = concat!(
        "INSERT INTO client_grants (", columns!(), ") VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    );
    pub(crate) DELETE_CLIENT_GRANT = "DELETE FROM client_grants WHERE id = $1 RETURNING client_id";
}

impl Store {
    /// A client's grant for the API of that audience, with the API.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_client_grant(
        &self,
        client_id: &ClientId,
        audience: &str,
    ) -> Result<Option<(ClientGrant, ResourceServer)>> {
        let row = self.db.opt(FIND_CLIENT_GRANT, &params![client_id.as_str(), audience]).await?;
        row.as_ref().map(grant_with_resource_server).transpose()
    }

    /// Up to `limit` of a client's grants by audience, each with its API: two tell that there is not just one.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_client_grants(
        &self,
        client_id: &ClientId,
        limit: i64,
    ) -> Result<Vec<(ClientGrant, ResourceServer)>> {
        let rows = self.db.rows(FIND_CLIENT_GRANTS, &params![client_id.as_str(), limit]).await?;
        rows.iter().map(grant_with_resource_server).collect()
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
    must_exist(tx, RESOURCE_SERVER_EXISTS, resource_server, Entity::ResourceServer).await?;
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

fn grant_with_resource_server(row: &Row) -> Result<(ClientGrant, ResourceServer)> {
    let mut read = Reader::new(row, "client_grants");
    let grant = grant(&mut read)?;
    read.table("resource_servers");
    Ok((grant, read_resource_server(&mut read)?))
}
