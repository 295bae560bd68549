//! The database: missing, foreign, damaged, locked, behind, ahead, read-only, with another clock.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};

use rstest::rstest;
use rusqlite::Connection;

use super::clinic::Clinic;
use crate::folder::On;

fn sqlite(clinic: &Clinic) -> Connection {
    Connection::open(clinic.file("data/tokenry.db")).unwrap()
}

#[test]
fn a_database_that_is_not_there_is_told_and_not_made() {
    let clinic = Clinic::new(On::Sqlite);
    let file = clinic.file("data/tokenry.db");
    let kept = clinic.file("kept.db");
    // With what is still in its log, which else would be taken for the other files'.
    sqlite(&clinic).execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    fs::rename(&file, &kept).unwrap();
    let found = clinic.examine();
    found.is("database", "failure", "No such file").fixed_by("`tokenry init` makes a new one");
    for check in ["keyring", "keys", "audit", "backup", "guards"] {
        found.is(check, "skipped", "");
    }
    assert!(!file.exists());
    for (text, check, says, fix) in [
        ("", "database.schema", "version 0", "`tokenry init`"),
        (
            "<html>this is another file, longer than a header</html>",
            "database",
            "is no SQLite database",
            "restore a backup",
        ),
    ] {
        fs::write(&file, text).unwrap();
        clinic.examine().is(check, "failure", says).fixed_by(fix);
    }
    for companion in ["data/tokenry.db-wal", "data/tokenry.db-shm"] {
        let _there_or_not = fs::remove_file(clinic.file(companion));
    }
    fs::rename(&kept, &file).unwrap();
    clinic.examine().nothing_fails();
}

#[test]
fn damage_is_found_before_somebody_asks_for_it() {
    let clinic = Clinic::new(On::Sqlite);
    let database = sqlite(&clinic);
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let page: i64 = database
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'users' AND type = 'table'", [], |row| {
            row.get(0)
        })
        .unwrap();
    drop(database);
    let mut file = OpenOptions::new().write(true).open(clinic.file("data/tokenry.db")).unwrap();
    file.seek(SeekFrom::Start(page.cast_unsigned().saturating_sub(1) * 4_096)).unwrap();
    file.write_all(&[0xAA; 4_096]).unwrap();
    drop(file);
    clinic.examine().is("database.integrity", "failure", "").fixed_by("restore a backup");
}

#[test]
fn a_database_that_left_wal_is_told_and_put_right() {
    let clinic = Clinic::new(On::Sqlite);
    sqlite(&clinic).execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    clinic.examine().is("database.wal", "warning", "was not in WAL mode").fixed_by("nothing to do now");
    let found = clinic.examine();
    found.is_well("database.wal");
    found.nothing_fails();
}

#[test]
fn a_database_that_another_process_keeps_locked_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    let other = sqlite(&clinic);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let found = clinic.examine();
    found.is("database", "failure", "cannot be written to: the database stayed busy").fixed_by("locked");
    found.is("database.integrity", "ok", "");
    other.execute_batch("ROLLBACK").unwrap();
    clinic.examine().nothing_fails();
}

#[rstest]
fn a_schema_of_another_version_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    let newest = clinic.folder.ask("SELECT max(version) FROM schema");
    let kept = clinic.folder.ask("SELECT name, checksum FROM schema ORDER BY version DESC LIMIT 1");
    let (name, checksum) = kept.split_once('|').unwrap();
    clinic.folder.ask(&format!("DELETE FROM schema WHERE version = {newest} RETURNING version"));
    clinic.examine().is("database.schema", "failure", "run `tokenry migrate`").fixed_by("`tokenry migrate`");
    let insert = |version: &str, oldest: &str, name: &str| {
        clinic.folder.ask(&format!(
            "INSERT INTO schema (version, oldest_compatible, name, checksum) \
             VALUES ({version}, {oldest}, '{name}', '{checksum}') RETURNING version"
        ))
    };
    insert(&newest, "1", name);
    clinic.examine().nothing_fails();
    insert("9999", "9999", "9999_later");
    clinic.examine().is("database.schema", "failure", "run a newer tokenry").fixed_by("newer tokenry");
    clinic.folder.ask("DELETE FROM schema WHERE version = 9999 RETURNING version");
    clinic.folder.ask("UPDATE schema SET checksum = 'x' WHERE version = 1 RETURNING version");
    clinic.examine().is("database.schema", "failure", "in another form").fixed_by("restore");
}

#[rstest]
fn another_brand_than_the_secrets_have_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let clinic = Clinic::new(on);
    clinic.folder.set("brand", "brand = \"acme\"");
    let fix = clinic
        .examine()
        .is("config.brand", "failure", "is not what the secrets in this database begin with")
        .fixed_by("brand = \"tokenry\"");
    clinic.folder.set("brand", &fix);
    clinic.examine().nothing_fails();
}

#[test]
fn a_postgresql_that_takes_no_writes_is_told() {
    let clinic = Clinic::new(On::Postgres);
    let name = clinic.folder.ask("SELECT current_database()");
    clinic.folder.ask(&format!("ALTER DATABASE \"{name}\" SET default_transaction_read_only = on"));
    let found = clinic.examine();
    found.is("database", "failure", "does not allow writes").fixed_by("name the primary");
    let writable = format!("{}&options=-cdefault_transaction_read_only%3Doff", clinic.folder.database);
    let reset = format!("ALTER DATABASE \"{name}\" RESET default_transaction_read_only");
    tokenry_testpg::execute(&writable, &reset).unwrap();
    clinic.examine().nothing_fails();
}

/// The server's own clock cannot be set by a test, but what it calls its clock can.
#[rstest]
#[case::an_hour("1 hour", "failure", "60 minutes ahead of")]
#[case::half_a_minute("-30 seconds", "warning", "behind")]
fn a_database_server_with_another_clock_is_told(#[case] by: &str, #[case] status: &str, #[case] says: &str) {
    let clinic = Clinic::new(On::Postgres);
    let name = clinic.folder.ask("SELECT current_database()");
    clinic.folder.ask(&format!(
        "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql \
         AS $$ SELECT pg_catalog.clock_timestamp() + interval '{by}' $$; \
         ALTER DATABASE \"{name}\" SET search_path = public, pg_catalog"
    ));
    clinic.examine().is("clock.database", status, says).fixed_by("NTP");
    clinic.folder.ask(&format!("ALTER DATABASE \"{name}\" RESET search_path"));
    clinic.examine().is("clock.database", "ok", "agree");
}
