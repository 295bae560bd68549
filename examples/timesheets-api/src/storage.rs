//! The timesheets in their SQLite file. Every function is one transaction and says what came of it.
//!
//! Calls run on the blocking pool: a commit waits for the disk (`synchronous=FULL`: what was answered is
//! stored), and that must not hold up the threads that serve other requests. One connection behind a mutex is
//! enough for a demo; a busy API would add readers.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use tokenry_guard::Timestamp;

use crate::timesheet::{NewTimesheet, Timesheet};

const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE timesheets (
        id TEXT NOT NULL PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))),
        company_id TEXT NOT NULL,
        employee TEXT NOT NULL,
        week TEXT NOT NULL,
        hours REAL NOT NULL CHECK (hours BETWEEN 0 AND 168),
        approved_at INTEGER, -- milliseconds since 1970
        UNIQUE (company_id, employee, week)
    ) STRICT";

const INSERT: &str = "
    INSERT INTO timesheets (company_id, employee, week, hours) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (company_id, employee, week) DO NOTHING
    RETURNING id, company_id, employee, week, hours, approved_at";

const FIND_ID: &str = "SELECT id FROM timesheets WHERE company_id = ?1 AND employee = ?2 AND week = ?3";

const FIND: &str = "SELECT id, company_id, employee, week, hours, approved_at FROM timesheets WHERE id = ?1";

const LIST: &str = "
    SELECT id, company_id, employee, week, hours, approved_at FROM timesheets
    WHERE company_id IN (SELECT value FROM json_each(?1))
    ORDER BY week DESC, employee, company_id";

const APPROVE: &str = "
    UPDATE timesheets SET approved_at = coalesce(approved_at, ?3) WHERE id = ?1 AND company_id = ?2
    RETURNING id, company_id, employee, week, hours, approved_at";

const DELETE: &str = "DELETE FROM timesheets WHERE id = ?1 AND company_id = ?2";

const COMPANIES: &str = "SELECT DISTINCT company_id FROM timesheets";

/// The file, open.
#[derive(Clone)]
pub(crate) struct Storage(Arc<Mutex<Connection>>);

/// Whether a timesheet is new.
#[derive(Debug)]
pub(crate) enum Creation {
    Created(Timesheet),
    /// There was one of this employee for this week; its id.
    Existed(String),
}

/// How an import went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Imported {
    pub(crate) created: usize,
    pub(crate) existing: usize,
}

impl Storage {
    /// Opens the file, creating it if need be.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let connection =
            prepare(path).with_context(|| format!("cannot open the database {}", path.display()))?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Stores a timesheet unless the employee has one for the week.
    pub(crate) async fn create(&self, company_id: String, sheet: NewTimesheet) -> rusqlite::Result<Creation> {
        self.write(move |tx| match insert(tx, &company_id, &sheet)? {
            Some(sheet) => Ok(Creation::Created(sheet)),
            None => {
                let key = params![company_id, sheet.employee, sheet.week.to_string()];
                tx.query_row(FIND_ID, key, |row| row.get(0)).map(Creation::Existed)
            }
        })
        .await
    }

    /// Stores all those that are new, or none.
    pub(crate) async fn import(&self, sheets: Vec<(String, NewTimesheet)>) -> rusqlite::Result<Imported> {
        self.write(move |tx| {
            let mut imported = Imported::default();
            for (company_id, sheet) in &sheets {
                match insert(tx, company_id, sheet)? {
                    Some(_) => imported.created += 1,
                    None => imported.existing += 1,
                }
            }
            Ok(imported)
        })
        .await
    }

    /// One timesheet, of whichever company: the caller's right to it is still to be checked.
    pub(crate) async fn find(&self, id: String) -> rusqlite::Result<Option<Timesheet>> {
        self.call(move |connection| connection.prepare_cached(FIND)?.query_row([id], timesheet).optional())
            .await
    }

    /// All timesheets of these companies, the latest week first.
    pub(crate) async fn list(&self, companies: Vec<String>) -> rusqlite::Result<Vec<Timesheet>> {
        self.call(move |connection| {
            let companies = serde_json::Value::from(companies).to_string();
            connection.prepare_cached(LIST)?.query_map([companies], timesheet)?.collect()
        })
        .await
    }

    /// The companies that have timesheets.
    pub(crate) async fn companies(&self) -> rusqlite::Result<Vec<String>> {
        self.call(|connection| {
            connection.prepare_cached(COMPANIES)?.query_map([], |row| row.get(0))?.collect()
        })
        .await
    }

