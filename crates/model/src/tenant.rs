//! Which company a caller acts for, and how far that reaches.

use thiserror::Error;

use crate::ids::{CompanyId, CorporationId};

/// The companies that a client is bound to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TenantBinding {
    /// One company and nothing else.
    Company(CompanyId),
    /// Every company of a corporation, one of them its home (A4).
    Corporation {
        /// What `companyId` says.
        home: CompanyId,
        /// What `corporationId` says.
        corporation: CorporationId,
    },
    /// No company: no token for an API whose resources belong to companies (R23).
    Unbound,
}

/// The tenant that one token carries, under the namespace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tenant {
    /// `companyId`: always present.
    pub company: CompanyId,
    /// `corporationId`: only for a token that reaches every company of the corporation (R25).
    pub corporation: Option<CorporationId>,
}

impl Tenant {
    /// The corporation of a tenant that reaches all of one.
    #[must_use]
    pub fn corporation_of(tenant: Option<&Self>) -> Option<&CorporationId> {
        tenant.and_then(|tenant| tenant.corporation.as_ref())
    }
}

/// The client is not bound to the company it asked for.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the client is not bound to that company")]
pub struct OutOfReach;

impl TenantBinding {
    /// The home company, if there is a binding.
    #[must_use]
    pub const fn home(&self) -> Option<&CompanyId> {
        match self {
            Self::Company(company) | Self::Corporation { home: company, .. } => Some(company),
            Self::Unbound => None,
        }
    }

    /// The corporation, if the binding is to one.
    #[must_use]
    pub const fn corporation(&self) -> Option<&CorporationId> {
        match self {
            Self::Corporation { corporation, .. } => Some(corporation),
            Self::Company(_) | Self::Unbound => None,
        }
    }

    /// The tenant of a token that does not ask for one company in particular.
    #[must_use]
    pub fn widest(&self) -> Option<Tenant> {
        self.home().map(|home| Tenant { company: home.clone(), corporation: self.corporation().cloned() })
    }

    /// The tenant of a token narrowed to `company` (A6): that company and no corporation.
    /// `company_corporation` is the corporation that `company` belongs to, if it exists and belongs to one.
    ///
    /// # Errors
    /// When the client is not bound to that company.
    pub fn narrowed(
        &self,
        company: &CompanyId,
        company_corporation: Option<&CorporationId>,
    ) -> Result<Tenant, OutOfReach> {
        let bound = match self {
            Self::Company(own) => own == company,
            Self::Corporation { home, corporation } => {
                home == company || company_corporation == Some(corporation)
            }
            Self::Unbound => false,
        };
        if bound { Ok(Tenant { company: company.clone(), corporation: None }) } else { Err(OutOfReach) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn company(id: &str) -> CompanyId {
        CompanyId::parse(id).unwrap()
    }

    fn corporation(id: &str) -> CorporationId {
        CorporationId::parse(id).unwrap()
    }

    #[test]
    fn r25_only_a_corporation_binding_yields_a_corporation() {
        assert_eq!(TenantBinding::Unbound.widest(), None);
        let one = TenantBinding::Company(company("acme")).widest().unwrap();
        assert_eq!(one, Tenant { company: company("acme"), corporation: None });
        let many = TenantBinding::Corporation { home: company("acme"), corporation: corporation("group") };
        assert_eq!(many.widest().unwrap().corporation, Some(corporation("group")));
    }

    #[test]
    fn a_binding_narrows_to_its_own_companies_only() {
        let group = TenantBinding::Corporation { home: company("acme"), corporation: corporation("group") };
        let labs = group.narrowed(&company("labs"), Some(&corporation("group"))).unwrap();
        assert_eq!(labs, Tenant { company: company("labs"), corporation: None });
        assert_eq!(group.narrowed(&company("globex"), None), Err(OutOfReach));
        assert_eq!(group.narrowed(&company("globex"), Some(&corporation("other"))), Err(OutOfReach));
        let one = TenantBinding::Company(company("acme"));
        assert_eq!(one.narrowed(&company("labs"), Some(&corporation("group"))), Err(OutOfReach));
        assert!(one.narrowed(&company("acme"), None).is_ok());
        assert_eq!(TenantBinding::Unbound.narrowed(&company("acme"), None), Err(OutOfReach));
    }
}
