//! A configured server's folder, on either engine, as `init` makes it.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tokenry_testpg as testpg;

use crate::process::{json, run};

pub(crate) const AUDIENCE: &str = "https://timesheets.example.com";

/// Which database.
#[derive(Clone, Copy, Debug)]
pub(crate) enum On {
    Postgres,
    Sqlite,
}

/// A folder with configuration, keyring and database.
pub(crate) struct Folder {
    pub(crate) path: TempDir,
    pub(crate) config: PathBuf,
    pub(crate) database: String,
}

impl Folder {
    /// What `tokenry init` makes, told to call itself `http://127.0.0.1:8700`.
    pub(crate) fn init(on: On) -> Self {
        let path = tempfile::tempdir().unwrap();
        let config = path.path().join("tokenry.toml");
        let database = match on {
            On::Postgres => testpg::Database::empty().unwrap().url().to_owned(),
            On::Sqlite => "sqlite:data/tokenry.db".to_owned(),
        };
        let said = run(&config, &["init", "--database", &database]);
        assert_eq!(said.code, 0, "{said:?}");
        let database = match on {
            On::Postgres => database,
            On::Sqlite => format!("sqlite:{}", path.path().join("data/tokenry.db").display()),
        };
        Self { path, config, database }
    }

    /// Changes a line of the configuration.
    pub(crate) fn set(&self, key: &str, line: &str) {
        let text = fs::read_to_string(&self.config).unwrap();
        let begins = |text: &str| text.trim_start_matches("# ").starts_with(&format!("{key} = "));
        assert!(text.lines().any(begins), "{key} is not in {text}");
        let lines = text.lines().map(|old| if begins(old) { line } else { old });
        fs::write(&self.config, lines.collect::<Vec<_>>().join("\n")).unwrap();
    }

    /// A company, the Timesheets API with a secret of its own, a client for all of it and one that may only read.
    pub(crate) fn seed(&self) -> Seeded {
        let company = json(&self.config, &["companies", "create", "--name", "Acme", "--id", "acme"]);
        assert_eq!(company["id"], "acme");
        json(&self.config, &["companies", "create", "--name", "Globex", "--id", "globex"]);
        let scopes = ["read", "create", "delete", "approve"].map(|verb| format!("{verb}:timesheets"));
        let mut create = vec!["apis", "create", "--name", "Timesheets", "--audience", AUDIENCE];
        create.extend(scopes.iter().flat_map(|scope| ["--scope", scope.as_str()]));
        json(&self.config, &create);
        let api = json(&self.config, &["apis", "secrets", "add", AUDIENCE]);
        let cron = self.client("Cron", &[]);
        let readonly = self.client("Read only", &["read:timesheets"]);
        Seeded { api: (text(&api["api_id"]), text(&api["client_secret"])), cron, readonly }
    }

    /// A client of Acme's with a grant.
    pub(crate) fn client(&self, name: &str, scopes: &[&str]) -> (String, String) {
        let client =
            json(&self.config, &["clients", "create", "--type", "m2m", "--name", name, "--company", "acme"]);
        let id = text(&client["client_id"]);
        let mut grant = vec!["grants", "create", "--client", &id, "--api", AUDIENCE];
        grant.extend(scopes.iter().flat_map(|scope| ["--scope", scope]));
        json(&self.config, &grant);
        (id, text(&client["client_secret"]))
    }
}

/// Ids with their secrets.
pub(crate) struct Seeded {
    pub(crate) api: (String, String),
    pub(crate) cron: (String, String),
    pub(crate) readonly: (String, String),
}

pub(crate) fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