    /// Approves a timesheet; one approved before keeps its instant. `None` if it is gone.
    pub(crate) async fn approve(
        &self,
        id: String,
        company_id: String,
        now: Timestamp,
    ) -> rusqlite::Result<Option<Timesheet>> {
        self.write(move |tx| {
            tx.prepare_cached(APPROVE)?
                .query_row(params![id, company_id, now.as_millis()], timesheet)
                .optional()
        })
        .await
    }

    /// Deletes a timesheet; false if it was gone.
    pub(crate) async fn delete(&self, id: String, company_id: String) -> rusqlite::Result<bool> {
        self.write(move |tx| Ok(tx.prepare_cached(DELETE)?.execute([id, company_id])? == 1)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        self.call(|connection| {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = body(&tx)?;
            tx.commit()?;
            Ok(value)
        })
        .await
    }

    async fn call<T: Send + 'static>(
        &self,
        body: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let storage = self.clone();
        let task = tokio::task::spawn_blocking(move || body(&mut storage.0.lock()));
        task.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and nobody will read the answer.
            Err(_) => Err(rusqlite::Error::InvalidQuery),
        })
    }
}

fn prepare(path: &Path) -> anyhow::Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    ensure!(version <= SCHEMA_VERSION, "it was written by a newer version of this program");
    if version == 0 {
        tx.execute_batch(SCHEMA)?;
        tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    tx.commit()?;
    Ok(connection)
}

fn insert(
    tx: &Transaction<'_>,
    company_id: &str,
    sheet: &NewTimesheet,
) -> rusqlite::Result<Option<Timesheet>> {
    let values = params![company_id, sheet.employee, sheet.week.to_string(), sheet.hours];
    tx.prepare_cached(INSERT)?.query_row(values, timesheet).optional()
}

fn timesheet(row: &Row<'_>) -> rusqlite::Result<Timesheet> {
    Ok(Timesheet {
        id: row.get(0)?,
        company_id: row.get(1)?,
        employee: row.get(2)?,
        week: row.get(3)?,
        hours: row.get(4)?,
        approved_at: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_millis),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::week::Week;

    fn sheet(employee: &str) -> NewTimesheet {
        NewTimesheet { employee: employee.into(), week: Week::parse("2026-W47").unwrap(), hours: 38.5 }
    }

    fn open() -> (tempfile::TempDir, Storage) {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(&folder.path().join("timesheets.db")).unwrap();
        (folder, storage)
    }

    #[tokio::test]
    async fn an_import_that_fails_in_the_middle_leaves_nothing() {
        let (_folder, storage) = open();
        let impossible = NewTimesheet { hours: 200.0, ..sheet("Bob") };
        let sheets = vec![("acme".into(), sheet("Ann")), ("acme".into(), impossible)];
        storage.import(sheets).await.unwrap_err();
        assert!(storage.list(vec!["acme".into()]).await.unwrap().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_eight_who_create_one_timesheet_at_once_one_wins_and_all_learn_its_id() {
        let (_folder, storage) = open();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let storage = storage.clone();
            tasks.spawn(async move { storage.create("acme".into(), sheet("Ann")).await.unwrap() });
        }
        let (mut created, mut ids) = (0, Vec::new());
        for creation in tasks.join_all().await {
            match creation {
                Creation::Created(sheet) => {
                    created += 1;
                    ids.push(sheet.id);
                }
                Creation::Existed(id) => ids.push(id),
            }
        }
        ids.dedup();
        assert_eq!((created, ids.len()), (1, 1));
    }

    #[tokio::test]
    async fn a_foreign_company_neither_approves_nor_deletes() {
        let (_folder, storage) = open();
        let Creation::Created(sheet) = storage.create("acme".into(), sheet("Ann")).await.unwrap() else {
            panic!("it is new")
        };
        let now = Timestamp::from_secs(1);
        assert!(storage.approve(sheet.id.clone(), "globex".into(), now).await.unwrap().is_none());
        assert!(!storage.delete(sheet.id.clone(), "globex".into()).await.unwrap());
        assert!(storage.find(sheet.id).await.unwrap().unwrap().approved_at.is_none());
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let (folder, storage) = open();
        storage.0.lock().pragma_update(None, "user_version", 2).unwrap();
        let error = Storage::open(&folder.path().join("timesheets.db")).err().unwrap();
        assert!(format!("{error:#}").contains("newer version"), "{error:#}");
    }
}
