//! Personal access tokens, as their owners see them. A value is never among what is seen.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    Company, CompanyId, LastUse, PatApi, PatId, PatReach, ResourceServer, TenantBinding, UserId,
};
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::SecretKind;
use tokenry_store::ListedPat;

use super::PatError;
use super::live::granted_at;
use crate::authorize::{ScopeText, api_texts};
use crate::engine::Engine;
use crate::policy::company::{Pick, Wanted, pick};
use crate::refusal::Refusal;
use crate::session::SignedInUser;

/// A personal access token, as its owner sees it.
#[derive(Clone, Debug)]
pub struct OwnPat {
    /// Names it.
    pub id: PatId,
    /// What its owner calls it.
    pub name: String,
    /// What else they say of it.
    pub note: String,
    /// What its value begins with.
    pub prefix: String,
    /// And ends with.
    pub last4: String,
    /// The company that they act for by it, and its name while it is there; `None`: the only one that they are in.
    pub company: Option<(CompanyId, Option<String>)>,
    /// The APIs that it is for; `None`: all.
    pub apis: Option<Vec<OwnPatApi>>,
    /// The networks from which alone it may be used; empty: from everywhere.
    pub allowed_addresses: Vec<String>,
    /// How long each of its values lives.
    pub lifetime: Duration,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the value that counts was made.
    pub issued_at: Timestamp,
    /// When that expires.
    pub expires_at: Timestamp,
    /// Until when the value before works, where it still does.
    pub overlaps_until: Option<Timestamp>,
    /// Whether it works.
    pub state: PatState,
    /// When it was last used, to the minute, and what the API said of that.
    pub last_use: Option<LastUse>,
}

/// An API that a token is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnPatApi {
    /// Its audience.
    pub audience: String,
    /// For people.
    pub name: String,
    /// What of what its owner may do there; `None`: all.
    pub scope: Option<Scope>,
}

/// Whether a token works.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PatState {
    /// Its value has expired; it can have another one.
    Expired,
    /// It was revoked, for good.
    Revoked {
        /// When.
        at: Timestamp,
    },
    /// It works.
    Works,
}

/// An API at which somebody may do something, for a page on which they say what a token is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReachableApi {
    /// Its audience.
    pub audience: String,
    /// For people.
    pub name: String,
    /// What they may do there now.
    pub scope: Scope,
    /// The same, with what each scope means.
    pub texts: Vec<ScopeText>,
}

impl PatState {
    pub(crate) fn of(listed: &ListedPat, now: Timestamp) -> Self {
        match listed.pat.revoked_at {
            Some(at) => Self::Revoked { at },
            None if now >= listed.pat.ends_at => Self::Expired,
            None => Self::Works,
        }
    }
}

impl Engine {
    /// The tokens of a user, the newest first, also the last fifty that work no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pats_of(&self, user: &UserId, now: Timestamp) -> Result<Vec<OwnPat>, Refusal> {
        let listed = self.store.list_pats_to_owner(user, now).await?;
        Ok(listed.into_iter().rev().map(|listed| self.own_pat(listed, now)).collect())
    }

    /// The companies that a user can make a token for, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies_for_pats(&self, user: &UserId, now: Timestamp) -> Result<Vec<Company>, Refusal> {
        let companies = self.store.list_companies_of_user(user).await?;
        Ok(match pick(companies, &TenantBinding::Unbound, Wanted::Any, now) {
            Pick::None | Pick::NotTheirs => Vec::new(),
            Pick::One(company) => vec![company],
            Pick::Several(companies) => companies,
        })
    }

    /// The longest that a value may live.
    #[must_use]
    pub const fn longest_pat(&self) -> Duration {
        self.settings.pat_max_ttl
    }

    /// One of a user's tokens; `None`: they have none like it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_own_pat(
        &self,
        current: &SignedInUser,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<OwnPat>, Refusal> {
        match self.pat_of(current, id).await {
            Ok(listed) => Ok(Some(self.own_pat(listed, now))),
            Err(PatError::Store(error)) => Err(error.into()),
            Err(_none) => Ok(None),
        }
    }

    /// The APIs at which a user may do something now, for one of their companies, by audience.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reachable_apis(
        &self,
        user: &UserId,
        company: &CompanyId,
    ) -> Result<Vec<ReachableApi>, Refusal> {
        let reachable = self.store.list_reach(user, company).await?;
        let apis = reachable.into_iter().map(|it| {
            let ResourceServer { audience, name, .. } = &it.resource_server;
            let scope = granted_at(&it.resource_server, &it.held, None).scope;
            let texts = api_texts(&it.resource_server, |token| scope.contains(token));
            ReachableApi { audience: audience.clone(), name: name.clone(), scope, texts }
        });
        Ok(apis.filter(|api| !api.scope.is_empty()).collect())
    }

    /// A token of somebody who is signed in.
    pub(super) async fn pat_of(&self, current: &SignedInUser, id: &str) -> Result<ListedPat, PatError> {
        let id = PatId::parse(id).map_err(|_invalid| PatError::NotFound)?;
        let found = self.store.find_pat(&id).await?;
        found.filter(|listed| listed.pat.user_id == current.user().id).ok_or(PatError::NotFound)
    }

    pub(super) fn own_pat(&self, listed: ListedPat, now: Timestamp) -> OwnPat {
        let state = PatState::of(&listed, now);
        let ListedPat { pat, value, overlaps_until, company_name, api_names } = listed;
        let named = |(api, (audience, name)): (PatApi, _)| OwnPatApi { audience, name, scope: api.scope };
        let apis = match pat.reach {
            PatReach::Everything => None,
            PatReach::Only(apis) => Some(apis.into_iter().zip(api_names).map(named).collect()),
        };
        OwnPat {
            id: pat.id,
            name: pat.name,
            note: pat.note,
            prefix: format!("{}_{}_", self.settings.brand, SecretKind::PersonalAccessToken.code()),
            last4: value.last4,
            company: pat.company_id.map(|id| (id, company_name)),
            apis,
            allowed_addresses: pat.allowed_addresses,
            lifetime: pat.lifetime,
            created_at: pat.created_at,
            issued_at: value.created_at,
            expires_at: value.expires_at,
            overlaps_until: overlaps_until.filter(|until| now < *until && state == PatState::Works),
            state,
            last_use: value.last_use,
        }
    }
}
