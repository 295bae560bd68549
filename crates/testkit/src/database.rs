//! A migrated database of a test's own, on either engine.

use tempfile::TempDir;
use tokenry_store::Store;
use tokenry_store::db::{self, Db};
use tokenry_store::migrate::{NEWEST, migrate};
use tokenry_testpg as testpg;

/// Which engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    /// A database in the shared PostgreSQL server of the test run.
    Postgres,
    /// A SQLite file.
    Sqlite,
}

/// A migrated database of a test's own; gone when dropped.
#[derive(Debug)]
pub struct Database {
    url: String,
    folder: Option<TempDir>,
}

impl Database {
    /// Makes one.
    pub async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Postgres => Self { url: postgres().await, folder: None },
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("tokenry.db").display());
                let database = Self { url, folder: Some(folder) };
                migrate(&database.open().await).await.unwrap();
                database
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
}

async fn postgres() -> String {
    let template = match testpg::template(&format!("app_{}_{NEWEST}", std::process::id())).unwrap() {
        Ok(template) => template,
        Err(building) => {
            let db = Db::open(&building.url().parse().unwrap(), db::Options::default()).await.unwrap();
            migrate(&db).await.unwrap();
            db.close().await;
            // It waits until the connections are gone, which they go only while this runtime runs.
            tokio::task::spawn_blocking(|| building.finish().unwrap()).await.unwrap()
        }
    };
    template.database().unwrap().url().to_owned()
}
