//! `tokenry dev`: one line of JSON, lines that work as pasted, a folder that keeps its word.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};
use rstest::rstest;
use serde_json::Value;

use crate::folder::{Folder, On, text};
use crate::process::{Running, finish, json, run, tokenry};
use crate::serve::{create, free_port, token};

/// A running `dev` and what it reported.
pub(crate) struct Dev {
    pub(crate) running: Running,
    pub(crate) report: Value,
}

impl Dev {
    /// Starts `dev --json` on free ports.
    pub(crate) fn start(more: &[&str]) -> Self {
        Self::start_with(more, &[])
    }

    /// The same, in that environment.
    pub(crate) fn start_with(more: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = tokenry();
        command.envs(env.iter().copied());
        command.args(["dev", "--json", "--api-listen", "127.0.0.1:0"]).args(more);
        if !more.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut running = Running::start(command);
        let line = running.wait_for(|out, _err| out.contains('\n').then(|| out.to_owned()));
        Self { report: serde_json::from_str(&line).unwrap(), running }
    }

    pub(crate) fn on(folder: &Path) -> Self {
        Self::start(&["--data", folder.to_str().unwrap()])
    }

    pub(crate) fn stop(mut self) {
        self.running.stop();
    }
}

/// Every value in a report that must stay secret.
fn secrets(report: &Value) -> BTreeSet<String> {
    let clients = report["clients"].as_object().unwrap().values();
    let secrets = clients.filter_map(|client| client["client_secret"].as_str());
    secrets.chain(report["api"]["secret"].as_str()).map(str::to_owned).collect()
}

#[tokio::test]
async fn one_line_of_json_says_what_there_is() {
    let dev = Dev::start(&[]);
    let report = &dev.report;
    for client in ["cron", "globex", "group", "readonly"] {
        assert_eq!(text(&report["clients"][client]["client_id"]).len(), 32);
        assert!(text(&report["clients"][client]["client_secret"]).starts_with("tokenry_cs_"));
    }
    assert_eq!(report["clients"]["group"]["corporation_id"], report["corporations"]["acme_group"]);
    assert_eq!(report["clients"]["globex"]["company_id"], report["companies"]["globex"]);
    assert!(text(&report["api"]["secret"]).starts_with("tokenry_rs_"));
    assert_eq!(report["namespace"], "https://auth.example.com/metadata");
    for url in [&report["issuer"], &report["api_url"]] {
        let health = reqwest::get(format!("{}/healthz", text(url))).await.unwrap();
        assert_eq!(health.status(), 200);
    }
    for secret in secrets(report) {
        assert!(!dev.running.stderr().contains(&secret), "a secret on stderr");
    }
    assert_eq!(dev.running.stdout().lines().count(), 1);
}

#[test]
fn every_start_on_one_folder_prints_the_same() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "leave me").unwrap();
    let first = Dev::on(folder.path());
    let report = first.report.clone();
    let mut second = tokenry();
    second.args(["dev", "--json", "--data"]).arg(folder.path());
    assert_eq!(finish(second).code, 5, "a second dev on the folder");
    first.stop();
    let again = Dev::on(folder.path());
    for key in ["api", "clients", "companies", "corporations", "audience", "namespace", "users"] {
        assert_eq!(again.report[key], report[key], "{key}");
    }
    let config = fs::read_to_string(folder.path().join("tokenry.toml")).unwrap();
    assert!(config.contains(&text(&again.report["issuer"])), "the file has the real values: {config}");
    assert_eq!(fs::read_to_string(folder.path().join("mine.txt")).unwrap(), "leave me");
}

