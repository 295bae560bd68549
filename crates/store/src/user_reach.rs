//! How far a user reaches: the companies that they may act for, and what their roles there give at an API.

use tokenry_model::{Company, CompanyId, HeldScope, ResourceServer, ResourceServerId, UserId};

use crate::companies::read_company;
use crate::decode::Reader;
use crate::error::Result;
use crate::resource_servers::read_resource_server;
use crate::{Store, params, statements};

statements! {
    pub(crate) LIST_COMPANIES_OF_USER =
        "SELECT o.id, o.name, o.corporation_id, o.disabled_at, o.version, o.created_at \
         FROM memberships m JOIN companies o ON o.id = m.company_id WHERE m.user_id = $1 ORDER BY o.name, o.id";
    /// Two tell that the user must say which: how many more there are is all the same.
    pub(crate) LIST_TWO_COMPANIES_OF_USER =
        "SELECT o.id, o.name, o.corporation_id, o.disabled_at, o.version, o.created_at \
         FROM memberships m JOIN companies o ON o.id = m.company_id WHERE m.user_id = $1 ORDER BY o.id LIMIT 2";
    pub(crate) FIND_COMPANY_OF_USER =
        "SELECT o.id, o.name, o.corporation_id, o.disabled_at, o.version, o.created_at \
         FROM memberships m JOIN companies o ON o.id = m.company_id WHERE m.user_id = $1 AND m.company_id = $2";
    pub(crate) LIST_REACH =
        "SELECT a.id, a.name, a.audience, a.scopes, a.access_token_ttl, a.signing_alg, a.dialect, a.token_format, a.tenanted, \
         a.version, a.created_at, p.scope, r.corporation_wide FROM membership_roles m JOIN roles r ON r.name = m.role \
         JOIN role_permissions p ON p.role = r.name JOIN resource_servers a ON a.id = p.resource_server_id \
         WHERE m.user_id = $1 AND m.company_id = $2 ORDER BY a.audience, r.name";
    pub(crate) FIND_HELD_SCOPES =
        "SELECT p.scope, r.corporation_wide FROM membership_roles m JOIN roles r ON r.name = m.role \
         JOIN role_permissions p ON p.role = r.name \
         WHERE m.user_id = $1 AND m.company_id = $2 AND p.resource_server_id = $3 ORDER BY r.name";
}

/// An API at which a user holds something in a company.
#[derive(Clone, Debug)]
pub struct Reachable {
    /// The API.
    pub resource_server: ResourceServer,
    /// What each role gives there.
    pub held: Vec<HeldScope>,
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

    /// The companies that a user is a member of, also those that may not act: the named one, if it is one of them, or two of
    /// all, which tell whether there is more than one. For what is asked on every request:
    /// [`Self::list_companies_of_user`] reads all.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_companies_of_user(
        &self,
        user: &UserId,
        named: Option<&CompanyId>,
    ) -> Result<Vec<Company>> {
        let rows = match named {
            Some(id) => self.db.rows(FIND_COMPANY_OF_USER, &params![user.as_str(), id.as_str()]).await?,
            None => self.db.rows(LIST_TWO_COMPANIES_OF_USER, &params![user.as_str()]).await?,
        };
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
        let rows = self.db.rows(FIND_HELD_SCOPES, &values).await?;
        rows.iter().map(|row| read_held(&mut Reader::new(row, "role_permissions"))).collect()
    }

    /// The APIs at which a user's roles in a company give something, by audience.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_reach(&self, user: &UserId, company: &CompanyId) -> Result<Vec<Reachable>> {
        let rows = self.db.list(LIST_REACH, &params![user.as_str(), company.as_str()]).await?;
        let mut reach = Vec::<Reachable>::new();
        for row in &rows {
            let mut read = Reader::new(row, "resource_servers");
            let resource_server = read_resource_server(&mut read)?;
            read.table("role_permissions");
            let held = read_held(&mut read)?;
            match reach.last_mut() {
                Some(last) if last.resource_server.id == resource_server.id => last.held.push(held),
                _ => reach.push(Reachable { resource_server, held: vec![held] }),
            }
        }
        Ok(reach)
    }
}

fn read_held(read: &mut Reader<'_>) -> Result<HeldScope> {
    let scope = read.scope("scope")?;
    read.table("roles");
    Ok(HeldScope { scope, corporation_wide: read.flag("corporation_wide")? })
}
