//! `corporations`: create, list, show, delete.

use clap::Subcommand;
use tokenry_model::Corporation;

use super::{Global, page};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with corporations.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a corporation.
    Create {
        /// For people.
        #[arg(long)]
        name: String,
        /// Its id, where it must match another system's; otherwise a new one.
        #[arg(long)]
        id: Option<String>,
    },
    /// Lists all corporations.
    List,
    /// Shows one.
    Show {
        /// Which.
        id: String,
    },
    /// Removes a corporation that holds no company any more.
    Delete {
        /// Which.
        id: String,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    match command {
        Command::Create { name, id } => {
            let corporation = manager.create_corporation(&name, id.as_deref()).await?;
            global.output.thing(&thing(&corporation))
        }
        Command::List => {
            let read = async |after: Option<tokenry_model::CorporationId>, limit| {
                manager.corporations(after.as_ref(), limit).await
            };
            let corporations = page::all(|corporation: &Corporation| corporation.id.clone(), read).await?;
            let things: Vec<_> = corporations.iter().map(thing).collect();
            global.output.list(&["id", "name", "created_at"], &things)
        }
        Command::Show { id } => global.output.thing(&thing(&manager.corporation(&id).await?)),
        Command::Delete { id } => {
            manager.corporation(&id).await?;
            global.confirm(&format!("Remove corporation \"{id}\"?"))?;
            manager.delete_corporation(&id).await?;
            global.say(&format!("Corporation \"{id}\" is removed."));
            Ok(())
        }
    }
}

fn thing(corporation: &Corporation) -> Thing {
    Thing::new()
        .with("id", corporation.id.as_str())
        .with("name", corporation.name.as_str())
        .with("created_at", corporation.created_at.to_string())
}
