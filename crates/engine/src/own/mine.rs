//! What a developer is told of the account's own tokens, to whom the account's secret proves that they are that account.
//!
//! Personal access tokens of theirs, and what applications and sessions have as them (in `introspect.rs`); whatever else there is,
//! is as nothing.

use tokenry_model::{Digest, DigestDomain, PatReach, ResourceServerId, Tenant, User};
use tokenry_protocol::introspection::{Active, Credential, Response};
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_protocol::secret::Secret;
use tokenry_store::{ListedPat, TokenEnding};

use super::active::OwnActive;
use super::live::{OwnCredential, granted_at};
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::may_act::TokenStanding;
use crate::refusal::Refusal;

impl Engine {
    /// One of the user's own personal access tokens: at which APIs it opens something now, and what there.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn look_at_own_pat(
        &self,
        presented: &Secret,
        user: &User,
        context: &Context,
    ) -> Result<Response, Refusal> {
        let digest = Digest::of(DigestDomain::PersonalAccessToken, presented);
        let found = self.store.find_pat_by_value(&digest).await?;
        let Some(found) = found.filter(|found| found.pat.user_id == user.id) else {
            return Ok(Response::Inactive);
        };
        let token = standing_of(&found);
        let company = found.pat.company_id.as_ref();
        let credential = OwnCredential { user, company, narrowed_to: None, token };
        let Ok(company) = self.acts_for(credential, context.now).await? else {
            return Ok(Response::Inactive);
        };
        let (mut aud, mut scope) = (Vec::new(), Vec::<ScopeToken>::new());
        let reachable = match &company {
            Some(company) => self.store.list_reach(&user.id, &company.id).await?,
            None => Vec::new(),
        };
        for it in &reachable {
            let Some(narrowed_to) = narrowing(&found.pat.reach, &it.resource_server.id) else { continue };
            let granted = granted_at(&it.resource_server, &it.held, narrowed_to).scope;
            if !granted.is_empty() {
                aud.push(it.resource_server.audience.clone());
                scope.extend(granted.iter().cloned());
            }
        }
        let own = self.own_active(OwnActive {
            credential: Credential::PersonalAccessToken,
            user,
            token,
            jti: found.value.jti,
            aud,
            scope: scope.into_iter().collect(),
            // The company alone: whether it is for a corporation, too, is another thing at each API.
            tenant: company.map(|company| Tenant { company: company.id, corporation: None }),
        });
        let allowed_addresses = found.pat.allowed_addresses;
        Ok(Response::Active(Box::new(Active { allowed_addresses, ..own })))
    }
}

/// When the value that a token was found by was issued, and ends.
pub(crate) const fn standing_of(found: &ListedPat) -> TokenStanding {
    let ending = match found.pat.revoked_at {
        Some(_) => TokenEnding::Revoked,
        None => TokenEnding::None,
    };
    TokenStanding { issued_at: found.value.created_at, expires_at: found.value.expires_at, ending }
}

/// What of what its user may do at an API a token is for; `None`: it is not for that one.
fn narrowing<'a>(reach: &'a PatReach, api: &ResourceServerId) -> Option<Option<&'a Scope>> {
    match reach {
        PatReach::Everything => Some(None),
        PatReach::Only(apis) => {
            apis.iter().find(|named| named.resource_server_id == *api).map(|named| named.scope.as_ref())
        }
    }
}
