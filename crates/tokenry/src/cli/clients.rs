//! `clients`: create, list, show, update, disable, enable, delete.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tokenry_engine::manage::{NewClient, OldTokens, UpdateClient};
use tokenry_model::{Client, ClientAuthMethod, ClientState, ClientType, ErrorStyle, UnknownValue};

use super::client_keys::KeyOptions;
use super::quotas::QuotaOptions;
use super::{Global, claims, client_keys, minting, page, prompt, propagation, quotas};
use crate::config::Ttl;
use crate::failure::{Code, Failure, Result};
use crate::output::Thing;
use crate::snippet;

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a client; its type sets its grants.
    Create(Box<Create>),
    /// Lists all clients.
    List,
    /// Shows one, with how many tokens it got lately.
    Show {
        /// Which.
        client_id: String,
    },
    /// Changes a client, for the tokens that it gets from then on.
    Update(Box<Update>),
    /// Bars a client; its tokens are dead for good.
    Disable {
        /// Which.
        client_id: String,
    },
    /// Lets a client act again; it gets new tokens.
    Enable {
        /// Which.
        client_id: String,
    },
    /// Removes a client with its secrets and grants.
    Delete {
        /// Which.
        client_id: String,
    },
}

/// A client to be made.
#[derive(Args, Debug)]
pub(crate) struct Create {
    /// What it is: m2m, web, third-party, spa or native. Without it, on a terminal, you are asked.
    #[arg(long = "type", value_name = "TYPE", value_parser = client_type)]
    kind: Option<ClientType>,
    /// For people.
    #[arg(long)]
    name: Option<String>,
    /// Its `client_id`, where it must match another system's; otherwise 32 random characters.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The company that it acts for.
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// The corporation all of whose companies it reaches; `--company` is then its home.
    #[arg(long, value_name = "ID")]
    corporation: Option<String>,
    /// An exact redirect URI; may be repeated.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// An exact URI to return to after signing out; may be repeated.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// Where to post a logout token when a session that signed in to it ends.
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// How it authenticates: client_secret_basic, client_secret_post, private_key_jwt or none.
    #[arg(long, value_name = "METHOD", value_parser = auth_method)]
    auth_method: Option<ClientAuthMethod>,
    #[command(flatten)]
    keys: KeyOptions,
    /// Whether /authorize demands PKCE.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    require_pkce: bool,
    /// One of ours, even though its type says otherwise.
    #[arg(long)]
    first_party: bool,
    /// Users need not be asked what it may do; only for one of ours that is not native.
    #[arg(long)]
    skip_consent: bool,
    /// How long its access tokens live, such as 1h; otherwise as the API says.
    #[arg(long, value_name = "DURATION")]
    access_token_ttl: Option<Ttl>,
    #[command(flatten)]
    quotas: QuotaOptions,
    /// How it wants refusals to look: rfc (RFC 6749), or auth0; otherwise as configured.
    #[arg(long, value_name = "STYLE", value_parser = ErrorStyle::parse)]
    error_style: Option<ErrorStyle>,
    /// What its tokens say under the namespace beside the company: a file with a JSON object, or - for standard input.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
}

