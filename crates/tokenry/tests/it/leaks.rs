//! A whole run at its most talkative, and then a search for every secret in everything that it wrote.

mod own;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use reqwest::{Client, RequestBuilder};
use rstest::rstest;
use serde_json::Value;
use tokenry_jose::base64url;
use tokenry_testpg as testpg;

use self::own::Own;
use crate::folder::{AUDIENCE, Folder, On, Seeded};
use crate::process::{Running, Said, example, finish_with, run, serve_with, tokenry};
use crate::serve::{create_when_ready, free_port, timesheets_api, token};

/// A password of the database that its server does not ask for, but that nobody else may see.
const PASSWORD: &str = "Sesame-open-99";
/// A client's secret from elsewhere: characters that forms and URLs write in another way.
const IMPORTED: &str = "Grüße/aus+dem Lager & Büro=42%";

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leak_01_leak_04_r17_no_secret_in_what_is_written(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = match on {
        On::Postgres => {
            Folder::at(&testpg::Database::empty().unwrap().url().replace('@', &format!(":{PASSWORD}@")))
        }
        On::Sqlite => Folder::init(on),
    };
    let issuer = format!("http://127.0.0.1:{}", free_port());
    folder.set("issuer", &format!("issuer = \"{issuer}\""));
    folder.set("listen", &format!("listen = \"{}\"", issuer.trim_start_matches("http://")));
    let seeded = folder.seed();
    let mut written = operate(&folder, &seeded);
    let metrics = format!("127.0.0.1:{}", free_port());
    let mut server = serve_at(&folder, &[("TOKENRY_LOG", "trace"), ("TOKENRY_METRICS_LISTEN", &metrics)]);
    let (mut api, api_url) = timesheets_api(&issuer, &seeded.api, &folder);

    let own = Own::of_ann(&folder, &issuer).await;
    let jwt = token(&issuer, &seeded.cron).await.unwrap();
    assert_eq!(token(&issuer, &(seeded.readonly.0.clone(), IMPORTED.to_owned())).await.map(drop), Some(()));
    assert_eq!(create_when_ready(&api_url, "acme", &jwt).await, 201);
    own.open_what_they_should(&api_url).await;
    let own_requests = own.requests(&issuer, &api_url, &seeded);
    for request in requests(&issuer, &api_url, &seeded, &jwt).into_iter().chain(own_requests) {
        let answer = request.send().await.unwrap();
        written.push_str(&format!("{} {:?}", answer.status(), answer.headers()));
        written.push_str(&answer.text().await.unwrap());
    }
    let counted = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
    assert!(counted.contains("tokenry_token_requests_total"), "{counted}");
    written.push_str(&counted);
    for process in [&server, &api] {
        written.push_str(&fs::read_to_string(format!("/proc/{}/cmdline", process.pid())).unwrap());
    }
    server.stop();
    api.stop();
    written.push_str(&server.stderr());
    written.push_str(&api.stderr());
    written.push_str(&format!("{:?}", folder.rows()));
    assert!(written.contains("\"TRACE\""), "the run was not talkative");

    let keyring = fs::read_to_string(folder.keyring()).unwrap();
    let keys = keyring
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.rsplit([' ', ':', '=']).next());
    let signature = jwt.rsplit('.').next().unwrap();
    let (cron, readonly, api) = (&*seeded.cron.1, &*seeded.readonly.1, &*seeded.api.1);
    let known = [PASSWORD, IMPORTED, signature, cron, readonly, api];
    for secret in known.into_iter().chain(own.values()).chain(keys.filter(|key| key.len() > 20)) {
        for shown in forms(secret) {
            assert!(!written.contains(&shown), "{shown} was written: {}", around(&written, &shown));
        }
    }
}

/// Starts `serve` where the configuration has it listen.
fn serve_at(folder: &Folder, env: &[(&str, &str)]) -> Running {
    let mut command = tokenry();
    command.args(["serve", "--config"]).arg(&folder.config).envs(env.iter().copied());
    Running::listening(command).0
}

