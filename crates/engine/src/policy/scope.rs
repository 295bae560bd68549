//! Which scope a client gets of what it asked (A10).

use tokenry_protocol::scope::Scope;

/// Why no scope is granted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum NoScope {
    /// Nothing of what was asked is granted to the client.
    NothingLeft,
    /// A name that the API does not define.
    Undefined,
}

/// Requested ∩ granted ∩ defined; everything granted and still defined if nothing was asked for.
///
/// # Errors
/// When a requested name is not defined by the API, or nothing is left of a request.
pub(crate) fn decide(requested: Option<&Scope>, granted: &Scope, defined: &Scope) -> Result<Scope, NoScope> {
    let ceiling = granted.intersection(defined);
    let Some(requested) = requested else { return Ok(ceiling) };
    if !requested.is_subset(defined) {
        return Err(NoScope::Undefined);
    }
    let scope = requested.intersection(&ceiling);
    if scope.is_empty() { Err(NoScope::NothingLeft) } else { Ok(scope) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope() -> impl Strategy<Value = Scope> {
        proptest::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..=5)
            .prop_map(|tokens| Scope::parse(&tokens.join(" ")).unwrap_or_else(|_empty| Scope::empty()))
    }

    proptest! {
        #[test]
        fn r68_a_scope_is_in_the_token_iff_requested_granted_and_defined(
            requested in proptest::option::of(scope()), granted in scope(), defined in scope(),
        ) {
            let decision = decide(requested.as_ref(), &granted, &defined);
            for name in ["a", "b", "c", "d", "e"] {
                let asked = requested.as_ref().is_none_or(|scope| scope.contains(name));
                let expected = asked && granted.contains(name) && defined.contains(name);
                if let Ok(scope) = &decision {
                    prop_assert_eq!(scope.contains(name), expected);
                }
            }
            let undefined = requested.as_ref().is_some_and(|scope| !scope.is_subset(&defined));
            prop_assert_eq!(decision == Err(NoScope::Undefined), undefined);
        }
    }
}
