//! Configuration, files, keyring and disk.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::process::Command;

use rstest::rstest;

use super::clinic::{Clinic, Found};
use crate::folder::{Folder, On};

#[rstest]
#[case::keyring("keyring/master.keys", 0o640, "files.keyring", "failure", "it opens the database")]
#[case::database("data/tokenry.db", 0o644, "files.database", "warning", "other users of this host can read")]
#[case::folder("keyring", 0o777, "files.folder", "warning", "can replace what is in")]
#[case::folder_of_the_database("data", 0o775, "files.folder", "warning", "can replace what is in")]
fn what_others_can_read_or_replace_is_told_and_closed_by_the_fix(
    #[case] name: &str,
    #[case] mode: u32,
    #[case] check: &str,
    #[case] status: &str,
    #[case] says: &str,
) {
    let clinic = Clinic::new(On::Sqlite);
    fs::set_permissions(clinic.file(name), Permissions::from_mode(mode)).unwrap();
    let fix = clinic.examine().is(check, status, says).fixed_by("chmod ");
    clinic.apply(&fix);
    let found = clinic.examine();
    found.is_well(check);
    found.nothing_fails();
}

#[test]
fn leak_01_a_password_in_an_open_configuration_is_told_of_and_not_told() {
    let clinic = Clinic::new(On::Sqlite);
    fs::set_permissions(&clinic.folder.config, Permissions::from_mode(0o644)).unwrap();
    clinic.examine().is("files.config", "ok", "holds no secret");
    clinic.folder.set("database", "database = \"postgres://app:sesame123@127.0.0.1:1/tokenry\"");
    let found = clinic.examine();
    let fix = found.is("files.config", "failure", "the database's password in it").fixed_by("chmod 600 ");
    found.is("database", "failure", "postgres://app@127.0.0.1:1/tokenry");
    assert!(!found.text().contains("sesame123"), "{}", found.text());
    clinic.apply(&fix);
    clinic.examine().is("files.config", "ok", "only its owner");
}

#[test]
fn files_of_two_owners_are_told() {
    let clinic = Clinic::new(On::Sqlite);
    clinic.examine().is_well("files.owner");
    let given_away = chown(clinic.folder.keyring(), Some(12_345), None).is_ok();
    // Only root may give files away; for others the owners stay one.
    if given_away {
        let fix = clinic.examine().is("files.owner", "warning", "user 12345").fixed_by("chown --reference=");
        clinic.apply(&fix);
    }
    clinic.examine().is_well("files.owner");
}

#[test]
fn a_keyring_that_is_missing_or_another_databases_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    let keyring = clinic.folder.keyring();
    let own = fs::read_to_string(&keyring).unwrap();
    let foreign = fs::read_to_string(Folder::init(On::Sqlite).keyring()).unwrap();
    fs::remove_file(&keyring).unwrap();
    clinic.examine().is("keyring", "failure", "cannot be read").fixed_by("bring its own keyring here");
    write_private(&keyring, &foreign);
    let found = clinic.examine();
    found
        .is("keyring", "failure", "is not the one that the database was made with")
        .fixed_by("bring the keyring");
    found.is("audit", "skipped", "without the database and its keyring");
    write_private(&keyring, "tokenry_mk_nonsense\n");
    let found = clinic.examine();
    found.is("keyring", "failure", "the keyring ");
    assert!(!found.text().contains("nonsense"), "{}", found.text());
    write_private(&keyring, &own);
    clinic.examine().nothing_fails();
}

fn write_private(file: &std::path::Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_keyring_where_copies_take_it_along_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    fs::create_dir(clinic.file("keyring/.git")).unwrap();
    clinic.examine().is("keyring.place", "warning", "git working tree").fixed_by("move it out of there");
    fs::remove_dir(clinic.file("keyring/.git")).unwrap();
    clinic.examine().is("keyring.place", "ok", "");

    for (place, fails) in
        [("data/keys/master.keys", true), ("data/master.keys", true), ("master.keys", false)]
    {
        let now = clinic.file(place);
        fs::create_dir_all(now.parent().unwrap()).unwrap();
        fs::rename(clinic.folder.keyring(), &now).unwrap();
        clinic.folder.set("keyring_file", &format!("keyring_file = \"{place}\""));
        let found = clinic.examine();
        found.is("keyring.place", "warning", "takes it along").fixed_by("move it to a folder of its own");
        assert_eq!(found.code, i32::from(fails), "a server refuses only the database's own folder: {place}");
        fs::rename(&now, clinic.folder.keyring()).unwrap();
    }
    clinic.folder.set("keyring_file", "keyring_file = \"keyring/master.keys\"");
    let found = clinic.examine();
    found.is("keyring.place", "ok", "");
    found.nothing_fails();
}

