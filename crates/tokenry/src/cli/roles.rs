//! `roles`: create, list, show, update, delete.

use clap::{Args, Subcommand};
use tokenry_engine::manage::{Allowance, AllowedScopes, NewRole, UpdateRole};
use tokenry_model::Role;

use super::{Global, page, propagation};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with roles.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a role, which members of companies can then have.
    Create(Create),
    /// Lists all roles.
    List,
    /// Shows one.
    Show {
        /// Which.
        name: String,
    },
    /// Changes what a role allows. Where that is less, what was granted to those who have it ends.
    Update(Update),
    /// Removes a role that nobody has any more.
    Delete {
        /// Which.
        name: String,
    },
}

/// A role to be made.
#[derive(Args, Debug)]
pub(crate) struct Create {
    /// Names it.
    #[arg(long)]
    name: String,
    /// For people.
    #[arg(long, default_value = "")]
    description: String,
    /// The audience or id of an API at which it allows something; `roles update` adds others.
    #[arg(long, value_name = "AUDIENCE")]
    api: Option<String>,
    /// A scope of that API that it allows; may be repeated. Without any: all that the API defines today.
    #[arg(long, value_name = "SCOPE", requires = "api")]
    scope: Vec<String>,
    /// It holds for every company of the corporation, not only for the member's own.
    #[arg(long)]
    corporation_wide: bool,
}

/// What is to change; what is not named stays.
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// Which.
    name: String,
    /// For people.
    #[arg(long, required_unless_present_any = ["api", "corporation_wide"])]
    description: Option<String>,
    /// The audience or id of an API: what it allows there is set anew.
    #[arg(long, value_name = "AUDIENCE")]
    api: Option<String>,
    /// A scope of that API that it allows; may be repeated. Without any: all that the API defines today.
    #[arg(long, value_name = "SCOPE", requires = "api")]
    scope: Vec<String>,
    /// It allows nothing at that API any more.
    #[arg(long, requires = "api", conflicts_with = "scope")]
    no_scope: bool,
    /// Whether it holds for every company of the corporation.
    #[arg(long, value_name = "BOOL")]
    corporation_wide: Option<bool>,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    match command {
        Command::Create(Create { name, description, api, scope, corporation_wide }) => {
            let allow = api.map(|api| Allowance { api, scopes: scopes(scope) }).into_iter().collect();
            let role = manager.create_role(NewRole { name, description, corporation_wide, allow }).await?;
            global.output.thing(&thing(&role))
        }
        Command::List => {
            let read = async |after: Option<String>, limit| manager.roles(after.as_deref(), limit).await;
            let roles = page::all(|role: &Role| role.name.clone(), read).await?;
            let things: Vec<_> = roles.iter().map(thing).collect();
            global.output.list(&["name", "description", "corporation_wide", "permissions"], &things)
        }
        Command::Show { name } => global.output.thing(&thing(&manager.role(&name).await?)),
        Command::Update(Update { name, description, api, scope, no_scope, corporation_wide }) => {
            let scopes = if no_scope { AllowedScopes::None } else { scopes(scope) };
            let allow = api.map(|api| Allowance { api, scopes }).into_iter().collect();
            let update = UpdateRole { description, corporation_wide, allow };
            let (role, announced) = manager.update_role(&name, update).await?;
            let done = "The role is changed, for whoever has it, from the next request on.";
            propagation::report(global, &manager, &announced, thing(&role), done).await
        }
        Command::Delete { name } => {
            manager.role(&name).await?;
            global.confirm(&format!("Remove role \"{name}\"?"))?;
            manager.delete_role(&name).await?;
            global.say(&format!("Role \"{name}\" is removed."));
            Ok(())
        }
    }
}

fn scopes(named: Vec<String>) -> AllowedScopes {
    if named.is_empty() { AllowedScopes::All } else { AllowedScopes::Only(named) }
}

fn thing(role: &Role) -> Thing {
    let permissions = role.permissions.iter().map(|permission| {
        serde_json::json!({
            "api_id": permission.resource_server_id.as_str(),
            "scope": permission.scope.to_string(),
        })
    });
    Thing::new()
        .with("name", role.name.as_str())
        .with("description", role.description.as_str())
        .with("corporation_wide", role.corporation_wide)
        .with("permissions", permissions.collect::<Vec<_>>())
        .with("created_at", role.created_at.to_string())
}
