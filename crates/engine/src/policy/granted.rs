//! What a user's authorization grants: of what was requested, what is defined, within the application's ceiling, held by the
//! user and consented to.

use tokenry_model::HeldScope;
use tokenry_protocol::scope::{Scope, ScopeToken};

/// The scopes of OpenID Connect and of refresh tokens, which stand beside an API's.
pub(crate) const OF_THE_USER: [&str; 6] =
    ["address", "email", "offline_access", "openid", "phone", "profile"];

/// The five sets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sets<'a> {
    /// What was requested of the API; `None`: everything.
    pub(crate) requested: Option<&'a Scope>,
    /// What the API defines.
    pub(crate) defined: &'a Scope,
    /// What the application may have at the most.
    pub(crate) ceiling: &'a Scope,
    /// What the user's roles in the company give.
    pub(crate) held: &'a [HeldScope],
    /// What the user agreed to; `None`: all, because nobody is asked, or nobody has been yet.
    pub(crate) consented: Option<&'a Scope>,
}

/// Why a requested scope is not granted: the first of these that holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Withheld {
    /// The API does not define it.
    Undefined,
    /// The application may not have it, whoever its user is.
    AboveCeiling,
    /// No role of the user's in the company gives it.
    NotHeld,
    /// The user did not agree to it.
    NotConsented,
}

impl Withheld {
    /// The stable word for the audit.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::AboveCeiling => "above_ceiling",
            Self::NotHeld => "not_held",
            Self::NotConsented => "not_consented",
        }
    }
}

/// The decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Granted {
    /// What is granted.
    pub(crate) scope: Scope,
    /// What is not, and why.
    pub(crate) withheld: Vec<(ScopeToken, Withheld)>,
    /// Whether all of what is granted holds for every company of the corporation. Not of nothing.
    pub(crate) corporation_wide: bool,
}

/// Decides.
pub(crate) fn decide(sets: Sets<'_>) -> Granted {
    let requested = sets.requested.unwrap_or(sets.ceiling);
    let mut granted = Vec::new();
    let mut withheld = Vec::new();
    for token in requested {
        match why_not(token.as_str(), sets) {
            None => granted.push(token.clone()),
            Some(why) => withheld.push((token.clone(), why)),
        }
    }
    let wide = |token: &ScopeToken| {
        sets.held.iter().any(|held| held.corporation_wide && held.scope.contains(token.as_str()))
    };
    let corporation_wide = !granted.is_empty() && granted.iter().all(wide);
    Granted { scope: granted.into_iter().collect(), withheld, corporation_wide }
}

fn why_not(token: &str, sets: Sets<'_>) -> Option<Withheld> {
    if !sets.defined.contains(token) {
        Some(Withheld::Undefined)
    } else if !sets.ceiling.contains(token) {
        Some(Withheld::AboveCeiling)
    } else if !sets.held.iter().any(|held| held.scope.contains(token)) {
        Some(Withheld::NotHeld)
    } else if sets.consented.is_some_and(|consented| !consented.contains(token)) {
        Some(Withheld::NotConsented)
    } else {
        None
    }
}

/// Splits a requested scope into what is about the user, and what is the API's.
pub(crate) fn split(requested: &Scope) -> (Scope, Scope) {
    let (own, api): (Vec<_>, Vec<_>) =
        requested.iter().cloned().partition(|token| OF_THE_USER.contains(&token.as_str()));
    (own.into_iter().collect(), api.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

    fn scope() -> impl Strategy<Value = Scope> {
        proptest::sample::subsequence(NAMES.to_vec(), 0..=5)
            .prop_map(|tokens| Scope::parse(&tokens.join(" ")).unwrap_or_else(|_empty| Scope::empty()))
    }

    fn held() -> impl Strategy<Value = Vec<HeldScope>> {
        let one = (scope(), any::<bool>())
            .prop_map(|(scope, corporation_wide)| HeldScope { scope, corporation_wide });
        proptest::collection::vec(one, 0..3)
    }

    proptest! {
        #[test]
        fn r68_a_scope_is_granted_iff_it_is_in_all_five_sets(
            requested in proptest::option::of(scope()),
            defined in scope(),
            ceiling in scope(),
            held in held(),
            consented in proptest::option::of(scope()),
        ) {
            let decision = decide(Sets {
                requested: requested.as_ref(),
                defined: &defined,
                ceiling: &ceiling,
                held: &held,
                consented: consented.as_ref(),
            });
            let by = |name: &str, wide: bool| {
                held.iter().any(|held| held.scope.contains(name) && (held.corporation_wide || !wide))
            };
            for name in NAMES {
                let asked = requested.as_ref().is_none_or(|scope| scope.contains(name));
                let agreed = consented.as_ref().is_none_or(|scope| scope.contains(name));
                let expected =
                    asked && defined.contains(name) && ceiling.contains(name) && by(name, false) && agreed;
                prop_assert_eq!(decision.scope.contains(name), expected, "{}", name);
                let told = decision.withheld.iter().find(|(token, _why)| token.as_str() == name);
                let named = requested.as_ref().unwrap_or(&ceiling).contains(name);
                prop_assert_eq!(told.is_some(), named && !expected, "{}", name);
                match told.map(|(_token, why)| *why) {
                    None => {}
                    Some(Withheld::Undefined) => prop_assert!(!defined.contains(name)),
                    Some(Withheld::AboveCeiling) => prop_assert!(!ceiling.contains(name)),
                    Some(Withheld::NotHeld) => prop_assert!(!by(name, false)),
                    Some(Withheld::NotConsented) => prop_assert!(!agreed),
                }
            }
            let all_wide = decision.scope.iter().all(|token| by(token.as_str(), true));
            prop_assert_eq!(decision.corporation_wide, !decision.scope.is_empty() && all_wide);
        }

        #[test]
        fn r74_no_role_and_no_consent_lifts_a_ceiling(requested in scope(), ceiling in scope()) {
            let all = Scope::parse(&NAMES.join(" ")).unwrap();
            let held = [HeldScope { scope: all.clone(), corporation_wide: true }];
            let decision = decide(Sets {
                requested: Some(&requested),
                defined: &all,
                ceiling: &ceiling,
                held: &held,
                consented: Some(&all),
            });
            prop_assert_eq!(decision.scope, requested.intersection(&ceiling));
        }
    }

    #[test]
    fn what_is_about_the_user_stands_beside_what_is_the_apis() {
        let (own, api) = split(&Scope::parse("openid read:timesheets offline_access openid2").unwrap());
        assert_eq!(own.to_string(), "offline_access openid");
        assert_eq!(api.to_string(), "openid2 read:timesheets");
        assert!(OF_THE_USER.is_sorted());
    }
}
