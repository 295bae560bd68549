//! The caller: who was let in, with what, and for which company.

use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokenry_clock::Timestamp;
use tokenry_protocol::Scope;
use tokenry_protocol::claims::TenantClaim;

use crate::accept::Credential;
use crate::claims::Subject;
use crate::denied::{Denied, Reason};
use crate::guard::Guard;
use crate::token::Token;

/// From how many companies on a corporation is no longer listed by [`Caller::company_filter`].
pub const MAX_LISTED_COMPANIES: usize = 10_000;

/// Whoever sent the request, after all checks of the route.
///
/// `Caller` is anyone whom the route's policy let in. `Caller<Read>` says in its type that the policy asked for the
/// scope `Read`: on a route that does not, the extractor answers 500, so a handler cannot lose its check unnoticed.
///
/// Nobody but the guard makes one. Identity is [`principal`](Self::principal) at this issuer; e-mail addresses and
/// names are never part of a decision.
pub struct Caller<S = AnyScope> {
    token: Arc<Token>,
    guard: Guard,
    /// Whether the decision rests on stale knowledge.
    stale: bool,
    scope: PhantomData<fn() -> S>,
}

/// The scope of a plain [`Caller`]: whichever the route asked for.
#[derive(Clone, Copy, Debug)]
pub enum AnyScope {}

/// Who acts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Principal<'a> {
    /// An application on its own behalf, by its `client_id`.
    Client(&'a str),
    /// A user, by `sub`.
    User(&'a str),
}

impl<'a> Principal<'a> {
    /// The identifier, unique among users and clients of the issuer.
    #[must_use]
    pub const fn id(self) -> &'a str {
        match self {
            Self::Client(id) | Self::User(id) => id,
        }
    }

    /// `client` or `user`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Client(_) => "client",
            Self::User(_) => "user",
        }
    }
}

/// Which companies' rows a list may show: the condition of a query. Comes from the token and the directory, never
/// from the request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CompanyFilter {
    /// Every company of the corporation, which are too many to list: filter by the corporation.
    Corporation(String),
    /// These companies, sorted, at most [`MAX_LISTED_COMPANIES`].
    Many(Arc<[String]>),
    /// This company.
    One(String),
}

