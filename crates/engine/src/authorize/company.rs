//! The company for which a user acts: of those that the user is a member of and the client is bound to.

use tokenry_model::{Client, Company, TenantBinding, UserId};

use crate::engine::Engine;
use crate::refusal::Refusal;

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

/// The company that was picked, or the only one there is.
pub(super) fn pick(mut companies: Vec<Company>, picked: Option<&str>) -> Pick {
    if let Some(picked) = picked {
        let found = companies.into_iter().find(|company| company.id.as_str() == picked);
        return found.map_or(Pick::NotTheirs, Pick::One);
    }
    match companies.len() {
        0 => Pick::None,
        1 => companies.pop().map_or(Pick::None, Pick::One),
        _ => Pick::Several(companies),
    }
}

fn is_bound(binding: &TenantBinding, company: &Company) -> bool {
    *binding == TenantBinding::Unbound
        || binding.narrowed(&company.id, company.corporation_id.as_ref()).is_ok()
}
