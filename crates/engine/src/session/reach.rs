//! What the user of a session may do now, at one API or at all: the decision for credentials of a user's own, for the company
//! that the session acts for.

use std::collections::BTreeSet;

use tokenry_model::{Company, ResourceServer, Tenant, TenantBinding};
use tokenry_protocol::scope::Scope;

use super::signed_in::SignedInUser;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::company::{self, Pick, Wanted, pick};
use crate::policy::granted::{self, Sets};
use crate::policy::may_act::{Standing, may_act};
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

    async fn opens_for(
        &self,
        user: &SignedInUser,
        company: Option<Company>,
        api: &ResourceServer,
        context: &Context,
    ) -> Result<Option<Opens>, Refusal> {
        if company.is_none() && api.tenanted {
            return Ok(None);
        }
        let standing =
            Standing { user: Some(user.user()), company: company.as_ref(), ..Standing::default() };
        if may_act(standing, context.now).is_err() {
            return Ok(None);
        }
        let defined = api.scope();
        let held = match &company {
            Some(company) => self.store.find_held_scopes(&user.user().id, &company.id, &api.id).await?,
            None => Vec::new(),
        };
        let sets =
            Sets { requested: None, defined: &defined, ceiling: &defined, held: &held, consented: None };
        let granted = granted::decide(sets);
        let tenant = company.as_ref().map(|company| company::tenant(company, &granted));
        Ok(Some(Opens { scope: granted.scope, tenant, company }))
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
