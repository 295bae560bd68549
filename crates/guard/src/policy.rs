//! What a route asks of a request, as data that can be printed.

use std::fmt::{self, Display, Formatter};

use crate::ScopeType;
use crate::accept::SecretScheme;

/// What a route may be declared with: a [`Requirement`], [`Optional`] or [`Public`].
pub trait Policy {
    /// The policy as data.
    #[doc(hidden)]
    fn into_rule(self) -> Rule;
}

/// A policy that asks for a caller: a scope, [`tenant_path`], [`Authenticated`], or several joined by `and`.
pub trait Requirement: Sized {
    /// The requirement as data.
    #[doc(hidden)]
    fn into_requirement(self) -> Rule;

    /// Both this requirement and `other`.
    #[must_use]
    fn and(self, other: impl Requirement) -> All {
        let (mut rule, other) = (self.into_requirement(), other.into_requirement());
        rule.scopes.extend(other.scopes);
        rule.scopes.sort_unstable();
        rule.scopes.dedup();
        rule.tenant_paths.extend(other.tenant_paths);
        rule.tenant_paths.sort_unstable();
        rule.tenant_paths.dedup();
        rule.on_stale = rule.on_stale.min(other.on_stale);
        rule.takes_secret |= other.takes_secret;
        All(rule)
    }

    /// Takes a developer's account secret too, beside what the API takes everywhere: `Create.accept(Secret)`. For routes that
    /// programs on servers call and whose worth is small: a secret lives until somebody rotates it. The policy is the same
    /// for whoever comes with one. Of an [`and`](Self::and), one side suffices.
    ///
    /// Such a route has no CORS, and from a browser the secret is refused.
    #[must_use]
    fn accept(self, _: SecretScheme) -> All {
        All(Rule { takes_secret: true, ..self.into_requirement() })
    }

    /// What becomes of a request with a signed token while it is not known what was revoked in the last two seconds;
    /// served, unless set. One side of an [`and`](Self::and) that denies suffices.
    #[must_use]
    fn on_stale(self, on_stale: OnStale) -> All {
        All(Rule { on_stale, ..self.into_requirement() })
    }
}

/// What becomes of a request with a signed token while the guard's knowledge is stale. See [`Requirement::on_stale`].
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum OnStale {
    /// It is refused with 503 `access_data_stale`.
    Deny,
    /// It is served, by what is known, with an alarm.
    #[default]
    Serve,
}

impl<R: Requirement> Policy for R {
    fn into_rule(self) -> Rule {
        self.into_requirement()
    }
}

impl<S: ScopeType> Requirement for S {
    fn into_requirement(self) -> Rule {
        Rule { scopes: vec![S::TOKEN], ..Rule::new(Access::Authenticated) }
    }
}

/// Anyone with a valid credential of this API, whatever its scope.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated;

impl Requirement for Authenticated {
    fn into_requirement(self) -> Rule {
        Rule::new(Access::Authenticated)
    }
}

/// Anyone; a credential may be sent, and if one is, it has to be valid. For handlers that take `Option<Caller>`.
#[derive(Clone, Copy, Debug)]
pub struct Optional;

impl Policy for Optional {
    fn into_rule(self) -> Rule {
        Rule::new(Access::Optional)
    }
}

/// Anyone; credentials are not looked at.
#[derive(Clone, Copy, Debug)]
pub struct Public;

impl Policy for Public {
    fn into_rule(self) -> Rule {
        Rule::new(Access::Public)
    }
}

/// See [`tenant_path`].
#[derive(Clone, Copy, Debug)]
pub struct TenantPath(&'static str);

/// The path parameter `name` holds a company's id, and the caller has to be allowed to act for that company.
///
/// Allowed is the token's own company and, if the token is for a corporation, every company of it. Any other is 403
/// `tenant_mismatch`. The handler gets the company from the [`Company`](crate::Company) extractor.
#[must_use]
pub const fn tenant_path(name: &'static str) -> TenantPath {
    TenantPath(name)
}

impl Requirement for TenantPath {
    fn into_requirement(self) -> Rule {
        Rule { tenant_paths: vec![self.0], ..Rule::new(Access::Authenticated) }
    }
}

/// Several requirements at once; see [`Requirement::and`].
#[derive(Clone, Debug)]
pub struct All(Rule);

impl Requirement for All {
    fn into_requirement(self) -> Rule {
        self.0
    }
}

/// A policy as data. `Display` is what the policy table shows.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Rule {
    pub(crate) access: Access,
    /// All of them are needed; sorted.
    pub(crate) scopes: Vec<&'static str>,
    /// Path parameters that each name a company; sorted. More than one is refused when the routes are built.
    pub(crate) tenant_paths: Vec<&'static str>,
    pub(crate) on_stale: OnStale,
    /// Whether an account secret is a credential here.
    pub(crate) takes_secret: bool,
}

