//! `companies`: create, list, show, update, disable, enable, delete, members.

use clap::{Args, Subcommand};
use tokenry_engine::manage::UpdateCompany;
use tokenry_model::Company;

use super::{Global, members, page, propagation};
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
    /// Renames a company, or moves it to another corporation.
    Update(Update),
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
    /// The people in a company, and their roles there.
    #[command(subcommand)]
    Members(members::Command),
}

/// What is to change; what is not named stays.
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// Which.
    id: String,
    /// For people.
    #[arg(long, required_unless_present_any = ["corporation", "no_corporation"])]
    name: Option<String>,
    /// The corporation that holds it from then on.
    #[arg(long, value_name = "ID")]
    corporation: Option<String>,
    /// No corporation holds it any more.
    #[arg(long, conflicts_with = "corporation")]
    no_corporation: bool,
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
        Command::Update(Update { id, name, corporation, no_corporation }) => {
            let corporation = corporation.map(Some).or(no_corporation.then_some(None));
            let update = UpdateCompany { name, corporation };
            let (company, announced) = manager.update_company(&id, update).await?;
            let done = "The company is changed.";
            propagation::report(global, &manager, &announced, thing(&company), done).await
        }
        Command::Disable { id } => {
            let announced = manager.disable_company(&id).await?;
            let thing = thing(&manager.company(&id).await?);
            let done = "Nobody gets a token for the company from the next request on.";
            propagation::report(global, &manager, &announced, thing, done).await
        }
        Command::Enable { id } => {
            let announced = manager.enable_company(&id).await?;
            let thing = thing(&manager.company(&id).await?);
            let done = "There are new tokens for the company. The old ones stay dead.";
            propagation::report(global, &manager, &announced, thing, done).await
        }
        Command::Delete { id } => {
            manager.company(&id).await?;
            global.confirm(&format!("Remove company \"{id}\"?"))?;
            let announced = manager.delete_company(&id).await?;
            let (thing, done) = (propagation::deleted(&id), format!("Company \"{id}\" is removed."));
            propagation::report(global, &manager, &announced, thing, &done).await
        }
        Command::Members(command) => members::run(command, &manager, global).await,
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
