//! Backups: when the last one was made.

use std::path::Path;
use std::time::Duration;

use tokenry_clock::Timestamp;

use super::finding::Finding;
use super::patient::Patient;
use crate::output::spoken;

const CHECK: &str = "backup";
/// Older than this it would bring back too little.
const OLD: Duration = Duration::from_secs(7 * 86_400);

pub(super) fn judge(file: &Path, patient: &Patient, now: Timestamp) -> Vec<Finding> {
    let fix = format!(
        "`tokenry backup FILE --config {}`, each day by a timer, and the file kept elsewhere",
        file.display()
    );
    vec![match patient.known.as_ref().map(|known| &known.backed_up_at) {
        None => Finding::skipped(CHECK, "the database cannot be asked"),
        Some(Err(error)) => Finding::skipped(CHECK, format!("the database does not say in time: {error}")),
        Some(Ok(None)) => Finding::warning(CHECK, "`tokenry backup` never made one of this database", fix),
        Some(Ok(Some(at))) if now.since(*at) > OLD => {
            Finding::warning(CHECK, format!("the last one was made {} ago", spoken(now.since(*at))), fix)
        }
        Some(Ok(Some(at))) => {
            Finding::ok(CHECK, format!("the last one was made {} ago", spoken(now.since(*at))))
        }
    }]
}
