//! `grants`: create, list, show, delete.

use clap::Subcommand;
use tokenry_model::ClientGrant;

use super::{Global, propagation};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with client grants.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lets a client ask for tokens for an API.
    Create {
        /// The client.
        #[arg(long, value_name = "ID")]
        client: String,
        /// The API's audience.
        #[arg(long, value_name = "AUDIENCE")]
        api: String,
        /// A scope that tokens may carry; may be repeated. Without any: all that the API defines today.
        #[arg(long, value_name = "SCOPE")]
        scope: Vec<String>,
    },
    /// Lists grants: one client's, or all.
    List {
        /// The client.
        #[arg(long, value_name = "ID")]
        client: Option<String>,
    },
    /// Shows one.
    Show {
        /// Which.
        id: String,
    },
    /// Takes the API from the client.
    Delete {
        /// Which.
        id: String,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    match command {
        Command::Create { client, api, scope } => {
            let grant = manager.create_grant(&client, &api, &scope).await?;
            global.output.thing(&thing(&grant))
        }
        Command::List { client } => {
            let grants = manager.grants(client.as_deref()).await?;
            let things: Vec<_> = grants.iter().map(thing).collect();
            global.output.list(&["id", "client_id", "api_id", "scope"], &things)
        }
        Command::Show { id } => global.output.thing(&thing(&manager.grant(&id).await?)),
        Command::Delete { id } => {
            let grant = manager.grant(&id).await?;
            global.confirm(&format!(
                "Take the API {} from client {}?",
                grant.resource_server_id, grant.client_id
            ))?;
            let announced = manager.delete_grant(&id).await?;
            let (thing, done) = (propagation::deleted(&id), format!("Grant \"{id}\" is removed."));
            propagation::report(global, &manager, &announced, thing, &done).await
        }
    }
}

fn thing(grant: &ClientGrant) -> Thing {
    Thing::new()
        .with("id", grant.id.as_str())
        .with("client_id", grant.client_id.as_str())
        .with("api_id", grant.resource_server_id.as_str())
        .with("scope", grant.scope.to_string())
        .with("created_at", grant.created_at.to_string())
}