/// Whether a caller is needed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Access {
    Authenticated,
    Optional,
    Public,
}

impl Rule {
    const fn new(access: Access) -> Self {
        Self {
            access,
            scopes: Vec::new(),
            tenant_paths: Vec::new(),
            on_stale: OnStale::Serve,
            takes_secret: false,
        }
    }

    /// The scopes that a caller needs, all of them.
    #[must_use]
    pub fn scopes(&self) -> &[&'static str] {
        &self.scopes
    }

    /// The path parameter that names the company, if there is one.
    #[must_use]
    pub fn tenant_path(&self) -> Option<&'static str> {
        self.tenant_paths.first().copied()
    }

    /// What becomes of signed tokens while the guard's knowledge is stale.
    #[must_use]
    pub fn on_stale(&self) -> OnStale {
        self.on_stale
    }

    /// Whether the route takes an account secret beside what the API takes everywhere.
    #[must_use]
    pub fn takes_secret(&self) -> bool {
        self.takes_secret
    }

    /// Whether a request without a credential may pass.
    #[must_use]
    pub fn admits_anonymous(&self) -> bool {
        self.access != Access::Authenticated
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.access {
            Access::Authenticated if self.scopes.is_empty() => f.write_str("authenticated")?,
            Access::Authenticated => f.write_str(&self.scopes.join(" and "))?,
            Access::Optional => f.write_str("optional")?,
            Access::Public => f.write_str("public")?,
        }
        self.tenant_paths.iter().try_for_each(|name| write!(f, ", company = {{{name}}}"))?;
        if self.takes_secret {
            f.write_str(", also Secret")?;
        }
        match self.on_stale {
            OnStale::Deny => f.write_str(", stale = deny"),
            OnStale::Serve => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::scopes! {
        Create = "create:timesheets";
        Read = "read:timesheets";
    }

    #[test]
    fn and_keeps_all_that_either_side_asks() {
        let rule = Read.and(tenant_path("company_id")).and(Create).and(Read).into_rule();
        assert_eq!(rule.scopes(), ["create:timesheets", "read:timesheets"]);
        assert_eq!(rule.tenant_path(), Some("company_id"));
        assert!(!rule.admits_anonymous());
        assert_eq!(rule.to_string(), "create:timesheets and read:timesheets, company = {company_id}");
    }

    #[test]
    fn stale_is_denied_if_one_side_says_so() {
        let rule = Read.on_stale(OnStale::Deny).and(tenant_path("company_id")).into_rule();
        assert_eq!(rule.on_stale(), OnStale::Deny);
        assert_eq!(rule.to_string(), "read:timesheets, company = {company_id}, stale = deny");
        assert_eq!(Read.and(Create.on_stale(OnStale::Deny)).into_rule().on_stale(), OnStale::Deny);
        assert_eq!(Read.into_rule().on_stale(), OnStale::Serve);
    }

    #[test]
    fn r96_a_route_takes_secrets_if_one_side_says_so() {
        let rule = Create.accept(crate::Secret).and(tenant_path("company_id")).into_rule();
        assert!(rule.takes_secret());
        assert_eq!(rule.to_string(), "create:timesheets, company = {company_id}, also Secret");
        assert!(Read.and(Create.accept(crate::Secret)).into_rule().takes_secret());
        assert!(!Read.and(Create).into_rule().takes_secret());
    }

    #[test]
    fn r62_only_declared_routes_admit_anonymous_callers() {
        assert!(Public.into_rule().admits_anonymous());
        assert!(Optional.into_rule().admits_anonymous());
        assert!(!Authenticated.into_rule().admits_anonymous());
        assert!(!tenant_path("company_id").into_rule().admits_anonymous());
        assert!(!Read.into_rule().admits_anonymous());
    }
}
