//! APIs: the resource servers that tokens are for.

use std::collections::BTreeSet;
use std::time::Duration;

use tokenry_jose::Algorithm;
use tokenry_model::{
    Event, MAX_TOKEN_TTL, ResourceServer, ResourceServerId, ScopeDefinition, Subject, TokenFormat,
};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_protocol::target::ResourceIndicator;
use tokenry_store::{ResourceServerUpdate, ScopesUpdate};

use super::error::Error;
use super::text::{check_id, check_name, check_text, composed};
use super::{Manager, check_lifetime};

/// An API to be registered.
#[derive(Clone, Debug)]
pub struct NewApi {
    /// `None`: a new one.
    pub id: Option<String>,
    /// For people.
    pub name: String,
    /// What `aud` will say. It never changes.
    pub audience: String,
    /// The scopes it defines, each with an optional description.
    pub scopes: Vec<(String, String)>,
    /// How long its access tokens live; `None`: as configured for the server.
    pub access_token_ttl: Option<Duration>,
    /// What its tokens are signed with; `None`: as configured for the server.
    pub signing_alg: Option<Algorithm>,
    /// The shape of its JWTs.
    pub dialect: Dialect,
    /// What its access tokens are.
    pub token_format: TokenFormat,
    /// Whether its resources belong to companies, so that every token for it carries `companyId`.
    pub tenanted: bool,
}

/// What of an API is to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateApi {
    /// How long its access tokens live, where `Some(None)` is: as configured for the server.
    pub access_token_ttl: Option<Option<Duration>>,
    /// The shape of its JWTs.
    pub dialect: Option<Dialect>,
    /// Scopes that it defines from then on, each with what the consent page says of it: an empty text, the scope itself.
    /// `None`: one that is there keeps its words.
    pub scopes: Vec<(String, Option<String>)>,
    /// Scopes that it no longer defines.
    pub remove_scopes: Vec<String>,
}

impl Manager {
    /// Registers an API.
    ///
    /// # Errors
    /// When a value cannot be taken, or another API has the audience.
    pub async fn create_api(&self, new: NewApi) -> Result<ResourceServer, Error> {
        check_name("name", &new.name)?;
        check_id("id", new.id.as_deref().unwrap_or_default())?;
        ResourceIndicator::parse(&new.audience)
            .map_err(|error| Error::invalid("audience", format!("\"{}\": {error}", new.audience)))?;
        let scopes = scopes(&new.scopes)?;
        check_lifetime("access-token-ttl", new.access_token_ttl, MAX_TOKEN_TTL)?;
        let now = self.clock.now();
        let id = match &new.id {
            Some(id) => {
                ResourceServerId::parse(id).map_err(|error| Error::invalid("id", error.to_string()))?
            }
            None => ResourceServerId::generate(now, &*self.rng),
        };
        let api = ResourceServer {
            id,
            name: composed(&new.name),
            audience: new.audience,
            scopes,
            access_token_ttl: new.access_token_ttl,
            signing_alg: new.signing_alg,
            dialect: new.dialect,
            token_format: new.token_format,
            tenanted: new.tenanted,
            version: 1,
            created_at: now,
        };
        let record = self
            .record(now, Event::ApiCreated, Subject::ResourceServer(api.id.clone()))
            .with("audience", api.audience.as_str());
        self.store
            .create_resource_server(&api, None, &[record])
            .await
            .map_err(|error| Error::from_store(error, "API", &api.audience))?;
        Ok(api)
    }

    /// One API, by id or audience.
    ///
    /// # Errors
    /// When there is none.
    pub async fn api(&self, id_or_audience: &str) -> Result<ResourceServer, Error> {
        let by_audience = self.store.find_resource_server_by_audience(id_or_audience).await;
        if let Some(api) = by_audience.map_err(Error::Store)? {
            return Ok(api);
        }
        let not_found = || Error::not_found("API", id_or_audience);
        let id = ResourceServerId::parse(id_or_audience).map_err(|_invalid| not_found())?;
        self.store.find_resource_server(&id).await.map_err(Error::Store)?.ok_or_else(not_found)
    }