/// What an operator's commands say beside their data, and their data where it is no new secret.
fn operate(folder: &Folder, seeded: &Seeded) -> String {
    let id = &seeded.readonly.0;
    let command = |arguments: &[&str]| {
        let mut command = tokenry();
        command.env("TOKENRY_LOG", "trace").args(arguments).arg("--config").arg(&folder.config);
        command
    };
    let import = finish_with(command(&["secrets", "add", id, "--secret-file", "-"]), IMPORTED);
    assert_eq!(import.code, 0, "{import:?}");
    let refused = finish_with(command(&["secrets", "add", "nobody", "--secret-file", "-"]), IMPORTED);
    assert_eq!(refused.code, 4, "{refused:?}");
    let mut said = vec![import, refused];
    said.push(run(&folder.config, &["secrets", "list", id]));
    said.push(run(&folder.config, &["clients", "list", "--output", "yaml"]));
    said.push(run(&folder.config, &["config", "print"]));
    said.push(run(&folder.config, &["config", "check"]));
    let added = run(&folder.config, &["apis", "secrets", "add", AUDIENCE]);
    assert!(added.stdout.contains("tokenry_rs_") && !added.stderr.contains("tokenry_rs_"), "{added:?}");
    let made =
        run(&folder.config, &["clients", "create", "--type", "m2m", "--name", "x", "--company", "acme"]);
    assert!(made.stdout.contains("tokenry_cs_") && !made.stderr.contains("tokenry_cs_"), "{made:?}");
    said.iter().map(|said: &Said| format!("{}{}", said.stdout, said.stderr)).collect()
}

/// Secrets at every wrong place that somebody may put them.
fn requests(issuer: &str, api: &str, seeded: &Seeded, jwt: &str) -> Vec<RequestBuilder> {
    let client = Client::new();
    let http2 = Client::builder().http2_prior_knowledge().build().unwrap();
    let endpoint = format!("{issuer}/oauth/token");
    let (id, secret) = &seeded.cron;
    let ours = [("grant_type", "client_credentials")];
    let body = |text: String| client.post(&endpoint).header("content-type", "application/json").body(text);
    let leaked = |token: &str| {
        let leaks = client.post(format!("{issuer}/leaks")).header("content-type", "application/json");
        leaks.body(format!("{{\"token\":\"{token}\"}}"))
    };
    vec![
        http2.post(&endpoint).basic_auth(id, Some(format!("{secret}x"))).form(&ours),
        http2.get(format!("{issuer}/{secret}?token={jwt}")).bearer_auth(jwt),
        client.post(&endpoint).basic_auth(id, Some(secret)).form(&[("grant_type", "password")]),
        client.post(&endpoint).basic_auth(id, Some(format!("{secret}x"))).form(&ours),
        client.post(&endpoint).basic_auth(&seeded.readonly.0, Some(format!("{IMPORTED}!"))).form(&ours),
        client.post(&endpoint).form(&[("grant_type", "x"), ("client_id", secret), ("client_secret", secret)]),
        client.post(&endpoint).form(&[
            ("grant_type", "client_credentials"),
            ("scope", secret),
            ("audience", jwt),
        ]),
        client.post(format!("{endpoint}?client_secret={secret}")).form(&ours),
        client.post(&endpoint).form(&[(secret, "x")]),
        client.post(&endpoint).form(&[("client_secret", secret), ("client_secret", secret)]),
        body(format!("{{\"client_secret\":\"{secret}")),
        body(format!("{{\"client_secret\":{{\"{secret}\":1}}}}")),
        client.post(&endpoint).bearer_auth(jwt).form(&ours),
        client.post(&endpoint).header("authorization", format!("Secret {secret}")).form(&ours),
        client
            .post(&endpoint)
            .header("origin", "https://app.example")
            .basic_auth(id, Some(secret))
            .form(&ours),
        client
            .get(format!("{issuer}/guard/v1/snapshot"))
            .basic_auth(&seeded.api.0, Some(format!("{}x", seeded.api.1))),
        client.get(format!("{issuer}/guard/v1/snapshot")).basic_auth(id, Some(secret)),
        client.get(format!("{issuer}/{secret}?token={jwt}")),
        client
            .get(format!("{issuer}/{secret}"))
            .header("cookie", format!("a={secret}"))
            .header("referer", jwt),
        client.get(format!("{api}/timesheets?access_token={jwt}")),
        client.get(format!("{api}/timesheets")).bearer_auth(format!("{jwt}x")),
        client.get(format!("{api}/timesheets")).bearer_auth(secret),
        client.get(format!("{api}/timesheets/{secret}")).bearer_auth(jwt),
        leaked(secret),
        leaked(&format!("{jwt}x")),
        // Dead from then on, and so the last.
        leaked(jwt),
    ]
}

