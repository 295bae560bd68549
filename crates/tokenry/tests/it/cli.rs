//! The command line's manners: exit codes, data on stdout, one value of JSON.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::{finish, finish_with, json, run, serve, tokenry};
use crate::serve::token;

#[test]
fn exit_codes_tell_what_went_wrong() {
    let folder = Folder::init(On::Sqlite);
    folder.seed();
    let code = |arguments: &[&str]| {
        let said = run(&folder.config, arguments);
        assert_eq!(said.stdout, "", "{said:?}");
        assert!(said.stderr.starts_with("error: "), "{said:?}");
        said.code
    };
    assert_eq!(code(&["clients", "show", "nobody"]), 4);
    assert_eq!(code(&["clients", "delete", "nobody", "--yes"]), 4);
    assert_eq!(code(&["companies", "create", "--name", "Acme again", "--id", "acme"]), 5);
    assert_eq!(code(&["companies", "delete", "acme", "--yes"]), 5, "clients are bound to it");
    assert_eq!(code(&["apis", "delete", AUDIENCE, "--yes"]), 5, "grants name it");
    assert_eq!(code(&["clients", "create", "--type", "butler", "--name", "x"]), 2);
    assert_eq!(
        code(&["clients", "create", "--type", "spa", "--name", "x", "--auth-method", "client_secret_basic"]),
        2
    );
    assert_eq!(
        code(&["clients", "create", "--type", "m2m", "--name", "x", "--redirect-uri", "https://a.example"]),
        2
    );
    assert_eq!(code(&["clients", "create", "--name", "x"]), 2, "nobody is there to ask for a type");
    assert_eq!(code(&["companies", "delete", "globex"]), 2, "nobody is there to confirm");
    assert_eq!(code(&["apis", "create", "--name", "x", "--audience", "not a uri"]), 2);
    let nowhere = folder.path.path().join("nowhere.toml");
    assert_eq!(run(&nowhere, &["clients", "list"]).code, 2);
}

#[test]
fn lists_are_arrays_and_things_are_objects() {
    let folder = Folder::init(On::Sqlite);
    assert_eq!(json(&folder.config, &["clients", "list"]), serde_json::json!([]));
    let seeded = folder.seed();
    for noun in ["clients", "apis", "grants", "companies"] {
        let list = json(&folder.config, &[noun, "list"]);
        assert_eq!(list.as_array().unwrap().len(), if noun == "apis" { 1 } else { 2 }, "{noun}");
        let id = if noun == "clients" { "client_id" } else { "id" };
        let first = text(&list[0][id]);
        assert_eq!(json(&folder.config, &[noun, "show", &first]), list[0], "{noun}");
    }
    let secrets = json(&folder.config, &["secrets", "list", &seeded.cron.0]);
    assert_eq!(secrets[0]["status"], "works");
    assert!(!secrets.to_string().contains(&seeded.cron.1), "lists never show a value");
    let yaml = run(&folder.config, &["companies", "show", "acme", "--output", "yaml"]);
    assert!(yaml.stdout.contains("name: Acme"), "{yaml:?}");
    let table = run(&folder.config, &["companies", "list"]);
    assert!(table.stdout.contains("acme") && table.stdout.contains("Globex"), "{table:?}");
}

#[tokio::test]
async fn an_imported_secret_comes_by_standard_input_and_works() {
    let folder = Folder::init(On::Sqlite);
    let seeded = folder.seed();
    let (_server, url) = serve(&folder.config);
    for (imported, code) in
        [("correct horse\n", 0), ("a random one brought from elsewhere, long", 0), ("short", 2)]
    {
        let mut command = tokenry();
        command
            .args(["secrets", "add", &seeded.cron.0, "--secret-file", "-", "--output", "json", "--config"])
            .arg(&folder.config);
        let said = finish_with(command, imported);
        assert_eq!(said.code, code, "{said:?}");
        assert!(!said.stdout.contains(imported.trim()), "it is not shown again");
        let works = token(&url, &(seeded.cron.0.clone(), imported.trim().to_owned())).await.is_some();
        assert_eq!(works, code == 0, "{imported}");
    }
}

