//! Client grants: which client may ask for tokens for which API, up to which scope.

use tokenry_clock::Timestamp;
use tokenry_model::{
    Client, ClientGrant, ClientGrantId, ClientType, Event, Record, ResourceServer, Subject, TenantBinding,
};
use tokenry_protocol::scope::{Scope, ScopeToken};

use super::error::Error;
use super::{Announced, Manager};

impl Manager {
    /// Lets a client ask for tokens for an API. No scopes: all that the API defines today.
    ///
    /// # Errors
    /// When client or API does not exist, the API does not define a scope, the client has that API already, or
    /// is bound to no company although the API needs one.
    pub async fn create_grant(
        &self,
        client: &str,
        api: &str,
        scopes: &[String],
    ) -> Result<ClientGrant, Error> {
        let client = self.client(client).await?;
        let api = self.api(api).await?;
        let (grant, record) = self.new_grant(&client, &api, scopes, self.clock.now())?;
        self.store.create_client_grant(&grant, &[record]).await.map_err(|error| {
            Error::from_store(error, "grant", format!("{} for {}", client.id, api.audience))
        })?;
        Ok(grant)
    }

    /// The grants of one client, or all.
    ///
    /// # Errors
    /// When the client does not exist.
    pub async fn grants(&self, client: Option<&str>) -> Result<Vec<ClientGrant>, Error> {
        let client = match client {
            Some(id) => Some(self.client(id).await?),
            None => None,
        };
        let id = client.as_ref().map(|client| &client.id);
        self.store.list_client_grants(id).await.map_err(Error::Store)
    }

    /// One grant.
    ///
    /// # Errors
    /// When there is none with that id.
    pub async fn grant(&self, id: &str) -> Result<ClientGrant, Error> {
        let all = self.store.list_client_grants(None).await.map_err(Error::Store)?;
        all.into_iter().find(|grant| grant.id.as_str() == id).ok_or_else(|| Error::not_found("grant", id))
    }

    /// Takes an API from a client: it is refused from the next request on. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no grant with that id.
    pub async fn delete_grant(&self, id: &str) -> Result<Announced, Error> {
        let not_found = || Error::not_found("grant", id);
        let id = ClientGrantId::parse(id).map_err(|_invalid| not_found())?;
        let now = self.clock.now();
        let record = self.record(now, Event::GrantDeleted, Subject::ClientGrant(id.clone()));
        let deleted = self.store.delete_client_grant(&id, now, &[record]).await.map_err(Error::Store)?;
        deleted.ok_or_else(not_found)
    }

    /// A grant that fits client and API, and the record of it.
    pub(super) fn new_grant(
        &self,
        client: &Client,
        api: &ResourceServer,
        scopes: &[String],
        now: Timestamp,
    ) -> Result<(ClientGrant, Record), Error> {
        if api.tenanted && client.kind == ClientType::M2m && client.binding == TenantBinding::Unbound {
            let problem = "the API's resources belong to companies: bind the client to one (--company)";
            return Err(Error::invalid("client", problem));
        }
        let grant = ClientGrant {
            id: ClientGrantId::generate(now, &*self.rng),
            client_id: client.id.clone(),
            resource_server_id: api.id.clone(),
            scope: ceiling(api, scopes)?,
            created_at: now,
        };
        let record = self
            .record_of(client, now, Event::GrantCreated, Subject::ClientGrant(grant.id.clone()))
            .with("client", client.id.as_str())
            .with("audience", api.audience.as_str())
            .with("scope", grant.scope.to_string());
        Ok((grant, record))
    }
}

/// The scopes named, all of which the API must define; none named: all that it defines.
pub(super) fn ceiling(api: &ResourceServer, scopes: &[String]) -> Result<Scope, Error> {
    let defined = api.scope();
    if scopes.is_empty() {
        return Ok(defined);
    }
    let tokens = scopes.iter().map(|token| {
        let parsed = ScopeToken::parse(token)
            .map_err(|error| Error::invalid("scope", format!("\"{token}\": {error}")))?;
        if defined.contains(token) {
            Ok(parsed)
        } else {
            let problem = format!("the API does not define \"{token}\"; it defines: {defined}");
            Err(Error::invalid("scope", problem))
        }
    });
    tokens.collect()
}