#[rstest]
#[case::next_to_nothing("60m", "failure")]
#[case::little("300m", "warning")]
fn a_disk_that_is_nearly_full_is_told(#[case] size: &str, #[case] status: &str) {
    let clinic = Clinic::new(On::Sqlite);
    // A disk of that size, that only this process sees.
    let lines = format!(
        "mount -t tmpfs -o size={size},mode=700 none keyring && exec '{}' doctor \"$@\"",
        env!("CARGO_BIN_EXE_tokenry")
    );
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &lines, "sh", "--config"]);
    command.arg(&clinic.folder.config).current_dir(clinic.folder.path.path());
    let found = Found::by(command);
    found.is("disk.keyring", status, "MiB are free in").fixed_by("make room");
}

#[test]
fn a_configuration_whose_values_do_not_fit_together_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    clinic.folder.set("publish_before", "publish_before = \"100d\"");
    clinic.examine().is("config", "failure", "keys.publish_before").fixed_by("`tokenry config check`");
    clinic.folder.set("publish_before", "publish_before = \"24h\"");

    clinic.folder.set("listen", "listen = \"127.0.0.1:9\"");
    clinic.examine().is("config.listen", "warning", "listens on 127.0.0.1:9").fixed_by("one port");
    clinic.folder.set("trusted_proxies", "trusted_proxies = [\"10.0.0.0/8\"]");
    clinic.folder.set("listen", &format!("listen = \"0.0.0.0:{}\"", clinic.port));
    clinic.examine().is("config.listen", "warning", "reached from outside").fixed_by("listen on 127.0.0.1");
    clinic.folder.set("listen", &format!("listen = \"127.0.0.1:{}\"", clinic.port));
    clinic.folder.set("metrics_listen", "metrics_listen = \"0.0.0.0:8799\"");
    clinic.examine().is("config.metrics_listen", "warning", "without a password").fixed_by("127.0.0.1:8799");
    clinic.folder.set("metrics_listen", &format!("metrics_listen = \"127.0.0.1:{}\"", clinic.port));
    clinic.examine().is("config.metrics_listen", "failure", "both listen").fixed_by("another port");
    clinic.folder.set("metrics_listen", "metrics_listen = \"127.0.0.1:8799\"");
    let found = clinic.examine();
    found.is("config.metrics_listen", "ok", "only this host");
    found.is("config.trusted_proxies", "ok", "10.0.0.0/8 may say");
    found.is_well("config.listen");
}

#[test]
fn r91_a_cookie_that_every_sites_requests_carry_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    clinic.examine().is("config.same_site", "ok", "nobody but our own pages");
    clinic.folder.set("same_site", "same_site = \"none\"");
    clinic.examine().is("config.same_site", "warning", "no user interface").fixed_by("same_site = \"lax\"");
    clinic.folder.set("headless_origins", "headless_origins = [\"https://app.example.com\"]");
    clinic
        .examine()
        .is("config.same_site", "warning", "for the sake of https://app.example.com")
        .fixed_by("PKCE");
    clinic.folder.set("same_site", "same_site = \"lax\"");
    clinic.examine().is("config.same_site", "ok", "pages of https://app.example.com may");
}

#[test]
fn http_10_a_proxy_that_is_not_trusted_is_told() {
    let clinic = Clinic::new(On::Sqlite);
    clinic.folder.set("issuer", "issuer = \"https://id.example.invalid\"");
    let found = clinic.examine();
    found
        .is("config.trusted_proxies", "warning", "all clients have its address")
        .fixed_by("trusted_proxies = [\"127.0.0.1\"]");
    clinic.folder.set("trusted_proxies", "trusted_proxies = [\"127.0.0.1\"]");
    clinic.examine().is("config.trusted_proxies", "ok", "127.0.0.1/32 may say");
}
