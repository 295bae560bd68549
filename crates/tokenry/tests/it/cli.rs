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
    let native = ["clients", "create", "--type", "native", "--name", "x", "--skip-consent"];
    assert_eq!(code(&native), 2, "any program could get tokens of whoever is signed in");
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
        let shown = json(&folder.config, &[noun, "show", &first]);
        for (member, value) in list[0].as_object().unwrap() {
            assert_eq!(&shown[member], value, "{noun} {member}: one that is shown says no less");
        }
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

/// What strangers wrote is shown, and does nothing to the terminal that shows it.
#[test]
fn what_is_printed_moves_no_terminal() {
    // A CSI of one character, one of two, an override of direction, a tag.
    let evil = "\u{9b}31m\u{1b}[31m\u{202e}\u{e0041}\u{7f}";
    let part = |value: Value| tokenry_jose::base64url::encode(value.to_string().as_bytes());
    let jwt = format!(
        "{}.{}.AA",
        part(serde_json::json!({"alg": "none"})),
        part(serde_json::json!({ "sub": evil }))
    );
    let folder = Folder::init(On::Sqlite);
    let (id, _secret) = folder.client_of("Cron");
    let database = rusqlite::Connection::open(folder.database.strip_prefix("sqlite:").unwrap()).unwrap();
    let claims = serde_json::json!({ "a": evil }).to_string();
    database.execute("UPDATE clients SET name = ?1, claims = ?2", [evil, &claims]).unwrap();
    for format in ["table", "json", "yaml"] {
        let decode = ["token", "decode", &jwt, "--output", format];
        let show = ["clients", "show", &id, "--output", format];
        let list = ["clients", "list", "--output", format];
        for command in [&decode[..], &show, &list] {
            let said = run(&folder.config, command);
            assert_eq!(said.code, 0, "{said:?}");
            let printed = |c: char| c == '\n' || (' '..='~').contains(&c);
            assert!(said.stdout.chars().all(printed), "{command:?}: {:?}", said.stdout);
            assert!(said.stdout.to_lowercase().contains("202e"), "{said:?}");
        }
    }
    assert_eq!(
        json(&folder.config, &["token", "decode", &jwt])["claims"]["sub"],
        evil,
        "JSON says what it says"
    );
    assert_eq!(json(&folder.config, &["clients", "show", &id])["name"], evil);
    for header in
        [serde_json::json!({ "alg": evil }), serde_json::json!({"alg": "RS256", "kid": evil, "typ": evil})]
    {
        let jwt = format!("{}.{}.AA", part(header), part(serde_json::json!({ "sub": evil })));
        let said = run(&folder.config, &["token", "explain", &jwt, "--for", AUDIENCE]);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(!said.stdout.contains(['\u{9b}', '\u{1b}', '\u{202e}', '\u{7f}']), "{said:?}");
    }
    let refused = run(&folder.config, &["clients", "show", evil]);
    assert!(refused.code == 4 && refused.stderr.contains("\\u{202e}"), "{refused:?}");
    assert!(!refused.stderr.contains(['\u{9b}', '\u{1b}', '\u{202e}']), "{refused:?}");
}

/// What one sees is what it is: no two names look the same and differ.
#[test]
fn names_are_what_they_look_like() {
    let folder = Folder::init(On::Sqlite);
    folder.seed();
    let create = |name: &str| {
        let arguments = ["integrations", "create", name, "--company", "acme", "--api", AUDIENCE];
        run(&folder.config, &[&arguments[..], &["--output", "json"]].concat())
    };
    let first = create("Caf\u{e9}").json();
    assert_eq!(create("Cafe\u{301}").code, 5, "composed it is the same");
    for name in
        ["Caf\u{e9}\u{2800}", "\u{3164}", "Caf\u{ad}\u{e9}", "Caf\u{e9}\u{fe0f}", "Caf\u{e9} ", "a\u{61c}b"]
    {
        let said = create(name);
        assert_eq!(said.code, 2, "{name:?}: {said:?}");
    }
    let shown = json(&folder.config, &["integrations", "show", "Cafe\u{301}"]);
    assert_eq!(shown["id"], first["id"]);
    let label = ["secrets", "add", &text(&first["client_id"]), "--label", "one\u{200b}"];
    assert_eq!(run(&folder.config, &label).code, 2);
    assert_eq!(json(&folder.config, &["integrations", "list"]).as_array().unwrap().len(), 1);
}

