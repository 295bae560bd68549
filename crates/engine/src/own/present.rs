//! A personal access token that somebody shows at an API, about which the API asks.

use std::net::IpAddr;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, DigestDomain, LastUse, ResourceServer};
use tokenry_protocol::introspection::{Active, Credential, Response, UsedBy};
use tokenry_protocol::secret::Secret;
use tokenry_store::{PresentedPat, TokenEnding};

use super::active::OwnActive;
use super::live::{LiveRights, OwnCredential};
use crate::engine::Engine;
use crate::manage::misleads;
use crate::policy::may_act::TokenStanding;
use crate::refusal::Refusal;

impl Engine {
    /// What it opens at `api` now. Whatever is wrong with it, and whoever else's it is for, has one answer.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn look_at_pat(
        &self,
        presented: &Secret,
        used_by: &UsedBy,
        api: &ResourceServer,
        now: Timestamp,
    ) -> Result<Response, Refusal> {
        let digest = Digest::of(DigestDomain::PersonalAccessToken, presented);
        let Some(found) = self.store.find_pat_value(&digest, &api.id).await? else {
            return Ok(Response::Inactive);
        };
        let Some(at_api) = &found.at_api else { return Ok(Response::Inactive) };
        let credential = OwnCredential {
            user: &found.user,
            company: found.company_id.as_ref(),
            narrowed_to: at_api.scope.as_ref(),
            token: standing(&found),
        };
        match self.live_rights(credential, api, now).await? {
            Err(barred) => {
                tracing::debug!(
                    jti = found.value.jti,
                    reason = barred.reason(),
                    "a personal access token is dead"
                );
                Ok(Response::Inactive)
            }
            Ok(rights) => {
                let written = found.value.last_use.as_ref().map(|last| last.at);
                self.pat_usage.note_with(&found.value.jti, || usable(used_by, now), written, now);
                Ok(Response::Active(Box::new(self.describe_pat(found, rights, api))))
            }
        }
    }

    fn describe_pat(&self, found: PresentedPat, rights: LiveRights, api: &ResourceServer) -> Active {
        let own = OwnActive {
            credential: Credential::PersonalAccessToken,
            user: &found.user,
            token: standing(&found),
            jti: found.value.jti,
            aud: vec![api.audience.clone()],
            scope: rights.scope,
            tenant: rights.tenant,
        };
        Active { allowed_addresses: found.allowed_addresses, ..self.own_active(own) }
    }
}

fn standing(found: &PresentedPat) -> TokenStanding {
    TokenStanding {
        issued_at: found.value.created_at,
        expires_at: found.value.expires_at,
        ending: if found.revoked_at.is_some() { TokenEnding::Revoked } else { TokenEnding::None },
    }
}

/// A use of what can be shown to an owner: an address that is one, and of a program's name what can be seen.
pub(super) fn usable(used_by: &UsedBy, now: Timestamp) -> LastUse {
    let address = used_by.address.as_deref().and_then(|it| it.parse::<IpAddr>().ok());
    let name = used_by
        .user_agent
        .as_deref()
        .map(|name| name.chars().filter(|c| !misleads(*c)).collect::<String>().trim().to_owned());
    LastUse {
        at: now,
        address: address.map(|address| address.to_canonical().to_string()),
        client: name.filter(|name| !name.is_empty()),
    }
}
