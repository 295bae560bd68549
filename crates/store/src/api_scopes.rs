//! The scopes that an API defines: added, described in other words, and taken away once nothing has them any more.

use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
use tokenry_model::{ResourceServer, ScopeDefinition};
use tokenry_protocol::scope::{Scope, ScopeToken};

use crate::change_log::Entity;
use crate::consents::forget_scope;
use crate::db::{Sql, Tx};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::own_events::{Subjects, announce_subjects};
use crate::resource_servers::{FIND_RESOURCE_SERVER, read_resource_server};
use crate::{params, statements};

statements! {
    pub(crate) PUT_SCOPES = "UPDATE resource_servers SET scopes = $2 WHERE id = $1";
    pub(crate) GRANTED_SCOPES =
        "SELECT client_id, scope FROM client_grants WHERE resource_server_id = $1 ORDER BY client_id";
    pub(crate) ALLOWED_SCOPES =
        "SELECT role, scope FROM role_permissions WHERE resource_server_id = $1 ORDER BY role";
}

/// What changes about the scopes that an API defines.
#[derive(Clone, Debug, Default)]
pub struct ScopesUpdate {
    /// These it defines. Without words, one that is there keeps its own, and a new one has none.
    pub put: Vec<(ScopeToken, Option<String>)>,
    /// These no more. Nothing may have them, except users' consents, which forget them.
    pub remove: Vec<ScopeToken>,
}

/// A scope that an API defines, as it is stored.
#[derive(Deserialize, Serialize)]
struct Stored {
    token: String,
    description: String,
}

/// Changes what an API defines. What is there is read in the same transaction, so that of two changes at once neither is
/// lost.
pub(crate) async fn change(tx: &mut Tx<'_>, api: &str, update: &ScopesUpdate, now: Timestamp) -> Result<()> {
    if update.put.is_empty() && update.remove.is_empty() {
        return Ok(());
    }
    let row = tx.opt(FIND_RESOURCE_SERVER, &params![api]).await?;
    let row = row.ok_or(Error::Missing(Entity::ResourceServer))?;
    let ResourceServer { mut scopes, .. } = read_resource_server(&mut Reader::new(&row, "resource_servers"))?;
    for (token, description) in &update.put {
        match (scopes.iter_mut().find(|scope| scope.token == *token), description) {
            (Some(scope), Some(description)) => scope.description.clone_from(description),
            (Some(_), None) => {}
            (None, description) => scopes.push(ScopeDefinition {
                token: token.clone(),
                description: description.clone().unwrap_or_default(),
            }),
        }
    }
    for token in &update.remove {
        must_be_free(tx, api, token).await?;
        forget_scope(tx, api, token).await?;
        scopes.retain(|scope| scope.token != *token);
    }
    tx.exec(PUT_SCOPES, &params![api, to_text(&scopes)]).await?;
    announce_subjects(tx, Subjects::OfApi(api), now).await?;
    Ok(())
}

/// Refuses a scope of which some is not defined: whoever defines it one day has granted it to nobody. Looked at in the
/// transaction that grants it, because it may go at that very time.
pub(crate) async fn must_be_defined(tx: &mut Tx<'_>, api: &str, scope: &Scope) -> Result<()> {
    let row = tx.opt(FIND_RESOURCE_SERVER, &params![api]).await?;
    let row = row.ok_or(Error::Missing(Entity::ResourceServer))?;
    let ResourceServer { scopes, .. } = read_resource_server(&mut Reader::new(&row, "resource_servers"))?;
    let undefined = scope.iter().find(|token| scopes.iter().all(|scope| &scope.token != *token));
    match undefined {
        Some(token) => Err(Error::ScopeUndefined { scope: token.to_string() }),
        None => Ok(()),
    }
}

/// Refuses while a client is granted the scope, or a role allows it.
async fn must_be_free(tx: &mut Tx<'_>, api: &str, token: &ScopeToken) -> Result<()> {
    let clients = holders(tx, GRANTED_SCOPES, ("client_grants", "client_id"), api, token).await?;
    let roles = holders(tx, ALLOWED_SCOPES, ("role_permissions", "role"), api, token).await?;
    if clients.is_empty() && roles.is_empty() {
        return Ok(());
    }
    Err(Error::ScopeInUse { scope: token.to_string(), clients, roles })
}

async fn holders(
    tx: &mut Tx<'_>,
    sql: Sql,
    (table, column): (&'static str, &'static str),
    api: &str,
    token: &ScopeToken,
) -> Result<Vec<String>> {
    let mut holders = Vec::new();
    for row in tx.rows(sql, &params![api]).await? {
        let mut read = Reader::new(&row, table);
        let holder = read.string(column)?;
        if read.scope("scope")?.contains(token.as_str()) {
            holders.push(holder);
        }
    }
    Ok(holders)
}

/// As they are stored.
pub(crate) fn to_text(scopes: &[ScopeDefinition]) -> String {
    let stored = scopes.iter().map(|scope| Stored {
        token: scope.token.as_str().to_owned(),
        description: scope.description.clone(),
    });
    let stored: Vec<_> = stored.collect();
    serde_json::to_string(&stored).expect("a list of texts always has a JSON form")
}

/// As they were stored.
pub(crate) fn read(read: &mut Reader<'_>) -> Result<Vec<ScopeDefinition>> {
    let stored: Vec<Stored> = read.json("scopes")?;
    let defined = stored.into_iter().map(|scope| {
        let token = ScopeToken::parse(&scope.token).map_err(|error| read.corrupt("scopes", error))?;
        Ok(ScopeDefinition { token, description: scope.description })
    });
    defined.collect()
}
