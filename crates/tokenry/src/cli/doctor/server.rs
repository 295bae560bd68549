//! The server on this host: that it answers, is ready, is the one that the configuration describes, and may open enough files.

use std::path::Path;

use super::finding::Finding;
use super::heard::{Heard, Own};
use super::process;
use crate::config::Config;

const CHECK: &str = "server";
/// Three quarters of these are connections.
const FILES: u64 = 4_096;

pub(super) fn judge(file: &Path, config: &Config, heard: &Heard) -> Vec<Finding> {
    vec![answer(file, config, &heard.own), files(config, &heard.own)]
}

fn answer(file: &Path, config: &Config, own: &Own) -> Finding {
    let listen = config.listen;
    let (ready, discovery) = match own {
        Own::Absent(why) => {
            let fix = format!("`tokenry serve --config {}`, or start its service", file.display());
            return Finding::warning(
                CHECK,
                format!("no server answers at {listen} on this host: {why}"),
                fix,
            );
        }
        Own::Server { ready, discovery, .. } => (ready, discovery),
    };
    match discovery.as_ref().and_then(|answer| answer.metadata()) {
        None => Finding::failure(
            CHECK,
            format!("what answers at {listen} is no Tokenry"),
            "give listen another address, or end the other program",
        ),
        Some(found) if found.issuer != config.issuer => Finding::failure(
            CHECK,
            format!("the server at {listen} calls itself {}, and issuer is {}", found.issuer, config.issuer),
            "restart it, if the configuration was changed; or it is another server, and listen needs another port",
        ),
        Some(_) if ready.is_success() => Finding::ok(CHECK, format!("it answers at {listen} and is ready")),
        Some(_) => Finding::failure(
            CHECK,
            format!("the server at {listen} is not ready: /readyz answers {ready}"),
            "its log says why after \"not ready\"; the database is looked at above",
        ),
    }
}

fn files(config: &Config, own: &Own) -> Finding {
    let check = "server.open_files";
    let Own::Server { .. } = own else { return Finding::skipped(check, "no server runs here") };
    match process::open_files(config.listen.port()) {
        None => Finding::skipped(check, "the server's process cannot be seen by this user"),
        Some(limit) if limit < FILES => Finding::warning(
            check,
            format!("it may open {limit} files, and so serves {} connections at once", limit / 4 * 3),
            "LimitNOFILE=65536 in its unit, or `ulimit -n 65536` before it starts",
        ),
        Some(limit) => Finding::ok(check, format!("it may open {limit} files")),
    }
}
