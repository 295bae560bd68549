//! Changing a client: what is named, for the tokens that it gets from then on.

use std::time::Duration;

use serde_json::{Map, Value};
use tokenry_model::{Client, ErrorStyle, Event, MAX_TOKEN_TTL, Record, Subject};
use tokenry_store::{Announced, ClientUpdate, OldTokens};

use super::client_checks::{check_consent, check_uris};
use super::client_keys::{NewClientKeys, keys_for, note_keys};
use super::error::Error;
use super::text::{check_claims, check_name, composed};
use super::{Manager, check_lifetime};

/// What of a client is to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateClient {
    /// For people.
    pub name: Option<String>,
    /// How long its access tokens live, where `Some(None)` is: as the API says.
    pub access_token_ttl: Option<Option<Duration>>,
    /// How many tokens it may get in an hour, where `Some(None)` is: as configured for all, and 0: any number.
    pub tokens_per_hour: Option<Option<u32>>,
    /// How many tokens it may get in a day, likewise.
    pub tokens_per_day: Option<Option<u32>>,
    /// How it wants refusals to look.
    pub error_style: Option<ErrorStyle>,
    /// What its tokens say under the namespace beside the tenant.
    pub claims: Option<Map<String, Value>>,
    /// Exact redirect URIs, in the place of those that it has.
    pub redirect_uris: Option<Vec<String>>,
    /// Exact URIs to return to after signing out, likewise.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Where to post logout tokens, where `Some(None)` is: nowhere.
    pub backchannel_logout_uri: Option<Option<String>>,
    /// Whether `/authorize` demands PKCE.
    pub require_pkce: Option<bool>,
    /// Whether users need not be asked what it may do: only of a first-party client.
    pub skip_consent: Option<bool>,
    /// Its own public keys, if it authenticates by assertion.
    pub keys: Option<NewClientKeys>,
    /// What becomes of the tokens that it got before; `None`: they end if a key is taken away, which may have leaked.
    pub tokens: Option<OldTokens>,
}

impl Manager {
    /// Changes a client, for the tokens that it gets from the next request on. Those of before end if a key is taken from
    /// it, unless `update` says otherwise. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none with that id, or a value cannot be taken.
    pub async fn update_client(&self, id: &str, update: UpdateClient) -> Result<(Client, Announced), Error> {
        if let Some(name) = &update.name {
            check_name("name", name)?;
        }
        check_lifetime("access-token-ttl", update.access_token_ttl.flatten(), MAX_TOKEN_TTL)?;
        check_claims(update.claims.as_ref().unwrap_or(&Map::new()))?;
        let client = self.client(id).await?;
        check_as_changed(&client, &update)?;
        let keys = match &update.keys {
            Some(keys) => keys_for(client.auth_method, Some(keys))?,
            None => None,
        };
        let now = self.clock.now();
        let record = self.record_of(&client, now, Event::ClientUpdated, Subject::Client(client.id.clone()));
        let record = note_keys(note(record, &update), keys.as_ref());
        let tokens = update.tokens.unwrap_or_else(|| match (&client.keys, &keys) {
            (Some(before), Some(after)) if before.lose_any_to(after) => OldTokens::End,
            _ => OldTokens::Keep,
        });
        let record = match tokens {
            OldTokens::End => record.with("tokens", "ended"),
            OldTokens::Keep => record,
        };
        let change = ClientUpdate {
            name: update.name.as_deref().map(composed),
            access_token_ttl: update.access_token_ttl,
            error_style: update.error_style,
            tokens_per_hour: update.tokens_per_hour,
            tokens_per_day: update.tokens_per_day,
            claims: update.claims,
            redirect_uris: update.redirect_uris,
            post_logout_redirect_uris: update.post_logout_redirect_uris,
            backchannel_logout_uri: update.backchannel_logout_uri,
            require_pkce: update.require_pkce,
            skip_consent: update.skip_consent,
            keys,
            tokens,
        };
        let announced = self.store.update_client(&client.id, &change, now, &[record]).await;
        let announced = announced.map_err(|error| Error::from_store(error, "client", id))?;
        Ok((self.client(id).await?, announced))
    }
}

/// Refuses what no client could have been made with.
fn check_as_changed(client: &Client, update: &UpdateClient) -> Result<(), Error> {
    let mut changed = client.clone();
    if let Some(uris) = &update.redirect_uris {
        changed.redirect_uris.clone_from(uris);
    }
    if let Some(uris) = &update.post_logout_redirect_uris {
        changed.post_logout_redirect_uris.clone_from(uris);
    }
    if let Some(uri) = &update.backchannel_logout_uri {
        changed.backchannel_logout_uri.clone_from(uri);
    }
    changed.require_pkce = update.require_pkce.unwrap_or(changed.require_pkce);
    changed.skip_consent = update.skip_consent.unwrap_or(changed.skip_consent);
    check_uris(&changed)?;
    check_consent(&changed)
}

/// What the audit trail says of a change, beside keys and tokens.
fn note(mut record: Record, update: &UpdateClient) -> Record {
    if let Some(name) = &update.name {
        record = record.with("name", composed(name));
    }
    if let Some(ttl) = update.access_token_ttl {
        record = record.with("access_token_ttl", ttl.map(|ttl| ttl.as_secs()));
    }
    for (quota, change) in
        [("tokens_per_hour", update.tokens_per_hour), ("tokens_per_day", update.tokens_per_day)]
    {
        if let Some(limit) = change {
            record = record.with(quota, limit);
        }
    }
    if let Some(style) = update.error_style {
        record = record.with("error_style", style.as_str());
    }
    if let Some(claims) = &update.claims {
        record = record.with("claims", claims.clone());
    }
    for (field, uris) in [
        ("redirect_uris", &update.redirect_uris),
        ("post_logout_redirect_uris", &update.post_logout_redirect_uris),
    ] {
        if let Some(uris) = uris {
            record = record.with(field, uris.clone());
        }
    }
    if let Some(uri) = &update.backchannel_logout_uri {
        record = record.with("backchannel_logout_uri", uri.clone());
    }
    for (field, switch) in [("require_pkce", update.require_pkce), ("skip_consent", update.skip_consent)] {
        if let Some(switch) = switch {
            record = record.with(field, switch);
        }
    }
    record
}
