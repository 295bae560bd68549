//! Guards: which are connected, and which do not keep up.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_store::GuardStanding;

use super::finding::Finding;
use super::patient::Patient;
use crate::output::spoken;

const CHECK: &str = "guards";
/// How long a guard may take to acknowledge.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many are named.
const NAMED: usize = 5;

pub(super) fn judge(patient: &Patient, now: Timestamp) -> Vec<Finding> {
    let guards = match patient.known.as_ref().map(|known| &known.guards) {
        None => return vec![Finding::skipped(CHECK, "the database cannot be asked")],
        Some(Err(error)) => return vec![Finding::failure(CHECK, error, "see what is said of the database")],
        Some(Ok(guards)) => guards,
    };
    let mut troubled: Vec<_> = guards.iter().filter_map(|guard| trouble(guard, now)).collect();
    let connected = guards.len() - troubled.len();
    let more = troubled.len().saturating_sub(NAMED);
    troubled.truncate(NAMED);
    if more > 0 {
        troubled.push(format!("and {more} more"));
    }
    vec![match (connected, troubled.is_empty()) {
        (0, true) => Finding::skipped(CHECK, "no API's guard has been connected in the last ten minutes"),
        (_, true) => Finding::ok(CHECK, format!("{connected} connected, and none lags behind")),
        _ => Finding::warning(
            CHECK,
            format!("{connected} keep up; {}", troubled.join("; ")),
            "see whether that API runs and reaches the issuer; until it does, commands say `propagated: false`",
        ),
    }]
}

fn trouble(guard: &GuardStanding, now: Timestamp) -> Option<String> {
    let name = format!("{} of {}", guard.guard, guard.audience);
    match guard.ended_at {
        Some(ended_at) => Some(format!("{name} lost its connection {} ago", spoken(now.since(ended_at)))),
        None if guard.acked < guard.announced && now.since(guard.seen_at) > PATIENCE => Some(format!(
            "{name} is {} events behind and was last heard of {} ago",
            guard.announced - guard.acked,
            spoken(now.since(guard.seen_at))
        )),
        None => None,
    }
}