/// A secret as it is, and in the disguises in which programs log things.
fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let percent: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let mut forms = vec![
        secret.to_owned(),
        percent.replace('+', "%20"),
        percent,
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        format!("{bytes:?}"),
    ];
    // In the middle of something longer, base64 begins at one of three places within a byte.
    for before in 0..3 {
        let padded = [&vec![0; before][..], bytes].concat();
        let (begin, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        let encoded = base64url::encode(&padded)[begin..end].to_owned();
        forms.extend([encoded.replace('-', "+").replace('_', "/"), encoded]);
    }
    forms
}

fn around(text: &str, found: &str) -> String {
    let at = text.find(found).map_or(0, |at| text[..at].chars().count());
    text.chars().skip(at.saturating_sub(200)).take(400).collect()
}

#[test]
fn a_secret_is_found_in_its_disguises() {
    let secret = "tokenry_cs_abc/+?123";
    for id in ["a", "ab", "abc"] {
        let header = base64url::encode(format!("{id}:{secret}:more").as_bytes());
        assert!(forms(secret).iter().any(|form| header.contains(form)), "{header}");
    }
    assert!(forms(secret).contains(&"tokenry_cs_abc%2F%2B%3F123".to_owned()));
}

#[tokio::test]
async fn logs_are_json_with_the_request_id_on_every_line_of_a_request() {
    let folder = Folder::init(On::Sqlite);
    let client = folder.client_of("Cron");
    let (mut server, url) = serve_with(&folder.config, &[("TOKENRY_LOG", "trace,hyper=off")]);
    let mut ids = BTreeSet::new();
    for secret in [client.1.as_str(), "wrong"] {
        let form =
            [("grant_type", "client_credentials"), ("client_id", &client.0), ("client_secret", secret)];
        let answer = Client::new().post(format!("{url}/oauth/token")).form(&form).send().await.unwrap();
        ids.insert(answer.headers()["x-request-id"].to_str().unwrap().to_owned());
    }
    let nowhere = reqwest::get(format!("{url}/nowhere")).await.unwrap();
    ids.insert(nowhere.headers()["x-request-id"].to_str().unwrap().to_owned());
    server.stop();
    let log = server.stderr();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let id_of = |line: &Value| line["span"]["request_id"].as_str().map(str::to_owned);
    let said = |message: &'static str| lines.iter().filter(move |line| line["message"] == message).map(id_of);
    assert_eq!(said("answered").map(Option::unwrap).collect::<BTreeSet<_>>(), ids, "{log}");
    assert_eq!(said("token request refused").map(Option::unwrap).count(), 1, "{log}");
    assert!(said("rows").flatten().count() > 1, "statements say on whose behalf they run: {log}");
    let audited = folder.ask("SELECT request_id FROM audit WHERE event = 'token.issued'");
    assert!(ids.contains(&audited), "{audited}");
}

/// What a stranger may try to write into a log: a line of its own, a colour, the end of a JSON string.
const NASTY: &str = "x\r\n{\"level\":\"ERROR\",\"message\":\"FORGED\"}\nFORGED\u{1b}[31m\"}\u{7}";

