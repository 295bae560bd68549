//! `apis`: create, list, show, update, delete, and an API's own secrets.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use tokenry_engine::manage::{NewApi, NewSecret, UpdateApi};
use tokenry_jose::Algorithm;
use tokenry_model::{ResourceServer, TokenFormat};
use tokenry_protocol::dialect::Dialect;

use super::{Global, page, secret_view};
use crate::config::Ttl;
use crate::failure::Result;
use crate::host::{Host, dialect};
use crate::output::Thing;
use crate::snippet;

/// What to do with APIs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Registers an API.
    Create(Create),
    /// Lists all APIs.
    List,
    /// Shows one.
    Show {
        /// Its id or audience.
        api: String,
    },
    /// Changes an API, for the tokens that are issued from then on.
    Update(Update),
    /// Removes an API that no grant names any more.
    Delete {
        /// Its id or audience.
        api: String,
    },
    /// The secrets with which an API itself calls Tokenry.
    #[command(subcommand)]
    Secrets(Secrets),
}

/// An API to be registered.
#[derive(Args, Debug)]
pub(crate) struct Create {
    /// For people.
    #[arg(long)]
    name: String,
    /// What `aud` will say: an absolute URI. It never changes.
    #[arg(long, value_name = "URI")]
    audience: String,
    /// A scope that it defines, such as read:timesheets, and what the consent page says of it: "read:timesheets=Read
    /// timesheets"; may be repeated.
    #[arg(long, value_name = "SCOPE[=WORDS]", value_parser = described)]
    scope: Vec<Described>,
    /// How long its access tokens live, such as 1h; otherwise as configured.
    #[arg(long, value_name = "DURATION")]
    access_token_ttl: Option<Ttl>,
    /// What its tokens are signed with: RS256, PS256, ES256 or EdDSA; otherwise as configured.
    #[arg(long, value_name = "ALG", value_parser = algorithm)]
    signing_alg: Option<Algorithm>,
    /// What its access tokens are: signed JWTs, or opaque references that it introspects.
    #[arg(long, value_name = "FORMAT", value_parser = TokenFormat::parse, default_value = "jwt")]
    token_format: TokenFormat,
    /// The shape of its JWTs: rfc (RFC 9068), or auth0; otherwise as configured.
    #[arg(long, value_name = "DIALECT", value_parser = Dialect::parse)]
    dialect: Option<Dialect>,
    /// Its resources belong to no company: tokens for it need no companyId.
    #[arg(long)]
    no_tenant: bool,
}

/// What is to change.
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// The API's id or audience.
    api: String,
    /// How long its access tokens live, such as 1h.
    #[arg(
        long,
        value_name = "DURATION",
        required_unless_present_any = ["inherit_access_token_ttl", "dialect", "scope", "remove_scope"]
    )]
    access_token_ttl: Option<Ttl>,
    /// Its access tokens live as long as the configuration says again.
    #[arg(long, conflicts_with = "access_token_ttl")]
    inherit_access_token_ttl: bool,
    /// The shape of its JWTs: rfc (RFC 9068), or auth0. First build its guards with the same `dialect`.
    #[arg(long, value_name = "DIALECT", value_parser = Dialect::parse)]
    dialect: Option<Dialect>,
    /// A scope that it defines from then on, and what the consent page says of it: "read:timesheets=Read timesheets". One
    /// that it defines already gets these words; may be repeated.
    #[arg(long, value_name = "SCOPE[=WORDS]", value_parser = described)]
    scope: Vec<Described>,
    /// A scope that it no longer defines: granted to no client and allowed by no role; may be repeated.
    #[arg(long, value_name = "SCOPE")]
    remove_scope: Vec<String>,
}

/// A scope, and what the consent page says of it, if that is said.
type Described = (String, Option<String>);

