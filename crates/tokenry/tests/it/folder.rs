//! A configured server's folder, on either engine, as `init` makes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tokenry_leakscan::in_folder;
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
        match on {
            On::Postgres => Self::at(testpg::Database::empty().unwrap().url()),
            On::Sqlite => Self::at("sqlite:data/tokenry.db"),
        }
    }

    /// The same with the database that `url` names.
    pub(crate) fn at(url: &str) -> Self {
        let path = tempfile::tempdir().unwrap();
        let config = path.path().join("tokenry.toml");
        let said = run(&config, &["init", "--database", url]);
        assert_eq!(said.code, 0, "{said:?}");
        let database = match url.strip_prefix("sqlite:") {
            None => url.to_owned(),
            Some(file) => format!("sqlite:{}", path.path().join(file).display()),
        };
        Self { path, config, database }
    }

    /// Goes on with another database.
    pub(crate) fn use_database(&mut self, url: &str) {
        self.set("database", &format!("database = \"{url}\""));
        url.clone_into(&mut self.database);
    }

    /// The keyring.
    pub(crate) fn keyring(&self) -> PathBuf {
        self.path.path().join("keyring/master.keys")
    }

    /// What the database answers: rows as lines, columns divided by `|`.
    pub(crate) fn ask(&self, sql: &str) -> String {
        match self.database.strip_prefix("sqlite:") {
            Some(file) => ask_sqlite(file, sql),
            None => testpg::execute(&self.database, sql).unwrap(),
        }
    }

    /// Every row of every table, in order.
    pub(crate) fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let tables = if self.database.starts_with("sqlite:") {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence'"
        } else {
            "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public'"
        };
        let rows = |table: &str| {
            let mut rows: Vec<_> =
                self.ask(&format!("SELECT * FROM {table}")).lines().map(str::to_owned).collect();
            rows.sort();
            rows
        };
        self.ask(tables).lines().map(|table| (table.to_owned(), rows(table))).collect()
    }

    /// The paths of all files, without SQLite's own companions of a database.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let (mut files, mut folders) = (Vec::new(), vec![self.path.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let companion =
                    path.to_string_lossy().ends_with("-wal") || path.to_string_lossy().ends_with("-shm");
                match path.is_dir() {
                    true => folders.push(path),
                    false if companion => {}
                    false => files.push(path),
                }
            }
        }
        files.sort();
        files
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

    /// A company, an API and one client for it; for tests that need no more.
    pub(crate) fn client_of(&self, name: &str) -> (String, String) {
        json(&self.config, &["companies", "create", "--name", "Acme", "--id", "acme"]);
        let api = ["apis", "create", "--name", "Timesheets", "--audience", AUDIENCE];
        json(&self.config, &[&api[..], &["--scope", "read:timesheets"]].concat());
        self.client(name, &[])
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

/// Nothing that a test did may have left a secret in a file.
impl Drop for Folder {
    fn drop(&mut self) {
        let leaks = in_folder(self.path.path(), &|_| true).unwrap_or_default();
        assert!(leaks.is_empty() || std::thread::panicking(), "the folder holds secrets: {leaks:?}");
    }
}

fn ask_sqlite(file: &str, sql: &str) -> String {
    use rusqlite::types::Value;
    let database = rusqlite::Connection::open(file).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let columns = statement.column_count();
    let column = |row: &rusqlite::Row<'_>, index| match row.get(index).unwrap() {
        Value::Blob(bytes) => format!("{bytes:02x?}"),
        Value::Integer(number) => number.to_string(),
        Value::Null => String::new(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
    };
    let line = |row: &rusqlite::Row<'_>| {
        let columns: Vec<_> = (0..columns).map(|index| column(row, index)).collect();
        Ok(columns.join("|"))
    };
    let lines: Vec<_> = statement.query_map([], line).unwrap().map(Result::unwrap).collect();
    lines.join("\n")
}

/// Ids with their secrets.
#[derive(Clone)]
pub(crate) struct Seeded {
    pub(crate) api: (String, String),
    pub(crate) cron: (String, String),
    pub(crate) readonly: (String, String),
}

pub(crate) fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