/// What is to change; what is not named stays.
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// Which.
    client_id: String,
    /// For people.
    #[arg(long, required_unless_present_any = ["access_token_ttl", "inherit_access_token_ttl", "error_style", "tokens_per_hour", "tokens_per_day", "claims", "redirect_uri", "post_logout_redirect_uri", "backchannel_logout_uri", "no_backchannel_logout_uri", "require_pkce", "skip_consent", "jwks", "jwks_uri"])]
    name: Option<String>,
    /// How long its access tokens live, such as 1h.
    #[arg(long, value_name = "DURATION")]
    access_token_ttl: Option<Ttl>,
    /// Its access tokens live as long as the API says again.
    #[arg(long, conflicts_with = "access_token_ttl")]
    inherit_access_token_ttl: bool,
    #[command(flatten)]
    quotas: QuotaOptions,
    /// How it wants refusals to look: rfc (RFC 6749), or auth0.
    #[arg(long, value_name = "STYLE", value_parser = ErrorStyle::parse)]
    error_style: Option<ErrorStyle>,
    /// What its tokens say under the namespace beside the company: a file with a JSON object, or - for standard input;
    /// {} for nothing.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// An exact redirect URI, in the place of those that it has; may be repeated.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// An exact URI to return to after signing out, likewise.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// Where to post a logout token when a session that signed in to it ends.
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// It is not told of sessions that end any more.
    #[arg(long, conflicts_with = "backchannel_logout_uri")]
    no_backchannel_logout_uri: bool,
    /// Whether /authorize demands PKCE.
    #[arg(long, value_name = "BOOL")]
    require_pkce: Option<bool>,
    /// Whether users need not be asked what it may do; only for one of ours that is not native.
    #[arg(long, value_name = "BOOL")]
    skip_consent: Option<bool>,
    #[command(flatten)]
    keys: KeyOptions,
    /// Although a key is taken away, let the tokens that it got live on: it was replaced in good time and has not leaked.
    #[arg(long, requires = "KeyOptions")]
    keep_tokens: bool,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    match command {
        Command::Create(create) => run_create(*create, global).await,
        Command::List => {
            let manager = global.host().await?.manager()?;
            let read = async |after: Option<tokenry_model::ClientId>, limit| {
                manager.clients(after.as_ref(), limit).await
            };
            let clients = page::all(|client: &Client| client.id.clone(), read).await?;
            let things: Vec<_> = clients.iter().map(thing).collect();
            global
                .output
                .list(&["client_id", "name", "type", "company_id", "corporation_id", "state"], &things)
        }
        Command::Show { client_id } => {
            let manager = global.host().await?.manager()?;
            let client = manager.client(&client_id).await?;
            let thing = minting::show(thing(&client), &client, &manager, global).await;
            global.output.thing(&thing)
        }
        Command::Update(update) => run_update(*update, global).await,
        Command::Disable { client_id } => {
            let manager = global.host().await?.manager()?;
            let announced = manager.disable_client(&client_id).await?;
            let thing = thing(&manager.client(&client_id).await?);
            let done = "The client is refused from the next request on, and its tokens are dead for good.";
            propagation::report(global, &manager, &announced, thing, done).await
        }
        Command::Enable { client_id } => {
            let manager = global.host().await?.manager()?;
            let announced = manager.enable_client(&client_id).await?;
            let thing = thing(&manager.client(&client_id).await?);
            let done = "The client may get new tokens. The old ones stay dead.";
            propagation::report(global, &manager, &announced, thing, done).await
        }
        Command::Delete { client_id } => {
            let manager = global.host().await?.manager()?;
            let client = manager.client(&client_id).await?;
            let question =
                format!("Remove client \"{}\" ({client_id}) with its secrets and grants?", client.name);
            global.confirm(&question)?;
            let announced = manager.delete_client(&client_id).await?;
            let (thing, done) =
                (propagation::deleted(&client_id), format!("Client \"{client_id}\" is removed."));
            propagation::report(global, &manager, &announced, thing, &done).await
        }
    }
}

async fn run_create(create: Create, global: &Global) -> Result {
    let kind = match create.kind {
        Some(kind) => kind,
        None if global.may_ask() => prompt::client_type()?,
        None => {
            return Err(Failure::new(Code::Usage, "--type is missing").hint(
                "m2m for a back end or a job; web, third-party, spa or native for applications with users",
            ));
        }
    };
    let name = match create.name {
        Some(name) => name,
        None if global.may_ask() => prompt::line("Name")?,
        None => return Err(Failure::new(Code::Usage, "--name is missing")),
    };
    let own = create.claims.as_deref().map(claims::read).transpose()?;
    let keys = create.keys.read()?;
    let host = global.host().await?;
    let created = host
        .manager()?
        .create_client(NewClient {
            client_id: create.client_id,
            company: create.company,
            corporation: create.corporation,
            auth_method: create.auth_method,
            keys,
            first_party: create.first_party.then_some(true),
            skip_consent: create.skip_consent,
            require_pkce: create.require_pkce,
            redirect_uris: create.redirect_uri,
            post_logout_redirect_uris: create.post_logout_redirect_uri,
            backchannel_logout_uri: create.backchannel_logout_uri,
            access_token_ttl: create.access_token_ttl.map(|ttl| ttl.duration()),
            quota: create.quotas.of_new_client(),
            error_style: create.error_style,
            claims: own.unwrap_or_default(),
            ..NewClient::new(kind, name)
        })
        .await?;
    let secret = created.secret.as_ref().map(|secret| secret.expose().to_owned());
    global.output.thing(&thing(&created.client).maybe("client_secret", secret))?;
    if created.secret.is_some() {
        let say = match created.client.kind {
            ClientType::M2m => snippet::client_secret,
            _ => snippet::application_secret,
        };
        global.say(&say(created.client.id.as_str(), &host.config.issuer));
    }
    Ok(())
}

