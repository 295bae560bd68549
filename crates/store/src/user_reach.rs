//! How far a user reaches: the companies that they act for, and what their roles there give at an API.

use tokenry_model::{Company, CompanyId, ResourceServerId, UserId};
use tokenry_protocol::scope::Scope;

use crate::companies::read_company;
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, params, statements};

statements! {
    pub(crate) LIST_COMPANIES_OF_USER =
        "SELECT o.id, o.name, o.corporation_id, o.disabled_at, o.version, o.created_at \
         FROM memberships m JOIN companies o ON o.id = m.company_id WHERE m.user_id = $1 ORDER BY o.name, o.id";
    pub(crate) LIST_ROLE_SCOPES =
        "SELECT p.scope, r.corporation_wide FROM membership_roles m JOIN roles r ON r.name = m.role \
         JOIN role_permissions p ON p.role = r.name \
         WHERE m.user_id = $1 AND m.company_id = $2 AND p.resource_server_id = $3 ORDER BY r.name";
}

/// What one role gives its holder at an API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RoleScope {
    /// What.
    pub scope: Scope,
    /// Whether it holds for every company of the corporation.
    pub corporation_wide: bool,
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

    /// What each of a user's roles in a company gives at an API.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_role_scopes(
        &self,
        user_id: &UserId,
        company_id: &CompanyId,
        resource_server_id: &ResourceServerId,
    ) -> Result<Vec<RoleScope>> {
        let values = params![user_id.as_str(), company_id.as_str(), resource_server_id.as_str()];
        let rows = self.db.list(LIST_ROLE_SCOPES, &values).await?;
        let read = |row| {
            let mut read = Reader::new(row, "role_permissions");
            let scope = read.scope("scope")?;
            read.table("roles");
            Ok(RoleScope { scope, corporation_wide: read.flag("corporation_wide")? })
        };
        rows.iter().map(read).collect()
    }
}
