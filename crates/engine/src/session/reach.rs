//! What the user of a session may do now, at one API or at all: the one decision for credentials of users' own, for the company
//! that the session acts for.

use std::collections::BTreeSet;

use tokenry_model::{Company, ResourceServer, Tenant, TenantBinding};
use tokenry_protocol::scope::Scope;
use tokenry_store::TokenEnding;

use super::signed_in::{SignedInUser, ends_at};
use crate::context::Context;
use crate::engine::Engine;
use crate::own::OwnCredential;
use crate::policy::company::{Pick, Wanted, pick};
use crate::policy::may_act::TokenStanding;
use crate::refusal::Refusal;

/// How many APIs are read at once.
const PAGE: i64 = 100;

/// What a session opens at an API.
#[derive(Clone, Debug)]
pub(super) struct Opens {
    /// What its user may do there; perhaps nothing.
    pub(super) scope: Scope,
    /// For which company, and whether for all of its corporation.
    pub(super) tenant: Option<Tenant>,
    /// The company as it was read.
    pub(super) company: Option<Company>,
}

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
        let companies = self.store.list_companies_of_user(&user.user().id).await?;
        let wanted = user.session().company_id.as_ref().map_or(Wanted::Any, |id| Wanted::This(id.as_str()));
        Ok(match pick(companies, &TenantBinding::Unbound, wanted, context.now) {
            Pick::One(company) => Some(company),
            Pick::None | Pick::NotTheirs | Pick::Several(_) => None,
        })
    }

    /// What a session opens at an API; `None`: it is of no use there.
    pub(super) async fn opens(
        &self,
        user: &SignedInUser,
        api: &ResourceServer,
        context: &Context,
    ) -> Result<Option<Opens>, Refusal> {
        let company = self.company_of(user, context).await?;
        self.opens_for(user, company, api, context).await
    }

    /// `company` is what [`Self::company_of`] says, read before: what is decided must be about the same.
    async fn opens_for(
        &self,
        user: &SignedInUser,
        company: Option<Company>,
        api: &ResourceServer,
        context: &Context,
    ) -> Result<Option<Opens>, Refusal> {
        let session = user.session();
        let credential = OwnCredential {
            user: user.user(),
            company: session.company_id.as_ref(),
            narrowed_to: None,
            token: TokenStanding {
                issued_at: session.auth_time,
                expires_at: ends_at(session, &self.settings.sessions),
                ending: TokenEnding::None,
            },
        };
        let Ok(rights) = self.live_rights(credential, api, context.now).await? else { return Ok(None) };
        let same = rights.tenant.as_ref().map(|tenant| &tenant.company) == company.as_ref().map(|it| &it.id);
        Ok(same.then_some(Opens { scope: rights.scope, tenant: rights.tenant, company }))
    }

    /// All that the user of a session may do now at any API, each scope-token once, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn permissions(&self, user: &SignedInUser, context: &Context) -> Result<Vec<String>, Refusal> {
        let company = self.company_of(user, context).await?;
        let (mut permissions, mut after) = (BTreeSet::new(), None);
        loop {
            let apis = self.store.list_resource_servers(after.as_ref(), PAGE).await?;
            for api in &apis {
                let opens = self.opens_for(user, company.clone(), api, context).await?;
                let scope = opens.map(|opens| opens.scope).unwrap_or_default();
                permissions.extend(scope.iter().map(|token| token.as_str().to_owned()));
            }
            match apis.last() {
                Some(last) if apis.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX) => {
                    after = Some(last.id.clone());
                }
                _ => return Ok(permissions.into_iter().collect()),
            }
        }
    }
}
