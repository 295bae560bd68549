//! `companies`: create, list, show, disable, enable, delete.

use clap::Subcommand;
use tokenry_model::Company;

use super::{Global, page};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with companies.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a company.
    Create {
        /// For people.
        #[arg(long)]
        name: String,
        /// Its id, where it must match another system's; otherwise a new one.
        #[arg(long)]
        id: Option<String>,
        /// The corporation that holds it.
        #[arg(long, value_name = "ID")]
        corporation: Option<String>,
    },
    /// Lists all companies.
    List,
    /// Shows one.
    Show {
        /// Which.
        id: String,
    },
    /// Bars everyone from acting for a company.
    Disable {
        /// Which.
        id: String,
    },
    /// Lets a company be acted for again, with new tokens.
    Enable {
        /// Which.
        id: String,
    },
    /// Removes a company that nobody acts for any more.
    Delete {
        /// Which.
        id: String,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    match command {
        Command::Create { name, id, corporation } => {
            let company = manager.create_company(&name, id.as_deref(), corporation.as_deref()).await?;
            global.output.thing(&thing(&company))
        }
        Command::List => {
            let read = async |after: Option<tokenry_model::CompanyId>, limit| {
                manager.companies(after.as_ref(), limit).await
            };
            let companies = page::all(|company: &Company| company.id.clone(), read).await?;
            let things: Vec<_> = companies.iter().map(thing).collect();
            global.output.list(&["id", "name", "corporation_id", "state", "created_at"], &things)
        }
        Command::Show { id } => global.output.thing(&thing(&manager.company(&id).await?)),
        Command::Disable { id } => {
            manager.disable_company(&id).await?;
            global.output.thing(&thing(&manager.company(&id).await?))?;
            global.say("Nobody gets a token for the company from the next request on.");
            Ok(())
        }
        Command::Enable { id } => {
            manager.enable_company(&id).await?;
            global.output.thing(&thing(&manager.company(&id).await?))?;
            global.say("There are new tokens for the company. The old ones stay dead.");
            Ok(())
        }
        Command::Delete { id } => {
            manager.company(&id).await?;
            global.confirm(&format!("Remove company \"{id}\"?"))?;
            manager.delete_company(&id).await?;
            global.say(&format!("Company \"{id}\" is removed."));
            Ok(())
        }
    }
}

fn thing(company: &Company) -> Thing {
    let state = if company.disabled_at.is_some() { "disabled" } else { "enabled" };
    Thing::new()
        .with("id", company.id.as_str())
        .with("name", company.name.as_str())
        .maybe("corporation_id", company.corporation_id.as_ref().map(ToString::to_string))
        .with("state", state)
        .with("created_at", company.created_at.to_string())
}
