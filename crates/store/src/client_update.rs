//! Changing a client: what is named, and what becomes of the tokens that it got before.

use std::time::Duration;

use serde_json::{Map, Value as Json};
use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, ClientKeys, ErrorStyle, Record};

use crate::change_log::{self, Entity};
use crate::clients::{jwks, jwks_uri, list, millis, object};
use crate::error::Result;
use crate::guard_events::Announced;
use crate::store::update;
use crate::token_handles::{Owner, end_handles};
use crate::{Store, audit, params, statements};

statements! {
    /// Whether the lifetime changes is said beside it, because it may also become none, and so are the quotas; so is
    /// whether the keys do, because one of their two places becomes empty.
    pub(crate) UPDATE_CLIENT =
        "UPDATE clients SET name = COALESCE($2, name), \
         access_token_ttl = CASE WHEN CAST($3 AS BIGINT) = 1 THEN CAST($4 AS BIGINT) ELSE access_token_ttl END, \
         claims = COALESCE($5, claims), \
         jwks = CASE WHEN CAST($6 AS BIGINT) = 1 THEN CAST($7 AS TEXT) ELSE jwks END, \
         jwks_uri = CASE WHEN CAST($6 AS BIGINT) = 1 THEN CAST($8 AS TEXT) ELSE jwks_uri END, \
         tokens_per_hour = CASE WHEN CAST($9 AS BIGINT) = 1 THEN CAST($10 AS BIGINT) ELSE tokens_per_hour END, \
         tokens_per_day = CASE WHEN CAST($11 AS BIGINT) = 1 THEN CAST($12 AS BIGINT) ELSE tokens_per_day END, \
         error_style = COALESCE($13, error_style), redirect_uris = COALESCE($14, redirect_uris), \
         post_logout_redirect_uris = COALESCE($15, post_logout_redirect_uris), \
         require_pkce = COALESCE($16, require_pkce), skip_consent = COALESCE($17, skip_consent), \
         backchannel_logout_uri = CASE WHEN CAST($18 AS BIGINT) = 1 THEN CAST($19 AS TEXT) \
         ELSE backchannel_logout_uri END, \
         version = version + 1 WHERE id = $1";
}

/// What changes about a client.
#[derive(Clone, Debug, Default)]
pub struct ClientUpdate {
    /// Its name; `None`: as it is.
    pub name: Option<String>,
    /// How long its access tokens live, where `Some(None)` is: as the API says; `None`: as it is.
    pub access_token_ttl: Option<Option<Duration>>,
    /// How many tokens it may get in an hour, where `Some(None)` is: as configured; `None`: as it is.
    pub tokens_per_hour: Option<Option<u32>>,
    /// How many tokens it may get in a day, likewise.
    pub tokens_per_day: Option<Option<u32>>,
    /// How it wants refusals to look; `None`: as it is.
    pub error_style: Option<ErrorStyle>,
    /// What its tokens say beside the tenant; `None`: as it is.
    pub claims: Option<Map<String, Json>>,
    /// Its exact redirect URIs; `None`: as they are.
    pub redirect_uris: Option<Vec<String>>,
    /// Its exact URIs to return to after signing out, likewise.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Where logout tokens are posted, where `Some(None)` is: nowhere; `None`: as it is.
    pub backchannel_logout_uri: Option<Option<String>>,
    /// Whether `/authorize` demands PKCE of it; `None`: as it is.
    pub require_pkce: Option<bool>,
    /// Whether users need not be asked what it may do; `None`: as it is.
    pub skip_consent: Option<bool>,
    /// The public keys of what it signs; `None`: as they are.
    pub keys: Option<ClientKeys>,
    /// What becomes of the tokens that it got before.
    pub tokens: OldTokens,
}

/// What becomes of the tokens that a client got before it was changed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OldTokens {
    /// They are dead for good.
    End,
    /// They live on.
    #[default]
    Keep,
}

impl Store {
    /// Changes a client, for the tokens that are issued from then on.
    ///
    /// # Errors
    /// When there is none of that id, or the database does not answer.
    pub async fn update_client(
        &self,
        id: &ClientId,
        change: &ClientUpdate,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Announced> {
        self.change((id.clone(), change.clone(), now, records.to_vec()), |tx, (id, change, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                let values = params![
                    id,
                    change.name.as_deref(),
                    change.access_token_ttl.is_some(),
                    change.access_token_ttl.flatten().map(millis),
                    change.claims.as_ref().map(object),
                    change.keys.is_some(),
                    jwks(change.keys.as_ref()),
                    jwks_uri(change.keys.as_ref()),
                    change.tokens_per_hour.is_some(),
                    change.tokens_per_hour.flatten().map(i64::from),
                    change.tokens_per_day.is_some(),
                    change.tokens_per_day.flatten().map(i64::from),
                    change.error_style.map(ErrorStyle::as_str),
                    change.redirect_uris.as_deref().map(list),
                    change.post_logout_redirect_uris.as_deref().map(list),
                    change.require_pkce.map(i64::from),
                    change.skip_consent.map(i64::from),
                    change.backchannel_logout_uri.is_some(),
                    change.backchannel_logout_uri.clone().flatten(),
                ];
                update(tx, UPDATE_CLIENT, &values, Entity::Client).await?;
                let announced = match change.tokens {
                    OldTokens::End => end_handles(tx, Owner::Client(id), *now).await?,
                    OldTokens::Keep => Announced::default(),
                };
                change_log::append(tx, Entity::Client, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(announced)
            })
        })
        .await
    }
}
