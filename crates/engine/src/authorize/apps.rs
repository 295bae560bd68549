//! What a user let applications do, to look at and to take back (R76).

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, Event, Subject, UserId};
use tokenry_store::Announced;

use super::page::{ApiScopes, ScopeText, api_texts, own_text};
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
    /// What at APIs.
    pub apis: Vec<ApiScopes>,
    /// What about the user, or beside.
    pub own: Vec<ScopeText>,
    /// Since when.
    pub since: Timestamp,
}

impl Engine {
    /// What a user let applications do.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn allowed_apps(&self, user: &UserId) -> Result<Vec<AllowedApp>, Refusal> {
        let mut apps = Vec::<AllowedApp>::new();
        for consent in self.store.list_consents(user).await? {
            if apps.last().is_none_or(|app| app.client_id != consent.client_id) {
                let Some(client) = self.store.find_client(&consent.client_id).await? else { continue };
                apps.push(AllowedApp {
                    client_id: client.id,
                    name: client.name,
                    verified: client.first_party,
                    apis: Vec::new(),
                    own: Vec::new(),
                    since: consent.created_at,
                });
            }
            let Some(app) = apps.last_mut() else { continue };
            app.since = app.since.min(consent.created_at);
            match &consent.resource_server_id {
                None => app.own = consent.scope.iter().map(|token| own_text(token.as_str())).collect(),
                Some(id) => {
                    let Some(api) = self.store.find_resource_server(id).await? else { continue };
                    let scopes = api_texts(&api, |token| consent.scope.contains(token));
                    app.apis.push(ApiScopes { api: api.name, scopes });
                }
            }
        }
        Ok(apps)
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
