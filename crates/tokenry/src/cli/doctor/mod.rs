//! `doctor`: looks at everything that a server rests on, and says what to do about what is wrong.
//!
//! 1. The configuration is read; without one there is nothing to look at.
//! 2. Files, disk, database and network are asked at the same time, each within a few seconds. No row is
//!    changed: an empty database is not filled, a missing one not made.
//! 3. Each file here judges what it is named after, and yields findings. One that asks for anything to be done says what.

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
mod heard;
mod issuer;
mod keyring;
mod keys;
mod mail;
mod patient;
mod process;
mod report;
mod server;
mod tls;

use std::path::Path;

use tokenry_clock::{Clock as _, SystemClock};

use self::finding::{Finding, Status};
use self::heard::Heard;
use self::patient::Patient;
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
    let (heard, patient, mail) =
        tokio::join!(Heard::ask(&config), Patient::examine(&config), mail::examine(&config));
    let now = SystemClock.now();
    [
        configuration::judge(file, &config, &patient),
        files::judge(file, &config),
        keyring::judge(&config, &patient),
        patient.findings.clone(),
        disk::judge(&config),
        keys::judge(&config, &patient, now),
        audit::judge(&patient, &heard, now),
        backup::judge(file, &patient, now),
        server::judge(file, &config, &heard),
        tls::judge(&config, &heard, now),
        issuer::judge(&config, &patient, &heard, now),
        vec![cookies::judge(&config, &heard)],
        clock::judge(&patient, &heard),
        vec![mail],
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
