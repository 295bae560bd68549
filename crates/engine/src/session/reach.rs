//! What the user of a session may do now, at one API or at all: the one decision for credentials of users' own, for the company
//! that the session acts for.

use std::collections::BTreeSet;

use tokenry_model::{Company, ResourceServer};
use tokenry_store::TokenEnding;

use super::signed_in::{SignedInUser, ends_at};
use crate::context::Context;
use crate::engine::Engine;
use crate::own::{LiveRights, OwnCredential};
use crate::policy::may_act::TokenStanding;
use crate::refusal::Refusal;

impl Engine {
    /// The company that a session acts for: the one that was chosen, or the only one that there is to act for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn company_of(
        &self,
        user: &SignedInUser,
        context: &Context,
    ) -> Result<Option<Company>, Refusal> {
        Ok(self.acts_for(self.own_session(user), context.now).await?.ok().flatten())
    }

    /// What a session opens at an API; `None`: it is of no use there.
    pub(super) async fn opens(
        &self,
        user: &SignedInUser,
        api: &ResourceServer,
        context: &Context,
    ) -> Result<Option<LiveRights>, Refusal> {
        Ok(self.live_rights(self.own_session(user), api, context.now).await?.ok())
    }

    /// All that the user of a session may do now for `company`, which [`Self::company_of`] says, at any API: each scope-token
    /// once, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn permissions(
        &self,
        user: &SignedInUser,
        company: Option<&Company>,
    ) -> Result<Vec<String>, Refusal> {
        let Some(company) = company else { return Ok(Vec::new()) };
        let apis = self.reachable_apis(&user.user().id, &company.id).await?;
        let permissions: BTreeSet<_> = apis.iter().flat_map(|api| api.scope.iter()).collect();
        Ok(permissions.into_iter().map(|token| token.as_str().to_owned()).collect())
    }

    /// A session as a credential of its user's.
    pub(super) fn own_session<'a>(&self, user: &'a SignedInUser) -> OwnCredential<'a> {
        let session = user.session();
        OwnCredential {
            user: user.user(),
            company: session.company_id.as_ref(),
            narrowed_to: None,
            token: TokenStanding {
                issued_at: session.auth_time,
                expires_at: ends_at(session, &self.settings.sessions),
                ending: TokenEnding::None,
            },
        }
    }
}
