//! Brings the schema up to date, once, however many replicas start at the same time.
//!
//! A migration is a pair of files with one name, `migrations/{sqlite,postgres}/NNNN_name.sql`, and a line in
//! [`MIGRATIONS`]. It expands the schema in one release; what it made superfluous is dropped in a later one, whose
//! migration then raises `oldest_compatible`: binaries that know less than that refuse to start.

use crate::db::{self, Db, Sql, Tx};
use crate::restore::MARK;

crate::statements! {
    APPLIED = "SELECT version, oldest_compatible, name, checksum FROM schema ORDER BY version";
    APPLY = "INSERT INTO schema (version, oldest_compatible, name, checksum) VALUES ($1, $2, $3, $4)";
}

/// Counts the table `schema`, in each engine's own catalogue.
const EXISTS_POSTGRES: Sql =
    Sql::new("EXISTS_POSTGRES", "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('schema')");
const EXISTS_SQLITE: Sql =
    Sql::new("EXISTS_SQLITE", "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema'");

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number, counted from 1 without gaps.
    pub version: i64,
    /// The least version that a binary must know to use the schema after this step.
    pub oldest_compatible: i64,
    /// The name of its files, `NNNN_name`.
    pub name: &'static str,
    /// Its text for PostgreSQL.
    pub postgres: &'static str,
    /// Its text for SQLite.
    pub sqlite: &'static str,
}

/// Lists migrations by file name and the least version that a binary must know after each.
macro_rules! migrations {
    ($($name:literal, oldest_compatible: $oldest:literal;)+) => {
        &[$(Migration {
            version: number($name),
            oldest_compatible: $oldest,
            name: $name,
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
        }),+]
    };
}

/// Every migration, in order.
pub const MIGRATIONS: &[Migration] = migrations! {
    "0001_init", oldest_compatible: 1;
    "0002_entities", oldest_compatible: 1;
    "0003_credentials", oldest_compatible: 1;
    "0004_limits", oldest_compatible: 1;
    "0005_audit_seal", oldest_compatible: 1;
    "0006_mint_quotas", oldest_compatible: 1;
    "0007_people", oldest_compatible: 1;
    "0008_logout", oldest_compatible: 1;
    "0009_passkeys", oldest_compatible: 1;
    "0010_account_events", oldest_compatible: 1;
    "0011_departures", oldest_compatible: 1;
    "0012_themes", oldest_compatible: 1;
    "0013_address", oldest_compatible: 1;
    "0014_own_credentials", oldest_compatible: 1;
    "0015_session_handles", oldest_compatible: 1;
    "0016_account_secrets", oldest_compatible: 1;
    "0017_leaks", oldest_compatible: 1;
};

/// The newest schema that this binary knows.
pub const NEWEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Why the schema cannot be used, or not be brought up to date.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The schema is older than this binary needs.
    #[error("the database schema is at version {found}, this tokenry needs {needed}: run `tokenry migrate`")]
    Behind {
        /// The version found; 0 in an empty database.
        found: i64,
        /// The version needed.
        needed: i64,
    },
    /// A migration was applied that differs from the one of that number here.
    #[error(
        "migration {0} was applied to this database in another form than this tokenry has it: it comes from another \
         build, or was changed by hand; restore the build that applied it or a backup"
    )]
    Changed(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// A backup was put into it, and what a restored database needs was not done.
    #[error(
        "a backup is being restored into this database, or was, and that did not come to its end: run the same `tokenry \
         restore` again, or drop the database and make another"
    )]
    Restoring,
    /// A newer binary has changed the schema beyond what this one understands.
    #[error(
        "the database schema is at version {found} and needs a tokenry that knows version {oldest_compatible} at \
         least, this one knows {known}: run a newer tokenry"
    )]
    TooNew {
        /// The version found.
        found: i64,
        /// The least version that a binary must know.
        oldest_compatible: i64,
        /// The newest version that this binary knows.
        known: i64,
    },
}

/// Succeeds when this binary can serve from the schema that the database has. Changes nothing.
pub async fn check(db: &Db) -> Result<(), Error> {
    check_with(db, MIGRATIONS).await
}

/// Applies what is missing, and yields the names of what was applied. A schema that is newer but compatible is left
/// as it is.
///
/// Several processes may call this at once: one works, the others wait and then find nothing to do. All of it is one
/// transaction: it is applied as a whole or not at all.
pub async fn migrate(db: &Db) -> Result<Vec<&'static str>, Error> {
    migrate_with(db, MIGRATIONS).await
}

/// [`check`] for a binary that knows `migrations`.
#[doc(hidden)]
pub async fn check_with(db: &Db, migrations: &'static [Migration]) -> Result<(), Error> {
    let tables = db.tables().await?;
    let there = |name: &str| tables.iter().any(|table| table == name);
    if there(MARK) {
        return Err(Error::Restoring);
    }
    let rows = if there("schema") { db.rows(APPLIED, &[]).await? } else { Vec::new() };
    let applied = applied(&rows)?;
    let missing = missing(&applied, migrations, db)?;
    match missing.last() {
        None => Ok(()),
        Some(newest) => Err(Error::Behind { found: version(&applied), needed: newest.version }),
    }
}