async fn run_update(update: Update, global: &Global) -> Result {
    let inherited = update.inherit_access_token_ttl.then_some(None);
    let untold = update.no_backchannel_logout_uri.then_some(None);
    let change = UpdateClient {
        name: update.name,
        access_token_ttl: update.access_token_ttl.map(|ttl| Some(ttl.duration())).or(inherited),
        tokens_per_hour: update.quotas.per_hour(),
        tokens_per_day: update.quotas.per_day(),
        error_style: update.error_style,
        claims: update.claims.as_deref().map(claims::read).transpose()?,
        redirect_uris: named(update.redirect_uri),
        post_logout_redirect_uris: named(update.post_logout_redirect_uri),
        backchannel_logout_uri: update.backchannel_logout_uri.map(Some).or(untold),
        require_pkce: update.require_pkce,
        skip_consent: update.skip_consent,
        keys: update.keys.read()?,
        tokens: update.keep_tokens.then_some(OldTokens::Keep),
    };
    let manager = global.host().await?.manager()?;
    let (client, announced) = manager.update_client(&update.client_id, change).await?;
    if announced.is_empty() {
        return global.output.thing(&thing(&client));
    }
    let done = "The tokens that it got with the key that was taken away are dead for good.";
    propagation::report(global, &manager, &announced, thing(&client), done).await
}

/// What is named takes the place of what there is; nothing named leaves it.
fn named(uris: Vec<String>) -> Option<Vec<String>> {
    (!uris.is_empty()).then_some(uris)
}

fn thing(client: &Client) -> Thing {
    let grants: Vec<_> = client.kind.grants().iter().map(|grant| grant.as_str()).collect();
    let state = match client.state {
        ClientState::Disabled { .. } => "disabled",
        ClientState::Enabled => "enabled",
    };
    let ttl = client.access_token_ttl.map(|ttl| ttl.as_secs());
    let thing = Thing::new()
        .with("client_id", client.id.as_str())
        .with("name", client.name.as_str())
        .with("type", client.kind.as_str())
        .with("grant_types", grants)
        .with("auth_method", client.auth_method.as_str());
    client_keys::show(thing, client)
        .maybe("company_id", client.binding.home().map(ToString::to_string))
        .maybe("corporation_id", client.binding.corporation().map(ToString::to_string))
        .with("error_style", client.error_style.as_str())
        .with("first_party", client.first_party)
        .with("skip_consent", client.skip_consent)
        .with("require_pkce", client.require_pkce)
        .with("redirect_uris", client.redirect_uris.clone())
        .with("post_logout_redirect_uris", client.post_logout_redirect_uris.clone())
        .maybe("backchannel_logout_uri", client.backchannel_logout_uri.as_deref())
        .maybe("access_token_ttl", ttl)
        .maybe("tokens_per_hour", quotas::shown(client.quota.per_hour))
        .maybe("tokens_per_day", quotas::shown(client.quota.per_day))
        .maybe("claims", (!client.claims.is_empty()).then(|| client.claims.clone()))
        .with("state", state)
        .with("created_at", client.created_at.to_string())
}

fn client_type(word: &str) -> std::result::Result<ClientType, UnknownValue> {
    ClientType::parse(word)
}

fn auth_method(word: &str) -> std::result::Result<ClientAuthMethod, UnknownValue> {
    ClientAuthMethod::parse(word)
}