/// An id stands after commands and in paths of URLs.
#[test]
fn ids_that_cannot_be_typed_are_refused() {
    let folder = Folder::init(On::Sqlite);
    for id in [".", "..", "-x", "--", "--config"] {
        for command in [
            &["companies", "create", "--name", "X", "--id"][..],
            &["corporations", "create", "--name", "X", "--id"],
            &["clients", "create", "--type", "m2m", "--name", "X", "--client-id"],
        ] {
            let (last, rest) = command.split_last().unwrap();
            let assigned = format!("{last}={id}");
            let said = run(&folder.config, &[rest, &[&assigned]].concat());
            assert_eq!(said.code, 2, "{command:?} {id}: {said:?}");
            assert!(said.stderr.contains("must not begin with a hyphen"), "{said:?}");
        }
    }
    assert_eq!(json(&folder.config, &["companies", "list"]), serde_json::json!([]));
    assert_eq!(json(&folder.config, &["companies", "create", "--name", "X", "--id", "_x.y"])["id"], "_x.y");
}

/// What never matches, or always does, is no network of proxies.
#[test]
fn http_10_networks_that_say_nothing_are_refused() {
    let folder = Folder::init(On::Sqlite);
    let check = |network: &str| {
        folder.set("trusted_proxies", &format!("trusted_proxies = [\"{network}\"]"));
        run(&folder.config, &["config", "check"])
    };
    for (network, says) in [
        ("0.0.0.0/0", "everybody"),
        ("::/0", "everybody"),
        ("::ffff:10.0.0.0/104", "write 10.0.0.0/8"),
        ("nowhere", "neither an address nor a network"),
    ] {
        let said = check(network);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains("trusted_proxies: ") && said.stderr.contains(says), "{said:?}");
    }
    for network in ["127.0.0.1", "10.0.0.0/8", "fd00::/8"] {
        assert_eq!(check(network).code, 0, "{network}");
    }
    let printed = run(&folder.config, &["config", "print", "--output", "json"]).json();
    assert_eq!(printed["trusted_proxies"], serde_json::json!(["fd00::/8"]));
}

#[test]
fn r13_claims_are_what_they_look_like() {
    let folder = Folder::init(On::Sqlite);
    let (id, _secret) = folder.client_of("Cron");
    let file = folder.path.path().join("claims.json");
    let update = |claims: &str| {
        std::fs::write(&file, claims).unwrap();
        run(&folder.config, &["clients", "update", &id, "--claims", file.to_str().unwrap()])
    };
    let long = |length: usize| format!("{{\"a\":\"{}\"}}", "\u{1f600}".repeat(length / 4));
    for bad in [
        "{\"company\u{200b}Id\":\"globex\"}",
        "{\"companyId \":\"globex\"}",
        "{\"companyId\\u0000\":\"globex\"}",
        "{\"a\":{\"cafe\u{301}\":1}}",
        "{\"a\":[123456789012345678901234567890]}",
        "{\"a\":9007199254740992}",
        &long(1_020),
    ] {
        let said = update(bad);
        assert_eq!(said.code, 2, "{bad}: {said:?}");
    }
    assert!(update("{\"a\":9007199254740992}").stderr.contains("write it as text"));
    for good in ["{\"a\":9007199254740991,\"caf\u{e9}\":[-0.5]}", &long(1_016)] {
        assert_eq!(update(good).code, 0, "{good}");
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
