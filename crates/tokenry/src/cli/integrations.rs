//! `integrations`: create, list, show, rotate, delete.

use clap::Subcommand;
use tokenry_engine::manage::NewIntegration;
use tokenry_model::Integration;

use super::{Global, page, propagation};
use crate::config::Ttl;
use crate::failure::Result;
use crate::host::Host;
use crate::output::Thing;
use crate::snippet;

/// What to do with integrations.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes an integration: a client of its own, bound to a company, with one API and a secret.
    Create {
        /// Its name; no two have the same.
        name: String,
        /// The company that it acts for.
        #[arg(long, value_name = "ID")]
        company: String,
        /// The API that it calls: its id or audience.
        #[arg(long, value_name = "ID")]
        api: String,
        /// What it may do there, separated by spaces; otherwise all that the API defines.
        #[arg(long, value_name = "SCOPE", num_args = 1..)]
        scopes: Vec<String>,
    },
    /// Lists all integrations.
    List,
    /// Shows one.
    Show {
        /// Its name or id.
        integration: String,
    },
    /// Gives an integration a new secret, shown once; the old one works on for a while.
    Rotate {
        /// Its name or id.
        integration: String,
        /// How long the old secret works on.
        #[arg(long, value_name = "DURATION", default_value = "24h")]
        overlap: Ttl,
    },
    /// Removes an integration with its client, secrets and grants.
    Delete {
        /// Its name or id.
        integration: String,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let host = global.host().await?;
    let manager = host.manager()?;
    match command {
        Command::Create { name, company, api, scopes } => {
            // One argument may name several, as `scope` does everywhere else.
            let scopes =
                scopes.iter().flat_map(|scopes| scopes.split_whitespace()).map(str::to_owned).collect();
            create(NewIntegration { name, company, api, scopes }, &host, global).await
        }
        Command::List => {
            let read =
                async |after: Option<String>, limit| manager.integrations(after.as_deref(), limit).await;
            let integrations = page::all(|integration: &Integration| integration.name.clone(), read).await?;
            let things: Vec<_> = integrations.iter().map(thing).collect();
            global.output.list(&["id", "name", "client_id", "created_at"], &things)
        }
        Command::Show { integration } => show(&integration, &host, global).await,
        Command::Rotate { integration, overlap } => {
            let found = manager.integration(&integration).await?;
            let (stored, secret) = manager.rotate_integration(&found, overlap.duration()).await?;
            let thing =
                thing(&found).with("secret_id", stored.id.as_str()).with("client_secret", secret.expose());
            global.output.thing(&thing)?;
            global.say(&snippet::client_secret(found.client_id.as_str(), &host.config.issuer));
            Ok(())
        }
        Command::Delete { integration } => {
            let found = manager.integration(&integration).await?;
            global.confirm(&format!("Remove integration \"{}\" with its client and secrets?", found.name))?;
            let announced = manager.delete_integration(&found).await?;
            let thing = propagation::deleted(found.id.as_str())
                .with("name", found.name.as_str())
                .with("client_id", found.client_id.as_str());
            let done = format!("Integration \"{}\" is removed.", found.name);
            propagation::report(global, &manager, &announced, thing, &done).await
        }
    }
}

async fn create(new: NewIntegration, host: &Host, global: &Global) -> Result {
    let created = host.manager()?.create_integration(new).await?;
    let client_id = created.client.id.as_str();
    let thing = thing(&created.integration)
        .maybe("company_id", created.client.binding.home().map(ToString::to_string))
        .with("api_id", created.grant.resource_server_id.as_str())
        .with("scope", created.grant.scope.to_string())
        .with("client_secret", created.secret.expose());
    global.output.thing(&thing)?;
    global.say(&snippet::client_secret(client_id, &host.config.issuer));
    Ok(())
}

async fn show(name_or_id: &str, host: &Host, global: &Global) -> Result {
    let manager = host.manager()?;
    let found = manager.integration(name_or_id).await?;
    let client = manager.client(found.client_id.as_str()).await?;
    let grants = manager.grants(Some(found.client_id.as_str())).await?;
    let apis: Vec<_> = grants.iter().map(|grant| grant.resource_server_id.as_str()).collect();
    let scopes: Vec<_> = grants.iter().map(|grant| grant.scope.to_string()).collect();
    let thing = thing(&found)
        .maybe("company_id", client.binding.home().map(ToString::to_string))
        .with("api_id", apis)
        .with("scope", scopes);
    global.output.thing(&thing)
}

fn thing(integration: &Integration) -> Thing {
    Thing::new()
        .with("id", integration.id.as_str())
        .with("name", integration.name.as_str())
        .with("client_id", integration.client_id.as_str())
        .with("created_at", integration.created_at.to_string())
}