    /// A page of APIs in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn apis(
        &self,
        after: Option<&ResourceServerId>,
        limit: i64,
    ) -> Result<Vec<ResourceServer>, Error> {
        self.store.list_resource_servers(after, limit).await.map_err(Error::Store)
    }

    /// Changes an API, for the tokens that are issued from the next request on.
    ///
    /// # Errors
    /// When there is none, a value cannot be taken, or a scope that is to go is not defined, or granted to a client or
    /// allowed by a role.
    pub async fn update_api(&self, id_or_audience: &str, update: UpdateApi) -> Result<ResourceServer, Error> {
        let UpdateApi { access_token_ttl, dialect, scopes: put, remove_scopes: remove } = update;
        check_lifetime("access-token-ttl", access_token_ttl.flatten(), MAX_TOKEN_TTL)?;
        let api = self.api(id_or_audience).await?;
        let scopes = scopes_update(&api, &put, &remove)?;
        let now = self.clock.now();
        let mut record = self.record(now, Event::ApiUpdated, Subject::ResourceServer(api.id.clone()));
        if let Some(ttl) = access_token_ttl {
            record = record.with("access_token_ttl", ttl.map(|ttl| ttl.as_secs()));
        }
        if let Some(dialect) = dialect {
            record = record.with("dialect", dialect.as_str());
        }
        for (member, named) in [
            ("scopes", scopes.put.iter().map(|(token, _words)| token.clone()).collect::<Scope>()),
            ("scopes_removed", scopes.remove.iter().cloned().collect()),
        ] {
            if !named.is_empty() {
                record = record.with(member, named.to_string());
            }
        }
        let change = ResourceServerUpdate { access_token_ttl, dialect, scopes };
        self.store
            .update_resource_server(&api.id, change, now, &[record])
            .await
            .map_err(|error| Error::from_store(error, "API", id_or_audience))?;
        self.api(api.id.as_str()).await
    }

    /// Removes an API that no grant names any more.
    ///
    /// # Errors
    /// When there is none, or grants still name it.
    pub async fn delete_api(&self, id_or_audience: &str) -> Result<(), Error> {
        let api = self.api(id_or_audience).await?;
        let now = self.clock.now();
        let record = self
            .record(now, Event::ApiDeleted, Subject::ResourceServer(api.id.clone()))
            .with("audience", api.audience.as_str());
        let deleted = self.store.delete_resource_server(&api.id, now, &[record]).await;
        match deleted.map_err(|error| Error::from_store(error, "API", id_or_audience))? {
            true => Ok(()),
            false => Err(Error::not_found("API", id_or_audience)),
        }
    }
}

/// What changes about the scopes of `api`.
fn scopes_update(
    api: &ResourceServer,
    put: &[(String, Option<String>)],
    remove: &[String],
) -> Result<ScopesUpdate, Error> {
    let words = put.iter().map(|(token, words)| (token.clone(), words.clone().unwrap_or_default()));
    let checked = scopes(&words.collect::<Vec<_>>())?;
    let put: Vec<_> = checked
        .into_iter()
        .zip(put)
        .map(|(scope, (_token, words))| (scope.token, words.as_ref().map(|_given| scope.description)))
        .collect();
    let mut removed = Vec::with_capacity(remove.len());
    for name in remove {
        let defined = api.scopes.iter().find(|scope| scope.token.as_str() == name);
        let token = &defined.ok_or_else(|| Error::not_found("scope", name))?.token;
        if put.iter().any(|(other, _words)| other == token) {
            return Err(Error::invalid("remove-scope", format!("\"{token}\" is named by scope too")));
        }
        removed.push(token.clone());
    }
    Ok(ScopesUpdate { put, remove: removed })
}

fn scopes(given: &[(String, String)]) -> Result<Vec<ScopeDefinition>, Error> {
    let mut seen = BTreeSet::new();
    let mut scopes = Vec::with_capacity(given.len());
    for (token, description) in given {
        let token = ScopeToken::parse(token)
            .map_err(|error| Error::invalid("scope", format!("\"{token}\": {error}")))?;
        if !seen.insert(token.clone()) {
            return Err(Error::invalid("scope", format!("\"{token}\" is named twice")));
        }
        check_text("scope", description)?;
        scopes.push(ScopeDefinition { token, description: composed(description) });
    }
    Ok(scopes)
}