#[test]
fn what_was_revoked_is_absent_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let first = Dev::on(folder.path());
    let config = folder.path().join("tokenry.toml");
    let id = text(&first.report["clients"]["readonly"]["client_id"]);
    let secret = json(&config, &["secrets", "list", &id])[0]["id"].clone();
    assert_eq!(run(&config, &["secrets", "revoke", &id, &text(&secret), "--yes"]).code, 0);
    let group = text(&first.report["clients"]["group"]["client_id"]);
    assert_eq!(run(&config, &["clients", "delete", &group, "--yes"]).code, 0);
    first.stop();
    let again = Dev::on(folder.path());
    assert_eq!(again.report["clients"]["readonly"]["client_secret"], Value::Null);
    assert_eq!(again.report["clients"]["group"], Value::Null, "what was removed stays away");
    assert!(again.report["clients"]["cron"]["client_secret"].is_string());
}

#[test]
fn r16_no_file_of_the_folder_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::on(folder.path());
    let secrets = secrets(&dev.report);
    assert_eq!(secrets.len(), 7);
    assert_no_file_holds(folder.path(), &secrets);
    dev.stop();
    assert_no_file_holds(folder.path(), &secrets);
}

/// Greps every file below `folder` for every secret.
pub(crate) fn assert_no_file_holds(folder: &Path, secrets: &BTreeSet<String>) {
    let mut looked = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            looked += 1;
            let bytes = fs::read(&path).unwrap();
            for secret in secrets {
                // Without prefix and checksum, so that a part of it shows too.
                let core = &secret.as_bytes()[secret.len() - 49..secret.len() - 6];
                let found = bytes.windows(core.len()).any(|window| window == core);
                assert!(!found, "{} holds a secret", path.display());
            }
        }
    }
    assert!(looked > 2, "only {looked} files");
}

#[rstest]
fn an_ephemeral_folder_goes_with_its_dev(#[values("INT", "TERM")] signal: &str) {
    let temporary = tempfile::tempdir().unwrap();
    let mut command = tokenry();
    command.args(["dev", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]);
    command.env("TMPDIR", temporary.path());
    let mut running = Running::start(command);
    running.wait_for(|out, _err| out.contains("cron job").then_some(()));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1);
    let said = running.stderr();
    assert!(said.contains(temporary.path().to_str().unwrap()), "its path is printed: {said}");
    running.signal(signal);
    assert_eq!(running.wait(), Some(0), "{}", running.stderr());
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_dev_that_is_stopped_while_it_starts_leaves_nothing() {
    for pause in (0..16).chain([20, 40, 80, 160]) {
        let temporary = tempfile::tempdir().unwrap();
        let mut command = tokenry();
        command.args(["dev", "--json", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]);
        let mut running = Running::start({
            command.env("TMPDIR", temporary.path());
            command
        });
        std::thread::sleep(Duration::from_millis(pause));
        running.signal("TERM");
        running.wait();
        let left = fs::read_dir(temporary.path()).unwrap().count();
        assert_eq!(left, 0, "stopped after {pause} ms: {}", running.stderr());
    }
}

#[tokio::test]
async fn whoever_reads_the_line_is_served() {
    let dev = Dev::start(&[]);
    let cron = &dev.report["clients"]["cron"];
    let client = (text(&cron["client_id"]), text(&cron["client_secret"]));
    let jwt = token(&text(&dev.report["issuer"]), &client).await.unwrap();
    let api = text(&dev.report["api_url"]);
    assert_eq!(create(&api, &text(&dev.report["companies"]["acme"]), Some(&jwt)).await.0, 201);
}

#[tokio::test]
async fn options_of_a_start_win_over_the_file_of_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let config = folder.path().join("tokenry.toml");
    let printed = || json(&config, &["config", "print"]);
    let port = free_port();
    let (listen, metrics) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{}", free_port()));
    let issuer = format!("http://localhost:{port}");
    let first =
        Dev::start(&["--data", data, "--listen", &listen, "--issuer", &issuer, "--metrics-listen", &metrics]);
    assert_eq!(first.report["issuer"], issuer);
    assert_eq!((&printed()["issuer"], &printed()["listen"]), (&issuer.into(), &listen.into()));
    let counted = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
    assert!(counted.contains("tokenry_http_requests_total"), "{counted}");
    first.stop();

    let second = Dev::start(&["--data", data]);
    let issuer = text(&second.report["issuer"]);
    assert!(issuer.starts_with("http://127.0.0.1:") && !issuer.ends_with(&format!(":{port}")), "{issuer}");
    assert_eq!(printed()["issuer"], second.report["issuer"]);
    assert_eq!(format!("http://{}", text(&printed()["listen"])), issuer);
    assert!(reqwest::get(format!("http://{metrics}/metrics")).await.is_err(), "no metrics unless asked for");
    second.stop();
}

