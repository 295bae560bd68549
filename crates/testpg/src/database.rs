//! Databases in the shared server: empty ones, and copies of a template.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use crate::install::{programs, run};
use crate::{Error, Result, url};

/// A database of a test's own.
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
    url: String,
}

/// A database that others are copied from.
#[derive(Clone, Debug)]
pub struct Template(String);

/// A template that has to be filled before it is used.
#[derive(Debug)]
pub struct Building {
    database: Database,
    name: String,
}

impl Database {
    /// An empty database.
    pub fn empty() -> Result<Self> {
        Self::create("template0")
    }

    /// Its URL, as the superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Removes it, and ends the connections to it. The others go with the server.
    pub fn remove(self) -> Result<()> {
        execute(url()?, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).map(drop)
    }

    fn create(template: &str) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        // A server that outlives this process may know the name from an earlier one.
        execute(url()?, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        execute(url()?, &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        Ok(Self { url: url_of(&name)?, name })
    }
}

/// The template `name`, or else the task to fill it. Give it another name when its content changes.
///
/// Processes that fill it at the same time do not disturb each other: one is kept.
pub fn template(name: &str) -> Result<std::result::Result<Template, Building>> {
    let name = format!("template_{name}");
    if exists(&name)? {
        return Ok(Ok(Template(name)));
    }
    Ok(Err(Building { database: Database::empty()?, name }))
}

impl Template {
    /// A fresh copy.
    pub fn database(&self) -> Result<Database> {
        Database::create(&self.0)
    }
}

impl Building {
    /// Where to fill it.
    #[must_use]
    pub fn url(&self) -> &str {
        self.database.url()
    }

    /// Makes it the template, when it is filled and its connections are closed.
    pub fn finish(self) -> Result<Template> {
        let (from, to) = (&self.database.name, &self.name);
        let rename = format!("ALTER DATABASE {from} RENAME TO {to}");
        let mut result = Ok(());
        // Connections that were closed just now may linger.
        for _ in 0..100 {
            result = execute(url()?, &rename).map(drop);
            if result.is_ok() || exists(to)? {
                return Ok(Template(self.name));
            }
            thread::sleep(Duration::from_millis(50));
        }
        result.map(|()| Template(self.name))
    }
}

/// Runs SQL with `psql`, and yields what it prints: rows as lines, columns divided by `|`.
pub fn execute(url: &str, sql: &str) -> Result<String> {
    let psql = programs()?.join("psql");
    let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql];
    let output = run(psql, &arguments)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn exists(name: &str) -> Result<bool> {
    let count = execute(url()?, &format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"))?;
    Ok(count == "1")
}

/// The shared server's URL with another database.
fn url_of(name: &str) -> Result<String> {
    let url = url()?;
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = address.rsplit_once('/').ok_or_else(|| Error::new("a URL without a database"))?;
    Ok(format!("{server}/{name}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_apart_and_copies_hold_what_the_template_held() {
        let name = format!("of_{}", std::process::id());
        let building = match template(&name).unwrap() {
            Ok(template) => panic!("{template:?} is left over"),
            Err(building) => building,
        };
        execute(building.url(), "CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (7)").unwrap();
        let template = building.finish().unwrap();
        let (one, two) = (template.database().unwrap(), template.database().unwrap());
        execute(one.url(), "INSERT INTO t VALUES (8)").unwrap();
        assert_eq!(execute(one.url(), "SELECT count(*) FROM t").unwrap(), "2");
        assert_eq!(execute(two.url(), "SELECT a FROM t").unwrap(), "7");
        assert!(execute(Database::empty().unwrap().url(), "SELECT a FROM t").is_err());
        one.remove().unwrap();
        execute(url().unwrap(), &format!("DROP DATABASE template_{name}")).unwrap();
    }

    #[test]
    fn a_server_crashes_and_comes_back_with_what_was_committed() {
        let mut server = crate::Server::start_with(crate::Durability::Lasting).unwrap();
        execute(server.url(), "CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (7)").unwrap();
        server.crash().unwrap();
        assert!(execute(server.url(), "SELECT 1").is_err());
        server.resume().unwrap();
        assert_eq!(execute(server.url(), "SELECT a FROM t").unwrap(), "7");
    }
}