/// The claims do not have the shape that was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the token's claims do not have the expected shape")]
pub struct ClaimsMismatch(#[source] serde_json::Error);

impl Caller {
    pub(crate) fn new(token: Arc<Token>, guard: Guard) -> Self {
        // Every other credential was asked about, or its answer is fresh.
        let stale = token.credential == Credential::Jwt && token.authority.is_stale();
        Self { token, guard, stale, scope: PhantomData }
    }

    /// The same caller; whoever calls has seen the route's policy ask for `S`.
    pub(crate) fn with_scope<S>(self) -> Caller<S> {
        Caller { token: self.token, guard: self.guard, stale: self.stale, scope: PhantomData }
    }
}

impl<S> Caller<S> {
    /// Who acts: a client on its own behalf, or a user.
    #[must_use]
    pub fn principal(&self) -> Principal<'_> {
        match &self.token.claims.subject {
            Subject::Client(id) => Principal::Client(id),
            Subject::User(id) => Principal::User(id),
        }
    }

    /// The application that the token was issued to, for a user's token too. `None` where users act by what is their own: a
    /// personal access token, a cookie, an account secret.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.token.claims.client_id.as_deref()
    }

    /// The sign-in in which a user let the application have the token, or that the cookie is of: one of the issuer's names, no
    /// secret (`sid`). `None` for an application that acts for itself, and for a personal access token.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.token.claims.session.as_deref()
    }

    /// With what the caller authenticated.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.token.credential
    }

    /// The issuer at which [`principal`](Self::principal) and [`client_id`](Self::client_id) mean something. Worth
    /// asking only with a guard of several.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.token.authority.issuer
    }

    pub(crate) fn is_stale(&self) -> bool {
        self.stale
    }

    /// What the token allows.
    #[must_use]
    pub fn scopes(&self) -> &Scope {
        &self.token.claims.scopes
    }

    /// The company that the caller acts for; the home company, if the token is for a corporation. `None` only if the
    /// guard was built without a tenant claim.
    #[must_use]
    pub fn company(&self) -> Option<&str> {
        self.tenant().map(|tenant| tenant.company_id.as_str())
    }

    /// The corporation whose companies the caller may all act for, if any.
    #[must_use]
    pub fn corporation(&self) -> Option<&str> {
        self.tenant()?.corporation_id.as_deref()
    }

    /// From when on the token is no longer valid. A long answer has to look at this itself.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.token.claims.expires_at
    }

    /// The token's `jti`: what audit records may quote. Empty if a foreign issuer gave it none.
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.token.claims.token_id
    }

    /// The token's claims as a type of yours, for claims that this crate does not know.
    ///
    /// # Errors
    /// [`ClaimsMismatch`] if they do not fit the type.
    pub fn claims_as<T: DeserializeOwned>(&self) -> Result<T, ClaimsMismatch> {
        serde_json::from_slice(&self.token.payload).map_err(ClaimsMismatch)
    }

    /// Which companies' rows a list may show.
    ///
    /// # Errors
    /// [`Denied`] with 503 `directory_unavailable` if the directory does not know the token's corporation: the list
    /// would be silently short. 500 if the guard was built without a tenant claim.
    pub fn company_filter(&self) -> Result<CompanyFilter, Denied> {
        let tenant = self.tenant().ok_or_else(no_tenant)?;
        let Some(corporation) = &tenant.corporation_id else {
            return Ok(CompanyFilter::One(tenant.company_id.clone()));
        };
        let directory = self.guard.inner().directory_of(&self.token.authority);
        let Some(companies) = directory.and_then(|directory| directory.companies(corporation)) else {
            return Err(Denied::new(Reason::DirectoryUnavailable)
                .because(format!("the directory does not know the corporation {corporation:?}")));
        };
        let companies = with_home(self.without_disabled(companies), &tenant.company_id);
        if companies.len() > MAX_LISTED_COMPANIES {
            return Ok(CompanyFilter::Corporation(corporation.clone()));
        }
        Ok(CompanyFilter::Many(companies))
    }

    /// Whether the caller may act for this company: its own one, or one of its corporation.
    #[must_use]
    pub fn may_act_for(&self, company_id: &str) -> bool {
        let Some(TenantClaim { company_id: own, corporation_id }) = self.tenant() else {
            return false;
        };
        let authority = &self.token.authority;
        let in_corporation = |corporation: &String| {
            let directory = self.guard.inner().directory_of(authority);
            directory.is_some_and(|directory| directory.holds(corporation, company_id))
        };
        own == company_id
            || !company_id.is_empty()
                && corporation_id.as_ref().is_some_and(in_corporation)
                && !authority.companies.is_disabled(company_id)
    }

    /// For an object that was looked up by its id: its company has to be one that the caller may act for.
    ///
    /// # Errors
    /// [`Denied::not_found`], so that ids of other companies cannot be told from ids that do not exist. 500 if the
    /// guard was built without a tenant claim.
    pub fn require_company(&self, company_id: &str) -> Result<(), Denied> {
        let tenant = self.tenant().ok_or_else(no_tenant)?;
        if self.may_act_for(company_id) {
            return Ok(());
        }
        Err(Denied::not_found().because(other_company(tenant, company_id)))
    }

    /// For a company that the request itself names, in a body for instance.
    ///
    /// # Errors
    /// [`Denied`] with 403 `tenant_mismatch`. 500 if the guard was built without a tenant claim.
    pub fn require_tenant(&self, company_id: &str) -> Result<(), Denied> {
        let tenant = self.tenant().ok_or_else(no_tenant)?;
        if self.may_act_for(company_id) {
            return Ok(());
        }
        Err(Denied::new(Reason::TenantMismatch).because(other_company(tenant, company_id)))
    }

    /// For a scope that only some requests to a route need.
    ///
    /// # Errors
    /// [`Denied`] with 403 `insufficient_scope`.
    pub fn require_scope<T: crate::ScopeType>(&self, _scope: T) -> Result<(), Denied> {
        self.require_scopes(&[T::TOKEN])
    }

    pub(crate) fn require_scopes(&self, required: &[&'static str]) -> Result<(), Denied> {
        let granted = self.scopes();
        if required.iter().all(|token| granted.contains(token)) {
            return Ok(());
        }
        Err(Denied::new(Reason::InsufficientScope { required: required.to_vec(), granted: granted.clone() })
            .because(format!("needed is {:?}, granted is {:?}", required.join(" "), granted.to_string())))
    }

    /// The same caller without the scope in its type.
    #[must_use]
    pub fn into_any(self) -> Caller {
        Caller { token: self.token, guard: self.guard, stale: self.stale, scope: PhantomData }
    }

    /// A directory may list companies for which nobody may act.
    fn without_disabled(&self, companies: Arc<[String]>) -> Arc<[String]> {
        let is_disabled = |company: &String| self.token.authority.companies.is_disabled(company);
        if !companies.iter().any(is_disabled) {
            return companies;
        }
        companies.iter().filter(|company| !is_disabled(company)).cloned().collect()
    }

    fn tenant(&self) -> Option<&TenantClaim> {
        self.token.claims.tenant.as_ref()
    }
}

/// The token's own company is always open, whatever the directory says of it.
fn with_home(companies: Arc<[String]>, home: &str) -> Arc<[String]> {
    match companies.binary_search_by(|company| company.as_str().cmp(home)) {
        Ok(_) => companies,
        Err(at) => {
            let (before, after) = companies.split_at(at);
            before.iter().cloned().chain([home.to_owned()]).chain(after.iter().cloned()).collect()
        }
    }
}

fn other_company(tenant: &TenantClaim, company_id: &str) -> String {
    let company_id: String = company_id.chars().take(200).collect();
    let TenantClaim { company_id: own, corporation_id } = tenant;
    format!(
        "the token is for company {own:?} and corporation {corporation_id:?}, asked for is {company_id:?}"
    )
}

fn no_tenant() -> Denied {
    Denied::internal("a company was asked for, but the guard was built without .tenant(…)")
}

impl<S> Clone for Caller<S> {
    fn clone(&self) -> Self {
        Self {
            token: Arc::clone(&self.token),
            guard: self.guard.clone(),
            stale: self.stale,
            scope: PhantomData,
        }
    }
}

impl<S> Debug for Caller<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("principal", &self.principal())
            .field("company", &self.company())
            .field("corporation", &self.corporation())
            .field("scopes", &format_args!("{}", self.scopes()))
            .finish_non_exhaustive()
    }
}
