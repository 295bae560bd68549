//! `audit`: what happened, what became of one request, and whether the trail is still what was written.

mod checkpoints;
mod export;
mod tail;
mod verify;

use clap::Subcommand;
use serde_json::Value;
use tokenry_engine::manage::{Error, meaning};
use tokenry_store::StoredRecord;

use super::Global;
use crate::failure::{Failure, Result};
use crate::output::Thing;

/// What to do with the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the last checkpoints: signed, each with the records that it seals. Keep them elsewhere, for `verify`.
    Checkpoints {
        /// How many.
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
    /// Prints records and the checkpoints that seal them: one JSON value a line, or one array with `--output json`.
    Export(export::Options),
    /// Lists the last records, newest first.
    List {
        /// How many.
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// Shows what is recorded of a request, also why it was refused: more than its sender was told.
    Show {
        /// The request's id: `x-request-id` in its answer.
        request_id: String,
    },
    /// Prints the last records, the newest last; with `--follow` also those to come.
    Tail(tail::Options),
    /// Checks every record and checkpoint, and names the first that was changed, removed, inserted or reordered.
    Verify(verify::Options),
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let host = global.host().await?;
    let manager = host.manager()?;
    let (records, columns): (_, &[&str]) = match command {
        Command::Checkpoints { limit } => return checkpoints::run(limit, &host, global).await,
        Command::Export(options) => return export::run(&options, host, global).await,
        Command::Tail(options) => return tail::run(&options, host, global).await,
        Command::Verify(options) => return verify::run(&options, &host, global).await,
        Command::List { limit } => (
            manager.latest_audit(limit).await?,
            &["at", "event", "outcome", "actor", "subject", "address", "request_id", "count"],
        ),
        Command::Show { request_id } => (
            manager.audit_of_request(&request_id).await.map_err(not_found)?,
            &["at", "event", "outcome", "meaning", "actor", "subject", "address", "count", "detail"],
        ),
    };
    let things: Vec<_> = records.iter().map(thing).collect();
    global.output.list(columns, &things)
}

fn not_found(error: Error) -> Failure {
    let missing = matches!(error, Error::NotFound(_));
    let failure = Failure::from(error);
    if missing {
        failure.hint(
            "refusals before authentication are written once a second, in a flood later, and of equal ones only some \
             requests are named; a server that logs at debug has named the others there",
        )
    } else {
        failure
    }
}

fn thing(record: &StoredRecord) -> Thing {
    let name = |kind: &str, id: Option<&str>| id.map_or_else(|| kind.to_owned(), |id| format!("{kind} {id}"));
    let detail =
        serde_json::from_str(&record.detail).unwrap_or_else(|_damaged| Value::from(record.detail.as_str()));
    Thing::new()
        .with("seq", record.seq)
        .with("at", record.at.to_string())
        .with("event", record.event.as_str())
        .with("outcome", record.outcome.as_str())
        .maybe("meaning", meaning(&record.outcome))
        .with("actor", name(&record.actor_kind, record.actor_id.as_deref()))
        .maybe("subject", record.subject_kind.as_deref().map(|kind| name(kind, record.subject_id.as_deref())))
        .maybe("company_id", record.company_id.as_deref())
        .maybe("address", record.address.as_deref())
        .maybe("request_id", record.request_id.as_deref())
        .with("count", record.count)
        .with("detail", detail)
        .with("intact", record.is_intact())
}
