//! Signing keys: that they change in time, and that a next one is published.

use std::collections::BTreeMap;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{KeyState, SigningKeyRecord};

use super::finding::Finding;
use super::patient::Patient;
use crate::config::Config;
use crate::output::spoken;

const CHECK: &str = "keys";
/// How long a key may go on signing after it was due: a server that was off for the night has not missed anything.
const SLACK: Duration = Duration::from_secs(2 * 86_400);

pub(super) fn judge(config: &Config, patient: &Patient, now: Timestamp) -> Vec<Finding> {
    let keys = match patient.known.as_ref().map(|known| &known.keys) {
        None => return vec![Finding::skipped(CHECK, "the database cannot be asked")],
        Some(Err(error)) => return vec![Finding::failure(CHECK, error, "see what is said of the database")],
        Some(Ok(keys)) => keys,
    };
    if keys.is_empty() {
        return vec![Finding::skipped(CHECK, "the first server that starts makes them")];
    }
    let mut of_algorithm = BTreeMap::<&str, Vec<&SigningKeyRecord>>::new();
    for key in keys {
        of_algorithm.entry(key.algorithm.as_str()).or_default().push(key);
    }
    of_algorithm.into_iter().map(|(algorithm, keys)| one(algorithm, &keys, config, now)).collect()
}

/// The keys of one algorithm.
fn one(algorithm: &str, keys: &[&SigningKeyRecord], config: &Config, now: Timestamp) -> Finding {
    let signs_since = keys.iter().find_map(|key| match key.state {
        KeyState::Active { since } => Some(since),
        _ => None,
    });
    let has_next = keys.iter().any(|key| key.state == KeyState::Pending);
    let Some(since) = signs_since else {
        let text = format!("no {algorithm} key signs, although there are some");
        return Finding::failure(CHECK, text, "restore a backup: every rotation leaves one that signs");
    };
    let (age, due) = (now.since(since), config.keys.rotate_every.duration());
    let rotate = format!("`tokenry keys rotate --alg {algorithm}`");
    if !has_next {
        let text = format!(
            "no next {algorithm} key is published, so the one that signs cannot be replaced in good order"
        );
        return Finding::failure(CHECK, text, "restore a backup: every rotation publishes the next");
    }
    if age > due.saturating_add(SLACK) {
        let text = format!(
            "the {algorithm} key has signed for {}, and keys.rotate_every is {}: the schedule does not run",
            spoken(age),
            config.keys.rotate_every
        );
        let fix = format!(
            "{rotate} now; then let a server run for longer than an hour at a time, with this configuration"
        );
        return Finding::warning(CHECK, text, fix);
    }
    if since > now.plus(SLACK) {
        let text = format!("the {algorithm} key signs since {since}, which is in the future");
        return Finding::warning(CHECK, text, format!("set the clock of every server right, then {rotate}"));
    }
    Finding::ok(
        CHECK,
        format!("the {algorithm} key has signed for {}, and the next is published", spoken(age)),
    )
}
