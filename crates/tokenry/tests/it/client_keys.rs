//! Clients that sign: made and changed by the command line, with keys given or published, and with others' libraries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Client;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_clock::{Clock, SystemClock};
use tokenry_jose::{Algorithm, SigningKey};

use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::{Running, finish_with, option, run, serve, serve_with, tokenry};
use crate::serve::free_port;

/// What every folder's server calls itself.
const ISSUER: &str = "http://127.0.0.1:8700";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn new_key() -> SigningKey {
    SigningKey::generate(Algorithm::EdDsa).unwrap().0
}

fn jwks(key: &SigningKey) -> String {
    format!(r#"{{"keys":[{}]}}"#, key.public_jwk().to_json())
}

fn write(folder: &Folder, name: &str, content: &str) -> String {
    let file = folder.path.path().join(name);
    fs::write(&file, content).unwrap();
    file.display().to_string()
}

/// A folder with a company and the API.
fn folder(on: On) -> Folder {
    let folder = Folder::init(on);
    folder.client_of("Cron");
    folder
}

const CREATE: [&str; 10] = [
    "clients",
    "create",
    "--type",
    "m2m",
    "--name",
    "Signing job",
    "--company",
    "acme",
    "--auth-method",
    "private_key_jwt",
];

/// A client with the API that was made with these options.
fn create(folder: &Folder, options: &[&str]) -> Value {
    let created = crate::process::json(&folder.config, &[&CREATE[..], options].concat());
    let id = text(&created["client_id"]);
    crate::process::json(&folder.config, &["grants", "create", "--client", &id, "--api", AUDIENCE]);
    created
}

fn assertion(id: &str, key: &SigningKey, jti: &str) -> String {
    let now = SystemClock.now().as_secs();
    let claims = json!({"iss": id, "sub": id, "aud": ISSUER, "exp": now + 60, "jti": jti});
    key.sign_compact(&key.header("JWT"), claims.to_string().as_bytes()).unwrap()
}

/// The status of a token request.
async fn status(url: &str, assertion: &str) -> u16 {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    Client::new().post(format!("{url}/oauth/token")).form(&form).send().await.unwrap().status().as_u16()
}

#[rstest]
#[tokio::test]
async fn a_client_is_made_with_keys_and_gets_others(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = folder(on);
    let (key, next) = (new_key(), new_key());
    let created = create(&folder, &["--jwks", &write(&folder, "jwks.json", &jwks(&key))]);
    let id = text(&created["client_id"]);
    assert_eq!((&created["auth_method"], created.get("client_secret")), (&json!("private_key_jwt"), None));
    let shown = crate::process::json(&folder.config, &["clients", "show", &id]);
    assert_eq!(shown["jwks"]["keys"][0]["kid"], key.kid());
    assert_eq!(run(&folder.config, &["secrets", "add", &id]).code, 2, "it holds none");

    let (_server, url) = serve(&folder.config);
    assert_eq!(status(&url, &assertion(&id, &key, "a")).await, 200);
    assert_eq!(status(&url, &assertion(&id, &key, "a")).await, 401, "used");
    let mut update = tokenry();
    update
        .args(["clients", "update", &id, "--jwks", "-", "--output", "json", "--config"])
        .arg(&folder.config);
    let updated = finish_with(update, &jwks(&next)).json();
    assert_eq!(updated["jwks"]["keys"][0]["kid"], next.kid());
    assert_eq!(updated["propagated"], true, "the tokens that the lost key got are dead");
    assert_eq!(status(&url, &assertion(&id, &key, "b")).await, 401, "a replaced key is refused at once");
    assert_eq!(status(&url, &assertion(&id, &next, "c")).await, 200, "a new one works at once");

    let uri = "https://job.example.com/jwks.json";
    let kept = run(&folder.config, &["clients", "update", &id, "--name", "Job", "--keep-tokens"]);
    assert_eq!(kept.code, 2, "no key is taken away: {kept:?}");
    let move_to = ["clients", "update", &id, "--jwks-uri", uri, "--keep-tokens"];
    let moved = crate::process::json(&folder.config, &move_to);
    assert_eq!(moved.get("propagated"), None, "nothing ends: {moved}");
    assert_eq!((moved["jwks_uri"].as_str(), moved.get("jwks")), (Some(uri), None));
    // Refusals are written late, so the last record may be of one.
    let listed = crate::process::json(&folder.config, &["audit", "list", "--limit", "5"]);
    let told = listed.as_array().unwrap().iter().filter(|it| it.to_string().contains(uri)).count();
    assert_eq!(told, 1, "{listed}");
}

#[test]
fn key_06_keys_that_cannot_be_taken_change_nothing() {
    let folder = folder(On::Sqlite);
    let key = new_key();
    let good = write(&folder, "good.json", &jwks(&key));
    let id = text(&create(&folder, &["--jwks", &good])["client_id"]);
    let private = write(&folder, "private.json", &jwks(&key).replace("\"kid\"", "\"d\":\"AA\",\"kid\""));
    let none = write(&folder, "none.json", r#"{"keys":[]}"#);
    let html = write(&folder, "page.html", "<html>");
    let before = folder.rows();
    let cases: [(&[&str], &str); 9] = [
        (&["--jwks", &private], "key 1 is private"),
        (&["--jwks", &none], "1 to 20 keys"),
        (&["--jwks", &html], "no JWK set"),
        (&["--jwks", "/nowhere.json"], "cannot be read"),
        (&["--jwks-uri", "http://job.example.com/"], "https"),
        (&["--jwks-uri", "ftp://127.0.0.1/"], "https"),
        (&["--jwks-uri", "https://job.example.com:11211/"], "its port is another protocol's: 11211"),
        (&["--jwks", &good, "--jwks-uri", "https://job.example.com/"], "cannot be used with"),
        (&["--jwks-uri", ""], "absolute URI"),
    ];
    for (options, said) in cases {
        for command in [&CREATE[..], &["clients", "update", &id]] {
            let refused = run(&folder.config, &[command, options].concat());
            assert_eq!(refused.code, 2, "{options:?}: {refused:?}");
            assert!(refused.stderr.contains(said), "{options:?}: {refused:?}");
            assert_eq!(refused.stdout, "");
        }
    }
    let keyless = run(&folder.config, &CREATE);
    assert!(keyless.code == 2 && keyless.stderr.contains("--jwks or --jwks-uri"), "{keyless:?}");
    let without =
        run(&folder.config, &["clients", "create", "--type", "m2m", "--name", "x", "--jwks", &good]);
    assert!(without.code == 2 && without.stderr.contains("--auth-method private_key_jwt"), "{without:?}");
    let spa = [
        "clients",
        "create",
        "--type",
        "spa",
        "--name",
        "x",
        "--auth-method",
        "private_key_jwt",
        "--jwks",
        &good,
    ];
    assert_eq!(run(&folder.config, &spa).code, 2);
    assert_eq!(folder.rows(), before);
}

/// A key server with a certificate of an authority that only `outbound.ca_file` names.
struct KeyServer {
    authority: PathBuf,
    port: u16,
    _running: Running,
}

impl KeyServer {
    fn start(folder: &Path, jwks: &str) -> Self {
        let openssl = |arguments: &[&str]| {
            let made = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
            assert!(made.status.success(), "{made:?}");
        };
        let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        openssl(
            &[&["req", "-x509", "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem"], &ec[..]]
                .concat(),
        );
        let names = "subjectAltName=IP:127.0.0.1,DNS:localhost";
        openssl(
            &[
                &["req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=Keys", "-addext", names]
                    [..],
                &["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "keys.key", "-out", "keys.pem"],
                &ec,
            ]
            .concat(),
        );
        fs::write(folder.join("jwks.json"), jwks).unwrap();
        let port = free_port();
        let mut command = Command::new("openssl");
        command
            .args([
                "s_server",
                "-WWW",
                "-accept",
                &format!("127.0.0.1:{port}"),
                "-cert",
                "keys.pem",
                "-key",
                "keys.key",
            ])
            .current_dir(folder)
            .stdin(std::process::Stdio::null());
        let mut running = Running::start(command);
        running.wait_for(|out, _err| out.contains("ACCEPT").then_some(()));
        Self { authority: folder.join("ca.pem"), port, _running: running }
    }
}

#[tokio::test]
async fn published_keys_are_fetched_as_outbound_allows() {
    let folder = folder(On::Sqlite);
    let key = new_key();
    let secure = tempfile::tempdir().unwrap();
    let published = KeyServer::start(secure.path(), &jwks(&key));
    let uri = format!("https://127.0.0.1:{}/jwks.json", published.port);
    let id = text(&create(&folder, &["--jwks-uri", &uri])["client_id"]);
    let authority = published.authority.display().to_string();
    let network = ("TOKENRY_OUTBOUND_ALLOWED_NETWORKS", "127.0.0.0/8");
    let trusted = ("TOKENRY_OUTBOUND_CA_FILE", &*authority);
    // A proxy from the environment would be asked in vain: it is not asked.
    let proxy = ("HTTPS_PROXY", "http://127.0.0.1:9");
    let cases = [
        (&[trusted][..], 401, "not public and not in outbound.allowed_networks"),
        (&[network], 401, "certificate"),
        (&[network, trusted], 200, ""),
        (&[network, trusted, proxy], 200, ""),
    ];
    for (n, (environment, expected, said)) in cases.into_iter().enumerate() {
        let (mut server, url) = serve_with(&folder.config, environment);
        let got = status(&url, &assertion(&id, &key, &format!("jti {n}"))).await;
        server.stop();
        assert_eq!(got, expected, "{environment:?}: {}", server.stderr());
        assert!(server.stderr().contains(said), "{environment:?}: {}", server.stderr());
    }

    let bad = write(&folder, "bad.pem", "nothing\n");
    folder.set("ca_file", &format!("ca_file = \"{bad}\""));
    for command in [&["config", "check"][..], &["serve"]] {
        let refused = run(&folder.config, command);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(
            refused.stderr.contains("outbound.ca_file: ") && refused.stderr.contains("bad.pem"),
            "{refused:?}"
        );
    }
    folder.set("ca_file", "ca_file = \"bad.pem\"");
    let refused = run(&folder.config, &["config", "check"]);
    assert!(refused.stderr.contains(folder.path.path().to_str().unwrap()), "beside the file: {refused:?}");
}

/// `jose` and PyJWT make an assertion as their users do.
#[rstest]
#[tokio::test]
async fn r18_others_assertions_are_taken(#[values("node", "python")] language: &str) {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop");
    let (variable, script) = match language {
        "node" => ("TOKENRY_TEST_NODE", format!("{tests}/node/assert.mjs")),
        _ => ("TOKENRY_TEST_PYTHON", format!("{tests}/python/assert.py")),
    };
    let Some(interpreter) = option(variable) else {
        panic!("{variable} is not set: `cargo xtask test` installs what this needs and runs it");
    };
    let run = |arguments: &[&str], input: &str| {
        let mut command = Command::new(&interpreter);
        command.arg(&script).args(arguments);
        finish_with(command, input).json()
    };
    let keys = run(&["keys"], "");
    let folder = folder(On::Sqlite);
    let id = text(
        &create(&folder, &["--jwks", &write(&folder, "jwks.json", &keys["jwks"].to_string())])["client_id"],
    );
    let (_server, url) = serve(&folder.config);
    let signed = run(&["sign", ISSUER, &id], &keys["key"].to_string());
    assert_eq!(status(&url, &text(&signed["assertion"])).await, 200);
    let elsewhere = run(&["sign", &format!("{ISSUER}/oauth/token"), &id], &keys["key"].to_string());
    assert_eq!(status(&url, &text(&elsewhere["assertion"])).await, 401);
}
