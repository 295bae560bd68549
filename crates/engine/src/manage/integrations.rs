//! Integrations: each its own client, so that rotating or removing one touches no other (R6).

use std::time::Duration;

use tokenry_model::{
    Client, ClientGrant, ClientSecret, ClientType, Event, Integration, IntegrationId, Subject,
};
use tokenry_protocol::secret::Secret;
use uuid::Uuid;

use super::clients::Prepared;
use super::error::Error;
use super::secrets::NewSecret;
use super::text::{check_name, composed};
use super::{Announced, Manager, NewClient};

/// An integration to be made.
#[derive(Clone, Debug)]
pub struct NewIntegration {
    /// For people; no two have the same.
    pub name: String,
    /// The company that it acts for.
    pub company: String,
    /// The API that it calls, by id or audience.
    pub api: String,
    /// What it may do there; none: all that the API defines today.
    pub scopes: Vec<String>,
}

/// An integration that was made, with its secret: shown now and never again.
#[derive(Debug)]
pub struct CreatedIntegration {
    /// The integration.
    pub integration: Integration,
    /// The client that it is.
    pub client: Client,
    /// What it may do.
    pub grant: ClientGrant,
    /// Its secret.
    pub secret: Secret,
}

impl Manager {
    /// Makes an integration: client, company binding, grant and secret in one transaction.
    ///
    /// # Errors
    /// When a value cannot be taken, the name is taken, company or API does not exist, or the API does not define a
    /// scope.
    pub async fn create_integration(&self, new: NewIntegration) -> Result<CreatedIntegration, Error> {
        check_name("name", &new.name)?;
        if Uuid::try_parse(&new.name).is_ok() {
            return Err(Error::invalid("name", "it looks like an id, and could be taken for another's"));
        }
        let api = self.api(&new.api).await?;
        let now = self.clock.now();
        let client = NewClient { company: Some(new.company), ..NewClient::new(ClientType::M2m, &new.name) };
        let Prepared { client, secret, mut records } = self.new_client(client, now).await?;
        let (stored, secret) =
            secret.expect("an m2m client gets a secret unless another method is asked for");
        let (grant, granted) = self.new_grant(&client, &api, &new.scopes, now)?;
        let integration = Integration {
            id: IntegrationId::generate(now, &*self.rng),
            name: composed(&new.name),
            client_id: client.id.clone(),
            created_at: now,
        };
        let made = self
            .record_of(&client, now, Event::IntegrationCreated, Subject::Integration(integration.id.clone()))
            .with("client", client.id.as_str())
            .with("name", integration.name.as_str());
        records.splice(0..0, [made]);
        records.push(granted);
        self.store
            .create_integration(&integration, &client, &stored, &grant, &records)
            .await
            .map_err(|error| Error::from_store(error, "integration", &integration.name))?;
        Ok(CreatedIntegration { integration, client, grant, secret })
    }

    /// One integration, by name or id.
    ///
    /// # Errors
    /// When there is none.
    pub async fn integration(&self, name_or_id: &str) -> Result<Integration, Error> {
        let found = self.store.find_integration(&composed(name_or_id)).await.map_err(Error::Store)?;
        found.ok_or_else(|| Error::not_found("integration", name_or_id))
    }

    /// A page of integrations in the order of their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn integrations(&self, after: Option<&str>, limit: i64) -> Result<Vec<Integration>, Error> {
        self.store.list_integrations(after, limit).await.map_err(Error::Store)
    }

    /// Gives an integration, as it was found, a new secret; its others end after `overlap`, so that it can be brought
    /// over.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn rotate_integration(
        &self,
        integration: &Integration,
        overlap: Duration,
    ) -> Result<(ClientSecret, Secret), Error> {
        let new = NewSecret { overlap: Some(overlap), ..NewSecret::default() };
        self.add_client_secret(integration.client_id.as_str(), new).await
    }

    /// Removes an integration, as it was found, with its client, secrets and grants: it is refused from the next request
    /// on. Tells what guards must learn.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn delete_integration(&self, integration: &Integration) -> Result<Announced, Error> {
        let now = self.clock.now();
        let (client, id) = (self.client(integration.client_id.as_str()).await?, integration.id.clone());
        let records = [
            self.record_of(&client, now, Event::IntegrationDeleted, Subject::Integration(id.clone()))
                .with("client", client.id.as_str())
                .with("name", integration.name.as_str()),
            self.record_of(&client, now, Event::ClientDeleted, Subject::Client(client.id.clone())),
        ];
        let deleted = self.store.delete_integration(&id, now, &records).await.map_err(Error::Store)?;
        deleted.ok_or_else(|| Error::not_found("integration", &integration.name))
    }
}
