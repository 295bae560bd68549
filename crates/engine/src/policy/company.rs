//! The company for which a user acts through a client, and how far what is granted there reaches.

use tokenry_clock::Timestamp;
use tokenry_model::{Company, Tenant, TenantBinding};

use super::granted::Granted;
use super::may_act::{Standing, may_act};

/// Which company it should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'a> {
    /// Whichever there is.
    Any,
    /// This one, if it is among them: the user's last choice.
    Rather(&'a str),
    /// This one and no other: the user's choice now.
    This(&'a str),
}

/// Which company it is.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Pick {
    /// There is none to act for.
    None,
    /// The one that was named is not among them.
    NotTheirs,
    /// This one.
    One(Company),
    /// The user must say which of these.
    Several(Vec<Company>),
}

/// Of the companies that a user is a member of, the one that is wanted or the only one: of those that may act and that whoever
/// acts for the user is bound to.
pub(crate) fn pick(
    members_of: Vec<Company>,
    binding: &TenantBinding,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Pick {
    let mut companies = members_of;
    companies.retain(|company| {
        may_act(Standing { company: Some(company), ..Standing::default() }, now).is_ok()
            && is_bound(binding, company)
    });
    let place = |id: &str| companies.iter().position(|company| company.id.as_str() == id);
    let found = match wanted {
        Wanted::Any => None,
        Wanted::Rather(id) => place(id),
        Wanted::This(id) => match place(id) {
            None => return Pick::NotTheirs,
            found => found,
        },
    };
    match (found, companies.len()) {
        (Some(place), _) => Pick::One(companies.swap_remove(place)),
        (None, 0) => Pick::None,
        (None, 1) => Pick::One(companies.swap_remove(0)),
        (None, _) => Pick::Several(companies),
    }
}

/// The tenant of tokens for a company: its corporation too where all that is granted holds for all of it (R25).
pub(crate) fn tenant(company: &Company, granted: &Granted) -> Tenant {
    let corporation = company.corporation_id.clone().filter(|_id| granted.corporation_wide);
    Tenant { company: company.id.clone(), corporation }
}

fn is_bound(binding: &TenantBinding, company: &Company) -> bool {
    *binding == TenantBinding::Unbound
        || binding.narrowed(&company.id, company.corporation_id.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use tokenry_model::CompanyId;

    fn company(id: &str, disabled_at: Option<Timestamp>) -> Company {
        Company {
            id: CompanyId::parse(id).unwrap(),
            name: id.to_owned(),
            corporation_id: None,
            disabled_at,
            version: 1,
            created_at: Timestamp::EPOCH,
        }
    }

    /// In the companies of a user, `!` marks one that is disabled.
    #[rstest]
    #[case::none("", "", Wanted::Any, "none")]
    #[case::only_one_may_act("!acme", "", Wanted::Any, "none")]
    #[case::the_only_one("acme", "", Wanted::Any, "acme")]
    #[case::one_of_them_may_act("!acme globex", "", Wanted::Any, "globex")]
    #[case::several("acme globex", "", Wanted::Any, "several")]
    #[case::the_last("acme globex", "", Wanted::Rather("globex"), "globex")]
    #[case::the_last_is_not_theirs_now("acme globex", "", Wanted::Rather("labs"), "several")]
    #[case::the_last_may_not_act("acme !globex labs", "", Wanted::Rather("globex"), "several")]
    #[case::named("acme globex", "", Wanted::This("globex"), "globex")]
    #[case::named_and_not_theirs("acme", "", Wanted::This("globex"), "not theirs")]
    #[case::named_and_may_not_act("acme !globex", "", Wanted::This("globex"), "not theirs")]
    #[case::bound("acme globex", "globex", Wanted::Any, "globex")]
    #[case::bound_elsewhere("acme", "globex", Wanted::Any, "none")]
    #[case::named_and_bound_elsewhere("acme globex", "globex", Wanted::This("acme"), "not theirs")]
    fn con_08_a_user_acts_for_one_of_theirs(
        #[case] members_of: &str,
        #[case] bound: &str,
        #[case] wanted: Wanted<'_>,
        #[case] expected: &str,
    ) {
        let members_of = members_of.split_whitespace().map(|id| match id.strip_prefix('!') {
            Some(id) => company(id, Some(Timestamp::EPOCH)),
            None => company(id, None),
        });
        let binding = CompanyId::parse(bound).map_or(TenantBinding::Unbound, TenantBinding::Company);
        let picked = match pick(members_of.collect(), &binding, wanted, Timestamp::EPOCH) {
            Pick::None => "none".to_owned(),
            Pick::NotTheirs => "not theirs".to_owned(),
            Pick::One(company) => company.id.to_string(),
            Pick::Several(_companies) => "several".to_owned(),
        };
        assert_eq!(picked, expected);
    }
}
