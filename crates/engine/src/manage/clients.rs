//! Clients: picking a type sets the grants; a client of the secret family gets its first secret with it.

use std::time::Duration;

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_model::{
    Client, ClientAuthMethod, ClientId, ClientSecret, ClientState, ClientType, CorporationId, ErrorStyle,
    Event, MAX_TOKEN_TTL, MethodFamily, MintQuota, Record, Subject, TenantBinding,
};
use tokenry_protocol::secret::Secret;
use tokenry_store::{Announced, Switch};

use super::client_checks::{auth_method, check_consent, check_uris, is_first_party};
use super::client_keys::{NewClientKeys, keys_for, note_keys};
use super::error::Error;
use super::secrets::NewSecret;
use super::text::{check_claims, check_id, check_name, composed};
use super::{Manager, check_lifetime};

/// A client to be made. What is `None` follows from the type.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// What it is.
    pub kind: ClientType,
    /// For people.
    pub name: String,
    /// `None`: 32 random characters.
    pub client_id: Option<String>,
    /// The company that it acts for.
    pub company: Option<String>,
    /// The corporation, all of whose companies it reaches; `company` is then its home.
    pub corporation: Option<String>,
    /// `None`: what suits the type.
    pub auth_method: Option<ClientAuthMethod>,
    /// Its own public keys, if it authenticates by assertion.
    pub keys: Option<NewClientKeys>,
    /// `None`: ours, unless it is a third party's.
    pub first_party: Option<bool>,
    /// Whether users need not be asked what it may do: only of a first-party client.
    pub skip_consent: bool,
    /// Whether `/authorize` demands PKCE.
    pub require_pkce: bool,
    /// Exact redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Exact URIs to return to after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where to post logout tokens.
    pub backchannel_logout_uri: Option<String>,
    /// How long its access tokens live; `None`: as the API says.
    pub access_token_ttl: Option<Duration>,
    /// How many it may get; what is `None`: as configured for all.
    pub quota: MintQuota,
    /// How it wants refusals to look; `None`: as configured.
    pub error_style: Option<ErrorStyle>,
    /// What its tokens say under the namespace beside the tenant.
    pub claims: Map<String, Value>,
    /// Its first secret, if it holds one.
    pub secret: NewSecret,
}

impl NewClient {
    /// A client of `kind` with nothing but a name.
    #[must_use]
    pub fn new(kind: ClientType, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            client_id: None,
            company: None,
            corporation: None,
            auth_method: None,
            keys: None,
            first_party: None,
            skip_consent: false,
            require_pkce: true,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            access_token_ttl: None,
            quota: MintQuota::default(),
            error_style: None,
            claims: Map::new(),
            secret: NewSecret::default(),
        }
    }
}

/// A client that was made, and its first secret where it has one: shown now and never again.
#[derive(Debug)]
pub struct CreatedClient {
    /// The client.
    pub client: Client,
    /// Its first secret; `None` for a client that holds none.
    pub secret: Option<Secret>,
}

/// A client that is about to be made, with its first secret where it has one.
pub(super) struct Prepared {
    pub(super) client: Client,
    pub(super) secret: Option<(ClientSecret, Secret)>,
    pub(super) records: Vec<Record>,
}

impl Manager {
    /// Makes a client and, if it authenticates by secret, its first one.
    ///
    /// # Errors
    /// When a value cannot be taken, the id is taken, or the company or corporation does not exist.
    pub async fn create_client(&self, new: NewClient) -> Result<CreatedClient, Error> {
        let Prepared { client, secret, records } = self.new_client(new, self.clock.now()).await?;
        let (stored, shown) = secret.unzip();
        self.store
            .create_client(&client, stored.as_ref(), &[], &records)
            .await
            .map_err(|error| Error::from_store(error, "client", &client.id))?;
        Ok(CreatedClient { client, secret: shown })
    }

