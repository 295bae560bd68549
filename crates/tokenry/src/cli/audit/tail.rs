//! `audit tail`: the last records, and with `--follow` those to come.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokenry_engine::audit::Tail;
use tokenry_store::StoredRecord;
use tokio::time::sleep;

use super::export::value;
use crate::cli::Global;
use crate::failure::Result;
use crate::host::Host;
use crate::output::{Format, json_line, visible, write_on};

/// How often new records are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What to show.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Go on with records as they come, until interrupted.
    #[arg(long, short)]
    follow: bool,
    /// How many of the last records to begin with.
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    lines: i64,
}

pub(super) async fn run(options: &Options, host: Host, global: &Global) -> Result {
    let unreadable = "the audit trail cannot be read";
    let (mut tail, mut records) = Tail::begin(host.store, options.lines).await.context(unreadable)?;
    loop {
        for record in &records {
            if !write_on(&line(record, global.output)?)? {
                return Ok(());
            }
        }
        if !options.follow {
            return Ok(());
        }
        if records.is_empty() {
            sleep(LOOK_EVERY).await;
        }
        records = tail.more().await.context(unreadable)?;
    }
}

fn line(record: &StoredRecord, format: Format) -> Result<String> {
    Ok(match format {
        Format::Json => format!("{}\n", json_line(&value(record))?),
        Format::Table => plain(record),
        // A sequence of YAML, item by item.
        Format::Yaml => format!("- {}\n", json_line(&value(record))?),
    })
}

fn plain(record: &StoredRecord) -> String {
    let of = |kind: Option<&str>, id: Option<&str>| match (kind, id) {
        (Some(kind), Some(id)) => format!("{kind} {id}"),
        (Some(kind), None) => kind.to_owned(),
        (None, _) => "-".to_owned(),
    };
    let parts = [
        record.at.to_string(),
        record.event.clone(),
        record.outcome.clone(),
        of(Some(&record.actor_kind), record.actor_id.as_deref()),
        of(record.subject_kind.as_deref(), record.subject_id.as_deref()),
        record.address.clone().unwrap_or_else(|| "-".to_owned()),
        record.request_id.clone().unwrap_or_else(|| "-".to_owned()),
    ];
    let times = if record.count == 1 { String::new() } else { format!("  x{}", record.count) };
    format!("{}{times}\n", visible(&parts.join("  ")).replace('\n', "\\n"))
}
