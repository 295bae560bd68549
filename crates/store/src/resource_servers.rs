//! Resource servers: the APIs that tokens are for.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_model::{Record, ResourceServer, ResourceServerId, ResourceServerSecret, TokenFormat};
use tokenry_protocol::dialect::Dialect;

use crate::change_log::{self, Entity};
use crate::clients::millis;
use crate::db::Value;
use crate::decode::Reader;
use crate::error::Result;
use crate::store::{insert, must_be_unused, update};
use crate::{ScopesUpdate, Store, api_scopes, audit, params, resource_server_secrets, statements};

macro_rules! columns {
    () => {
        "id, name, audience, scopes, access_token_ttl, signing_alg, dialect, token_format, tenanted, version, \
         created_at"
    };
}

statements! {
    pub(crate) FIND_RESOURCE_SERVER = concat!("SELECT ", columns!(), " FROM resource_servers WHERE id = $1");
    pub(crate) FIND_RESOURCE_SERVER_BY_AUDIENCE =
        concat!("SELECT ", columns!(), " FROM resource_servers WHERE audience = $1");
    pub(crate) LIST_RESOURCE_SERVERS =
        concat!("SELECT ", columns!(), " FROM resource_servers WHERE id > $1 ORDER BY id LIMIT $2");
    pub(crate) RESOURCE_SERVER_EXISTS = "SELECT id FROM resource_servers WHERE id = $1";
    pub(crate) INSERT_RESOURCE_SERVER = concat!(
        "INSERT INTO resource_servers (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT DO NOTHING"
    );
    /// Every change to an API or its secrets goes through this, so that no stale view of it issues.
    pub(crate) BUMP_RESOURCE_SERVER = "UPDATE resource_servers SET version = version + 1 WHERE id = $1";
    pub(crate) UPDATE_RESOURCE_SERVER =
        "UPDATE resource_servers SET \
         access_token_ttl = CASE WHEN CAST($2 AS BIGINT) = 1 THEN CAST($3 AS BIGINT) ELSE access_token_ttl END, \
         dialect = COALESCE($4, dialect), version = version + 1 WHERE id = $1";
    pub(crate) COUNT_GRANTS = "SELECT COUNT(*) FROM client_grants WHERE resource_server_id = $1";
    pub(crate) DELETE_RESOURCE_SERVER = "DELETE FROM resource_servers WHERE id = $1";
}

/// What changes about an API.
#[derive(Clone, Debug, Default)]
pub struct ResourceServerUpdate {
    /// How long its access tokens live, where `Some(None)` is: as configured; `None`: as it is.
    pub access_token_ttl: Option<Option<Duration>>,
    /// The shape of its JWTs; `None`: as it is.
    pub dialect: Option<Dialect>,
    /// What it defines.
    pub scopes: ScopesUpdate,
}

impl Store {
    /// The API of that id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_resource_server(&self, id: &ResourceServerId) -> Result<Option<ResourceServer>> {
        let row = self.db.opt(FIND_RESOURCE_SERVER, &params![id.as_str()]).await?;
        row.map(|row| read_resource_server(&mut Reader::new(&row, "resource_servers"))).transpose()
    }

    /// The API of that audience.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_resource_server_by_audience(&self, audience: &str) -> Result<Option<ResourceServer>> {
        let row = self.db.opt(FIND_RESOURCE_SERVER_BY_AUDIENCE, &params![audience]).await?;
        row.map(|row| read_resource_server(&mut Reader::new(&row, "resource_servers"))).transpose()
    }

    /// Up to `limit` APIs after the id `after`, by id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_resource_servers(
        &self,
        after: Option<&ResourceServerId>,
        limit: i64,
    ) -> Result<Vec<ResourceServer>> {
        let after = after.map_or("", ResourceServerId::as_str);
        let rows = self.db.list(LIST_RESOURCE_SERVERS, &params![after, limit]).await?;
        rows.iter().map(|row| read_resource_server(&mut Reader::new(row, "resource_servers"))).collect()
    }

    /// Registers an API together with its own first secret: both or nothing.
    ///
    /// # Errors
    /// When the id, the audience or the secret is taken, or the database does not answer.
    pub async fn create_resource_server(
        &self,
        resource_server: &ResourceServer,
        secret: Option<&ResourceServerSecret>,
        records: &[Record],
    ) -> Result<()> {
        let input = (resource_server.clone(), secret.cloned(), records.to_vec());
        self.change(input, |tx, (resource_server, secret, records)| {
            Box::pin(async move {
                let values = values_of(resource_server);
                insert(tx, INSERT_RESOURCE_SERVER, &values, Entity::ResourceServer).await?;
                if let Some(secret) = secret {
                    resource_server_secrets::insert_secret(tx, secret).await?;
                }
                let (id, at) = (resource_server.id.as_str(), resource_server.created_at);
                change_log::append(tx, Entity::ResourceServer, id, at).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Changes an API, for the tokens that are issued from then on.
    ///
    /// # Errors
    /// When there is none of that id, something has a scope that is to go, or the database does not answer.
    pub async fn update_resource_server(
        &self,
        id: &ResourceServerId,
        change: ResourceServerUpdate,
        now: Timestamp,
        records: &[Record],
    ) -> Result<()> {
        self.change((id.clone(), change, now, records.to_vec()), |tx, (id, change, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                let values = params![
                    id,
                    change.access_token_ttl.is_some(),
                    change.access_token_ttl.flatten().map(millis),
                    change.dialect.map(Dialect::as_str),
                ];
                update(tx, UPDATE_RESOURCE_SERVER, &values, Entity::ResourceServer).await?;
                api_scopes::change(tx, id, &change.scopes, *now).await?;
                change_log::append(tx, Entity::ResourceServer, id, *now).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Removes an API with its own secrets; `false` when there is none of that id.
    ///
    /// # Errors
    /// While client grants name it, or when the database does not answer.
    pub async fn delete_resource_server(
        &self,
        id: &ResourceServerId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<bool> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                must_be_unused(tx, COUNT_GRANTS, id, Entity::ClientGrant).await?;
                if tx.exec(DELETE_RESOURCE_SERVER, &params![id]).await? == 0 {
                    return Ok(false);
                }
                change_log::append(tx, Entity::ResourceServer, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Reads an API, also where it is one side of a join.
pub(crate) fn read_resource_server(read: &mut Reader<'_>) -> Result<ResourceServer> {
    Ok(ResourceServer {
        id: read.parse("id", ResourceServerId::parse)?,
        name: read.string("name")?,
        audience: read.string("audience")?,
        scopes: api_scopes::read(read)?,
        access_token_ttl: read.opt_ttl("access_token_ttl")?,
        signing_alg: read.opt_parse("signing_alg", Algorithm::parse)?,
        dialect: read.parse("dialect", Dialect::parse)?,
        token_format: read.parse("token_format", TokenFormat::parse)?,
        tenanted: read.flag("tenanted")?,
        version: read.int("version")?,
        created_at: read.at("created_at")?,
    })
}

fn values_of(resource_server: &ResourceServer) -> [Value; 11] {
    params![
        resource_server.id.as_str(),
        resource_server.name.as_str(),
        resource_server.audience.as_str(),
        api_scopes::to_text(&resource_server.scopes),
        resource_server.access_token_ttl.map(millis),
        resource_server.signing_alg.map(Algorithm::as_str),
        resource_server.dialect.as_str(),
        resource_server.token_format.as_str(),
        resource_server.tenanted,
        resource_server.version,
        resource_server.created_at,
    ]
}
