//! The audit trail: that its end is what was signed, and that somebody seals what is added.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_engine::audit::Standing;

use super::finding::Finding;
use super::heard::Heard;
use super::patient::Patient;
use crate::output::spoken;

const CHECK: &str = "audit";
/// How long a record may wait for its seal, which comes once a second.
const PATIENCE: Duration = Duration::from_secs(60);
/// How far ahead another server's clock may be.
const SKEW: Duration = Duration::from_secs(5);

pub(super) fn judge(patient: &Patient, heard: &Heard, now: Timestamp) -> Vec<Finding> {
    match patient.known.as_ref().and_then(|known| known.seal.as_ref()) {
        None => vec![Finding::skipped(CHECK, "it cannot be checked without the database and its keyring")],
        Some(Err(error)) => {
            vec![Finding::failure(CHECK, error, "`tokenry audit verify` says more; restore a backup")]
        }
        Some(Ok(standing)) => {
            vec![head(standing, now), sealer(standing, heard.server_runs(), now)]
        }
    }
}

/// The last checkpoint.
fn head(standing: &Standing, now: Timestamp) -> Finding {
    let fix = "`tokenry audit verify --checkpoints FILE`, with what was kept elsewhere, says where the trail was changed";
    match (&standing.head, standing.problem) {
        (head, Some(problem)) => {
            let id = head.as_ref().map(|head| format!(" {}", head.id)).unwrap_or_default();
            Finding::failure(CHECK, format!("the last checkpoint{id} is damaged: {problem}"), fix)
        }
        (Some(head), None) if head.sealed_at > now.plus(SKEW) => Finding::warning(
            CHECK,
            format!("checkpoint {} was made {} from now", head.id, spoken(head.sealed_at.since(now))),
            "set the clocks of this host and of every other server right, with NTP",
        ),
        (Some(head), None) => Finding::ok(
            CHECK,
            format!(
                "checkpoint {}, made {} ago, is what was signed",
                head.id,
                spoken(now.since(head.sealed_at))
            ),
        ),
        (None, None) => Finding::skipped(CHECK, "nothing is sealed yet: a server that runs does it"),
    }
}

/// Whether somebody seals.
fn sealer(standing: &Standing, server_runs: bool, now: Timestamp) -> Finding {
    let check = "audit.seal";
    let Some(oldest) = standing.oldest_unsealed else {
        return Finding::ok(check, "every record is sealed");
    };
    let (count, age) = (standing.unsealed, now.since(oldest));
    let text = format!("{count} of the last records wait to be sealed, the first for {}", spoken(age));
    match age > PATIENCE {
        true if server_runs => Finding::failure(
            check,
            format!("{text}, although a server runs"),
            "look for \"audit\" in the server's log, and restart it",
        ),
        true => Finding::warning(check, format!("{text}; no server runs"), "`tokenry serve` seals them"),
        false => Finding::ok(check, text),
    }
}
