//! What `serve` refuses, and that it says what to do.

use std::fs;

use crate::folder::{Folder, On};
use crate::process::{Running, Said, run, tokenry};

/// What `serve` says as it refuses.
fn refused(folder: &Folder, more: &[&str]) -> Said {
    let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
    arguments.extend(more);
    let said = run(&folder.config, &arguments);
    assert_ne!(said.code, 0, "{said:?}");
    assert_eq!(said.stdout, "", "stdout is data");
    said
}

#[test]
fn without_its_keyring() {
    let folder = Folder::init(On::Sqlite);
    fs::remove_file(folder.path.path().join("keyring/master.keys")).unwrap();
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("master.keys cannot be read") && said.stderr.contains("hint:"), "{said:?}");
    let again = run(&folder.config, &["init"]);
    assert_eq!(again.code, 1, "init makes no second keyring for a database that has one: {again:?}");
    assert!(!folder.path.path().join("keyring/master.keys").exists());
}

#[test]
fn key_05_with_a_foreign_keyring() {
    let (folder, other) = (Folder::init(On::Sqlite), Folder::init(On::Sqlite));
    let keys = "keyring/master.keys";
    fs::copy(other.path.path().join(keys), folder.path.path().join(keys)).unwrap();
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("not the one that the database was made with"), "{said:?}");
}

#[test]
fn db_11_on_a_schema_that_it_does_not_know() {
    let folder = Folder::init(On::Sqlite);
    let file = folder.database.strip_prefix("sqlite:").unwrap();
    let database = rusqlite::Connection::open(file).unwrap();
    database.execute("DELETE FROM schema WHERE version = (SELECT max(version) FROM schema)", []).unwrap();
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("run `tokenry migrate`"), "{said:?}");
    let add = "INSERT INTO schema (version, oldest_compatible, name, checksum) \
               SELECT 9000, 9000, '9000_later', checksum FROM schema WHERE version = 1";
    database.execute(add, []).unwrap();
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("newer tokenry"), "{said:?}");
}

#[test]
fn r31_on_a_public_address_without_a_proxy() {
    let folder = Folder::init(On::Sqlite);
    let said = run(&folder.config, &["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("trusted_proxies"), "{said:?}");
}

#[test]
fn on_a_database_that_dev_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tokenry();
    command.args(["dev", "--json", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0", "--data"]);
    let mut dev = Running::start({
        command.arg(folder.path());
        command
    });
    dev.wait_for(|out, _err| (!out.is_empty()).then_some(()));
    dev.signal("INT");
    assert_eq!(dev.wait(), Some(0));
    let said = run(&folder.path().join("tokenry.toml"), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("made by `tokenry dev`"), "{said:?}");
}

#[test]
fn with_the_keyring_beside_the_database() {
    let folder = Folder::init(On::Sqlite);
    folder.set("keyring_file", "keyring_file = \"data/master.keys\"");
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("database's folder"), "{said:?}");
}

#[test]
fn peer_12_with_a_key_that_does_not_exist() {
    let folder = Folder::init(On::Sqlite);
    let text = fs::read_to_string(&folder.config).unwrap();
    fs::write(&folder.config, format!("isuer = \"https://x.example\"\n{text}")).unwrap();
    let said = refused(&folder, &[]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("no key isuer; did you mean issuer?"), "{said:?}");
}

#[test]
fn with_an_issuer_that_nobody_could_trust() {
    let folder = Folder::init(On::Sqlite);
    folder.set("issuer", "issuer = \"http://id.example.com\"");
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("must be https"), "{said:?}");
    let checked = run(&folder.config, &["config", "check"]);
    assert_eq!(checked.code, 2, "config check says the same: {checked:?}");
}

#[test]
fn the_environment_has_a_twin_for_every_key() {
    let folder = Folder::init(On::Sqlite);
    let print = |env: &[(&str, &str)]| {
        let mut command = tokenry();
        command.args(["config", "print", "--output", "json", "--config"]).arg(&folder.config);
        Said::from(command.envs(env.iter().copied()).output().unwrap())
    };
    let file = folder.path.path().join("namespace");
    fs::write(&file, "https://n.example/claims\n").unwrap();
    let printed = print(&[
        ("TOKENRY_LISTEN", "127.0.0.1:9"),
        ("TOKENRY_TOKENS_NAMESPACE_FILE", file.to_str().unwrap()),
        ("TOKENRY_DATABASE", "postgres://u:hunter2@h.example/n"),
    ]);
    let json = printed.json();
    assert_eq!(json["listen"], "127.0.0.1:9");
    assert_eq!(json["tokens"]["namespace"], "https://n.example/claims");
    assert!(!printed.stdout.contains("hunter2"), "passwords are masked: {}", printed.stdout);
    let bad = print(&[("TOKENRY_TOKENS_ACCESS_TOKEN_TTL", "soon")]);
    assert_eq!(bad.code, 2);
    assert!(bad.stderr.contains("tokens.access_token_ttl") && bad.stderr.contains("soon"), "{bad:?}");
}

#[test]
fn with_the_keyring_in_the_databases_folder_by_any_way() {
    let folder = Folder::init(On::Sqlite);
    let path = folder.path.path();
    std::os::unix::fs::symlink(path.join("data"), path.join("elsewhere")).unwrap();
    fs::create_dir(path.join("data/below")).unwrap();
    for way in ["data/../data/master.keys", "elsewhere/master.keys", "data/below/master.keys"] {
        folder.set("keyring_file", &format!("keyring_file = \"{way}\""));
        let said = refused(&folder, &[]);
        assert!(said.stderr.contains("database's folder"), "{way}: {said:?}");
    }
}

#[test]
fn with_a_keyring_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::init(On::Sqlite);
    let keyring = folder.path.path().join("keyring/master.keys");
    fs::set_permissions(&keyring, fs::Permissions::from_mode(0o644)).unwrap();
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("chmod 600"), "{said:?}");
}

#[test]
fn adm_12_metrics_on_a_public_address() {
    let folder = Folder::init(On::Sqlite);
    folder.set("metrics_listen", "metrics_listen = \"0.0.0.0:0\"");
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("metrics_listen") && said.stderr.contains("trusted_proxies"), "{said:?}");
}

#[test]
fn an_init_that_failed_can_be_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("tokenry.toml");
    for wrong in ["postgres://nobody@127.0.0.1:1/none", "mysql://x"] {
        let said = run(&config, &["init", "--database", wrong]);
        assert!(said.code == 1 || said.code == 2, "{said:?}");
        assert!(!config.exists(), "{wrong} is not written down");
    }
    assert_eq!(run(&config, &["init", "--database", "sqlite:data/tokenry.db"]).code, 0);
    assert_eq!(run(&config, &["init"]).code, 0, "and again changes nothing");
}
