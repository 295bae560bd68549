//! Roles: what a membership that has one allows, by API, and what a user may do in a company.

use tokenry_clock::Timestamp;
use tokenry_model::{Record, ResourceServerId, Role, RolePermission};

use crate::change_log::{self, Entity};
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::Announced;
use crate::memberships::end_membership;
use crate::own_events::{Subjects, announce_subjects};
use crate::store::{insert, must_be_unused, must_exist, update};
use crate::{Store, api_scopes, audit, params, statements};

macro_rules! columns {
    () => {
        "r.name, r.description, r.corporation_wide, r.created_at, p.resource_server_id, p.scope"
    };
}

statements! {
    pub(crate) FIND_ROLE = concat!(
        "SELECT ", columns!(), " FROM roles r LEFT JOIN role_permissions p ON p.role = r.name WHERE r.name = $1 \
         ORDER BY p.resource_server_id"
    );
    pub(crate) LIST_ROLES = concat!(
        "SELECT ", columns!(), " FROM roles r LEFT JOIN role_permissions p ON p.role = r.name \
         WHERE r.name IN (SELECT n.name FROM roles n WHERE n.name > $1 ORDER BY n.name LIMIT $2) \
         ORDER BY r.name, p.resource_server_id"
    );
    pub(crate) ROLE_EXISTS = "SELECT name FROM roles WHERE name = $1";
    pub(crate) INSERT_NEW_ROLE =
        "INSERT INTO roles (name, description, corporation_wide, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING";
    pub(crate) UPDATE_ROLE =
        "UPDATE roles SET description = COALESCE($2, description), corporation_wide = COALESCE($3, corporation_wide) \
         WHERE name = $1";
    pub(crate) INSERT_ROLE_PERMISSION =
        "INSERT INTO role_permissions (role, resource_server_id, scope) VALUES ($1, $2, $3)";
    pub(crate) DELETE_ROLE_PERMISSION =
        "DELETE FROM role_permissions WHERE role = $1 AND resource_server_id = $2";
    pub(crate) COUNT_ROLE_MEMBERSHIPS = "SELECT COUNT(*) FROM membership_roles WHERE role = $1";
    pub(crate) DELETE_ROLE = "DELETE FROM roles WHERE name = $1";
    pub(crate) MEMBERSHIPS_OF_ROLE =
        "SELECT user_id, company_id FROM membership_roles WHERE role = $1 ORDER BY user_id, company_id";
    /// What was decided on the role as it was must not issue any more.
    pub(crate) BUMP_USERS_OF_ROLE =
        "UPDATE users SET version = version + 1 WHERE id IN (SELECT user_id FROM membership_roles WHERE role = $1)";
}

/// What changes about a role.
#[derive(Clone, Debug, Default)]
pub struct RoleUpdate {
    /// For people; `None`: as it is.
    pub description: Option<String>,
    /// Whether it holds for the whole corporation; `None`: as it is.
    pub corporation_wide: Option<bool>,
    /// What it allows from then on at these APIs, nothing where the scope is empty. At others: as it is.
    pub permissions: Vec<RolePermission>,
}

impl RoleUpdate {
    /// Whether who has the role may do less than before.
    fn takes_from(&self, role: &Role) -> bool {
        let less = |before: &RolePermission| {
            let after = self.permissions.iter().find(|it| it.resource_server_id == before.resource_server_id);
            after.is_some_and(|after| !before.scope.is_subset(&after.scope))
        };
        role.permissions.iter().any(less) || (role.corporation_wide && self.corporation_wide == Some(false))
    }
}

