//! A restore that does not come to its end: nobody serves from what it leaves, and the next one completes it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tokenry_testpg as testpg;

use super::place::{Place, ask, is_active};
use crate::folder::{AUDIENCE, On};
use crate::process::{Said, finish, option, tokenry};

/// Restores with a `pg_restore` that does its work, and is the last thing that the command lives to see.
fn restore_and_die(place: &Place) -> Said {
    let programs = tempfile::tempdir().unwrap();
    let path = option("PATH").unwrap();
    let script = format!(
        "#!/bin/sh\nPATH={path}\nif [ \"$1\" = --version ]; then exec pg_restore --version; fi\n\
         pg_restore \"$@\" && kill -9 $PPID\n"
    );
    let pg_restore = programs.path().join("pg_restore");
    fs::write(&pg_restore, script).unwrap();
    fs::set_permissions(&pg_restore, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = tokenry();
    command.env("PATH", format!("{}:{path}", programs.path().display()));
    command.args(["restore", "--new-handles", "--yes"]).arg(place.file());
    command.arg("--config").arg(&place.folder.config);
    finish(command)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_a_restore_that_was_interrupted_is_no_database_to_serve_from() {
    let mut place = Place::start(On::Postgres).await;
    let before = ask(&place.url, &place.seeded.cron, AUDIENCE).await.unwrap();
    place.backup();
    let another = place.folder.path.path().join("another.backup");
    place.json(&["backup", another.to_str().unwrap()]);
    place.stop();
    place.folder.use_database(testpg::Database::empty().unwrap().url());
    let killed = restore_and_die(&place);
    assert_eq!((killed.code, killed.stdout.as_str()), (-1, ""), "{killed:?}");
    assert_ne!(place.folder.ask("SELECT count(*) FROM clients"), "0", "it was filled");

    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["clients", "list"], &["doctor"]] {
        let refused = place.run(command);
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert!(
            refused.code == 1 && said.contains("a backup is being restored into this database"),
            "{said}"
        );
    }
    let other = place.run(&["restore", another.to_str().unwrap(), "--yes"]);
    assert!(other.code == 5 && other.stderr.contains("holds a part of another backup"), "{other:?}");

    let file = place.file().display().to_string();
    let again = place.run(&["restore", &file, "--new-handles", "--yes", "--output", "json"]);
    assert_eq!((again.code, &again.json()["tokens"]), (0, &"ended".into()), "{again:?}");
    place.serve();
    assert!(!is_active(&place.url, &place.seeded.api, &before).await);
    let new = ask(&place.url, &place.seeded.cron, AUDIENCE).await.unwrap();
    assert!(is_active(&place.url, &place.seeded.api, &new).await);
    let filled = place.run(&["restore", &file, "--yes"]);
    assert!(filled.code == 5 && filled.stderr.contains("is not empty"), "{filled:?}");
}

/// A backup that turns out to be none leaves an empty database, for one that is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_12_what_could_not_be_filled_holds_nothing() {
    let mut place = Place::start(On::Postgres).await;
    place.backup();
    place.stop();
    place.folder.use_database(testpg::Database::empty().unwrap().url());
    let programs = tempfile::tempdir().unwrap();
    let pg_restore = programs.path().join("pg_restore");
    fs::write(&pg_restore, "#!/bin/sh\necho 'pg_restore (PostgreSQL) 99.1'\n[ \"$1\" = --version ]\n")
        .unwrap();
    fs::set_permissions(&pg_restore, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = tokenry();
    command.env("PATH", programs.path()).args(["restore", "--yes"]).arg(place.file());
    command.arg("--config").arg(&place.folder.config);
    let failed = finish(command);
    assert!(failed.code == 1 && failed.stderr.contains("cannot be filled"), "{failed:?}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(place.folder.ask(tables), "0");
    let file = place.file().display().to_string();
    assert_eq!(place.run(&["restore", &file, "--yes"]).code, 0);
}
