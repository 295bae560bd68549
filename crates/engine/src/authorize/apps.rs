//! What a user let applications do, to look at and to take back (R76).

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, Consent, Event, Subject, UserId};
use tokenry_store::Announced;

use super::page::{ApiScopes, ScopeText, TenantName, api_texts, own_text};
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// An application that a user let do something.
#[derive(Clone, Debug)]
pub struct AllowedApp {
    /// Which.
    pub client_id: ClientId,
    /// Its name.
    pub name: String,
    /// Whether it is one of ours.
    pub verified: bool,
    /// What, and for whom.
    pub places: Vec<AllowedPlace>,
    /// Since when.
    pub since: Timestamp,
}

/// What a user let an application do for a company, for all of a corporation, or for themselves alone.
#[derive(Clone, Debug, Default)]
pub struct AllowedPlace {
    /// For whom; `None`: for no company.
    pub tenant: Option<TenantName>,
    /// What at APIs.
    pub apis: Vec<ApiScopes>,
    /// What about the user, or beside.
    pub own: Vec<ScopeText>,
}

impl Engine {
    /// What a user let applications do.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn allowed_apps(&self, user: &UserId) -> Result<Vec<AllowedApp>, Refusal> {
        let consents = self.store.list_consents(user).await?;
        let mut apps = Vec::new();
        for of_app in consents.chunk_by(|a, b| a.client_id == b.client_id) {
            let Some(first) = of_app.first() else { continue };
            let Some(client) = self.store.find_client(&first.client_id).await? else { continue };
            let mut places = Vec::new();
            for of_place in of_app.chunk_by(|a, b| a.tenant == b.tenant) {
                places.push(self.allowed_place(of_place).await?);
            }
            apps.push(AllowedApp {
                client_id: client.id,
                name: client.name,
                verified: client.first_party,
                places,
                since: of_app.iter().map(|consent| consent.created_at).fold(first.created_at, Timestamp::min),
            });
        }
        Ok(apps)
    }

    async fn allowed_place(&self, consents: &[Consent]) -> Result<AllowedPlace, Refusal> {
        let mut place = AllowedPlace::default();
        if let Some(tenant) = consents.first().and_then(|consent| consent.tenant.as_ref()) {
            place.tenant = Some(self.tenant_name(tenant).await?);
        }
        for consent in consents {
            match &consent.resource_server_id {
                None => place.own = consent.scope.iter().map(|token| own_text(token.as_str())).collect(),
                Some(id) => {
                    let Some(api) = self.store.find_resource_server(id).await? else { continue };
                    let scopes = api_texts(&api, |token| consent.scope.contains(token));
                    place.apis.push(ApiScopes { api: api.name, scopes });
                }
            }
        }
        Ok(place)
    }

    /// Takes back what a user let an application do: it is asked for again, and its tokens of that user end. `None` if
    /// there was nothing.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn take_back(
        &self,
        user: &UserId,
        client: &ClientId,
        context: &Context,
    ) -> Result<Option<Announced>, Refusal> {
        let subject = Subject::Client(client.clone());
        let record = context.record(Event::ConsentRevoked, Actor::User(user.clone()), Some(subject));
        let announced = self.store.revoke_consents(user, client, context.now, &[record]).await?;
        if announced.is_some() {
            self.feed.wake();
        }
        Ok(announced)
    }
}