/// [`migrate`] for a binary that knows `migrations`.
#[doc(hidden)]
pub async fn migrate_with(db: &Db, migrations: &'static [Migration]) -> Result<Vec<&'static str>, Error> {
    // Most starts find nothing to do, and need no lock for that.
    if check_with(db, migrations).await.is_ok() {
        return Ok(Vec::new());
    }
    let of = db.clone();
    db.exclusive(move |tx| Box::pin(apply(tx, migrations, of.clone()))).await?
}

/// Applies what is missing, inside one transaction.
async fn apply(
    tx: &mut Tx<'_>,
    migrations: &'static [Migration],
    of: Db,
) -> db::Result<Result<Vec<&'static str>, Error>> {
    let exists = tx.opt(exists(&of), &[]).await?;
    let rows = if is_one(exists.as_ref())? { tx.rows(APPLIED, &[]).await? } else { Vec::new() };
    let missing = match missing(&applied(&rows)?, migrations, &of) {
        Ok(missing) => missing,
        Err(error) => return Ok(Err(error)),
    };
    for migration in missing {
        tx.script(migration.text(&of)).await?;
        tx.exec(APPLY, &migration.record(&of)).await?;
    }
    Ok(Ok(missing.iter().map(|it| it.name).collect()))
}

/// A row of the table `schema`.
struct Applied {
    version: i64,
    oldest_compatible: i64,
    name: String,
    checksum: String,
}

fn exists(db: &Db) -> Sql {
    match db {
        Db::Postgres(_) => EXISTS_POSTGRES,
        Db::Sqlite(_) => EXISTS_SQLITE,
    }
}

fn is_one(count: Option<&db::Row>) -> db::Result<bool> {
    Ok(count.map_or(Ok(0), |row| row.int(0))? == 1)
}

/// What has been applied, in order.
fn applied(rows: &[db::Row]) -> db::Result<Vec<Applied>> {
    let read = |row: &db::Row| {
        Ok(Applied {
            version: row.int(0)?,
            oldest_compatible: row.int(1)?,
            name: row.text(2)?.to_owned(),
            checksum: row.text(3)?.to_owned(),
        })
    };
    rows.iter().map(read).collect()
}

fn version(applied: &[Applied]) -> i64 {
    applied.last().map_or(0, |it| it.version)
}

/// The migrations that `applied` lacks, if this binary may go by that schema at all.
fn missing<'m>(applied: &[Applied], migrations: &'m [Migration], db: &Db) -> Result<&'m [Migration], Error> {
    let known = migrations.last().map_or(0, |it| it.version);
    if let Some(newest) = applied.last()
        && newest.oldest_compatible > known
    {
        let (found, oldest_compatible) = (newest.version, newest.oldest_compatible);
        return Err(Error::TooNew { found, oldest_compatible, known });
    }
    for (applied, ours) in applied.iter().zip(migrations) {
        if applied.version != ours.version || applied.checksum != checksum(ours.text(db)) {
            return Err(Error::Changed(applied.name.clone()));
        }
    }
    Ok(migrations.get(applied.len()..).unwrap_or_default())
}

impl Migration {
    /// Its text for the engine of `db`.
    fn text(&self, db: &Db) -> &'static str {
        match db {
            Db::Postgres(_) => self.postgres,
            Db::Sqlite(_) => self.sqlite,
        }
    }

    /// Its row of the table `schema`.
    fn record(&self, db: &Db) -> [db::Value; 4] {
        crate::params![self.version, self.oldest_compatible, self.name, checksum(self.text(db))]
    }
}

/// SHA-256 of a migration, in hexadecimal. Line ends do not count: a checkout may change them.
fn checksum(text: &str) -> String {
    let digest = tokenry_jose::sha256(text.replace("\r\n", "\n").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The number at the beginning of a migration's name.
#[expect(clippy::panic, reason = "runs while compiling")]
const fn number(name: &str) -> i64 {
    let name = name.as_bytes();
    let mut number = 0;
    let mut i = 0;
    while i < 4 {
        if !name[i].is_ascii_digit() {
            panic!("a migration's name begins with four digits");
        }
        number = number * 10 + (name[i] - b'0') as i64;
        i += 1;
    }
    if name[4] != b'_' {
        panic!("an underscore follows a migration's number");
    }
    number
}

const _: () = {
    let mut i = 0;
    while i < MIGRATIONS.len() {
        assert!(MIGRATIONS[i].version == i as i64 + 1, "migrations are numbered from 1 without gaps");
        assert!(MIGRATIONS[i].oldest_compatible <= MIGRATIONS[i].version, "no binary could know that yet");
        assert!(i == 0 || MIGRATIONS[i].oldest_compatible >= MIGRATIONS[i - 1].oldest_compatible);
        i += 1;
    }
};
