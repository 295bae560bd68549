//! A database of a test's own, on either engine, and a look at it from outside.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use tokenry_leakscan::in_folder;
use tokenry_store::Store;
use tokenry_store::db::{self, Db};
use tokenry_store::migrate::{NEWEST, migrate};
use tokenry_testpg as testpg;
use tokio::runtime::Runtime;

/// What is added to in the background, a second after a record was written.
const SEAL: &str = "audit_checkpoints";

/// Which engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    /// A database in the shared PostgreSQL server of the test run.
    Postgres,
    /// A SQLite file.
    Sqlite,
}

/// A database of a test's own; gone when dropped.
#[derive(Debug)]
pub struct Database {
    url: String,
    folder: Option<TempDir>,
}

impl Database {
    /// A migrated one.
    pub async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Postgres => Self { url: postgres(), folder: None },
            Engine::Sqlite => {
                let database = Self::empty(engine);
                migrate(&database.open().await).await.unwrap();
                database
            }
        }
    }

    /// One without any table.
    #[must_use]
    pub fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Postgres => {
                Self { url: testpg::Database::empty().unwrap().url().to_owned(), folder: None }
            }
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("tokenry.db").display());
                Self { url, folder: Some(folder) }
            }
        }
    }

    /// Its address, as the configuration has it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of a SQLite file: database, WAL and all.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    /// Connections of their own, as another process has them.
    pub async fn open(&self) -> Db {
        let options = db::Options { connections: 4, ..db::Options::default() };
        Db::open(&self.url.parse().unwrap(), options).await.unwrap()
    }

    /// A store with connections of its own.
    pub async fn store(&self) -> Store {
        Store::new(self.open().await)
    }

    /// Everything that is stored, by table, but for audit records and their seal, last uses and counted failures.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<String, String> {
        self.tables(|table| ![SEAL, "audit", "auth_failures"].contains(&table))
    }

    /// Everything that is stored, by table, but for the seal of the audit trail, which grows by itself.
    #[must_use]
    pub fn dump(&self) -> BTreeMap<String, String> {
        self.tables(|table| table != SEAL)
    }

    /// Runs SQL of this engine behind Tokenry's back. On PostgreSQL it yields what `psql` prints.
    pub fn execute(&self, sql: &str) -> String {
        match self.connection() {
            None => testpg::execute(&self.url, sql).unwrap(),
            Some(connection) => {
                connection.execute_batch(sql).unwrap();
                String::new()
            }
        }
    }

    /// A connection of its own to a SQLite file.
    #[must_use]
    pub fn connection(&self) -> Option<Connection> {
        let connection = Connection::open(self.folder()?.join("tokenry.db")).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        Some(connection)
    }

    fn tables(&self, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
        let all = match self.connection() {
            None => postgres_tables(&self.url),
            Some(connection) => sqlite_tables(&connection),
        };
        all.into_iter().filter(|(table, _)| wanted(table)).collect()
    }
}

/// Nothing that a test did may have left a secret in a file.
impl Drop for Database {
    fn drop(&mut self) {
        let leaks = self.folder().map(|folder| in_folder(folder, &|_| true).unwrap_or_default());
        let leaks = leaks.unwrap_or_default();
        assert!(leaks.is_empty() || thread::panicking(), "the database holds secrets: {leaks:?}");
    }
}

fn sqlite_tables(connection: &Connection) -> Vec<(String, String)> {
    let list = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let tables =
        list("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1");
    let rows = |table: &str| {
        let columns = list(&format!(
            "SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}') WHERE name <> 'last_used_at'"
        ));
        list(&format!("SELECT {} FROM {table} ORDER BY 1", columns.join(" || ',' || "))).join("\n")
    };
    tables.into_iter().map(|table| (table.clone(), rows(&table))).collect()
}

fn postgres_tables(url: &str) -> Vec<(String, String)> {
    let sql = "SELECT relname, translate(query_to_xml(format( \
         'SELECT to_jsonb(t) - ''last_used_at'' AS r FROM %I t ORDER BY 1', relname \
         ), true, false, '')::text, E'\\n', ' ') \
         FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 1";
    let printed = testpg::execute(url, sql).unwrap();
    let lines = printed.lines().map(|line| line.split_once('|').unwrap());
    lines.map(|(table, rows)| (table.to_owned(), rows.to_owned())).collect()
}

/// A copy of the migrated template.
fn postgres() -> String {
    static TEMPLATE: OnceLock<testpg::Template> = OnceLock::new();
    TEMPLATE.get_or_init(template).database().unwrap().url().to_owned()
}

fn template() -> testpg::Template {
    let building = match testpg::template(&format!("app_{}_{NEWEST}", std::process::id())).unwrap() {
        Ok(template) => return template,
        Err(building) => building,
    };
    let url = building.url().parse().unwrap();
    // On a runtime of its own, which takes the connections with it when it ends: a template has none.
    let fill = thread::spawn(move || {
        Runtime::new().unwrap().block_on(async {
            let db = Db::open(&url, db::Options::default()).await.unwrap();
            migrate(&db).await.unwrap();
        });
    });
    fill.join().unwrap();
    building.finish().unwrap()
}