#[tokio::test]
async fn ten_07_only_loopback_names_are_answered() {
    let dev = Dev::start(&[]);
    let issuer = text(&dev.report["issuer"]);
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let ask = |name: &'static str, value: String| {
        client.get(format!("{issuer}/healthz")).header(name, value).send()
    };
    let port = issuer.rsplit(':').next().unwrap();
    assert_eq!(
        ask("host", "evil.example".to_owned()).await.unwrap().status(),
        StatusCode::MISDIRECTED_REQUEST
    );
    assert_eq!(
        ask("origin", "http://evil.example".to_owned()).await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    let own_rules = client.post(format!("{issuer}/oauth/token")).header("origin", "http://evil.example");
    assert_eq!(own_rules.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    let moved = ask("host", format!("localhost:{port}")).await.unwrap();
    assert!(moved.status().is_redirection(), "{}", moved.status());
    assert_eq!(moved.headers()["location"], format!("{issuer}/healthz"));
}

#[test]
fn the_printed_lines_work_as_pasted() {
    let mut command = tokenry();
    command.args(["dev", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]);
    let mut running = Running::start(command);
    let text = running.wait_for(|out, _err| out.contains("week.csv").then(|| out.to_owned()));
    let operate = text.lines().find_map(|line| line.strip_prefix("  operator commands ")).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-c", operate]);
    assert!(finish(bash).stdout.contains("Acme's cron job"), "{operate}");
    let lines: Vec<_> = text.lines().skip_while(|line| !line.starts_with("A token for")).collect();
    let pasted: Vec<_> =
        lines.iter().filter(|line| line.starts_with("  ") && !line.contains("cargo run")).copied().collect();
    let mut bash = Command::new("bash");
    bash.args(["-c", &pasted.join("\n")]);
    let answers = finish(bash).stdout;
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(
        statuses,
        ["201", "403", "401", "403", "200", "200"],
        "the last two by what is ann's own: {answers}"
    );
    for code in
        ["tenant_mismatch", "missing_credentials", "insufficient_scope", "scope=\"create:timesheets\""]
    {
        assert!(answers.contains(code), "{code} is missing: {answers}");
    }
}

#[test]
fn dev_listens_on_loopback_only() {
    for option in ["--listen", "--api-listen"] {
        let mut command = tokenry();
        command.args(["dev", option, "0.0.0.0:0"]);
        assert_eq!(finish(command).code, 2, "{option}");
    }
}

#[test]
fn dev_leaves_other_peoples_folders_and_databases_alone() {
    let production = Folder::init(On::Sqlite);
    let before = contents(production.path.path());
    let refused = |more: &[&str], env: &[(&str, &str)]| {
        let mut command = tokenry();
        command.args(["dev", "--json", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]).args(more);
        command.envs(env.iter().copied());
        let said = finish(command);
        assert_eq!(said.code, 5, "{said:?}");
    };
    refused(&["--data", production.path.path().to_str().unwrap()], &[]);
    let own = tempfile::tempdir().unwrap();
    refused(&["--data", own.path().to_str().unwrap()], &[("TOKENRY_DATABASE", &production.database)]);
    assert_eq!(contents(production.path.path()), before);
}

/// The configuration and the schema of a folder: what `dev` must not touch.
fn contents(folder: &Path) -> (String, Vec<String>) {
    let database = rusqlite::Connection::open(folder.join("data/tokenry.db")).unwrap();
    let mut marks = database.prepare("SELECT name FROM meta ORDER BY name").unwrap();
    let marks = marks.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    (fs::read_to_string(folder.join("tokenry.toml")).unwrap(), marks)
}
