//! Consents: what a user lets an application do until they take it back.

use std::fmt::Display;

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, CompanyId, Consent, CorporationId, Record, ResourceServerId, Tenant, UserId};
use tokenry_protocol::scope::{Scope, ScopeToken};

use crate::change_log::{self, Entity};
use crate::clients::FIND_CLIENT;
use crate::companies::FIND_COMPANY;
use crate::db::{Row, Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::store::{must_exist, update};
use crate::token_handles::{Owner, end_counted};
use crate::users::{BUMP_USER, FIND_USER};
use crate::{Store, audit, params, statements};

/// What tells one consent from another. What there is none of is empty.
macro_rules! key {
    () => {
        "user_id, client_id, resource_server_id, company_id, corporation_id"
    };
}

macro_rules! columns {
    () => {
        concat!(key!(), ", scope, created_at, updated_at")
    };
}

/// By application, and then for whom.
macro_rules! ordered {
    () => {
        " ORDER BY client_id, company_id, corporation_id, resource_server_id"
    };
}

statements! {
    pub(crate) LIST_CONSENTS = concat!(
        "SELECT ", columns!(), " FROM consents WHERE user_id = $1", ordered!()
    );
    pub(crate) FIND_CONSENTS = concat!(
        "SELECT ", columns!(), " FROM consents WHERE user_id = $1 AND client_id = $2", ordered!()
    );
    pub(crate) FIND_CONSENT_SCOPE =
        "SELECT scope FROM consents WHERE user_id = $1 AND client_id = $2 AND resource_server_id = $3 \
         AND company_id = $4 AND corporation_id = $5";
    pub(crate) PUT_CONSENT = concat!(
        "INSERT INTO consents (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (", key!(), ") \
         DO UPDATE SET scope = excluded.scope, updated_at = excluded.updated_at"
    );
    pub(crate) CONSENTS_AT_API = concat!(
        "SELECT ", columns!(), " FROM consents WHERE resource_server_id = $1", ordered!(), ", user_id"
    );
    pub(crate) NARROW_CONSENT =
        "UPDATE consents SET scope = $6 WHERE user_id = $1 AND client_id = $2 AND resource_server_id = $3 \
         AND company_id = $4 AND corporation_id = $5";
    pub(crate) DELETE_CONSENT =
        "DELETE FROM consents WHERE user_id = $1 AND client_id = $2 AND resource_server_id = $3 \
         AND company_id = $4 AND corporation_id = $5";
    pub(crate) DELETE_CONSENTS = "DELETE FROM consents WHERE user_id = $1 AND client_id = $2";
    /// A company made later may have its id.
    pub(crate) DELETE_CONSENTS_OF_COMPANY = "DELETE FROM consents WHERE company_id = $1";
    /// And so may a corporation.
    pub(crate) DELETE_CONSENTS_OF_CORPORATION = "DELETE FROM consents WHERE corporation_id = $1";
}

impl Store {
    /// What a user lets applications do, by application, company and API.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_consents(&self, user_id: &UserId) -> Result<Vec<Consent>> {
        let rows = self.db.list(LIST_CONSENTS, &params![user_id.as_str()]).await?;
        rows.iter().map(consent).collect()
    }

    /// What a user lets one application do, by company and API.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_consents(&self, user_id: &UserId, client_id: &ClientId) -> Result<Vec<Consent>> {
        let rows = self.db.list(FIND_CONSENTS, &params![user_id.as_str(), client_id.as_str()]).await?;
        rows.iter().map(consent).collect()
    }

    /// Keeps what a user agreed to, beside what they agreed to before.
    ///
    /// # Errors
    /// When there is no such user, client or company, or the database does not answer.
    pub async fn grant_consents(&self, consents: &[Consent], records: &[Record]) -> Result<()> {
        self.change((consents.to_vec(), records.to_vec()), |tx, (consents, records)| {
            Box::pin(async move {
                for consent in consents {
                    put(tx, consent).await?;
                }
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Takes back what a user lets an application do, and ends all that was issued for it, says what guards must learn;
    /// `None` when there was nothing to take back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_consents(
        &self,
        user_id: &UserId,
        client_id: &ClientId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        let input = (user_id.clone(), client_id.clone(), now, records.to_vec());
        self.change(input, |tx, (user_id, client_id, now, records)| {
            Box::pin(async move {
                let (user, client) = (user_id.as_str(), client_id.as_str());
                let (ended, announced) = end_counted(tx, Owner::Consent(user, client), *now).await?;
                let deleted = tx.exec(DELETE_CONSENTS, &params![user, client]).await?;
                if deleted + ended == 0 {
                    return Ok(None);
                }
                // A code that is being issued on the strength of the consent must not come after its end.
                update(tx, BUMP_USER, &params![user], Entity::User).await?;
                change_log::append(tx, Entity::User, user, *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }
}

/// Adds to one consent. What is there is read in the same transaction, so that of two at once neither is lost.
async fn put(tx: &mut Tx<'_>, consent: &Consent) -> Result<()> {
    let (user, client) = (consent.user_id.as_str(), consent.client_id.as_str());
    must_exist(tx, FIND_USER, user, Entity::User).await?;
    must_exist(tx, FIND_CLIENT, client, Entity::Client).await?;
    if let Some(tenant) = &consent.tenant {
        must_exist(tx, FIND_COMPANY, tenant.company.as_str(), Entity::Company).await?;
    }
    let mut values = key_of(consent);
    let before = match tx.opt(FIND_CONSENT_SCOPE, &values).await? {
        Some(row) => Reader::new(&row, "consents").scope("scope")?,
        None => Scope::empty(),
    };
    let scope: Scope = before.iter().chain(&consent.scope).cloned().collect();
    values.extend(params![scope.to_string(), consent.updated_at]);
    tx.exec(PUT_CONSENT, &values).await?;
    Ok(())
}

/// Takes a scope that an API no longer defines out of what users agreed to: whoever defines it anew asks anew.
pub(crate) async fn forget_scope(tx: &mut Tx<'_>, api: &str, token: &ScopeToken) -> Result<()> {
    for row in tx.rows(CONSENTS_AT_API, &params![api]).await? {
        let consent = consent(&row)?;
        if !consent.scope.contains(token.as_str()) {
            continue;
        }
        leave(tx, key_of(&consent), &consent.scope, token).await?;
    }
    Ok(())
}

/// Takes a scope out of the consent of that key, which has `scope`; without any it is none.
pub(crate) async fn leave(
    tx: &mut Tx<'_>,
    mut key: Vec<Value>,
    scope: &Scope,
    without: &ScopeToken,
) -> Result<()> {
    let left: Scope = scope.iter().filter(|other| *other != without).cloned().collect();
    if left.is_empty() {
        tx.exec(DELETE_CONSENT, &key).await?;
    } else {
        key.extend(params![left.to_string()]);
        tx.exec(NARROW_CONSENT, &key).await?;
    }
    Ok(())
}

fn key_of(consent: &Consent) -> Vec<Value> {
    let api = consent.resource_server_id.as_ref();
    key_of_parts(&consent.user_id, &consent.client_id, api, consent.tenant.as_ref())
}

pub(crate) fn key_of_parts(
    user: &UserId,
    client: &ClientId,
    api: Option<&ResourceServerId>,
    tenant: Option<&Tenant>,
) -> Vec<Value> {
    params![
        user.as_str(),
        client.as_str(),
        api.map_or("", ResourceServerId::as_str),
        tenant.map_or("", |tenant| tenant.company.as_str()),
        Tenant::corporation_of(tenant).map_or("", CorporationId::as_str),
    ]
    .into()
}

fn consent(row: &Row) -> Result<Consent> {
    let mut read = Reader::new(row, "consents");
    Ok(Consent {
        user_id: read.parse("user_id", UserId::parse)?,
        client_id: read.parse("client_id", ClientId::parse)?,
        resource_server_id: named(&mut read, "resource_server_id", ResourceServerId::parse)?,
        tenant: tenant(&mut read)?,
        scope: read.scope("scope")?,
        created_at: read.at("created_at")?,
        updated_at: read.at("updated_at")?,
    })
}

fn tenant(read: &mut Reader<'_>) -> Result<Option<Tenant>> {
    let company = named(read, "company_id", CompanyId::parse)?;
    let corporation = named(read, "corporation_id", CorporationId::parse)?;
    match company {
        Some(company) => Ok(Some(Tenant { company, corporation })),
        None if corporation.is_none() => Ok(None),
        None => Err(read.corrupt("corporation_id", "a corporation without a company")),
    }
}

/// What a column of the key names; empty: nothing.
fn named<T, E: Display>(
    read: &mut Reader<'_>,
    column: &'static str,
    parse: impl FnOnce(&str) -> std::result::Result<T, E>,
) -> Result<Option<T>> {
    match read.text(column)? {
        "" => Ok(None),
        id => parse(id).map(Some).map_err(|error| read.corrupt(column, error)),
    }
}
