//! Room on the disk, where the database and the keyring are.

use std::path::Path;

use super::files::database_file;
use super::finding::Finding;
use crate::config::Config;
use crate::folder::folder_of;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;
/// Below so much the next writes may be the last.
const LEAST: u64 = 100 * MIB;

pub(super) fn judge(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    match database_file(config) {
        Some(file) => findings.push(room("disk.database", folder_of(&file))),
        None => findings.push(Finding::skipped("disk.database", "it is PostgreSQL's, on its own host")),
    }
    findings.push(room("disk.keyring", folder_of(&config.keyring_file)));
    findings
}

fn room(check: &'static str, folder: &Path) -> Finding {
    let shown = folder.display();
    match rustix::fs::statvfs(folder) {
        Err(error) => Finding::skipped(check, format!("{shown} cannot be looked at: {error}")),
        Ok(found) => {
            let (free, all) = (
                found.f_bavail.saturating_mul(found.f_frsize),
                found.f_blocks.saturating_mul(found.f_frsize),
            );
            weigh(check, &shown.to_string(), free, all)
        }
    }
}

fn weigh(check: &'static str, folder: &str, free: u64, all: u64) -> Finding {
    let share = if all == 0 { 100 } else { u128::from(free) * 100 / u128::from(all) };
    let text = format!("{} are free in {folder}, {share} % of the disk", size(free));
    let fix = "make room, or move it to a larger disk: a server that cannot write refuses all tokens";
    if free < LEAST {
        Finding::failure(check, text, fix)
    } else if free < GIB || share < 10 {
        Finding::warning(check, text, fix)
    } else {
        Finding::ok(check, text)
    }
}

fn size(bytes: u64) -> String {
    if bytes >= 10 * GIB { format!("{} GiB", bytes / GIB) } else { format!("{} MiB", bytes / MIB) }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status::{self, Failure, Ok, Warning};
    use super::*;

    #[test]
    fn little_room_is_told_and_none_fails() {
        for (free, all, status) in [
            (LEAST - 1, GIB, Failure),
            (0, 0, Failure),
            (LEAST, GIB, Warning),
            (GIB - 1, GIB, Warning),
            (GIB, 2 * GIB, Ok),
            (9 * GIB, 100 * GIB, Warning),
            (10 * GIB, 100 * GIB, Ok),
            (u64::MAX, u64::MAX, Ok),
        ] {
            let found: Status = weigh("disk.database", "/data", free, all).status;
            assert_eq!(found, status, "{free} of {all}");
        }
    }
}
