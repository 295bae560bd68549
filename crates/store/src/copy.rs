//! From one engine to the other: every row of every table, in one transaction, with the places that were given out.
//!
//! 1. The source is seen as it is at one moment. The target is migrated and holds nothing.
//! 2. The tables go in the order in which they refer to each other, a page at a time, by primary key.
//! 3. Where an engine gives numbers out, it goes on after the last one: a place that was given is never given again, also
//!    when its row is long gone.
//! 4. The target counts what it has, and only if that is what the source counts is anything of it kept.

mod tables;

use thiserror::Error;

pub(crate) use self::tables::ALL;
use self::tables::{TABLES, Table};
use crate::db::{self, Db, Held, Hold, Kind, Row, Sql, Value};
use crate::migrate;
use crate::{backup, params};

/// How many rows go at a time.
const PAGE: usize = 500;

/// Where PostgreSQL gives numbers out it takes none from us unless it is told to; SQLite does not know the words.
const POSTGRES_ADDS: [(&str, Sql); 2] = [
    (
        "audit",
        Sql::new(
            "ADD_AUDIT_POSTGRES",
            "INSERT INTO audit (seq, at, event, actor_kind, actor_id, subject_kind, subject_id, company_id, address, \
             request_id, outcome, detail, count, content_hash) OVERRIDING SYSTEM VALUE \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        ),
    ),
    (
        "guard_events",
        Sql::new(
            "ADD_GUARD_EVENTS_POSTGRES",
            "INSERT INTO guard_events (id, resource_server_id, seq, kind, value, corporation_id, client_id, created_at, \
             expires_at) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ),
    ),
];
/// The last number that was given out, for the two tables, in each engine's own catalogue.
const LAST_POSTGRES: [Sql; 2] = [
    Sql::new("AUDIT_COUNTER", "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_seq_seq"),
    Sql::new(
        "EVENT_COUNTER",
        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM guard_events_id_seq",
    ),
];
const LAST_SQLITE: [Sql; 2] = [
    Sql::new("AUDIT_COUNTER", "SELECT seq FROM sqlite_sequence WHERE name = 'audit'"),
    Sql::new("EVENT_COUNTER", "SELECT seq FROM sqlite_sequence WHERE name = 'guard_events'"),
];
const GO_ON_POSTGRES: [Sql; 2] = [
    Sql::new("GO_ON_AUDIT", "SELECT setval('audit_seq_seq', CAST($1 AS BIGINT))"),
    Sql::new("GO_ON_EVENTS", "SELECT setval('guard_events_id_seq', CAST($1 AS BIGINT))"),
];
const FORGET_SQLITE: [Sql; 2] = [
    Sql::new("FORGET_AUDIT", "DELETE FROM sqlite_sequence WHERE name = 'audit'"),
    Sql::new("FORGET_EVENTS", "DELETE FROM sqlite_sequence WHERE name = 'guard_events'"),
];
const GO_ON_SQLITE: [Sql; 2] = [
    Sql::new("GO_ON_AUDIT", "INSERT INTO sqlite_sequence (name, seq) VALUES ('audit', $1)"),
    Sql::new("GO_ON_EVENTS", "INSERT INTO sqlite_sequence (name, seq) VALUES ('guard_events', $1)"),
];
/// The only row that a migration writes and that is not about the schema.
const FORGET_COUNTER: Sql = Sql::new("FORGET_COUNTER", "DELETE FROM change_counter WHERE seq = 0");

/// What was copied.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Copied {
    /// How many tables.
    pub tables: usize,
    /// How many rows in all.
    pub rows: u64,
}

/// Why nothing was copied.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CopyError {
    /// What arrived is not what was sent.
    #[error("{table}: {arrived} rows arrived of {sent}; nothing was kept")]
    Count {
        /// In which table.
        table: &'static str,
        /// How many there are in the source.
        sent: i64,
        /// How many there are in the target.
        arrived: i64,
    },
    /// A database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The target holds something.
    #[error("the target is not empty: it has rows in {table}")]
    NotEmpty {
        /// In which table.
        table: &'static str,
    },
    /// Source or target are of another schema than this binary's.
    #[error("the {side} is at schema version {found}, this tokenry copies version {known}")]
    Schema {
        /// `source` or `target`.
        side: &'static str,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
}

/// Copies every row of `source` to `target`, which is migrated and empty. Nothing else may write to either meanwhile: what the
/// source gets after the copy was begun is not in it.
///
/// # Errors
/// When the target holds anything, either schema is not the newest, or a database fails. Nothing was changed then.
pub async fn copy(source: &Db, target: &Db) -> Result<Copied, CopyError> {
    let (mut from, mut to) = (source.hold(Hold::Read).await?, target.hold(Hold::Write).await?);
    must_be_ours(&mut from, "source").await?;
    must_be_ours(&mut to, "target").await?;
    to.exec_each(FORGET_COUNTER, vec![Vec::new()]).await?;
    for table in TABLES {
        if to.int(table.count).await? > 0 {
            return Err(CopyError::NotEmpty { table: table.name });
        }
    }
    let mut copied = Copied { tables: TABLES.len(), rows: 0 };
    for table in TABLES {
        copied.rows += rows(table, &mut from, &mut to).await?;
    }
    numbers(&mut from, &mut to).await?;
    for table in TABLES {
        let (sent, arrived) = (from.int(table.count).await?, to.int(table.count).await?);
        if sent != arrived {
            return Err(CopyError::Count { table: table.name, sent, arrived });
        }
    }
    to.commit().await?;
    Ok(copied)
}

async fn must_be_ours(held: &mut Held, side: &'static str) -> Result<(), CopyError> {
    let found = held.rows(backup::NEWEST_SCHEMA, Vec::new()).await?;
    let found = found.first().map_or(Ok(0), |row| row.int(0))?;
    let known = migrate::NEWEST;
    if found == known { Ok(()) } else { Err(CopyError::Schema { side, found, known }) }
}

async fn rows(table: &Table, from: &mut Held, to: &mut Held) -> db::Result<u64> {
    let own = POSTGRES_ADDS.iter().find(|(name, _add)| *name == table.name && to.kind() == Kind::Postgres);
    let add = own.map_or(table.add, |(_name, add)| *add);
    let (mut after, mut copied) = ((table.first)(), 0);
    loop {
        let mut bounds = after.clone();
        bounds.push(Value::from(i64::try_from(PAGE).unwrap_or(i64::MAX)));
        let page: Vec<_> = from.rows(table.page, bounds).await?.into_iter().map(Row::into_values).collect();
        let (found, keys) = (page.len(), after.len());
        if let Some(last) = page.last() {
            after = last.iter().take(keys).cloned().collect();
        }
        copied += to.exec_each(add, page).await?;
        if found < PAGE {
            return Ok(copied);
        }
    }
}

/// Carries on where the source stopped giving numbers out.
async fn numbers(from: &mut Held, to: &mut Held) -> db::Result<()> {
    let last = match from.kind() {
        Kind::Postgres => LAST_POSTGRES,
        Kind::Sqlite => LAST_SQLITE,
    };
    for (i, last) in last.into_iter().enumerate() {
        let last = from.int(last).await?;
        if last < 1 {
            continue;
        }
        match to.kind() {
            Kind::Postgres => {
                to.rows(GO_ON_POSTGRES[i], params![last].into()).await?;
            }
            Kind::Sqlite => {
                to.exec_each(FORGET_SQLITE[i], vec![Vec::new()]).await?;
                to.exec_each(GO_ON_SQLITE[i], vec![params![last].into()]).await?;
            }
        }
    }
    Ok(())
}

/// Each table that is copied with its columns, for the test that compares them with the schema.
#[doc(hidden)]
pub fn copied_columns() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    TABLES.iter().map(|table| (table.name, table.columns.split(", ").collect()))
}
