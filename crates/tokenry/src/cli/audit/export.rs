//! `audit export`: records of a time with the checkpoints that seal them, for archives and other systems.

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};
use tokenry_clock::Timestamp;
use tokenry_engine::audit::{Exported, portable};
use tokenry_jose::base64url;
use tokenry_store::StoredRecord;

use crate::cli::Global;
use crate::failure::Result;
use crate::host::Host;
use crate::output::{Format, json_line, write_on};

/// What to export.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// From when on: RFC 3339, or a day in UTC.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Until before when: RFC 3339, or a day in UTC.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
}

pub(super) async fn run(options: &Options, host: Host, global: &Global) -> Result {
    let unreadable = "the audit trail cannot be read";
    let since = options.since.unwrap_or(Timestamp::from_millis(i64::MIN));
    let until = options.until.unwrap_or(Timestamp::from_millis(i64::MAX));
    let mut out = Out { array: global.output != Format::Table, any: false };
    let mut exported = Exported::new(host.store, since, until);
    if !out.begin()? {
        return Ok(());
    }
    while let Some(page) = exported.records().await.context(unreadable)? {
        for record in &page {
            if !out.value(&json!({ "record": value(record) }))? {
                return Ok(());
            }
        }
    }
    while let Some(page) = exported.checkpoints().await.context(unreadable)? {
        for checkpoint in &page {
            if !out.value(&json!({ "checkpoint": portable(checkpoint) }))? {
                return Ok(());
            }
        }
    }
    out.end()
}

/// Values as they come: a line each, or the items of one array.
struct Out {
    array: bool,
    any: bool,
}

impl Out {
    fn begin(&self) -> Result<bool> {
        if self.array { write_on("[") } else { Ok(true) }
    }

    fn value(&mut self, value: &Value) -> Result<bool> {
        let line = json_line(value)?;
        let text = match (self.array, self.any) {
            (true, true) => format!(",\n{line}"),
            (true, false) => format!("\n{line}"),
            (false, _) => format!("{line}\n"),
        };
        self.any = true;
        write_on(&text)
    }

    fn end(&self) -> Result {
        if self.array {
            write_on("\n]\n")?;
        }
        Ok(())
    }
}

/// A record with every column, so that its content hash can be computed again.
pub(super) fn value(record: &StoredRecord) -> Value {
    let detail =
        serde_json::from_str(&record.detail).unwrap_or_else(|_damaged| Value::from(record.detail.as_str()));
    json!({
        "seq": record.seq,
        "at": record.at.to_string(),
        "event": record.event,
        "actor_kind": record.actor_kind,
        "actor_id": record.actor_id,
        "subject_kind": record.subject_kind,
        "subject_id": record.subject_id,
        "company_id": record.company_id,
        "address": record.address,
        "request_id": record.request_id,
        "outcome": record.outcome,
        "detail": detail,
        "count": record.count,
        "content_hash": base64url::encode(&record.content_hash),
        "intact": record.is_intact(),
    })
}

fn time(text: &str) -> std::result::Result<Timestamp, String> {
    let instant = text.parse::<jiff::Timestamp>().or_else(|_no_instant| {
        let day = text.parse::<jiff::civil::Date>()?;
        Ok::<_, jiff::Error>(day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
    });
    let instant = instant.map_err(|_neither| {
        format!("\"{text}\" is no time; write it as 2026-11-21T08:00:00Z, or 2026-11-21 for the beginning of a day")
    })?;
    Ok(Timestamp::from_millis(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_or_a_day() {
        assert_eq!(time("1970-01-02").unwrap(), Timestamp::from_secs(86_400));
        assert_eq!(time("1970-01-01T01:00:00+01:00").unwrap(), Timestamp::EPOCH);
        for bad in ["", "yesterday", "1970-13-01", "12:00"] {
            assert!(time(bad).is_err(), "{bad:?}");
        }
    }
}