async fn send_nasty(url: &str) {
    let client = Client::new();
    let form = [("grant_type", NASTY), ("client_id", NASTY), ("client_secret", NASTY), ("scope", NASTY)];
    let grant = [("grant_type", "client_credentials"), ("client_id", NASTY), ("client_secret", "wrong")];
    let path: String = url::form_urlencoded::byte_serialize(NASTY.as_bytes()).collect();
    for request in [
        client.post(format!("{url}/oauth/token")).form(&form),
        client.post(format!("{url}/oauth/token")).form(&grant),
        client.post(format!("{url}/oauth/token")).basic_auth(NASTY, Some("wrong")).form(&grant[..1]),
        client.get(format!("{url}/{path}?{path}")).header("user-agent", "x\"}FORGED"),
    ] {
        assert!(request.send().await.unwrap().status().is_client_error());
    }
}

#[tokio::test]
async fn leak_03_strangers_write_no_line_of_a_log() {
    let folder = Folder::init(On::Sqlite);
    for create in [&["--name", NASTY][..], &["--name", "Acme", "--id", NASTY]] {
        let said = run(&folder.config, &[&["companies", "create"], create].concat());
        assert_eq!(said.code, 2, "no name or id spans lines: {said:?}");
    }
    let (mut server, url) = serve_with(&folder.config, &[("TOKENRY_LOG", "trace,hyper=off")]);
    send_nasty(&url).await;
    server.stop();
    for line in server.stderr().lines() {
        let line: Value = serde_json::from_str(line).expect(line);
        assert_ne!(line["message"], "FORGED");
    }
    assert!(!server.stderr().contains(['\u{1b}', '\u{7}']));
}

#[tokio::test]
async fn leak_03_nor_on_a_terminal() {
    let folder = Folder::init(On::Sqlite);
    let address = format!("127.0.0.1:{}", free_port());
    let line = format!(
        "{} serve --listen {address} --config {}",
        env!("CARGO_BIN_EXE_tokenry"),
        folder.config.display()
    );
    let mut script = Command::new("script");
    script.args(["--quiet", "--flush", "--command", &line, "/dev/null"]).stdin(Stdio::null());
    script.envs([("NO_COLOR", "1"), ("TOKENRY_LOG", "trace,hyper=off")]);
    let mut running = Running::start(script);
    running.wait_for(|out, _err| out.contains("listening").then_some(()));
    send_nasty(&format!("http://{address}")).await;
    running.wait_for(|out, _err| (out.matches("answered").count() >= 4).then_some(()));
    let shown = running.stdout();
    assert!(!shown.contains(['\u{1b}', '\u{7}']), "{shown}");
    assert!(!shown.lines().any(|line| line.trim_start().starts_with(['{', 'F'])), "{shown}");
    running.signal("TERM");
}

#[tokio::test]
async fn r17_the_cron_job_says_no_secret() {
    let dev = crate::dev::Dev::start(&[]);
    let value = |value: &Value| value.as_str().unwrap().to_owned();
    let (report, cron) = (&dev.report, &dev.report["clients"]["cron"]);
    let secret = value(&cron["client_secret"]);
    for (secret, client) in [(secret.clone(), "cron"), (format!("{secret}x"), "cron"), (secret, "globex")] {
        let mut command = example("timesheets-cron");
        command.args(["--file", concat!(env!("CARGO_MANIFEST_DIR"), "/../../week.csv")]).envs([
            ("RUST_LOG", "trace"),
            ("ISSUER", &value(&report["issuer"])),
            ("AUDIENCE", AUDIENCE),
            ("API_URL", &value(&report["api_url"])),
            ("CLIENT_ID", &value(&report["clients"][client]["client_id"])),
            ("CLIENT_SECRET", &secret),
        ]);
        let said = finish_with(command, "");
        let written = format!("{}{}", said.stdout, said.stderr);
        for shown in forms(&secret) {
            assert!(!written.contains(&shown), "{shown} was written: {}", around(&written, &shown));
        }
        assert!(!written.contains("eyJhbGciOi"), "an access token: {}", around(&written, "eyJhbGciOi"));
    }
}