impl Store {
    /// The role of that name.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_role(&self, name: &str) -> Result<Option<Role>> {
        Ok(roles(&self.db.rows(FIND_ROLE, &params![name]).await?)?.pop())
    }

    /// Up to `limit` roles after the name `after`, by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_roles(&self, after: Option<&str>, limit: i64) -> Result<Vec<Role>> {
        roles(&self.db.list(LIST_ROLES, &params![after.unwrap_or_default(), limit]).await?)
    }

    /// Makes a role.
    ///
    /// # Errors
    /// When its name is taken, there is no such API, or the database does not answer.
    pub async fn create_role(&self, role: &Role, records: &[Record]) -> Result<()> {
        self.change((role.clone(), records.to_vec()), |tx, (role, records)| {
            Box::pin(async move {
                let name = role.name.as_str();
                let values = params![name, role.description.as_str(), role.corporation_wide, role.created_at];
                insert(tx, INSERT_NEW_ROLE, &values, Entity::Role).await?;
                insert_permissions(tx, name, &role.permissions).await?;
                change_log::append(tx, Entity::Role, name, role.created_at).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Changes what a role allows. Where that is less than before, what was granted to those who have it ends; says what
    /// guards must learn of it.
    ///
    /// # Errors
    /// When there is no such role or API, or the database does not answer.
    pub async fn update_role(
        &self,
        name: &str,
        change: &RoleUpdate,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Announced> {
        let input = (name.to_owned(), change.clone(), now, records.to_vec());
        self.change(input, |tx, (name, change, now, records)| {
            Box::pin(async move {
                let before = roles(&tx.rows(FIND_ROLE, &params![name.as_str()]).await?)?.pop();
                let before = before.ok_or(Error::Missing(Entity::Role))?;
                let values = params![
                    name.as_str(),
                    change.description.as_deref(),
                    change.corporation_wide.map(i64::from)
                ];
                update(tx, UPDATE_ROLE, &values, Entity::Role).await?;
                for permission in &change.permissions {
                    let api = permission.resource_server_id.as_str();
                    tx.exec(DELETE_ROLE_PERMISSION, &params![name.as_str(), api]).await?;
                }
                insert_permissions(tx, name, &change.permissions).await?;
                let mut announced = Announced::default();
                if change.takes_from(&before) {
                    announced = end_of_role(tx, name, *now).await?;
                }
                if !change.permissions.is_empty() || change.corporation_wide.is_some() {
                    announced.merge(announce_subjects(tx, Subjects::OfRole(name), *now).await?);
                }
                tx.exec(BUMP_USERS_OF_ROLE, &params![name.as_str()]).await?;
                change_log::append(tx, Entity::Role, name, *now).await?;
                audit::append(tx, records).await?;
                Ok(announced)
            })
        })
        .await
    }

    /// Removes a role that nobody has any more; `false` when there is none of that name.
    ///
    /// # Errors
    /// While memberships have it, or when the database does not answer.
    pub async fn delete_role(&self, name: &str, now: Timestamp, records: &[Record]) -> Result<bool> {
        self.change((name.to_owned(), now, records.to_vec()), |tx, (name, now, records)| {
            Box::pin(async move {
                must_be_unused(tx, COUNT_ROLE_MEMBERSHIPS, name, Entity::Membership).await?;
                if tx.exec(DELETE_ROLE, &params![name.as_str()]).await? == 0 {
                    return Ok(false);
                }
                change_log::append(tx, Entity::Role, name, *now).await?;
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn insert_permissions(tx: &mut Tx<'_>, role: &str, permissions: &[RolePermission]) -> Result<()> {
    for permission in permissions {
        let api = permission.resource_server_id.as_str();
        api_scopes::must_be_defined(tx, api, &permission.scope).await?;
        if permission.scope.is_empty() {
            continue;
        }
        tx.exec(INSERT_ROLE_PERMISSION, &params![role, api, permission.scope.to_string()]).await?;
    }
    Ok(())
}

/// Ends what was granted in every membership that has the role.
async fn end_of_role(tx: &mut Tx<'_>, role: &str, now: Timestamp) -> Result<Announced> {
    let mut announced = Announced::default();
    for row in tx.rows(MEMBERSHIPS_OF_ROLE, &params![role]).await? {
        let mut read = Reader::new(&row, "membership_roles");
        let (user, company) = (read.text("user_id")?, read.text("company_id")?);
        announced.merge(end_membership(tx, user, company, now).await?);
    }
    Ok(announced)
}

/// Roles of rows that come in the order of their names, one for each API or one without.
fn roles(rows: &[Row]) -> Result<Vec<Role>> {
    let mut roles = Vec::<Role>::new();
    for row in rows {
        let mut read = Reader::new(row, "roles");
        let role = Role {
            name: read.string("name")?,
            description: read.string("description")?,
            corporation_wide: read.flag("corporation_wide")?,
            created_at: read.at("created_at")?,
            permissions: Vec::new(),
        };
        read.table("role_permissions");
        let permission = read.joined(2, |read| {
            Ok(RolePermission {
                resource_server_id: read.parse("resource_server_id", ResourceServerId::parse)?,
                scope: read.scope("scope")?,
            })
        })?;
        if roles.last().is_none_or(|last| last.name != role.name) {
            roles.push(role);
        }
        if let Some(last) = roles.last_mut() {
            last.permissions.extend(permission);
        }
    }
    Ok(roles)
}

/// Refuses roles that there are not: a membership with one would come to it with whatever has that name later.
pub(crate) async fn must_be_roles(tx: &mut Tx<'_>, roles: &[String]) -> Result<()> {
    for role in roles {
        must_exist(tx, ROLE_EXISTS, role, Entity::Role).await?;
    }
    Ok(())
}
