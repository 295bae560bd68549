//! How far a user reaches: the companies that they may act for, and what their roles there give at an API.

use tokenry_model::{Company, CompanyId, HeldScope, ResourceServerId, UserId};

use crate::companies::read_company;
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, params, statements};

statements! {
    pub(crate) LIST_COMPANIES_OF_USER =
        "SELECT o.id, o.name, o.corporation_id, o.disabled_at, o.version, o.created_at \
         FROM memberships m JOIN companies o ON o.id = m.company_id WHERE m.user_id = $1 ORDER BY o.name, o.id";
    pub(crate) FIND_HELD_SCOPES =
        "SELECT p.scope, r.corporation_wide FROM membership_roles m JOIN roles r ON r.name = m.role \
         JOIN role_permissions p ON p.role = r.name \
         WHERE m.user_id = $1 AND m.company_id = $2 AND p.resource_server_id = $3 ORDER BY r.name";
}

impl Store {
    /// The companies that a user is a member of, by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_companies_of_user(&self, user_id: &UserId) -> Result<Vec<Company>> {
        let rows = self.db.list(LIST_COMPANIES_OF_USER, &params![user_id.as_str()]).await?;
        rows.iter().map(|row| read_company(&mut Reader::new(row, "companies"))).collect()
    }

    /// What each role that a user has in a company gives at an API, and whether it does so in all of the corporation.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_held_scopes(
        &self,
        user: &UserId,
        company: &CompanyId,
        api: &ResourceServerId,
    ) -> Result<Vec<HeldScope>> {
        let values = params![user.as_str(), company.as_str(), api.as_str()];
        let rows = self.db.list(FIND_HELD_SCOPES, &values).await?;
        let held = rows.iter().map(|row| {
            let mut read = Reader::new(row, "role_permissions");
            let scope = read.scope("scope")?;
            read.table("roles");
            Ok(HeldScope { scope, corporation_wide: read.flag("corporation_wide")? })
        });
        held.collect()
    }
}
