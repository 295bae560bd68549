//! `grants`: which application may ask for which API, and what users let applications do.

use clap::{Args, Subcommand};
use tokenry_engine::manage::{Manager, ScopeQuestion};
use tokenry_model::{ClientGrant, Consent, Tenant};

use super::{Global, propagation};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with client grants, and with what users granted.
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
    /// Lists client grants: one client's, or all; or what a user lets applications do.
    List {
        /// The client.
        #[arg(long, value_name = "ID")]
        client: Option<String>,
        /// The user, by id or username: what they agreed to, instead of what clients may ask for.
        #[arg(long, value_name = "USER")]
        user: Option<String>,
    },
    /// Shows one client grant.
    Show {
        /// Which.
        id: String,
    },
    /// Takes the API from the client.
    Delete {
        /// Which.
        id: String,
    },
    /// Takes back what a user lets an application do. Its tokens of that user end.
    Revoke {
        /// The user, by id or username.
        #[arg(long, value_name = "USER")]
        user: String,
        /// The application.
        #[arg(long, value_name = "ID")]
        client: String,
    },
    /// Says of each scope whether a user's tokens carry it, and if not, why.
    Explain(Explain),
}

/// What to explain.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The user, by id or username.
    #[arg(long, value_name = "USER")]
    user: String,
    /// The application.
    #[arg(long, value_name = "ID")]
    client: String,
    /// The API: its id or audience.
    #[arg(long, value_name = "API")]
    api: String,
    /// The company that the user acts for, where there are several.
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// A scope; may be repeated. Without any: all that the API defines.
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    match command {
        Command::Create { client, api, scope } => {
            let grant = manager.create_grant(&client, &api, &scope).await?;
            global.output.thing(&thing(&grant))
        }
        Command::List { client, user: Some(user) } => {
            let consents = manager.consents(&user).await?;
            let wanted =
                |consent: &&Consent| client.as_deref().is_none_or(|id| id == consent.client_id.as_str());
            let things: Vec<_> = consents.iter().filter(wanted).map(consent_thing).collect();
            global.output.list(
                &["client_id", "api_id", "company_id", "corporation_id", "scope", "created_at"],
                &things,
            )
        }
        Command::List { client, user: None } => {
            let grants = manager.grants(client.as_deref()).await?;
            let things: Vec<_> = grants.iter().map(thing).collect();
            global.output.list(&["id", "client_id", "api_id", "scope"], &things)
        }
        Command::Show { id } => global.output.thing(&thing(&manager.grant(&id).await?)),
        Command::Delete { id } => delete(&manager, &id, global).await,
        Command::Revoke { user, client } => revoke(&manager, &user, &client, global).await,
        Command::Explain(explain) => run_explain(&manager, explain, global).await,
    }
}

async fn delete(manager: &Manager, id: &str, global: &Global) -> Result {
    let grant = manager.grant(id).await?;
    global.confirm(&format!("Take the API {} from client {}?", grant.resource_server_id, grant.client_id))?;
    let announced = manager.delete_grant(id).await?;
    let (thing, done) = (propagation::deleted(id), format!("Grant \"{id}\" is removed."));
    propagation::report(global, manager, &announced, thing, &done).await
}

async fn revoke(manager: &Manager, user: &str, client: &str, global: &Global) -> Result {
    global.confirm(&format!("Take back what user {user} lets application {client} do?"))?;
    let announced = manager.revoke_consent(user, client).await?;
    let thing = Thing::new().with("user_id", user).with("client_id", client).with("revoked", true);
    let done = format!("Application \"{client}\" must ask user \"{user}\" again.");
    propagation::report(global, manager, &announced, thing, &done).await
}

async fn run_explain(manager: &Manager, explain: Explain, global: &Global) -> Result {
    let Explain { user, client, api, company, scope } = explain;
    let question = ScopeQuestion { user, client, api, company, scopes: scope };
    let answers = manager.explain_scopes(&question).await?;
    let things: Vec<_> = answers
        .iter()
        .map(|answer| {
            Thing::new()
                .with("scope", answer.scope.as_str())
                .with("outcome", answer.outcome)
                .with("text", answer.text)
        })
        .collect();
    global.output.list(&["scope", "outcome", "text"], &things)
}

fn thing(grant: &ClientGrant) -> Thing {
    Thing::new()
        .with("id", grant.id.as_str())
        .with("client_id", grant.client_id.as_str())
        .with("api_id", grant.resource_server_id.as_str())
        .with("scope", grant.scope.to_string())
        .with("created_at", grant.created_at.to_string())
}

fn consent_thing(consent: &Consent) -> Thing {
    let tenant = consent.tenant.as_ref();
    let corporation = Tenant::corporation_of(tenant);
    Thing::new()
        .with("user_id", consent.user_id.as_str())
        .with("client_id", consent.client_id.as_str())
        .maybe("api_id", consent.resource_server_id.as_ref().map(tokenry_model::ResourceServerId::as_str))
        .maybe("company_id", tenant.map(|tenant| tenant.company.as_str()))
        .maybe("corporation_id", corporation.map(tokenry_model::CorporationId::as_str))
        .with("scope", consent.scope.to_string())
        .with("created_at", consent.created_at.to_string())
        .with("updated_at", consent.updated_at.to_string())
}
