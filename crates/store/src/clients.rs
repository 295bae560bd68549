//! Clients: the applications that ask for tokens.

use std::time::Duration;

use serde_json::{Map, Value as Json};
use tokenry_clock::Timestamp;
use tokenry_jose::JwkSet;
use tokenry_model::{
    Client, ClientAuthMethod, ClientGrant, ClientId, ClientKeys, ClientSecret, ClientState, ClientType,
    CompanyId, CorporationId, ErrorStyle, MintQuota, Record, TenantBinding,
};

use crate::change_log::{self, Entity};
use crate::companies::COMPANY_EXISTS;
use crate::corporations::CORPORATION_EXISTS;
use crate::db::{Tx, Value};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::Announced;
use crate::store::{insert, must_exist};
use crate::token_handles::{Owner, Switch, end_handles};
use crate::{Store, audit, client_grants, client_secrets, params, statements, themes};

macro_rules! columns {
    () => {
        "id, name, kind, auth_method, jwks, jwks_uri, company_id, corporation_id, error_style, first_party, require_pkce, \
         redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, access_token_ttl, claims, \
         disabled_at, version, created_at, tokens_per_hour, tokens_per_day, skip_consent"
    };
}

statements! {
    pub(crate) FIND_CLIENT = concat!("SELECT ", columns!(), " FROM clients WHERE id = $1");
    pub(crate) LIST_CLIENTS =
        concat!("SELECT ", columns!(), " FROM clients WHERE id > $1 ORDER BY id LIMIT $2");
    pub(crate) INSERT_CLIENT = concat!(
        "INSERT INTO clients (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
         $14, $15, $16, $17, $18, $19, $20, $21, $22) ON CONFLICT DO NOTHING"
    );
    pub(crate) FIND_CLIENT_STATE = "SELECT disabled_at FROM clients WHERE id = $1";
    pub(crate) SET_CLIENT_STATE = "UPDATE clients SET disabled_at = $2, version = version + 1 WHERE id = $1";
    pub(crate) HOME_IS_IN_CORPORATION = "SELECT id FROM companies WHERE id = $1 AND corporation_id = $2";
    /// Every change to a client, its secrets or its grants goes through this, so that no stale view of it issues.
    pub(crate) BUMP_CLIENT = "UPDATE clients SET version = version + 1 WHERE id = $1";
    pub(crate) CLIENT_EXISTS = "SELECT id FROM clients WHERE id = $1";
    pub(crate) DELETE_CLIENT = "DELETE FROM clients WHERE id = $1";
}

impl Store {
    /// The client of that id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_client(&self, id: &ClientId) -> Result<Option<Client>> {
        let row = self.db.opt(FIND_CLIENT, &params![id.as_str()]).await?;
        row.map(|row| read_client(&mut Reader::new(&row, "clients"))).transpose()
    }

    /// Up to `limit` clients after the id `after`, by id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_clients(&self, after: Option<&ClientId>, limit: i64) -> Result<Vec<Client>> {
        let after = after.map_or("", ClientId::as_str);
        let rows = self.db.list(LIST_CLIENTS, &params![after, limit]).await?;
        rows.iter().map(|row| read_client(&mut Reader::new(row, "clients"))).collect()
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
                insert_client(tx, client, secret.as_ref(), grants).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Disables a client, or enables it again. Disabling ends the handles of all its tokens: enabled again it gets
    /// new ones, and what was dead stays dead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_client_state(
        &self,
        id: &ClientId,
        state: ClientState,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Switch> {
        self.change((id.clone(), state, now, records.to_vec()), |tx, (id, state, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                let Some(row) = tx.opt(FIND_CLIENT_STATE, &params![id]).await? else {
                    return Ok(Switch::NotFound);
                };
                let disabled_at = disabled_at(*state);
                if row.opt_int(0)?.is_some() == disabled_at.is_some() {
                    return Ok(Switch::Unchanged);
                }
                tx.exec(SET_CLIENT_STATE, &params![id, disabled_at]).await?;
                let announced = match state {
                    ClientState::Disabled { .. } => end_handles(tx, Owner::Client(id), *now).await?,
                    ClientState::Enabled => Announced::default(),
                };
                change_log::append(tx, Entity::Client, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(Switch::Done { announced })
            })
        })
        .await
    }

    /// Removes a client with its secrets, grants and token handles, and says what guards must learn of it; `None` when
    /// there is none of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_client(
        &self,
        id: &ClientId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                let announced = remove_client(tx, id.as_str(), *now).await?;
                if announced.is_some() {
                    audit::append(tx, records).await?;
                }
                Ok(announced)
            })
        })
        .await
    }
}

