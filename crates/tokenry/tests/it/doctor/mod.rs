//! `tokenry doctor`: each finding provoked for real, its fix told, and gone once the fix was applied.

mod clinic;
mod database;
mod files;
mod life;
mod mail;
mod network;
mod proxy;

use std::time::{Duration, Instant};

use rstest::rstest;

use self::clinic::Clinic;
pub(crate) use self::clinic::Found;
use crate::folder::On;

#[rstest]
fn a_server_that_is_well_has_no_failure(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    let _server = clinic.serve();
    let found = clinic.examine();
    found.nothing_fails();
    for check in [
        "config",
        "config.trusted_proxies",
        "files.keyring",
        "keyring",
        "keyring.place",
        "database",
        "database.schema",
        "keys",
        "audit",
        "server",
        "issuer",
        "issuer.keys",
        "issuer.proxy",
        "issuer.cookies",
        "clock.issuer",
    ] {
        found.is(check, "ok", "");
    }
    match on {
        On::Postgres => {
            found.is("database.server", "ok", "PostgreSQL 1");
            found.is("clock.database", "ok", "agree");
        }
        On::Sqlite => {
            found.is("database.integrity", "ok", "nothing wrong");
            found.is("files.database", "ok", "");
        }
    }
    found.is("backup", "warning", "never made one").fixed_by("`tokenry backup FILE --config ");
}

#[rstest]
fn where_no_server_runs_it_says_so_and_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    let (rows, files) = (clinic.folder.rows(), clinic.folder.files());
    let found = clinic.examine();
    found.nothing_fails();
    found.is("server", "warning", "no server answers at 127.0.0.1:").fixed_by("`tokenry serve --config ");
    found.is("issuer", "skipped", "no server runs here");
    found.is("keys", "skipped", "the first server that starts makes them");
    found.is("guards", "skipped", "no API's guard");
    assert_eq!((clinic.folder.rows(), clinic.folder.files()), (rows, files));
    let _server = clinic.serve();
    clinic.examine().is("server", "ok", "is ready");
}

#[test]
fn people_get_a_line_for_each_and_what_to_do_below_it() {
    let clinic = Clinic::new(On::Sqlite);
    let said = crate::process::run(&clinic.folder.config, &["doctor"]);
    assert_eq!(said.code, 0, "{said:?}");
    // Two at the least; how full this host's disk is, is another matter.
    let warnings = said.stdout.lines().filter(|line| line.starts_with("warning ")).count();
    assert!(warnings >= 2, "{said:?}");
    assert_eq!(said.stderr, format!("no failure, {warnings} warnings.\n"));
    let lines: Vec<_> = said.stdout.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("warning  backup ")).unwrap();
    let column = lines[at].find('`').unwrap();
    assert_eq!(lines[at + 1].find('→'), Some(column), "{said:?}");
    assert!(said.stdout.is_ascii() || said.stdout.replace('→', "").is_ascii(), "{said:?}");
    let yaml = crate::process::run(&clinic.folder.config, &["doctor", "--output", "yaml", "--quiet"]);
    assert!(yaml.stdout.contains("check: backup") && yaml.stderr.is_empty(), "{yaml:?}");
}

#[test]
fn without_a_configuration_there_is_one_failure() {
    let clinic = Clinic::new(On::Sqlite);
    clinic.folder.set("issuer", "isuer = \"http://127.0.0.1:1\"");
    let found = clinic.examine();
    assert_eq!((found.code, found.checks()), (1, vec!["config"]));
    found.is("config", "failure", "did you mean issuer?").fixed_by("correct");
    std::fs::remove_file(&clinic.folder.config).unwrap();
    let found = clinic.examine();
    assert_eq!((found.code, found.checks()), (1, vec!["config"]));
    found.is("config", "failure", "cannot be read").fixed_by("`tokenry init --config ");
}

/// Whatever does not answer is given up, and the rest is still looked at.
#[test]
fn what_answers_nobody_is_given_up() {
    let clinic = Clinic::new(On::Sqlite);
    // They listen, accept by the kernel's hand, and say nothing.
    let [silent, database] = [0, 1].map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let at = |listener: &std::net::TcpListener| listener.local_addr().unwrap();
    clinic.folder.set("issuer", &format!("issuer = \"http://{}\"", at(&silent)));
    clinic.folder.set("listen", &format!("listen = \"{}\"", at(&silent)));
    let url = format!("postgres://app:sesame123@{}/tokenry", at(&database));
    clinic.folder.set("database", &format!("database = \"{url}\""));
    let begun = Instant::now();
    let found = clinic.examine();
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    found.is("database", "failure", "cannot be used").fixed_by("see whether PostgreSQL runs");
    found.is("server", "warning", "no answer came within three seconds");
    found.is("keyring.place", "ok", "");
    assert!(!found.text().contains("sesame123"), "{}", found.text());
}
