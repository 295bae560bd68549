//! `tokens`: personal access tokens, as operators see them: list, revoke.

use clap::Subcommand;
use tokenry_clock::Timestamp;
use tokenry_engine::PatState;
use tokenry_engine::manage::{ListedPat, Manager};
use tokenry_model::{PatApi, PatReach};

use super::{Global, page, propagation};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with personal access tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists those of one user, or all; also those that have ended less than 90 days ago.
    List {
        /// Whose: an id or a username.
        #[arg(long, value_name = "USER")]
        user: Option<String>,
    },
    /// Ends one for good: it is refused from the next request on, and its owner is told.
    Revoke {
        /// The token, as `tokens list` shows it.
        id: String,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    match command {
        Command::List { user } => list(user.as_deref(), global).await,
        Command::Revoke { id } => revoke(&id, global).await,
    }
}

async fn list(user: Option<&str>, global: &Global) -> Result {
    let host = global.host().await?;
    let (manager, now) = (host.manager()?, host.clock.now());
    let all = page::all(
        |listed: &ListedPat| listed.pat.id.clone(),
        |after, limit| manager.pats(user, after, limit),
    );
    let all = all.await?;
    let things: Vec<_> = all.iter().map(|listed| thing(&manager, listed, now)).collect();
    global.output.list(&["id", "user_id", "name", "state", "expires_at", "last_used_at"], &things)
}

async fn revoke(id: &str, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    let ListedPat { pat, .. } = manager.pat(id).await?;
    global.confirm(&format!("Revoke token \"{}\" of user {}?", pat.name, pat.user_id))?;
    let announced = manager.revoke_pat(id).await?;
    let thing = Thing::new().with("id", id).with("user_id", pat.user_id.as_str()).with("state", "revoked");
    propagation::report(global, &manager, &announced, thing, "The token works no more.").await
}

fn thing(manager: &Manager, listed: &ListedPat, now: Timestamp) -> Thing {
    let (pat, value) = (&listed.pat, &listed.value);
    let (state, revoked_at) = match manager.pat_state(listed, now) {
        PatState::Expired => ("expired", None),
        PatState::Revoked { at } => ("revoked", Some(at.to_string())),
        PatState::Works => ("works", None),
    };
    let used = value.last_use.as_ref();
    Thing::new()
        .with("id", pat.id.as_str())
        .with("user_id", pat.user_id.as_str())
        .maybe("company_id", pat.company_id.as_ref().map(|id| id.as_str()))
        .with("name", pat.name.as_str())
        .with("last4", value.last4.as_str())
        .with("state", state)
        .maybe("apis", apis(&pat.reach))
        .maybe(
            "allowed_addresses",
            (!pat.allowed_addresses.is_empty()).then(|| pat.allowed_addresses.clone()),
        )
        .with("created_at", pat.created_at.to_string())
        .with("issued_at", value.created_at.to_string())
        .with("expires_at", value.expires_at.to_string())
        .maybe("revoked_at", revoked_at)
        .maybe("last_used_at", used.map(|used| used.at.to_string()))
        .maybe("last_used_address", used.and_then(|used| used.address.clone()))
        .maybe("last_used_client", used.and_then(|used| used.client.clone()))
}

/// The APIs that it names, each with what of what its owner may do there; absent: all.
fn apis(reach: &PatReach) -> Option<Vec<serde_json::Value>> {
    let PatReach::Only(apis) = reach else { return None };
    let api = |PatApi { resource_server_id, scope }: &PatApi| {
        let scope = scope.as_ref().map(ToString::to_string);
        serde_json::json!({ "id": resource_server_id.as_str(), "scope": scope })
    };
    Some(apis.iter().map(api).collect())
}
