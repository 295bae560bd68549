//! People by the command line: users, roles, members, and those of the demo.

mod accounts;
mod demo;
mod grants;
mod guide;
mod links;
mod passwords;
mod roles;

use serde_json::Value;

use crate::folder::Folder;
use crate::process::{Said, finish_with, json, run, tokenry};

/// A password that nobody guesses first.
pub(crate) const PASSWORD: &str = "gentle harbour ninety kites";

/// Gives a user a password on standard input.
pub(crate) fn set_password(folder: &Folder, user: &str, password: &str) -> Said {
    let mut command = tokenry();
    command.args(["users", "set-password", user, "--output", "json", "--config"]).arg(&folder.config);
    finish_with(command, password)
}

/// The exit code of a command that must fail, with what it said.
#[track_caller]
fn refused(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let said = run(&folder.config, &[arguments, &["--yes"]].concat());
    assert!(said.code != 0 && said.stdout.is_empty() && said.stderr.starts_with("error: "), "{said:?}");
    (said.code, said.stderr)
}

fn show(folder: &Folder, user: &str) -> Value {
    json(&folder.config, &["users", "show", user])
}

/// The newest events of the audit trail, oldest first.
fn events(folder: &Folder, limit: usize) -> Vec<String> {
    let list = json(&folder.config, &["audit", "list", "--limit", &limit.to_string()]);
    let events = list.as_array().unwrap().iter().rev();
    events.map(|record| record["event"].as_str().unwrap().to_owned()).collect()
}
