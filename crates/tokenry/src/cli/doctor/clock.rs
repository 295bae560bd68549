//! Clocks: this host's against the issuer's and the database server's. Tokens and assertions live by them.

use reqwest::header::DATE;
use tokenry_clock::Timestamp;

use super::finding::Finding;
use super::heard::{Answer, Heard};
use super::patient::Patient;

/// How far clocks may differ without a word, in milliseconds: `Date` has whole seconds, and answers take their time.
const UNHEARD: u64 = 5_000;
/// Further than this, assertions and tokens are refused.
const TOO_FAR: u64 = 60_000;

pub(super) fn judge(patient: &Patient, heard: &Heard) -> Vec<Finding> {
    let mut findings = Vec::new();
    match heard.issuer.as_ref().ok().and_then(ahead) {
        Some(ahead) => findings.push(weigh("clock.issuer", "the issuer's answers", ahead)),
        None => findings.push(Finding::skipped("clock.issuer", "the issuer did not say what time it is")),
    }
    if let Some(ahead) = patient.known.as_ref().and_then(|known| known.ahead) {
        findings.push(weigh("clock.database", "the database's server", ahead));
    }
    findings
}

/// How far the answer's `Date` is ahead of this host.
fn ahead(answer: &Answer) -> Option<i64> {
    let date = answer.headers.get(DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(date.as_millisecond() - Timestamp::as_millis(answer.at))
}

fn weigh(check: &'static str, whose: &str, ahead: i64) -> Finding {
    let apart = ahead.unsigned_abs();
    if apart <= UNHEARD {
        return Finding::ok(check, format!("{whose} and this host agree on the time"));
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let apart_for_people = crate::output::spoken(std::time::Duration::from_millis(apart));
    let text = format!("the clock of {whose} is {apart_for_people} {side} this host's");
    let fix = "let NTP set both clocks: `timedatectl set-ntp true` on each host";
    if apart > TOO_FAR { Finding::failure(check, text, fix) } else { Finding::warning(check, text, fix) }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    #[test]
    fn clocks_that_differ_are_told_of_by_how_much() {
        for (ahead, status, says) in [
            (-5_000, Status::Ok, "agree"),
            (5_001, Status::Warning, "5 seconds ahead of"),
            (-60_000, Status::Warning, "60 seconds behind"),
            (3_600_001, Status::Failure, "60 minutes ahead of"),
            (i64::MIN, Status::Failure, "behind"),
        ] {
            let found = weigh("clock.issuer", "the issuer", ahead);
            assert!(found.status == status && found.finding.contains(says), "{ahead}: {found:?}");
        }
    }
}
