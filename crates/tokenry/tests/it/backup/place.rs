//! A server behind an address that stays, with tokens and secrets that somebody holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::Value;
use tokenry_testkit::Link;
use tokenry_testpg as testpg;

use crate::folder::{AUDIENCE, Folder, On, Seeded, text};
use crate::process::{PATIENCE, Running, Said, json, run, serve};

/// An API whose tokens are opaque.
pub(super) const OPAQUE: &str = "https://opaque.example.com";

/// A server of an operator's.
pub(super) struct Place {
    pub(super) folder: Folder,
    /// What the server calls itself.
    pub(super) link: Link,
    pub(super) seeded: Seeded,
    /// Id and secret of the API whose tokens are opaque.
    pub(super) opaque: (String, String),
    server: Option<Running>,
    /// Where the server listens.
    pub(super) url: String,
}

/// What somebody got before a backup was begun.
#[derive(Clone, Default)]
pub(super) struct Held {
    pub(super) jwts: Vec<String>,
    pub(super) opaque: Vec<String>,
    pub(super) secrets: Vec<(String, String)>,
}

impl Place {
    pub(super) async fn start(on: On) -> Self {
        let link = Link::open().await;
        let folder = Folder::init(on);
        folder.set("issuer", &format!("issuer = \"{}\"", link.origin));
        // Keys of this kind are made in no time.
        folder.set("signing_alg", "signing_alg = \"EdDSA\"");
        let seeded = folder.seed();
        let create = ["apis", "create", "--name", "Opaque", "--audience", OPAQUE, "--token-format", "opaque"];
        json(&folder.config, &[&create[..], &["--scope", "read:timesheets"]].concat());
        let secret = json(&folder.config, &["apis", "secrets", "add", OPAQUE]);
        json(&folder.config, &["grants", "create", "--client", &seeded.cron.0, "--api", OPAQUE]);
        let opaque = (text(&secret["api_id"]), text(&secret["client_secret"]));
        let mut place = Self { folder, link, seeded, opaque, server: None, url: String::new() };
        place.serve();
        place
    }

    pub(super) fn serve(&mut self) {
        let (server, url) = serve(&self.folder.config);
        self.link.leads_to(url.trim_start_matches("http://"));
        (self.server, self.url) = (Some(server), url);
    }

    pub(super) fn stop(&mut self) {
        self.server.take().unwrap().stop();
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Said {
        run(&self.folder.config, arguments)
    }

    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        json(&self.folder.config, arguments)
    }

    /// Where a backup goes.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.path.path().join("tokenry.backup")
    }

    pub(super) fn backup(&self) -> Value {
        self.json(&["backup", self.file().to_str().unwrap()])
    }

    /// Restores the backup; on PostgreSQL into a database of its own, which is the configured one from then on.
    pub(super) fn restore(&mut self, more: &[&str]) -> Said {
        if !self.folder.database.starts_with("sqlite:") {
            self.folder.use_database(testpg::Database::empty().unwrap().url());
        }
        let file = self.file();
        let said =
            self.run(&[&["restore", file.to_str().unwrap(), "--yes", "--output", "json"], more].concat());
        assert_eq!(said.code, 0, "{said:?}");
        said
    }

    /// The configuration and the keyring in another folder, as on another machine, without a database.
    pub(super) fn elsewhere(&self) -> Folder {
        let path = tempfile::tempdir().unwrap();
        let config = path.path().join("tokenry.toml");
        fs::copy(&self.folder.config, &config).unwrap();
        fs::create_dir(path.path().join("keyring")).unwrap();
        fs::copy(self.folder.keyring(), path.path().join("keyring/master.keys")).unwrap();
        let database = format!("sqlite:{}", path.path().join("data/tokenry.db").display());
        let mut folder = Folder { path, config, database };
        if !self.folder.database.starts_with("sqlite:") {
            folder.use_database(testpg::Database::empty().unwrap().url());
        }
        folder
    }

    /// What cron holds now, with a second secret of its own.
    pub(super) async fn hold(&self) -> Held {
        let added = self.json(&["secrets", "add", &self.seeded.cron.0]);
        let second = (self.seeded.cron.0.clone(), text(&added["client_secret"]));
        let mut held = Held {
            secrets: vec![self.seeded.cron.clone(), self.seeded.readonly.clone(), second],
            ..Held::default()
        };
        for secret in &held.secrets {
            held.jwts.push(ask(&self.url, secret, AUDIENCE).await.unwrap());
        }
        held.opaque.push(ask(&self.url, &self.seeded.cron, OPAQUE).await.unwrap());
        held
    }

    /// Whether `url` takes every token and secret that somebody holds.
    pub(super) async fn must_honour(&self, url: &str, held: &Held) {
        for (tokens, api) in [(&held.jwts, &self.seeded.api), (&held.opaque, &self.opaque)] {
            for token in tokens {
                assert!(is_active(url, api, token).await, "a token of before is refused");
            }
        }
        for secret in &held.secrets {
            assert!(ask(url, secret, AUDIENCE).await.is_some(), "a secret of before is refused");
        }
    }
}

/// A token for an API; `None` if the client was refused.
pub(super) async fn ask(url: &str, client: &(String, String), audience: &str) -> Option<String> {
    let form = [("grant_type", "client_credentials"), ("audience", audience)];
    let asked = Client::new().post(format!("{url}/oauth/token")).basic_auth(&client.0, Some(&client.1));
    let begun = Instant::now();
    loop {
        let answer = asked.try_clone().unwrap().form(&form).send().await.unwrap();
        match answer.status().as_u16() {
            200 => return Some(text(&answer.json::<Value>().await.unwrap()["access_token"])),
            401 => return None,
            // Busy, on a slow machine.
            503 if begun.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(50)).await,
            other => panic!("{other}: {}", answer.text().await.unwrap()),
        }
    }
}

/// What introspection says to an API.
pub(super) async fn is_active(url: &str, api: &(String, String), token: &str) -> bool {
    let asked = Client::new().post(format!("{url}/oauth/introspect")).form(&[("token", token)]);
    let answer = asked.basic_auth(&api.0, Some(&api.1)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["active"].as_bool().unwrap()
}

/// What the demo API answers a token.
pub(super) async fn whoami(api: &str, token: &str) -> u16 {
    Client::new().get(format!("{api}/whoami")).bearer_auth(token).send().await.unwrap().status().as_u16()
}

/// Waits until the demo API answers a token as it should.
pub(super) async fn becomes(api: &str, token: &str, wanted: u16) {
    let begun = Instant::now();
    loop {
        let status = whoami(api, token).await;
        if status == wanted {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{status} in the place of {wanted}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many rows each table has, but for what grows by itself.
pub(super) fn counts(folder: &Folder) -> BTreeMap<String, usize> {
    let mut rows = folder.rows();
    rows.retain(|table, _rows| !["audit_checkpoints", "schema", "sqlite_sequence"].contains(&table.as_str()));
    rows.into_iter().map(|(table, rows)| (table, rows.len())).collect()
}