/// What to do with an API's secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum Secrets {
    /// Adds a secret; it is shown once.
    Add {
        /// The API's id or audience.
        api: String,
        /// For people: which deployment uses it.
        #[arg(long, default_value = "")]
        label: String,
        /// How long it works, such as 90d; otherwise until it is revoked.
        #[arg(long, value_name = "DURATION")]
        expires: Option<Ttl>,
        /// Ends the API's other secrets after this time: rotation with overlap.
        #[arg(long, value_name = "DURATION")]
        overlap: Option<Ttl>,
    },
    /// Lists an API's secrets, never their values.
    List {
        /// The API's id or audience.
        api: String,
    },
    /// Revokes a secret: it is refused from the next request on.
    Revoke {
        /// The API's id or audience.
        api: String,
        /// The secret's id, as `apis secrets list` shows it.
        secret_id: String,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let host = global.host().await?;
    let manager = host.manager()?;
    match command {
        Command::Create(create) => {
            let api = manager.create_api(new_api(create, dialect(&host.config)?)).await?;
            global.output.thing(&thing(&api))
        }
        Command::List => {
            let read = async |after: Option<tokenry_model::ResourceServerId>, limit| {
                manager.apis(after.as_ref(), limit).await
            };
            let apis = page::all(|api: &ResourceServer| api.id.clone(), read).await?;
            let things: Vec<_> = apis.iter().map(thing).collect();
            global.output.list(&["id", "name", "audience", "scopes"], &things)
        }
        Command::Show { api } => global.output.thing(&in_words(&manager.api(&api).await?)),
        Command::Update(update) => {
            let inherited = update.inherit_access_token_ttl.then_some(None);
            let change = UpdateApi {
                access_token_ttl: update.access_token_ttl.map(|ttl| Some(ttl.duration())).or(inherited),
                dialect: update.dialect,
                scopes: update.scope,
                remove_scopes: update.remove_scope,
            };
            global.output.thing(&in_words(&manager.update_api(&update.api, change).await?))
        }
        Command::Delete { api } => {
            let found = manager.api(&api).await?;
            global.confirm(&format!("Remove API \"{}\" ({})?", found.name, found.audience))?;
            manager.delete_api(&api).await?;
            global.say(&format!("API \"{api}\" is removed."));
            Ok(())
        }
        Command::Secrets(command) => run_secrets(command, &host, global).await,
    }
}

async fn run_secrets(command: Secrets, host: &Host, global: &Global) -> Result {
    let manager = host.manager()?;
    match command {
        Secrets::Add { api, label, expires, overlap } => {
            let new = NewSecret {
                label,
                expires_in: expires.map(|ttl| ttl.duration()),
                overlap: overlap.map(|ttl| ttl.duration()),
                imported: None,
            };
            let (stored, secret) = manager.add_api_secret(&api, new).await?;
            let thing = secret_view::of_api(&stored, host.clock.now()).with("client_secret", secret.expose());
            global.output.thing(&thing)?;
            global.say(&snippet::api_secret(stored.resource_server_id.as_str()));
            Ok(())
        }
        Secrets::List { api } => {
            let secrets = manager.api_secrets(&api).await?;
            let now = host.clock.now();
            let things: Vec<_> = secrets.iter().map(|secret| secret_view::of_api(secret, now)).collect();
            global.output.list(&secret_view::COLUMNS, &things)
        }
        Secrets::Revoke { api, secret_id } => {
            let found = manager.api(&api).await?;
            global.confirm(&format!("Revoke secret {secret_id} of API \"{}\"?", found.name))?;
            manager.revoke_api_secret(found.id.as_str(), &secret_id).await?;
            global.say("The secret is revoked: it is refused from the next request on.");
            Ok(())
        }
    }
}

fn new_api(create: Create, configured: Dialect) -> NewApi {
    NewApi {
        id: None,
        name: create.name,
        audience: create.audience,
        scopes: create.scope.into_iter().map(|(scope, words)| (scope, words.unwrap_or_default())).collect(),
        access_token_ttl: create.access_token_ttl.map(|ttl| ttl.duration()),
        signing_alg: create.signing_alg,
        dialect: create.dialect.unwrap_or(configured),
        token_format: create.token_format,
        tenanted: !create.no_tenant,
    }
}

fn thing(api: &ResourceServer) -> Thing {
    let scopes: Vec<_> = api.scopes.iter().map(|scope| scope.token.as_str()).collect();
    Thing::new()
        .with("id", api.id.as_str())
        .with("name", api.name.as_str())
        .with("audience", api.audience.as_str())
        .with("scopes", scopes)
        .maybe("access_token_ttl", api.access_token_ttl.map(|ttl| ttl.as_secs()))
        .maybe("signing_alg", api.signing_alg.map(Algorithm::as_str))
        .with("dialect", api.dialect.as_str())
        .with("token_format", api.token_format.as_str())
        .with("tenant", api.tenanted)
        .with("created_at", api.created_at.to_string())
}

/// With what the consent page says of its scopes, where that is not the scope itself.
fn in_words(api: &ResourceServer) -> Thing {
    let words = api.scopes.iter().filter(|scope| !scope.description.is_empty());
    let words: Map<_, _> =
        words.map(|scope| (scope.token.to_string(), Value::from(scope.description.as_str()))).collect();
    thing(api).maybe("scope_words", (!words.is_empty()).then_some(words))
}

fn described(text: &str) -> std::result::Result<Described, std::convert::Infallible> {
    Ok(match text.split_once('=') {
        Some((scope, words)) => (scope.to_owned(), Some(words.to_owned())),
        None => (text.to_owned(), None),
    })
}

fn algorithm(word: &str) -> std::result::Result<Algorithm, String> {
    Algorithm::parse(word).map_err(|_unknown| "it is one of RS256, PS256, ES256, EdDSA".to_owned())
}
