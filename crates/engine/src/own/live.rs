//! What a user may do at an API at this moment by a credential of their own: the one decision that all of those share.
//!
//! 1. The user may act.
//! 2. The company that they act for is one of theirs and may act; where none was named, it is the only one that they are in,
//!    also counting those that may not: else disabling one would turn a credential into one for another.
//! 3. Of what the API defines and the credential is narrowed to, what the user's roles in that company give.
//! 4. The tenant is that of an application's token with this scope: the corporation only where all of it holds for all of that.

use tokenry_clock::Timestamp;
use tokenry_model::{Company, CompanyId, HeldScope, ResourceServer, Tenant, User};
use tokenry_protocol::scope::Scope;
use tokenry_store::Error as StoreError;

use crate::engine::Engine;
use crate::policy::company;
use crate::policy::granted::{self, Granted, Sets};
use crate::policy::may_act::{Barred, Standing, TokenStanding, may_act};

/// A credential of a user's own, as far as what it opens hangs on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnCredential<'a> {
    /// Whose it is.
    pub(crate) user: &'a User,
    /// The company that the user acts for by it, where one was named.
    pub(crate) company: Option<&'a CompanyId>,
    /// What of what its user may do at the API it is for; `None`: all.
    pub(crate) narrowed_to: Option<&'a Scope>,
    /// When it was issued, expires, and whether it has ended before.
    pub(crate) token: TokenStanding,
}

/// What its user may do by it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LiveRights {
    /// May be empty: the user is who they are, and may do nothing here.
    pub(crate) scope: Scope,
    /// Whose resources it opens; `None`: no company's.
    pub(crate) tenant: Option<Tenant>,
    /// That company, as it was read.
    pub(crate) company: Option<Company>,
}

impl Engine {
    /// What the user of a credential may do by it at `api`, at `now`; or what bars them from acting.
    pub(crate) async fn live_rights(
        &self,
        credential: OwnCredential<'_>,
        api: &ResourceServer,
        now: Timestamp,
    ) -> Result<Result<LiveRights, Barred>, StoreError> {
        let company = match self.acts_for(credential, now).await? {
            Err(barred) => return Ok(Err(barred)),
            Ok(None) => return Ok(Ok(LiveRights { scope: Scope::empty(), tenant: None, company: None })),
            Ok(Some(company)) => company,
        };
        let held = self.store.find_held_scopes(&credential.user.id, &company.id, &api.id).await?;
        let granted = granted_at(api, &held, credential.narrowed_to);
        let tenant = Some(company::tenant(&company, &granted));
        Ok(Ok(LiveRights { scope: granted.scope, tenant, company: Some(company) }))
    }

    /// Steps 1 and 2: for which company the user of a credential acts by it at `now`, if for any; or what bars them.
    pub(crate) async fn acts_for(
        &self,
        credential: OwnCredential<'_>,
        now: Timestamp,
    ) -> Result<Result<Option<Company>, Barred>, StoreError> {
        let OwnCredential { user, token, .. } = credential;
        let standing = Standing { user: Some(user), token: Some(token), ..Standing::default() };
        if let Err(barred) = may_act(standing, now) {
            return Ok(Err(barred));
        }
        let mut companies = self.store.find_companies_of_user(&user.id, credential.company).await?;
        let company = match (companies.pop(), companies.pop()) {
            (Some(company), None) => company,
            (None, _) if credential.company.is_some() => return Ok(Err(Barred::NotAMember)),
            // In none there is nothing to act for; of several nobody has said which.
            (None, _) | (Some(_), Some(_)) => return Ok(Ok(None)),
        };
        let standing = Standing { company: Some(&company), ..Standing::default() };
        Ok(may_act(standing, now).map(|()| Some(company)))
    }
}

/// Step 3: what of `held`, which a user's roles give at `api`, a credential of theirs opens that is narrowed to `narrowed_to`.
pub(super) fn granted_at(api: &ResourceServer, held: &[HeldScope], narrowed_to: Option<&Scope>) -> Granted {
    let defined = api.scope();
    // Nothing stands between users and what they may do themselves: no ceiling, and nobody's consent.
    granted::decide(Sets {
        requested: narrowed_to,
        defined: &defined,
        ceiling: &defined,
        held,
        consented: None,
    })
}
