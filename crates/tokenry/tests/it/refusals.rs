//! What `serve` refuses, and that it says what to do.

use std::fs;
use std::thread;

use rstest::rstest;
use tokenry_store::db::{Db, Options};
use tokenry_store::migrate::{MIGRATIONS, NEWEST, migrate_with};
use tokenry_testpg as testpg;

use crate::folder::{Folder, On};
use crate::process::{Running, Said, finish, run, serve, tokenry};

/// What `serve` says as it refuses, having changed nothing.
fn refused(folder: &Folder, more: &[&str]) -> Said {
    let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
    arguments.extend(more);
    unchanged(folder, &arguments)
}

/// What a command says that fails and leaves every row and file as it was.
fn unchanged(folder: &Folder, arguments: &[&str]) -> Said {
    let before = (folder.rows(), folder.files());
    let said = run(&folder.config, arguments);
    assert!([1, 2].contains(&said.code), "{said:?}");
    assert!(said.stderr.contains("error: "), "{said:?}");
    assert_eq!(said.stdout, "", "stdout is data");
    assert_eq!((folder.rows(), folder.files()), before, "a refusal changed something");
    said
}

#[test]
fn without_its_keyring() {
    let folder = Folder::init(On::Sqlite);
    fs::remove_file(folder.path.path().join("keyring/master.keys")).unwrap();
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("master.keys cannot be read") && said.stderr.contains("hint:"), "{said:?}");
    for command in [&["init"][..], &["init", "--join"], &["clients", "list"]] {
        let again = unchanged(&folder, command);
        assert!(again.stderr.contains("hint:"), "no second keyring for a database that has one: {again:?}");
    }
    assert!(!folder.keyring().exists());
}

#[rstest]
fn key_05_with_a_foreign_keyring(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (folder, other) = (Folder::init(on), Folder::init(On::Sqlite));
    folder.seed();
    fs::copy(other.keyring(), folder.keyring()).unwrap();
    let create = ["companies", "create", "--name", "Initech"];
    for command in [&["init"][..], &["clients", "list"], &create] {
        unchanged(&folder, command);
    }
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("not the one that the database was made with"), "{said:?}");
}

#[test]
fn key_05_with_a_keyring_that_is_none() {
    let folder = Folder::init(On::Sqlite);
    let honest = fs::read_to_string(folder.keyring()).unwrap();
    let line = honest.lines().last().unwrap();
    let short = &line[..line.len() - 1];
    for broken in ["", "# nothing\n", "nonsense", short, &format!("{line}\n{short}")] {
        fs::write(folder.keyring(), broken).unwrap();
        let said = refused(&folder, &[]);
        assert!(said.stderr.contains("master.keys"), "the file is named: {said:?}");
        let key = &line[line.len() - 20..line.len() - 1];
        assert!(!said.stderr.contains(key), "and not shown: {said:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_11_on_a_schema_that_is_behind_until_it_is_migrated(#[values(On::Sqlite, On::Postgres)] on: On) {
    let mut folder = Folder::init(on);
    let url = match on {
        On::Postgres => testpg::Database::empty().unwrap().url().to_owned(),
        On::Sqlite => format!("sqlite:{}", folder.path.path().join("data/older.db").display()),
    };
    let db = Db::open(&url.parse().unwrap(), Options::default()).await.unwrap();
    migrate_with(&db, &MIGRATIONS[..1]).await.unwrap();
    db.close().await;
    folder.use_database(&url);
    let said = refused(&folder, &[]);
    assert!(said.stderr.contains("run `tokenry migrate`"), "{said:?}");
    unchanged(&folder, &["clients", "list"]);

    // db_13: three at once, as when three replicas are rolled out.
    let config = &folder.config;
    let codes = thread::scope(|scope| {
        let migrating = [(); 3].map(|()| scope.spawn(|| run(config, &["migrate"])));
        migrating.map(|one| one.join().unwrap())
    });
    assert!(codes.iter().all(|said| said.code == 0), "{codes:?}");
    assert_eq!(folder.ask("SELECT count(*) FROM schema"), NEWEST.to_string());
    assert_eq!(run(&folder.config, &["init"]).code, 0);
    let (_server, _url) = serve(&folder.config);
}

#[rstest]
fn db_11_a_newer_schema_that_is_compatible_is_served(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let newer = "INSERT INTO schema (version, oldest_compatible, name, checksum) \
                 VALUES (9000, 1, '9000_later', 'of another build')";
    match folder.database.strip_prefix("sqlite:") {
        Some(file) => drop(rusqlite::Connection::open(file).unwrap().execute(newer, []).unwrap()),
        None => drop(testpg::execute(&folder.database, newer).unwrap()),
    }
    let (mut server, _url) = serve(&folder.config);
    server.stop();
    assert_eq!(run(&folder.config, &["migrate"]).code, 0, "nothing is left to do");
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
fn init_makes_what_is_missing_and_nothing_twice() {
    let folder = Folder::init(On::Sqlite);
    folder.seed();
    let before = (folder.rows(), folder.files(), fs::read(folder.keyring()).unwrap());
    assert_eq!(run(&folder.config, &["init"]).code, 0);
    assert_eq!((folder.rows(), folder.files(), fs::read(folder.keyring()).unwrap()), before);
    let said = run(&folder.config, &["init", "--database", "sqlite:data/other.db"]);
    assert_eq!(said.code, 5, "the file names its own database: {said:?}");
    assert_eq!(folder.files(), before.1);
}

#[test]
fn init_join_never_makes_a_keyring() {
    let (first, joining) = (Folder::init(On::Postgres), tempfile::tempdir().unwrap());
    let config = joining.path().join("tokenry.toml");
    let join = ["init", "--join", "--database", &first.database];
    let said = run(&config, &join);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.stderr.contains("hint:") && !joining.path().join("keyring/master.keys").exists(),
        "{said:?}"
    );
    fs::create_dir_all(joining.path().join("keyring")).unwrap();
    fs::copy(first.keyring(), joining.path().join("keyring/master.keys")).unwrap();
    assert_eq!(run(&config, &["init", "--join"]).code, 0);
    let (_one, _url) = serve(&first.config);
    let (_two, _url) = serve(&config);
}

#[test]
fn with_values_that_make_no_sense() {
    let folder = Folder::init(On::Sqlite);
    for (key, line, named) in [
        ("listen", "listen = \"here\"", "listen"),
        ("database", "database = \"mysql://db.example/x\"", "database"),
        ("namespace", "namespace = \"companyId\"", "tokens.namespace"),
        ("signing_alg", "signing_alg = \"HS256\"", "tokens.signing_alg"),
        ("access_token_ttl", "access_token_ttl = \"0s\"", "tokens.access_token_ttl"),
        ("brand", "brand = \"Our Brand\"", "secrets.brand"),
        ("trusted_proxies", "trusted_proxies = [\"the proxy\"]", "trusted_proxies"),
    ] {
        let text = fs::read_to_string(&folder.config).unwrap();
        folder.set(key, line);
        for command in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let said = run(&folder.config, command);
            assert_eq!(said.code, 2, "{line}: {said:?}");
            assert!(said.stderr.contains(&format!("error: {named}")), "{named}: {said:?}");
        }
        fs::write(&folder.config, text).unwrap();
    }
    let said = run(&folder.config, &["config", "check"]);
    assert_eq!(said.code, 0, "{said:?}");
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
        command.envs(env.iter().copied());
        finish(command)
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
