//! `sessions`: who is signed in where: list, revoke.

use clap::{Args, Subcommand};
use tokenry_clock::Timestamp;
use tokenry_engine::SessionSettings;
use tokenry_engine::session::ends_at;
use tokenry_model::Session;

use super::{Global, page, propagation};
use crate::failure::Result;
use crate::host::session_settings;
use crate::output::Thing;

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists who is signed in where: one user, or all.
    List {
        /// Whose: an id or a username.
        #[arg(long, value_name = "USER")]
        user: Option<String>,
    },
    /// Signs somebody out: the cookie is refused from the next request on, and what was granted in the session is dead.
    Revoke(Revoke),
}

/// What is to end.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Revoke {
    /// One session, as `sessions list` shows it.
    id: Option<String>,
    /// Every session of a user: an id or a username.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    match command {
        Command::List { user } => list(user.as_deref(), global).await,
        Command::Revoke(Revoke { id: Some(id), .. }) => revoke(&id, global).await,
        Command::Revoke(Revoke { user, .. }) => revoke_all(&user.unwrap_or_default(), global).await,
    }
}

async fn list(user: Option<&str>, global: &Global) -> Result {
    let host = global.host().await?;
    let (manager, now) = (host.manager()?, host.clock.now());
    let settings = session_settings(&host.config)?;
    let all = page::all(
        |session: &Session| session.id.clone(),
        |after, limit| manager.sessions(user, after, limit),
    );
    let all = all.await?;
    let things: Vec<_> = all.iter().filter_map(|session| thing(session, &settings, now)).collect();
    global.output.list(&["id", "user_id", "address", "last_seen_at", "ends_at", "user_agent"], &things)
}

async fn revoke(id: &str, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    let session = manager.session(id).await?;
    global.confirm(&format!("Sign user {} out of session {id}?", session.user_id))?;
    let announced = manager.revoke_session(id).await?;
    let thing =
        Thing::new().with("id", id).with("user_id", session.user_id.as_str()).with("status", "revoked");
    propagation::report(global, &manager, &announced, thing, "The user is signed out there.").await
}

async fn revoke_all(user: &str, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    global.confirm(&format!("Sign user \"{user}\" out everywhere?"))?;
    let (count, announced) = manager.revoke_sessions_of(user).await?;
    let thing = Thing::new().with("user", user).with("revoked", count);
    propagation::report(global, &manager, &announced, thing, "The user is signed out everywhere.").await
}

/// `None`: it has ended, and is swept away soon.
fn thing(session: &Session, settings: &SessionSettings, now: Timestamp) -> Option<Thing> {
    let end = ends_at(session, settings);
    let methods: Vec<_> = session.amr.iter().map(|method| method.as_str()).collect();
    (now < end).then(|| {
        Thing::new()
            .with("id", session.id.as_str())
            .with("user_id", session.user_id.as_str())
            .maybe("company_id", session.company_id.as_ref().map(|id| id.as_str()))
            .maybe("address", session.address.as_deref())
            .with("user_agent", session.user_agent.as_str())
            .with("methods", methods)
            .with("signed_in_at", session.auth_time.to_string())
            .with("created_at", session.created_at.to_string())
            .with("last_seen_at", session.last_seen_at.to_string())
            .with("ends_at", end.to_string())
    })
}
