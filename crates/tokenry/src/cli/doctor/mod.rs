//! `doctor`: looks at everything that a server rests on, and says what to do about what is wrong.
//!
//! 1. The configuration is read; without one there is nothing to look at.
//! 2. Files, disk, database and network are asked at the same time, each within a few seconds. Nothing is changed: an
//!    empty database is not filled, a missing one not made.
//! 3. Each file here judges what it is named after, and yields findings. One that asks for anything to be done says what.

mod answers;
mod audit;
mod backup;
mod clock;
mod configuration;
mod cookies;
mod database;
mod disk;
mod files;
mod finding;
mod guards;
mod issuer;
mod keyring;
mod keys;
mod process;
mod report;
mod server;
mod tls;

use std::path::Path;
use std::time::Duration;

use tokenry_clock::{Clock as _, SystemClock};

use self::answers::Answers;
use self::finding::{Finding, Status};
use super::Global;
use crate::failure::{Code, Failure, Result};

/// Looks, and fails if something has to be mended.
pub(crate) async fn run(global: &Global) -> Result {
    let findings = Box::pin(examine(&global.config)).await;
    report::print(&findings, global)?;
    let count = |status| findings.iter().filter(|finding| finding.status == status).count();
    let (failures, warnings) = (count(Status::Failure), count(Status::Warning));
    let told = format!("{}, {}", counted(failures, "failure"), counted(warnings, "warning"));
    if failures > 0 {
        return Err(Failure::new(Code::Failure, told));
    }
    global.say(&format!("{told}."));
    Ok(())
}

async fn examine(file: &Path) -> Vec<Finding> {
    let config = match configuration::read(file) {
        Ok(config) => config,
        Err(unreadable) => return vec![unreadable],
    };
    let (answers, patient) = tokio::join!(Answers::ask(&config), database::Patient::examine(&config));
    let now = SystemClock.now();
    [
        configuration::judge(file, &config),
        files::judge(file, &config),
        keyring::judge(&config, &patient),
        patient.findings.clone(),
        disk::judge(&config),
        keys::judge(&config, &patient, now),
        audit::judge(&patient, &answers, now),
        backup::judge(file, &patient, now),
        server::judge(file, &config, &answers),
        tls::judge(&config, &answers, now),
        issuer::judge(&config, &patient, &answers, now),
        vec![cookies::judge(&config, &answers)],
        clock::judge(&patient, &answers),
        guards::judge(&patient, now),
    ]
    .concat()
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// A length of time as people say it, rounded down.
fn spoken(duration: Duration) -> String {
    let secs = duration.as_secs();
    let (count, unit) = match secs {
        0..120 => (secs, "second"),
        120..7_200 => (secs / 60, "minute"),
        7_200..172_800 => (secs / 3_600, "hour"),
        _ => (secs / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_said_as_people_say_them() {
        for (secs, says) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(spoken(Duration::from_secs(secs)), says);
        }
    }
}
