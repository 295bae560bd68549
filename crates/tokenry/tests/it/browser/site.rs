//! What a journey goes to: a Tokenry, the demo API and the two example applications, told to the script as `dev` tells it.

use std::any::Any;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::rust::compiler;
use crate::dev::Dev;
use crate::folder::text;
use crate::process::{Running, example, finish_with, json, option};
use crate::serve::free_port;

const RUN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/browser/run.mjs");

/// The variable that lists its origin.
const UI: &str = "TOKENRY_SESSIONS_HEADLESS_ORIGINS";

/// A place to go to. All of it ends when dropped.
pub(super) struct Site {
    /// As `dev --json` prints it, and beside that `config`, `apps`, `ui`, the listed origin of a separate user interface, and where
    /// mail is really sent, `mail_file`.
    report: Value,
    _running: Vec<Running>,
    _folder: Box<dyn Any>,
}

impl Site {
    pub(super) fn dev() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = ["--data", folder.path().to_str().unwrap()];
        let ui = format!("http://127.0.0.1:{}", free_port());
        let env = [("TOKENRY_USERS_SIGNUP", "true"), (UI, ui.as_str())];
        let Dev { running, mut report } = Dev::start_with(&data, &env);
        report["ui"] = json!(ui);
        let config = folder.path().join("tokenry.toml");
        Self::with_applications(report, &config, vec![running], folder)
    }

    /// A `dev` that is called by a name, as passkeys want it; without applications.
    pub(super) fn dev_by_name() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let (listen, issuer) = (format!("127.0.0.1:{port}"), format!("http://localhost:{port}"));
        let data = folder.path().to_str().unwrap();
        let Dev { running, mut report } =
            Dev::start_with(&["--data", data, "--listen", &listen, "--issuer", &issuer], &[]);
        report["config"] = json!(folder.path().join("tokenry.toml"));
        Self { report, _running: vec![running], _folder: Box::new(folder) }
    }

    /// A `dev` whose separate user interface is of another site; without applications.
    pub(super) fn dev_for_another_site() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // To a browser the name is one site, and the address another.
        let ui = format!("http://localhost:{}", free_port());
        let data = ["--data", folder.path().to_str().unwrap()];
        let env = [("TOKENRY_SESSIONS_SAME_SITE", "none"), (UI, ui.as_str())];
        let Dev { running, mut report } = Dev::start_with(&data, &env);
        report["config"] = json!(folder.path().join("tokenry.toml"));
        report["ui"] = json!(ui);
        Self { report, _running: vec![running], _folder: Box::new(folder) }
    }

    /// Tells journeys in `rustc` what compiles a program.
    pub(super) fn with_compiler(mut self) -> Self {
        self.report["rustc"] = json!(compiler());
        self
    }

    /// Starts the applications beside what runs.
    pub(super) fn with_applications(
        mut report: Value,
        config: &Path,
        mut running: Vec<Running>,
        folder: impl Any,
    ) -> Self {
        let mut start = |name, create: &[&str], scopes: &[&str]| {
            let (application, told) = application(&report, config, name, create, scopes);
            running.push(application);
            told
        };
        let all = ["read:timesheets", "create:timesheets", "delete:timesheets", "approve:timesheets"];
        let ours = ["--type", "web", "--name", "Timesheets", "--skip-consent"];
        let web = start("timesheets-web", &ours, &all);
        let theirs = ["--type", "third-party", "--name", "Contractors"];
        let contractors = start("contractors-app", &theirs, &all[..2]);
        report["apps"] = json!({ "web": web, "contractors": contractors });
        report["config"] = json!(config);
        Self { report, _running: running, _folder: Box::new(folder) }
    }

    /// Goes on a journey; where to is told on standard input, because there are passwords in it.
    pub(super) fn travel(&self, (file, journey): (&str, &str)) {
        let mut command = Command::new(told("TOKENRY_TEST_NODE"));
        command.args([RUN, file, journey]);
        command.env("TOKENRY_TEST_CHROMIUM", told("TOKENRY_TEST_CHROMIUM"));
        command.env("TOKENRY_TEST_BINARY", env!("CARGO_BIN_EXE_tokenry"));
        let said = finish_with(command, &self.report.to_string());
        assert_eq!(said.code, 0, "{file}, {journey}: {said:?}");
    }
}

/// Registers an example application at a port of its own and starts it.
fn application(
    report: &Value,
    config: &Path,
    name: &str,
    create: &[&str],
    scopes: &[&str],
) -> (Running, Value) {
    let listen = format!("127.0.0.1:{}", free_port());
    let callback = format!("http://{listen}/callback");
    let create = [&["clients", "create", "--redirect-uri", &callback], create].concat();
    let client = json(config, &create);
    let (id, secret) = (text(&client["client_id"]), text(&client["client_secret"]));
    let audience = text(&report["audience"]);
    let mut grant = vec!["grants", "create", "--client", &id, "--api", &audience];
    grant.extend(scopes.iter().flat_map(|scope| ["--scope", scope]));
    json(config, &grant);
    let mut command = example(name);
    command.envs([
        ("ISSUER", text(&report["issuer"])),
        ("AUDIENCE", audience),
        ("API_URL", text(&report["api_url"])),
        ("CLIENT_ID", id.clone()),
        ("CLIENT_SECRET", secret.clone()),
        ("LISTEN", listen),
    ]);
    let mut running = Running::start(command);
    let url = running.wait_for(|out, _err| out.lines().next().map(|line| line.trim().to_owned()));
    (running, json!({ "url": url, "id": id, "secret": secret, "callback": callback }))
}

pub(super) fn told(variable: &str) -> String {
    option(variable).unwrap_or_else(|| {
        panic!("{variable} is not set: `cargo xtask test` installs what this needs and runs it");
    })
}
