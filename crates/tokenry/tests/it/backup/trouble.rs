//! Full disks, missing folders and programs: nothing is left half done, and the operator is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use rstest::rstest;
use tokenry_store::db::{Db, Options};
use tokenry_store::migrate::{MIGRATIONS, migrate_with};
use tokenry_testpg as testpg;

use super::place::{Place, ask};
use crate::folder::{AUDIENCE, Folder, On};
use crate::process::{finish, json, run, tokenry};

fn listed(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_cannot_be_written_leaves_nothing() {
    let place = Place::start(On::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let missing = place.run(&["backup", &path("missing/a.backup")]);
    assert!(missing.code == 1 && missing.stderr.contains("missing"), "{missing:?}");
    assert_eq!(place.run(&["backup", folder.path().to_str().unwrap()]).code, 2, "a folder");

    fs::write(path("a.backup"), "kept").unwrap();
    let refused = place.run(&["backup", &path("a.backup")]);
    assert!(refused.code == 2 && refused.stderr.contains("add --yes"), "{refused:?}");

    // No room: a limit on the size of files, as it is on a disk that is full.
    let mut full = Command::new("bash");
    let lines = "trap '' XFSZ; ulimit -f 200; exec \"$0\" backup \"$1\" --yes --config \"$2\"";
    full.args(["-c", lines, env!("CARGO_BIN_EXE_tokenry"), &path("a.backup")]).arg(&place.folder.config);
    full.env_clear().env("PATH", "/usr/bin:/bin");
    let full = finish(full);
    assert!(full.code == 1 && full.stderr.contains("cannot be backed up"), "{full:?}");
    assert_eq!(fs::read_to_string(path("a.backup")).unwrap(), "kept");
    assert_eq!(listed(folder.path()), ["a.backup"]);
    assert!(ask(&place.url, &place.seeded.cron, AUDIENCE).await.is_some(), "the server goes on");

    assert_eq!(place.run(&["backup", &path("a.backup"), "--yes"]).code, 0);
    let mut piped = tokenry();
    piped.args(["backup", "-", "--config"]).arg(&place.folder.config);
    let piped = piped.output().unwrap();
    let read = tokenry_store::archive::read(&mut piped.stdout.as_slice(), &mut std::io::sink()).unwrap();
    assert_eq!(read.clients, 2);
    assert!(piped.status.success() && listed(folder.path()) == ["a.backup"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_without_room_leaves_the_old_database() {
    let mut place = Place::start(On::Sqlite).await;
    place.backup();
    place.stop();
    let before = (place.folder.files(), place.folder.rows());
    let mut full = Command::new("bash");
    let lines = "trap '' XFSZ; ulimit -f 200; exec \"$0\" restore \"$1\" --yes --config \"$2\"";
    full.args(["-c", lines, env!("CARGO_BIN_EXE_tokenry")]).arg(place.file()).arg(&place.folder.config);
    full.env_clear().env("PATH", "/usr/bin:/bin");
    let full = finish(full);
    assert_eq!(full.code, 1, "{full:?}");
    assert_eq!((place.folder.files(), place.folder.rows()), before);
    place.serve();
    assert!(ask(&place.url, &place.seeded.cron, AUDIENCE).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_of_postgresql_that_do_not_fit_are_named() {
    let place = Place::start(On::Postgres).await;
    let programs = tempfile::tempdir().unwrap();
    let with_path = || {
        let mut command = tokenry();
        command.env("PATH", programs.path()).arg("backup").arg(place.file());
        command.arg("--config").arg(&place.folder.config);
        finish(command)
    };
    let missing = with_path();
    assert!(missing.code == 1 && missing.stderr.contains("pg_dump was not found"), "{missing:?}");
    let old = programs.path().join("pg_dump");
    fs::write(&old, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).unwrap();
    let too_old = with_path();
    assert!(too_old.code == 1 && too_old.stderr.contains("is of version 9, the server of"), "{too_old:?}");
    assert!(!place.file().exists());
    place.backup();
}

#[test]
fn leak_04_pg_dump_is_told_the_password_in_its_environment_alone() {
    let url = testpg::Database::empty().unwrap().url().replace('@', ":Sesame-99@");
    let folder = Folder::at(&url);
    let programs = tempfile::tempdir().unwrap();
    let said = programs.path().join("said");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'pg_dump (PostgreSQL) 99.1'; exit; fi\n\
         echo \"$@\" > {0}; [ \"$PGPASSWORD\" = Sesame-99 ] && echo told >> {0}\n\
         echo 'pg_dump: error: it is late' >&2; echo 'and here would be rows' >&2; exit 1\n",
        said.display()
    );
    let pg_dump = programs.path().join("pg_dump");
    fs::write(&pg_dump, script).unwrap();
    fs::set_permissions(&pg_dump, fs::Permissions::from_mode(0o755)).unwrap();
    let file = folder.path.path().join("a.backup");
    let mut command = tokenry();
    command.env("PATH", programs.path()).arg("backup").arg(&file).arg("--config").arg(&folder.config);
    let failed = finish(command);
    assert!(
        failed.code == 1 && failed.stderr.contains("pg_dump failed: pg_dump: error: it is late"),
        "{failed:?}"
    );
    assert!(
        !failed.stderr.contains("Sesame") && !failed.stderr.contains("rows") && !file.exists(),
        "{failed:?}"
    );
    let said = fs::read_to_string(said).unwrap();
    assert!(said.contains("--format=custom") && said.ends_with("told\n"), "{said}");
    assert!(!said.contains("Sesame"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_behind_a_link_stays_where_it_is() {
    let mut place = Place::start(On::Sqlite).await;
    place.backup();
    place.stop();
    let link = place.folder.database.strip_prefix("sqlite:").unwrap().to_owned();
    let disk = place.folder.path.path().join("disk");
    fs::create_dir(&disk).unwrap();
    for companion in ["", "-wal", "-shm"] {
        let _absent = fs::rename(format!("{link}{companion}"), disk.join(format!("tokenry.db{companion}")));
    }
    std::os::unix::fs::symlink(disk.join("tokenry.db"), &link).unwrap();
    place.restore(&[]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(listed(&disk).len(), 2, "the new one and the one that was kept: {:?}", listed(&disk));
    place.serve();
    assert!(ask(&place.url, &place.seeded.cron, AUDIENCE).await.is_some());
}

/// Before a migration is when a backup is made; it is migrated when it comes back.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_11_db_12_an_older_schema_is_backed_up_and_comes_back_migrated(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let place = Place::start(on).await;
    let old = place.elsewhere();
    if let Some(file) = old.database.strip_prefix("sqlite:") {
        fs::create_dir_all(Path::new(file).parent().unwrap()).unwrap();
    }
    let db = Db::open(&old.database.parse().unwrap(), Options::default()).await.unwrap();
    migrate_with(&db, &MIGRATIONS[..4]).await.unwrap();
    db.close().await;
    let file = place.file().display().to_string();
    assert_eq!(json(&old.config, &["backup", &file])["schema"], 4);
    let target = place.elsewhere();
    json(&target.config, &["restore", &file]);
    assert_eq!(target.ask("SELECT MAX(version) FROM schema"), MIGRATIONS.len().to_string());
}

#[test]
fn what_is_not_there_is_not_backed_up() {
    let folder = Folder::init(On::Sqlite);
    let database = folder.database.strip_prefix("sqlite:").unwrap();
    for companion in ["", "-wal", "-shm"] {
        let _absent = fs::remove_file(format!("{database}{companion}"));
    }
    let file = folder.path.path().join("a.backup");
    let said = run(&folder.config, &["backup", file.to_str().unwrap()]);
    assert!(said.code == 4 && !file.exists() && !Path::new(database).exists(), "{said:?}");
}
