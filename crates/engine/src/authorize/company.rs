//! The company for which a user acts: of those that the user is a member of and the client is bound to.

use tokenry_model::{Client, Company, TenantBinding, UserId};

use crate::engine::Engine;
use crate::refusal::Refusal;

/// Which company it should be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    /// Whichever there is.
    Any,
    /// This one, if it is among them: the user's last choice.
    Rather(&'a str),
    /// This one and no other: the user's choice now.
    This(&'a str),
}

/// Which company it is.
#[derive(Debug)]
pub(super) enum Pick {
    /// There is none to act for.
    None,
    /// The user named one that is not among them.
    NotTheirs,
    /// This one.
    One(Company),
    /// The user must say which of these.
    Several(Vec<Company>),
}

impl Engine {
    /// The companies for which the user may act through the client, by name.
    pub(super) async fn companies_of(&self, user: &UserId, client: &Client) -> Result<Vec<Company>, Refusal> {
        let mut companies = self.store.list_companies_of_user(user).await?;
        companies.retain(|company| company.disabled_at.is_none() && is_bound(&client.binding, company));
        Ok(companies)
    }
}

/// The company that is wanted, or the only one there is.
pub(super) fn pick(mut companies: Vec<Company>, wanted: Wanted<'_>) -> Pick {
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

fn is_bound(binding: &TenantBinding, company: &Company) -> bool {
    *binding == TenantBinding::Unbound
        || binding.narrowed(&company.id, company.corporation_id.as_ref()).is_ok()
}
