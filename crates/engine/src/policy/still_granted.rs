//! What is left of what a user granted: what the API still defines, the application may still have and the user still holds.

use tokenry_model::{HeldScope, Tenant};
use tokenry_protocol::scope::Scope;

use super::granted::{self, Sets, split};

/// What holds at the API now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AtApi<'a> {
    /// What the API defines.
    pub(crate) defined: &'a Scope,
    /// What the application may have at the most.
    pub(crate) ceiling: &'a Scope,
    /// What the user's roles in the company give.
    pub(crate) held: &'a [HeldScope],
}

/// What is left.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Left {
    /// Of the scope.
    pub(crate) scope: Scope,
    /// Of the tenant: the corporation only while all that is left holds for all of it.
    pub(crate) tenant: Option<Tenant>,
}

/// What is left of `wanted`, which is of what was granted; `None` where nothing is left at an API at which something was.
#[must_use]
pub(crate) fn decide(wanted: &Scope, tenant: Option<&Tenant>, api: Option<AtApi<'_>>) -> Option<Left> {
    let (own, wanted_at_api) = split(wanted);
    let at_api = api.map(|AtApi { defined, ceiling, held }| {
        granted::decide(Sets { requested: Some(&wanted_at_api), defined, ceiling, held, consented: None })
    });
    let at_api_scope = at_api.as_ref().map(|granted| granted.scope.clone()).unwrap_or_default();
    let scope: Scope = own.iter().chain(&at_api_scope).cloned().collect();
    if scope.is_empty() || (!wanted_at_api.is_empty() && at_api_scope.is_empty()) {
        return None;
    }
    let all_wide = at_api.is_some_and(|granted| granted.corporation_wide);
    let tenant = tenant.map(|tenant| Tenant {
        company: tenant.company.clone(),
        corporation: tenant.corporation.clone().filter(|_id| all_wide),
    });
    Some(Left { scope, tenant })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokenry_model::{CompanyId, CorporationId};

    const NAMES: [&str; 4] = ["a", "b", "c", "openid"];

    fn scope() -> impl Strategy<Value = Scope> {
        proptest::sample::subsequence(NAMES.to_vec(), 0..=4)
            .prop_map(|tokens| Scope::parse(&tokens.join(" ")).unwrap_or_else(|_empty| Scope::empty()))
    }

    fn tenant() -> Tenant {
        let corporation = CorporationId::parse("group").ok();
        Tenant { company: CompanyId::parse("acme").unwrap(), corporation }
    }

    proptest! {
        #[test]
        fn rt_08_what_is_left_is_wanted_defined_allowed_and_held(
            wanted in scope(), defined in scope(), ceiling in scope(),
            held in proptest::collection::vec((scope(), any::<bool>()), 0..3),
        ) {
            let roles: Vec<_> = held
                .iter()
                .map(|(scope, corporation_wide)| HeldScope { scope: scope.clone(), corporation_wide: *corporation_wide })
                .collect();
            let api = AtApi { defined: &defined, ceiling: &ceiling, held: &roles };
            let left = decide(&wanted, Some(&tenant()), Some(api));
            let by = |name: &str, wide: bool| {
                held.iter().any(|(scope, is_wide)| scope.contains(name) && (*is_wide || !wide))
            };
            let stays = |name: &&str| {
                let name = *name;
                wanted.contains(name)
                    && (name == "openid" || defined.contains(name) && ceiling.contains(name) && by(name, false))
            };
            let expected: Vec<_> = NAMES.into_iter().filter(stays).collect();
            let at_api: Vec<_> = expected.iter().filter(|name| **name != "openid").collect();
            let wanted_at_api = ["a", "b", "c"].into_iter().any(|name| wanted.contains(name));
            match left {
                None => prop_assert!(expected.is_empty() || wanted_at_api && at_api.is_empty()),
                Some(left) => {
                    prop_assert_eq!(left.scope.to_string(), expected.join(" "));
                    let wide = wanted_at_api && at_api.iter().all(|name| by(name, true));
                    prop_assert_eq!(left.tenant.unwrap().corporation.is_some(), wide);
                }
            }
        }
    }
}
