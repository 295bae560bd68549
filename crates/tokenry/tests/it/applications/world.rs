//! A `dev` with its people, the browsers in which they sign in, and the applications that send them there.

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use tokenry_testkit::{Browser, Page};
use url::Url;

use crate::dev::Dev;
use crate::folder::text;
use crate::process::{Running, example, json};
use crate::serve::free_port;

/// Where the demo's clients have their answers, whether or not anybody listens there.
pub(super) const WEB_CALLBACK: &str = "http://127.0.0.1:8702/callback";
pub(super) const CONTRACTORS_CALLBACK: &str = "http://127.0.0.1:8703/callback";

/// A `dev` that operators can change.
pub(super) struct World {
    pub(super) dev: Dev,
    folder: TempDir,
}

impl World {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dev = Dev::start(&["--data", folder.path().to_str().unwrap()]);
        Self { dev, folder }
    }

    /// What the report says at `pointer` (RFC 6901).
    pub(super) fn told(&self, pointer: &str) -> String {
        let value = self.dev.report.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not reported"));
        text(value)
    }

    /// A fresh browser.
    pub(super) fn browser(&self) -> Browser {
        Browser::at(&self.told("/issuer"))
    }

    /// What an operator's command says.
    pub(super) fn operate(&self, arguments: &[&str]) -> Value {
        json(&self.folder.path().join("tokenry.toml"), arguments)
    }

    /// What an application of the examples needs in its environment.
    pub(super) fn environment(&self, client: &str) -> [(&'static str, String); 5] {
        [
            ("ISSUER", self.told("/issuer")),
            ("AUDIENCE", self.told("/audience")),
            ("API_URL", self.told("/api_url")),
            ("CLIENT_ID", self.told(&format!("/clients/{client}/client_id"))),
            ("CLIENT_SECRET", self.told(&format!("/clients/{client}/client_secret"))),
        ]
    }

    /// Calls the API.
    pub(super) async fn call(&self, token: &str, method: reqwest::Method, path: &str) -> (u16, Value) {
        let request = Client::new().request(method, self.told("/api_url") + path).bearer_auth(token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Goes where an application sends its user, proves to be `user` if asked, allows what is asked, and tells where the
    /// answer leads.
    pub(super) async fn sign_in(&self, browser: &mut Browser, target: &str, user: &str) -> Url {
        let mut page = browser.open(target).await;
        if page.url.path() == "/login" {
            let form = page.form("/login").with("username", &self.told(&format!("/users/{user}/username")));
            page =
                browser.submit(&form.with("password", &self.told(&format!("/users/{user}/password")))).await;
        }
        if page.redirect().is_none() {
            page = browser.submit(&page.form("/consent").with("decision", "allow")).await;
        }
        page.redirect().unwrap_or_else(|| panic!("nobody is sent back: {page:?}"))
    }
}

/// An application of the examples, and the browser of whoever uses it.
pub(super) struct Application {
    pub(super) id: String,
    pub(super) browser: Browser,
    pub(super) running: Running,
}

impl Application {
    /// Starts `package` as the client `client`, on a port of its own.
    pub(super) fn start(world: &World, package: &str, client: &str) -> Self {
        let credential =
            ["client_id", "client_secret"].map(|it| world.told(&format!("/clients/{client}/{it}")));
        Self::start_as(world, package, credential)
    }

    /// The same, as a client that the demo does not have.
    pub(super) fn start_as(world: &World, package: &str, [id, secret]: [String; 2]) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let home = format!("http://{address}");
        world.operate(&["clients", "update", &id, "--redirect-uri", &format!("{home}/callback")]);
        world.operate(&["clients", "update", &id, "--post-logout-redirect-uri", &format!("{home}/")]);
        let told = format!("{home}/backchannel-logout");
        world.operate(&["clients", "update", &id, "--backchannel-logout-uri", &told]);
        let mut command = example(package);
        command.envs(world.environment("web")).env("LISTEN", &address);
        command.env("CLIENT_ID", &id).env("CLIENT_SECRET", secret);
        let mut running = Running::start(command);
        running.wait_for(|out, _err| out.contains(&address).then_some(()));
        Self { id, browser: Browser::at(&home), running }
    }

    /// Asks for a page that sends its user to sign in, does so as `user`, and comes back.
    pub(super) async fn enter(
        &mut self,
        world: &World,
        browser: &mut Browser,
        path: &str,
        user: &str,
    ) -> Page {
        let away = self.browser.open(path).await;
        let target = away.redirect().unwrap_or_else(|| panic!("nobody is sent away: {away:?}"));
        let back = world.sign_in(browser, target.as_str(), user).await;
        self.browser.open(back.as_str()).await
    }
}
