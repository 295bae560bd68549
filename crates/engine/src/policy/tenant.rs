//! Which tenant a token carries (R23, R25, A4, A6).

use tokenry_model::{Company, CompanyId, Tenant, TenantBinding};

/// Why no tenant can be given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoTenant {
    /// The client is not bound to the company that it asked for, or there is none such: both look alike.
    OutOfReach,
    /// The API's resources belong to companies, and the client is bound to none.
    Unbound,
}

/// The tenant of a token. `company` is the one asked for, or else the client's home, as the directory has it.
///
/// # Errors
/// When the client is bound to no company although the API needs one, or not to the one it asked for.
pub(crate) fn decide(
    binding: &TenantBinding,
    requested: Option<&CompanyId>,
    company: Option<&Company>,
    tenanted: bool,
) -> Result<Option<Tenant>, NoTenant> {
    match (requested, company) {
        (Some(requested), Some(company)) => binding
            .narrowed(requested, company.corporation_id.as_ref())
            .map(Some)
            .map_err(|_out| NoTenant::OutOfReach),
        (Some(_), None) => Err(NoTenant::OutOfReach),
        // The home company is gone from the directory: nobody acts for it.
        (None, None) if binding.home().is_some() => Err(NoTenant::OutOfReach),
        (None, _) if tenanted => binding.widest().map(Some).ok_or(NoTenant::Unbound),
        (None, _) => Ok(binding.widest()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokenry_clock::Timestamp;
    use tokenry_model::CorporationId;

    fn company_id() -> impl Strategy<Value = CompanyId> {
        prop::sample::select(vec!["acme", "labs", "globex"]).prop_map(|id| CompanyId::parse(id).unwrap())
    }

    fn corporation_id() -> impl Strategy<Value = CorporationId> {
        prop::sample::select(vec!["group", "other"]).prop_map(|id| CorporationId::parse(id).unwrap())
    }

    fn binding() -> impl Strategy<Value = TenantBinding> {
        prop_oneof![
            Just(TenantBinding::Unbound),
            company_id().prop_map(TenantBinding::Company),
            (company_id(), corporation_id())
                .prop_map(|(home, corporation)| TenantBinding::Corporation { home, corporation }),
        ]
    }

    proptest! {
        #[test]
        fn r22_a_token_names_only_what_the_client_is_bound_to(
            binding in binding(),
            requested in prop::option::of(company_id()),
            corporation in prop::option::of(corporation_id()),
            exists: bool,
            tenanted: bool,
        ) {
            let id = requested.as_ref().or_else(|| binding.home()).cloned();
            let company = id.filter(|_| exists).map(|id| Company {
                id,
                name: String::new(),
                corporation_id: corporation.clone(),
                disabled_at: None,
                version: 1,
                created_at: Timestamp::EPOCH,
            });
            let decision = decide(&binding, requested.as_ref(), company.as_ref(), tenanted);
            if let Ok(Some(tenant)) = &decision {
                let home = binding.home() == Some(&tenant.company);
                let sister = binding.corporation().is_some() && binding.corporation() == corporation.as_ref();
                prop_assert!(exists);
                prop_assert!(home || (requested.as_ref() == Some(&tenant.company) && sister));
                prop_assert_eq!(tenant.corporation.is_some(), requested.is_none() && binding.corporation().is_some());
            }
            if tenanted {
                prop_assert_ne!(decision, Ok(None));
            }
        }
    }
}