/// Inserts a client with what it comes with, in the transaction that makes it.
pub(crate) async fn insert_client(
    tx: &mut Tx<'_>,
    client: &Client,
    secret: Option<&ClientSecret>,
    grants: &[ClientGrant],
) -> Result<()> {
    check_binding(tx, &client.binding).await?;
    insert(tx, INSERT_CLIENT, &values_of(client), Entity::Client).await?;
    if let Some(secret) = secret {
        client_secrets::insert_secret(tx, secret).await?;
    }
    for grant in grants {
        client_grants::insert_grant(tx, grant).await?;
    }
    change_log::append(tx, Entity::Client, client.id.as_str(), client.created_at).await
}

/// Removes a client with all that is its; `None` when there is none of that id.
pub(crate) async fn remove_client(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<Option<Announced>> {
    // The handles would go with the grants; they go here so that they go in the one place where handles end.
    let announced = end_handles(tx, Owner::Client(id), now).await?;
    if tx.exec(DELETE_CLIENT, &params![id]).await? == 0 {
        return Ok(None);
    }
    themes::remove(tx, id, now).await?;
    change_log::append(tx, Entity::Client, id, now).await?;
    Ok(Some(announced))
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

const fn disabled_at(state: ClientState) -> Option<Timestamp> {
    match state {
        ClientState::Disabled { at } => Some(at),
        ClientState::Enabled => None,
    }
}

fn values_of(client: &Client) -> [Value; 22] {
    params![
        client.id.as_str(),
        client.name.as_str(),
        client.kind.as_str(),
        client.auth_method.as_str(),
        jwks(client.keys.as_ref()),
        jwks_uri(client.keys.as_ref()),
        client.binding.home().map(CompanyId::as_str),
        client.binding.corporation().map(CorporationId::as_str),
        client.error_style.as_str(),
        client.first_party,
        client.require_pkce,
        list(&client.redirect_uris),
        list(&client.post_logout_redirect_uris),
        client.backchannel_logout_uri.as_deref(),
        client.access_token_ttl.map(millis),
        object(&client.claims),
        disabled_at(client.state),
        client.version,
        client.created_at,
        client.quota.per_hour.map(i64::from),
        client.quota.per_day.map(i64::from),
        client.skip_consent,
    ]
}

pub(crate) fn jwks(keys: Option<&ClientKeys>) -> Option<String> {
    match keys {
        Some(ClientKeys::Inline(set)) => Some(set.to_json()),
        Some(ClientKeys::Uri(_)) | None => None,
    }
}

pub(crate) fn jwks_uri(keys: Option<&ClientKeys>) -> Option<&str> {
    match keys {
        Some(ClientKeys::Uri(uri)) => Some(uri),
        Some(ClientKeys::Inline(_)) | None => None,
    }
}

/// A duration in milliseconds, as durations are stored.
pub(crate) fn millis(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)
}

/// A JSON object as it is stored.
pub(crate) fn object(claims: &Map<String, Json>) -> String {
    serde_json::to_string(claims).expect("an object of JSON values always has a JSON form")
}

pub(crate) fn list(texts: &[String]) -> String {
    serde_json::to_string(texts).expect("a list of texts always has a JSON form")
}

/// Reads a client's columns, in their order.
pub(crate) fn read_client(read: &mut Reader<'_>) -> Result<Client> {
    Ok(Client {
        id: read.parse("id", ClientId::parse)?,
        name: read.string("name")?,
        kind: read.parse("kind", ClientType::parse)?,
        auth_method: read.parse("auth_method", ClientAuthMethod::parse)?,
        keys: keys(read)?,
        binding: binding(read)?,
        error_style: read.parse("error_style", ErrorStyle::parse)?,
        first_party: read.flag("first_party")?,
        require_pkce: read.flag("require_pkce")?,
        redirect_uris: read.json("redirect_uris")?,
        post_logout_redirect_uris: read.json("post_logout_redirect_uris")?,
        backchannel_logout_uri: read.opt_string("backchannel_logout_uri")?,
        access_token_ttl: read.opt_ttl("access_token_ttl")?,
        claims: read.json("claims")?,
        state: read.opt_at("disabled_at")?.map_or(ClientState::Enabled, |at| ClientState::Disabled { at }),
        version: read.int("version")?,
        created_at: read.at("created_at")?,
        quota: MintQuota {
            per_hour: read.opt_count("tokens_per_hour")?,
            per_day: read.opt_count("tokens_per_day")?,
        },
        skip_consent: read.flag("skip_consent")?,
    })
}

fn keys(read: &mut Reader<'_>) -> Result<Option<ClientKeys>> {
    let inline = read.opt_parse("jwks", |text| JwkSet::parse(text.as_bytes()))?;
    let uri = read.opt_string("jwks_uri")?;
    match (inline, uri) {
        (Some(set), None) => Ok(Some(ClientKeys::Inline(set))),
        (None, Some(uri)) => Ok(Some(ClientKeys::Uri(uri))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(read.corrupt("jwks_uri", "keys in two places")),
    }
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
