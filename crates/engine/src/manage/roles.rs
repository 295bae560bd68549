//! Roles: what a membership that has one allows, by API.

use tokenry_model::{Event, Record, ResourceServer, Role, RolePermission, Subject};
use tokenry_protocol::scope::Scope;
use tokenry_store::{Announced, RoleUpdate};

use super::Manager;
use super::error::Error;
use super::grants::ceiling;
use super::text::{check_id, check_text, composed};

/// The longest name of a role, in bytes.
const MAX_NAME: usize = 64;

/// A role to be made.
#[derive(Clone, Debug, Default)]
pub struct NewRole {
    /// Names it: `A-Z a-z 0-9 . _ ~ -`, at most 64.
    pub name: String,
    /// For people.
    pub description: String,
    /// Whether it holds for every company of the corporation that the membership's company belongs to.
    pub corporation_wide: bool,
    /// What it allows.
    pub allow: Vec<Allowance>,
}

/// What a role allows at one API.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// The API's id or audience.
    pub api: String,
    /// The scopes.
    pub scopes: AllowedScopes,
}

/// Which of an API's scopes a role allows.
#[derive(Clone, Debug)]
pub enum AllowedScopes {
    /// All that the API defines today.
    All,
    /// None any more.
    None,
    /// These, each of which the API defines.
    Only(Vec<String>),
}

/// What of a role is to change; what is `None`, or not named, stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateRole {
    /// For people.
    pub description: Option<String>,
    /// Whether it holds for the whole corporation.
    pub corporation_wide: Option<bool>,
    /// What it allows from then on at these APIs.
    pub allow: Vec<Allowance>,
}

impl Manager {
    /// Makes a role, which nobody has yet.
    ///
    /// # Errors
    /// When a value cannot be taken, the name is taken, or an API does not exist.
    pub async fn create_role(&self, new: NewRole) -> Result<Role, Error> {
        check_role_name(&new.name)?;
        check_text("description", &new.description)?;
        let mut permissions = self.permissions(&new.allow).await?;
        permissions.retain(|permission| !permission.scope.is_empty());
        let now = self.clock.now();
        let role = Role {
            name: new.name,
            description: composed(&new.description),
            corporation_wide: new.corporation_wide,
            permissions,
            created_at: now,
        };
        let record = self
            .record(now, Event::RoleCreated, Subject::Role(role.name.clone()))
            .with("corporation_wide", role.corporation_wide);
        let record = note_permissions(record, &role.permissions);
        let created = self.store.create_role(&role, &[record]).await;
        created.map_err(|error| Error::from_store(error, "role", &role.name))?;
        Ok(role)
    }

    /// One role.
    ///
    /// # Errors
    /// When there is none of that name.
    pub async fn role(&self, name: &str) -> Result<Role, Error> {
        let found = self.store.find_role(name).await.map_err(Error::Store)?;
        found.ok_or_else(|| Error::not_found("role", name))
    }

    /// A page of roles in the order of their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn roles(&self, after: Option<&str>, limit: i64) -> Result<Vec<Role>, Error> {
        self.store.list_roles(after, limit).await.map_err(Error::Store)
    }

    /// Changes what a role allows, for the next request. Where that is less, what was granted to those who have it ends.
    /// Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such role or API, or a value cannot be taken.
    pub async fn update_role(&self, name: &str, update: UpdateRole) -> Result<(Role, Announced), Error> {
        if let Some(description) = &update.description {
            check_text("description", description)?;
        }
        let role = self.role(name).await?;
        let change = RoleUpdate {
            description: update.description.as_deref().map(composed),
            corporation_wide: update.corporation_wide,
            permissions: self.permissions(&update.allow).await?,
        };
        let now = self.clock.now();
        let mut record = self.record(now, Event::RoleUpdated, Subject::Role(role.name.clone()));
        if let Some(wide) = change.corporation_wide {
            record = record.with("corporation_wide", wide);
        }
        let record = note_permissions(record, &change.permissions);
        let updated = self.store.update_role(&role.name, &change, now, &[record]).await;
        let announced = updated.map_err(|error| Error::from_store(error, "role", name))?;
        Ok((self.role(name).await?, announced))
    }

    /// Removes a role that nobody has any more.
    ///
    /// # Errors
    /// When there is none, or memberships still have it.
    pub async fn delete_role(&self, name: &str) -> Result<(), Error> {
        let role = self.role(name).await?;
        let now = self.clock.now();
        let record = self.record(now, Event::RoleDeleted, Subject::Role(role.name.clone()));
        let deleted = self.store.delete_role(&role.name, now, &[record]).await;
        match deleted.map_err(|error| Error::from_store(error, "role", name))? {
            true => Ok(()),
            false => Err(Error::not_found("role", name)),
        }
    }

    /// The names, each once, of roles that there are.
    pub(super) async fn existing_roles(&self, names: &[String]) -> Result<Vec<String>, Error> {
        let mut roles = Vec::with_capacity(names.len());
        for name in names {
            roles.push(self.role(name).await?.name);
        }
        roles.sort();
        roles.dedup();
        Ok(roles)
    }

    async fn permissions(&self, allowances: &[Allowance]) -> Result<Vec<RolePermission>, Error> {
        let mut permissions = Vec::<RolePermission>::with_capacity(allowances.len());
        for allowance in allowances {
            let api = self.api(&allowance.api).await?;
            if permissions.iter().any(|earlier| earlier.resource_server_id == api.id) {
                return Err(Error::invalid("api", format!("\"{}\" is named twice", api.audience)));
            }
            let scope = allowed(&api, &allowance.scopes)?;
            permissions.push(RolePermission { resource_server_id: api.id, scope });
        }
        permissions.sort_by(|one, other| one.resource_server_id.cmp(&other.resource_server_id));
        Ok(permissions)
    }
}

fn allowed(api: &ResourceServer, scopes: &AllowedScopes) -> Result<Scope, Error> {
    match scopes {
        AllowedScopes::All => Ok(api.scope()),
        AllowedScopes::None => Ok(Scope::empty()),
        AllowedScopes::Only(scopes) => ceiling(api, scopes),
    }
}

fn note_permissions(record: Record, permissions: &[RolePermission]) -> Record {
    let by_api = permissions.iter().map(|permission| {
        let api = permission.resource_server_id.to_string();
        (api, serde_json::Value::from(permission.scope.to_string()))
    });
    let by_api: serde_json::Map<_, _> = by_api.collect();
    if by_api.is_empty() { record } else { record.with("permissions", by_api) }
}

/// A name that is typed after commands, and stands in the audit trail.
fn check_role_name(name: &str) -> Result<(), Error> {
    check_id("name", name)?;
    let clean = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte));
    if clean && (1..=MAX_NAME).contains(&name.len()) {
        return Ok(());
    }
    Err(Error::invalid("name", format!("a role's name is 1 to {MAX_NAME} characters of A-Z a-z 0-9 . _ ~ -")))
}
