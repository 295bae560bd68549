//! `logouts`: which applications are to be told that a session has ended, and what became of it: list.

use clap::Subcommand;
use tokenry_store::ListedLogout;

use super::{Global, page};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with logout tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists what waits to be sent, and for a week what became of the others.
    List {
        /// One client's.
        #[arg(long, value_name = "ID")]
        client: Option<String>,
        /// Only what waits.
        #[arg(long)]
        waiting: bool,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let Command::List { client, waiting } = command;
    let manager = global.host().await?.manager()?;
    if let Some(client) = &client {
        manager.client(client).await?;
    }
    let all = page::all(
        |listed: &ListedLogout| listed.logout.key.clone(),
        |after, limit| manager.logouts(after, limit),
    );
    let all = all.await?.into_iter().filter(|listed| {
        let is_theirs = client.as_ref().is_none_or(|id| listed.logout.key.client_id.as_str() == id);
        is_theirs && !(waiting && listed.ended.is_some())
    });
    let things: Vec<_> = all.map(|listed| thing(&listed)).collect();
    let columns = ["client_id", "session_id", "state", "attempts", "last_answer", "next_try_at", "ended_at"];
    global.output.list(&columns, &things)
}

fn thing(listed: &ListedLogout) -> Thing {
    let ListedLogout { logout, created_at, due_at, ended } = listed;
    let thing = Thing::new()
        .with("client_id", logout.key.client_id.as_str())
        .with("session_id", logout.key.session_id.as_str())
        .with("user_id", logout.user_id.as_str())
        .with("state", ended.map_or("waiting", |(outcome, _at)| outcome.as_str()))
        .with("attempts", logout.attempts)
        .maybe("last_answer", logout.last_answer.as_deref())
        .with("created_at", created_at.to_string());
    match ended {
        Some((_outcome, at)) => thing.with("ended_at", at.to_string()),
        None => thing.with("next_try_at", due_at.to_string()),
    }
}
