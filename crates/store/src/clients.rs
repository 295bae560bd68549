//! Clients: the applications that ask for tokens.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    Client, ClientAuthMethod, ClientGrant, ClientId, ClientSecret, ClientState, ClientType, CompanyId,
    CorporationId, ErrorStyle, Record, TenantBinding,
};

use crate::change_log::{self, Entity};
use crate::companies::COMPANY_EXISTS;
use crate::corporations::CORPORATION_EXISTS;
use crate::db::{Row, Tx, Value};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::store::{insert, must_exist};
use crate::{Store, audit, client_grants, client_secrets, params, statements};

macro_rules! columns {
    () => {
        "id, name, kind, auth_method, company_id, corporation_id, error_style, first_party, require_pkce, \
         redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, access_token_ttl, disabled_at, version, \
         created_at"
    };
}

statements! {
    pub(crate) FIND_CLIENT = concat!("SELECT ", columns!(), " FROM clients WHERE id = $1");
    pub(crate) LIST_CLIENTS =
        concat!("SELECT ", columns!(), " FROM clients WHERE id > $1 ORDER BY id LIMIT $2");
    pub(crate) INSERT_CLIENT = concat!(
        "INSERT INTO clients (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
         $14, $15, $16) ON CONFLICT DO NOTHING"
    );
    pub(crate) HOME_IS_IN_CORPORATION = "SELECT id FROM companies WHERE id = $1 AND corporation_id = $2";
    /// Every change to a client, its secrets or its grants goes through this, so that no stale view of it issues.
    pub(crate) BUMP_CLIENT = "UPDATE clients SET version = version + 1 WHERE id = $1";
    pub(crate) DELETE_CLIENT = "DELETE FROM clients WHERE id = $1";
}

impl Store {
    /// The client of that id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_client(&self, id: &ClientId) -> Result<Option<Client>> {
        let row = self.db.opt(FIND_CLIENT, &params![id.as_str()]).await?;
        row.as_ref().map(client).transpose()
    }

    /// Up to `limit` clients after the id `after`, by id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_clients(&self, after: Option<&ClientId>, limit: i64) -> Result<Vec<Client>> {
        let after = after.map_or("", ClientId::as_str);
        let rows = self.db.list(LIST_CLIENTS, &params![after, limit]).await?;
        rows.iter().map(client).collect()
    }

    /// Makes a client together with its first secret and its grants: all of it or nothing.
    ///
    /// # Errors
    /// When its id or anything else unique is taken; when a company, corporation or API that it names does not exist,
    /// or its home is not a company of its corporation; or when the database does not answer.
    pub async fn create_client(
        &self,
        client: &Client,
        secret: Option<&ClientSecret>,
        grants: &[ClientGrant],
        records: &[Record],
    ) -> Result<()> {
        let input = (client.clone(), secret.cloned(), grants.to_vec(), records.to_vec());
        self.change(input, |tx, (client, secret, grants, records)| {
            Box::pin(async move {
                check_binding(tx, &client.binding).await?;
                insert(tx, INSERT_CLIENT, &values_of(client), Entity::Client).await?;
                if let Some(secret) = secret {
                    client_secrets::insert_secret(tx, secret).await?;
                }
                for grant in grants {
                    client_grants::insert_grant(tx, grant).await?;
                }
                change_log::append(tx, Entity::Client, client.id.as_str(), client.created_at).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Removes a client with its secrets, grants and token handles; `false` when there is none of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_client(&self, id: &ClientId, now: Timestamp, records: &[Record]) -> Result<bool> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                if tx.exec(DELETE_CLIENT, &params![id.as_str()]).await? == 0 {
                    return Ok(false);
                }
                change_log::append(tx, Entity::Client, id.as_str(), *now).await?;
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn check_binding(tx: &mut Tx<'_>, binding: &TenantBinding) -> Result<()> {
    if let Some(corporation) = binding.corporation() {
        must_exist(tx, CORPORATION_EXISTS, corporation.as_str(), Entity::Corporation).await?;
    }
    let Some(home) = binding.home() else { return Ok(()) };
    match binding.corporation() {
        None => must_exist(tx, COMPANY_EXISTS, home.as_str(), Entity::Company).await,
        Some(corporation) => {
            let values = params![home.as_str(), corporation.as_str()];
            match tx.opt(HOME_IS_IN_CORPORATION, &values).await? {
                Some(_) => Ok(()),
                None => Err(Error::Missing(Entity::Company)),
            }
        }
    }
}

fn values_of(client: &Client) -> [Value; 16] {
    let disabled_at = match client.state {
        ClientState::Disabled { at } => Some(at),
        ClientState::Enabled => None,
    };
    params![
        client.id.as_str(),
        client.name.as_str(),
        client.kind.as_str(),
        client.auth_method.as_str(),
        client.binding.home().map(CompanyId::as_str),
        client.binding.corporation().map(CorporationId::as_str),
        client.error_style.as_str(),
        client.first_party,
        client.require_pkce,
        list(&client.redirect_uris),
        list(&client.post_logout_redirect_uris),
        client.backchannel_logout_uri.as_deref(),
        client.access_token_ttl.map(millis),
        disabled_at,
        client.version,
        client.created_at,
    ]
}

/// A duration in milliseconds, as durations are stored.
pub(crate) fn millis(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)
}

fn list(texts: &[String]) -> String {
    serde_json::to_string(texts).expect("a list of texts always has a JSON form")
}

fn client(row: &Row) -> Result<Client> {
    let mut read = Reader::new(row, "clients");
    Ok(Client {
        id: read.parse("id", ClientId::parse)?,
        name: read.string("name")?,
        kind: read.parse("kind", ClientType::parse)?,
        auth_method: read.parse("auth_method", ClientAuthMethod::parse)?,
        binding: binding(&mut read)?,
        error_style: read.parse("error_style", ErrorStyle::parse)?,
        first_party: read.flag("first_party")?,
        require_pkce: read.flag("require_pkce")?,
        redirect_uris: read.json("redirect_uris")?,
        post_logout_redirect_uris: read.json("post_logout_redirect_uris")?,
        backchannel_logout_uri: read.opt_string("backchannel_logout_uri")?,
        access_token_ttl: read.opt_ttl("access_token_ttl")?,
        state: read.opt_at("disabled_at")?.map_or(ClientState::Enabled, |at| ClientState::Disabled { at }),
        version: read.int("version")?,
        created_at: read.at("created_at")?,
    })
}

fn binding(read: &mut Reader<'_>) -> Result<TenantBinding> {
    let company = read.opt_parse("company_id", CompanyId::parse)?;
    let corporation = read.opt_parse("corporation_id", CorporationId::parse)?;
    match (company, corporation) {
        (None, None) => Ok(TenantBinding::Unbound),
        (Some(company), None) => Ok(TenantBinding::Company(company)),
        (Some(home), Some(corporation)) => Ok(TenantBinding::Corporation { home, corporation }),
        (None, Some(_)) => Err(read.corrupt("corporation_id", "a corporation without a home company")),
    }
}