#[tokio::test]
async fn tokens_are_decoded_and_verified() {
    let dev = crate::dev::Dev::start(&[]);
    let value = |value: &Value| value.as_str().unwrap().to_owned();
    let issuer = value(&dev.report["issuer"]);
    let cron = &dev.report["clients"]["cron"];
    let jwt = token(&issuer, &(value(&cron["client_id"]), value(&cron["client_secret"]))).await.unwrap();
    let ask = |arguments: &[&str], jwt: &str| {
        let mut command = tokenry();
        command.args(arguments).args(["--output", "json"]);
        finish_with(command, jwt)
    };
    let decoded = ask(&["token", "decode"], &jwt).json();
    assert_eq!(decoded["header"]["typ"], "at+jwt");
    assert_eq!(decoded["claims"]["gty"], "client-credentials");
    let verify = ["token", "verify", "--issuer", &issuer, "--audience", AUDIENCE];
    assert_eq!(ask(&verify, &jwt).json()["claims"]["iss"], issuer);
    assert_eq!(
        ask(&["token", "verify", "--issuer", &issuer, "--audience", "https://x.example"], &jwt).code,
        1
    );
    assert_eq!(ask(&verify, &jwt[..jwt.len() - 4]).code, 1);
    assert_eq!(ask(&["token", "decode"], "nonsense").code, 1);
}

#[test]
fn healthcheck_says_whether_a_server_is_ready() {
    let folder = Folder::init(On::Sqlite);
    let (server, url) = serve(&folder.config);
    assert_eq!(run(&folder.config, &["healthcheck", "--url", &url]).code, 0);
    drop(server);
    let said = run(&folder.config, &["healthcheck", "--url", &url]);
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains("not ready"), "{said:?}");
}

#[test]
fn completions_are_valid_bash() {
    let mut command = tokenry();
    command.args(["completions", "bash"]);
    let said = finish(command);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &said.stdout).unwrap();
    assert!(Command::new("bash").arg("-n").arg(file.path()).status().unwrap().success());
    assert!(said.stdout.contains("clients"));
}

#[test]
fn r46_whoever_can_be_downloaded_is_not_offered_m2m() {
    let folder = Folder::init(On::Sqlite);
    let wizard = |answers: &str| {
        let line =
            format!("{} clients create --config {}", env!("CARGO_BIN_EXE_tokenry"), folder.config.display());
        // script(1) gives it a terminal.
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for key in answers.chars() {
            std::thread::sleep(std::time::Duration::from_millis(300));
            let _closed = input.write_all(key.to_string().as_bytes());
        }
        drop(input);
        String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).into_owned()
    };
    let public = wizard("y\rApp\r");
    assert!(public.contains("Can anyone outside download this app"), "{public}");
    assert!(public.contains("spa") && !public.contains("m2m"), "{public}");
    let private = wizard("n\rJob\r");
    assert!(private.contains("m2m"), "{private}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::init(On::Sqlite);
    folder.seed();
    let line = format!(
        "set -o pipefail; {} clients list --config {} | true",
        env!("CARGO_BIN_EXE_tokenry"),
        folder.config.display()
    );
    let mut bash = Command::new("bash");
    bash.args(["-c", &line]);
    let said = finish(bash);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{said:?}");
}

#[test]
fn quiet_says_nothing_but_data_and_errors() {
    let folder = Folder::init(On::Sqlite);
    let create = ["clients", "create", "--type", "m2m", "--name", "x", "--output", "json", "--quiet"];
    let said = run(&folder.config, &create);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{said:?}");
    let id = text(&said.json()["client_id"]);
    let said = run(&folder.config, &["clients", "delete", &id, "--yes", "--quiet", "--output", "json"]);
    assert_eq!((said.stderr.as_str(), &said.json()["deleted"]), ("", &true.into()), "{said:?}");
    let said = run(&folder.config, &["clients", "delete", &id, "--yes", "--quiet"]);
    assert_eq!(said.code, 4);
    assert!(said.stderr.starts_with("error: "), "{said:?}");
}

#[test]
fn what_config_prints_is_a_configuration_that_the_schema_describes() {
    let folder = Folder::init(On::Sqlite);
    let printed = run(&folder.config, &["config", "print"]);
    assert_eq!(printed.code, 0, "{printed:?}");
    let again = folder.path.path().join("again.toml");
    std::fs::write(&again, &printed.stdout).unwrap();
    assert_eq!(run(&again, &["config", "print"]).stdout, printed.stdout);
    assert_eq!(run(&again, &["config", "check"]).code, 0);
    let schema = run(&folder.config, &["config", "schema"]).json();
    for (key, _value) in json(&folder.config, &["config", "print"]).as_object().unwrap() {
        assert!(schema["properties"][key].is_object(), "{key} is not in the schema");
    }
    let yaml = run(&folder.config, &["config", "print", "--output", "yaml"]);
    assert!(yaml.stdout.contains("signing_alg: RS256"), "{yaml:?}");
}
