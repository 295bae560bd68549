//! `companies`: create, list, show, delete.

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
            global.output.list(&["id", "name", "corporation_id", "created_at"], &things)
        }
        Command::Show { id } => global.output.thing(&thing(&manager.company(&id).await?)),
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
    Thing::new()
        .with("id", company.id.as_str())
        .with("name", company.name.as_str())
        .maybe("corporation_id", company.corporation_id.as_ref().map(ToString::to_string))
        .with("created_at", company.created_at.to_string())
}
