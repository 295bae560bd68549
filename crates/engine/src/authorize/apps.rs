//! What a user let applications do, to look at and to take back (R76).

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, Consent, Event, Record, ResourceServerId, Subject, Tenant, UserId};
use tokenry_protocol::scope::ScopeToken;
use tokenry_store::{Announced, TakeBackScope};

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
    /// The same by ids.
    pub of: Option<Tenant>,
    /// What at APIs.
    pub apis: Vec<AllowedApi>,
    /// What about the user, or beside.
    pub own: Vec<ScopeText>,
}

/// What a user let an application do at an API.
#[derive(Clone, Debug)]
pub struct AllowedApi {
    /// Which.
    pub id: ResourceServerId,
    /// What.
    pub scopes: ApiScopes,
}

/// One scope of what a user let an application do.
#[derive(Clone, Debug)]
pub struct AllowedScope {
    /// At which API; `None`: what it may learn of the user, or do beside.
    pub api: Option<ResourceServerId>,
    /// For whom it was let.
    pub of: Option<Tenant>,
    /// Which.
    pub scope: ScopeToken,
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
            place.of = Some(tenant.clone());
        }
        for consent in consents {
            match &consent.resource_server_id {
                None => place.own = consent.scope.iter().map(|token| own_text(token.as_str())).collect(),
                Some(id) => {
                    let Some(api) = self.store.find_resource_server(id).await? else { continue };
                    let scopes = api_texts(&api, |token| consent.scope.contains(token));
                    place.apis.push(AllowedApi { id: api.id, scopes: ApiScopes { api: api.name, scopes } });
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
        let record = taken_back(user, client, Event::ConsentRevoked, context);
        let announced = self.store.revoke_consents(user, client, context.now, &[record]).await?;
        if announced.is_some() {
            self.feed.wake();
        }
        Ok(announced)
    }

    /// Takes back one scope of what a user let an application do. Tokens are not made narrower while they live: those that
    /// hold the scope end, and the application comes back for what is left. The last scope is all of it. `None` if there was
    /// nothing.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn take_back_scope(
        &self,
        user: &UserId,
        client: &ClientId,
        which: AllowedScope,
        context: &Context,
    ) -> Result<Option<Announced>, Refusal> {
        let narrowed = taken_back(user, client, Event::ConsentNarrowed, context);
        let narrowed = narrowed.with("scope", which.scope.as_str());
        let taken = TakeBackScope {
            user_id: user.clone(),
            client_id: client.clone(),
            narrowed: match &which.api {
                Some(api) => narrowed.with("api", api.as_str()),
                None => narrowed,
            },
            revoked: taken_back(user, client, Event::ConsentRevoked, context),
            resource_server_id: which.api,
            tenant: which.of,
            scope: which.scope,
            now: context.now,
        };
        let announced = self.store.take_back_scope(taken).await?;
        if announced.is_some() {
            self.feed.wake();
        }
        Ok(announced)
    }
}

fn taken_back(user: &UserId, client: &ClientId, event: Event, context: &Context) -> Record {
    context.record(event, Actor::User(user.clone()), Some(Subject::Client(client.clone())))
}
