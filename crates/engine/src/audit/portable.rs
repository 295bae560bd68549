//! A checkpoint as it leaves the machine: JSON with everything that its signature covers, in the log and in exports.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_jose::base64url;
use tokenry_model::{Checkpoint, SeqRanges};

/// What was kept is no checkpoint.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct InvalidCheckpoint(String);

#[derive(Deserialize, Serialize)]
struct Portable {
    id: i64,
    sealed_at: i64,
    rows: String,
    through_seq: i64,
    marks_hash: String,
    rows_hash: String,
    previous_hash: String,
    kid: String,
    signature: String,
}

/// The checkpoint as JSON: `sealed_at` in milliseconds since the epoch, hashes and signature in base64url.
#[must_use]
pub fn portable(checkpoint: &Checkpoint) -> Value {
    let portable = Portable {
        id: checkpoint.id,
        sealed_at: checkpoint.sealed_at.as_millis(),
        rows: checkpoint.rows.to_string(),
        through_seq: checkpoint.through_seq,
        marks_hash: base64url::encode(&checkpoint.marks_hash),
        rows_hash: base64url::encode(&checkpoint.rows_hash),
        previous_hash: base64url::encode(&checkpoint.previous_hash),
        kid: checkpoint.kid.clone(),
        signature: base64url::encode(&checkpoint.signature),
    };
    serde_json::to_value(portable).expect("text and integers always have a JSON form")
}

/// The checkpoints in what was kept: exports, `audit checkpoints`, or the server's log. JSON values one after the other or
/// in arrays, or lines some of which are JSON; what is something else is passed over.
///
/// # Errors
/// When what says that it is a checkpoint cannot be read.
pub fn read_portable(text: &str) -> Result<Vec<Checkpoint>, InvalidCheckpoint> {
    let whole: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    let lines = || text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let values = whole.unwrap_or_else(|_lines_between| lines());
    let values = values.into_iter().flat_map(|value| match value {
        Value::Array(values) => values,
        value => vec![value],
    });
    values.filter_map(|value| checkpoint_in(value).transpose()).collect()
}

fn checkpoint_in(mut value: Value) -> Result<Option<Checkpoint>, InvalidCheckpoint> {
    match value.get_mut("checkpoint").map(Value::take) {
        // As a log has it.
        Some(Value::String(text)) => {
            one(serde_json::from_str(&text).map_err(|_other| broken(&text))?).map(Some)
        }
        Some(inner @ Value::Object(_)) => one(inner).map(Some),
        _ if value.get("rows_hash").is_some() => one(value).map(Some),
        _ => Ok(None),
    }
}

fn one(value: Value) -> Result<Checkpoint, InvalidCheckpoint> {
    let shown = value.to_string();
    read(value).ok_or_else(|| broken(&shown))
}

fn broken(text: &str) -> InvalidCheckpoint {
    let start: String = text.chars().take(80).collect();
    InvalidCheckpoint(format!("it has a checkpoint that cannot be read: {start}"))
}

fn read(value: Value) -> Option<Checkpoint> {
    let portable: Portable = serde_json::from_value(value).ok()?;
    let hash = |text: &str| base64url::decode(text).ok()?.try_into().ok();
    Some(Checkpoint {
        id: portable.id,
        sealed_at: Timestamp::from_millis(portable.sealed_at),
        rows: SeqRanges::parse(&portable.rows).ok()?,
        through_seq: portable.through_seq,
        marks_hash: hash(&portable.marks_hash)?,
        rows_hash: hash(&portable.rows_hash)?,
        previous_hash: hash(&portable.previous_hash)?,
        kid: portable.kid,
        signature: base64url::decode(&portable.signature).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_reads_back_in_every_form() {
        let checkpoint = Checkpoint {
            id: 7,
            sealed_at: Timestamp::from_millis(5),
            rows: SeqRanges::of([1, 2, 4]),
            through_seq: 4,
            marks_hash: [1; 32],
            rows_hash: [2; 32],
            previous_hash: [3; 32],
            kid: "k".to_owned(),
            signature: vec![9; 64],
        };
        let json = portable(&checkpoint);
        let log = serde_json::json!({"level": "INFO", "message": "audit checkpoint", "checkpoint": json.to_string()});
        let export = serde_json::json!({"checkpoint": json});
        let record = serde_json::json!({"record": {"seq": 1}});
        let text = format!("{record}\n{log}\n{export}\n[{json},{export}]\n");
        assert_eq!(read_portable(&text).unwrap(), vec![checkpoint; 4]);
        let mixed = format!("Nov 21 started\n{log}\nstopped\n");
        assert_eq!(read_portable(&mixed).unwrap().len(), 1);
        assert!(read_portable("nonsense").unwrap().is_empty());
        assert!(read_portable(r#"{"checkpoint":{"id":1}}"#).is_err());
        assert!(read_portable("").unwrap().is_empty());
    }
}
