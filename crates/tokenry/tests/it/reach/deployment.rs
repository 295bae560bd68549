//! A server of an operator's, whose APIs reach it over a link that tests disturb, and the demo API beside it.

use serde_json::Value;
use tokenry_testkit::{Link, Weather};

use super::connection::{Answer, Connection};
use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::{PATIENCE, Running, json, serve};
use crate::serve::timesheets_api;

/// A machine's credentials.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) id: String,
    pub(super) secret: String,
}

/// `init` and `serve`, with the companies acme and globex and the Timesheets API.
pub(super) struct Deployment {
    pub(super) folder: Folder,
    /// What the server calls itself. Commands and clients go past it.
    pub(super) link: Link,
    _server: Running,
    /// Where the server listens.
    pub(super) url: String,
    /// The Timesheets API's id and secret.
    pub(super) api: (String, String),
}

impl Deployment {
    pub(super) async fn start(on: On) -> Self {
        let link = Link::open().await;
        let folder = Folder::init(on);
        folder.set("issuer", &format!("issuer = \"{}\"", link.origin));
        // Keys of this kind are made in no time.
        folder.set("signing_alg", "signing_alg = \"EdDSA\"");
        let (server, url) = serve(&folder.config);
        link.leads_to(url.trim_start_matches("http://"));
        let unregistered = (String::new(), String::new());
        let mut deployment = Self { folder, link, _server: server, url, api: unregistered };
        for company in ["acme", "globex"] {
            deployment.run(&["companies", "create", "--name", company, "--id", company]);
        }
        deployment.api = deployment.register(AUDIENCE, "jwt");
        deployment
    }

    /// Runs a command and yields what it printed.
    pub(super) fn run(&self, arguments: &[&str]) -> Value {
        json(&self.folder.config, arguments)
    }

    /// Runs a command that takes rights away or gives them back, and yields whether all guards have confirmed.
    pub(super) fn propagates(&self, arguments: &[&str]) -> bool {
        let printed = self.run(arguments);
        printed["propagated"].as_bool().unwrap_or_else(|| panic!("{arguments:?}: {printed}"))
    }

    /// An API with the scope `read:timesheets`; its id and secret.
    pub(super) fn register(&self, audience: &str, format: &str) -> (String, String) {
        let scope = ["--scope", "read:timesheets", "--token-format", format];
        let create = [&["apis", "create", "--name", "An API", "--audience", audience], &scope[..]].concat();
        let id = text(&self.run(&create)["id"]);
        (id, text(&self.run(&["apis", "secrets", "add", audience])["client_secret"]))
    }

    /// A company's client for these APIs.
    pub(super) fn client(&self, company: &str, audiences: &[&str]) -> Machine {
        let create = ["clients", "create", "--type", "m2m", "--name", "Job", "--company", company];
        let created = self.run(&create);
        let client = Machine { id: text(&created["client_id"]), secret: text(&created["client_secret"]) };
        for audience in audiences {
            self.run(&["grants", "create", "--client", &client.id, "--api", audience]);
        }
        client
    }

    /// What the server answers a token request.
    pub(super) fn ask(&self, client: &Machine, audience: &str) -> Answer {
        Connection::open(&self.url).ask(client, audience)
    }

    pub(super) fn token(&self, client: &Machine, audience: &str) -> String {
        self.ask(client, audience).token()
    }

    /// Revokes a token as its client does (RFC 7009).
    pub(super) fn revoke(&self, client: &Machine, token: &str) {
        let form = [("token", token), ("client_id", &client.id), ("client_secret", &client.secret)];
        let answer = Connection::open(&self.url).post("/oauth/revoke", &form);
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Starts the demo API, and returns when it admits a token.
    pub(super) fn timesheets(&self) -> (Running, String) {
        let (running, url) = timesheets_api(&self.link.origin, &self.api, &self.folder);
        let token = self.token(&self.client("acme", &[AUDIENCE]), AUDIENCE);
        let mut connection = Connection::open(&url);
        eventually("the demo API has its keys", || connection.get("/whoami", &token).status == 200);
        (running, url)
    }

    /// Changes the weather between the server and its guards.
    pub(super) fn turn(&self, weather: Weather) {
        self.link.turn(weather);
    }
}

impl Connection {
    /// What the server answers a token request.
    pub(super) fn ask(&mut self, client: &Machine, audience: &str) -> Answer {
        let form = [
            ("grant_type", "client_credentials"),
            ("audience", audience),
            ("client_id", &client.id),
            ("client_secret", &client.secret),
        ];
        self.post("/oauth/token", &form)
    }
}

/// Waits for what has to come, however slow the machine is.
#[track_caller]
pub(super) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