    /// A client as it will be made, with the records of it.
    pub(super) async fn new_client(&self, new: NewClient, now: Timestamp) -> Result<Prepared, Error> {
        check_name("name", &new.name)?;
        check_id("client-id", new.client_id.as_deref().unwrap_or_default())?;
        check_claims(&new.claims)?;
        let auth_method = auth_method(&new)?;
        let keys = keys_for(auth_method, new.keys.as_ref())?;
        check_lifetime("access-token-ttl", new.access_token_ttl, MAX_TOKEN_TTL)?;
        let id = match &new.client_id {
            Some(id) => {
                ClientId::parse(id).map_err(|error| Error::invalid("client-id", error.to_string()))?
            }
            None => ClientId::generate(&*self.rng),
        };
        let client = Client {
            id,
            kind: new.kind,
            auth_method,
            keys,
            binding: self.binding(&new).await?,
            error_style: new.error_style.unwrap_or(self.error_style),
            first_party: is_first_party(&new),
            skip_consent: new.skip_consent,
            require_pkce: new.require_pkce,
            name: composed(&new.name),
            redirect_uris: new.redirect_uris,
            post_logout_redirect_uris: new.post_logout_redirect_uris,
            backchannel_logout_uri: new.backchannel_logout_uri,
            access_token_ttl: new.access_token_ttl,
            quota: new.quota,
            claims: new.claims,
            state: ClientState::Enabled,
            version: 1,
            created_at: now,
        };
        check_uris(&client)?;
        check_consent(&client)?;
        let secret = (auth_method.family() == MethodFamily::Secret)
            .then(|| self.make_secret(&client.id, new.secret, now));
        let secret = secret.transpose()?;
        let created = self
            .record_of(&client, now, Event::ClientCreated, Subject::Client(client.id.clone()))
            .with("name", client.name.as_str())
            .with("type", client.kind.as_str());
        let created = match client.binding.corporation() {
            Some(corporation) => created.with("corporation", corporation.as_str()),
            None => created,
        };
        let mut records = vec![note_keys(created, client.keys.as_ref())];
        if let Some((stored, _shown)) = &secret {
            records.push(
                self.record_of(&client, now, Event::SecretAdded, Subject::Secret(stored.id.clone()))
                    .with("client", client.id.as_str()),
            );
        }
        Ok(Prepared { client, secret, records })
    }

    /// One client.
    ///
    /// # Errors
    /// When there is none with that id.
    pub async fn client(&self, id: &str) -> Result<Client, Error> {
        let not_found = || Error::not_found("client", id);
        let id = ClientId::parse(id).map_err(|_invalid| not_found())?;
        self.store.find_client(&id).await.map_err(Error::Store)?.ok_or_else(not_found)
    }

    /// A page of clients in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clients(&self, after: Option<&ClientId>, limit: i64) -> Result<Vec<Client>, Error> {
        self.store.list_clients(after, limit).await.map_err(Error::Store)
    }

    /// Disables a client: it is refused from the next request on, and its tokens are dead for good. Disabling again
    /// changes nothing. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none with that id.
    pub async fn disable_client(&self, id: &str) -> Result<Announced, Error> {
        self.switch_client(id, Event::ClientDisabled).await
    }

    /// Enables a client again: it may get new tokens. The old ones stay dead. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none with that id.
    pub async fn enable_client(&self, id: &str) -> Result<Announced, Error> {
        self.switch_client(id, Event::ClientEnabled).await
    }

    async fn switch_client(&self, id: &str, event: Event) -> Result<Announced, Error> {
        let client = self.client(id).await?;
        let now = self.clock.now();
        let state = match event {
            Event::ClientDisabled => ClientState::Disabled { at: now },
            _ => ClientState::Enabled,
        };
        let record = self.record_of(&client, now, event, Subject::Client(client.id.clone()));
        let switched = self.store.set_client_state(&client.id, state, now, &[record]).await;
        match switched.map_err(Error::Store)? {
            Switch::Done { announced } => Ok(announced),
            Switch::Unchanged => self.announced_so_far().await,
            Switch::NotFound => Err(Error::not_found("client", id)),
        }
    }

    /// Removes a client with its secrets and grants: it is refused from the next request on. Tells what guards must
    /// learn.
    ///
    /// # Errors
    /// When there is none with that id.
    pub async fn delete_client(&self, id: &str) -> Result<Announced, Error> {
        let client = self.client(id).await?;
        let now = self.clock.now();
        let record = self.record_of(&client, now, Event::ClientDeleted, Subject::Client(client.id.clone()));
        let deleted = self.store.delete_client(&client.id, now, &[record]).await.map_err(Error::Store)?;
        deleted.ok_or_else(|| Error::not_found("client", id))
    }

    async fn binding(&self, new: &NewClient) -> Result<TenantBinding, Error> {
        let company = match &new.company {
            Some(id) => Some(self.company(id).await?),
            None => None,
        };
        match (company, &new.corporation) {
            (None, None) => Ok(TenantBinding::Unbound),
            (Some(company), None) => Ok(TenantBinding::Company(company.id)),
            (None, Some(_)) => Err(Error::invalid(
                "corporation",
                "a client of a corporation also has a home company: give --company too",
            )),
            (Some(company), Some(id)) => {
                let corporation = CorporationId::parse(id).ok();
                let corporation = corporation.ok_or_else(|| Error::not_found("corporation", id))?;
                if company.corporation_id.as_ref() == Some(&corporation) {
                    Ok(TenantBinding::Corporation { home: company.id, corporation })
                } else {
                    let problem =
                        format!("company \"{}\" does not belong to corporation \"{id}\"", company.id);
                    Err(Error::invalid("corporation", problem))
                }
            }
        }
    }
}
