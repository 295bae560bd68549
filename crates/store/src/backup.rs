//! A picture of the database while others write, and what a restored one needs before anybody is served from it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::base64url;
use tokenry_model::{ClientAuthMethod, Record, RevokedKind};
use tokio::time::sleep;

use crate::archive::Manifest;
use crate::db::{self, DatabaseUrl, Db, Held, Hold, Kind, Options, Sql};
use crate::error::{Error, Result};
use crate::guard_events::{Announced, HANDLE_SLACK};
use crate::{Store, audit, params, statements};

/// Since when there are checkpoints.
const CHECKPOINTS_SINCE: i64 = 5;
/// Under which name the database keeps when it was backed up last.
const LAST_BACKUP: &str = "backup.last_at";
/// How often it is looked again whether somebody else is there: sessions of a server that stopped take a moment to go.
const LOOKS: u32 = 20;
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Other processes of ours; engine-specific, and asked of PostgreSQL only.
const SESSIONS: Sql = Sql::new(
    "SESSIONS",
    "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database() \
     AND application_name = 'tokenry' AND pid <> pg_backend_pid()",
);
const TABLES: Sql = Sql::new(
    "TABLES",
    "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = ANY (current_schemas(false))",
);

macro_rules! announce_all {
    ($table:literal) => {
        concat!(
            "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
             SELECT g.resource_server_id, $1, h.handle, $2, CAST($3 AS BIGINT) + h.longest_ttl FROM ",
            $table,
            " h JOIN client_grants g ON g.id = h.client_grant_id RETURNING resource_server_id, id"
        )
    };
}

statements! {
    pub(crate) NEWEST_SCHEMA =
        "SELECT version, oldest_compatible FROM schema ORDER BY version DESC LIMIT 1";
    pub(crate) LAST_AUDIT = "SELECT COALESCE(MAX(seq), 0) FROM audit";
    pub(crate) LAST_CHECKPOINT = "SELECT COALESCE(MAX(id), 0) FROM audit_checkpoints";
    pub(crate) COUNT_CLIENTS = "SELECT count(*) FROM clients";
    pub(crate) KEYRING_CHECK = "SELECT value FROM keyring_check WHERE id = 1";
    pub(crate) PUT_META =
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    /// Guards that are known may know more than what was restored: they are waited for until they have a stream again.
    pub(crate) DISTRUST_GUARDS = "UPDATE guard_streams SET acked = 0, seen_at = $1, ended_at = $1";
    pub(crate) LONGEST_TTL =
        "SELECT COALESCE(MAX(ttl), 0) FROM (SELECT access_token_ttl AS ttl FROM clients \
         UNION ALL SELECT access_token_ttl FROM resource_servers \
         UNION ALL SELECT longest_ttl FROM token_handles \
         UNION ALL SELECT longest_ttl FROM assertion_handles \
         UNION ALL SELECT longest_ttl FROM token_families) AS ttls";
    pub(crate) ANY_CLIENT_OF_METHOD = "SELECT id FROM clients WHERE auth_method = $1 LIMIT 1";
    pub(crate) ANNOUNCE_ALL_HANDLES = announce_all!("token_handles");
    pub(crate) ANNOUNCE_ALL_ASSERTION_HANDLES = announce_all!("assertion_handles");
    pub(crate) ANNOUNCE_ALL_FAMILIES =
        "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
         SELECT f.resource_server_id, $1, f.handle, $2, CAST($3 AS BIGINT) + f.longest_ttl FROM token_families f \
         WHERE f.resource_server_id IS NOT NULL RETURNING resource_server_id, id";
    pub(crate) END_ALL_HANDLES = "DELETE FROM token_handles";
    pub(crate) END_ALL_ASSERTION_HANDLES = "DELETE FROM assertion_handles";
    pub(crate) END_ALL_FAMILIES = "DELETE FROM token_families";
    pub(crate) END_ALL_OPAQUE_TOKENS = "DELETE FROM opaque_tokens";
    pub(crate) BUMP_ALL_CLIENTS = "UPDATE clients SET version = version + 1";
}

/// What a picture of the database shows.
#[derive(Clone, Debug)]
pub struct Pictured {
    manifest: Manifest,
}

impl Pictured {
    /// The manifest of a backup that was begun at `created_at` by the tokenry of that version, and whose payload is so many
    /// bytes long.
    #[must_use]
    pub fn manifest(self, created_at: Timestamp, tokenry: &str, payload: u64) -> Manifest {
        Manifest { created_at: created_at.as_millis(), tokenry: tokenry.to_owned(), payload, ..self.manifest }
    }
}

/// What was ended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ended {
    /// How many handles.
    pub handles: u64,
    /// How many opaque tokens.
    pub opaque_tokens: u64,
    /// What guards must learn.
    pub announced: Announced,
}

impl Store {
    /// Writes the database as it is at one moment to `file`, which is there and empty, while others go on writing: on SQLite
    /// a database in one file, on PostgreSQL what `pg_restore` reads. The schema may be older than this binary's.
    ///
    /// # Errors
    /// When the database does not answer or is damaged, the file cannot be written, or a program of PostgreSQL's is missing
    /// or too old.
    pub async fn picture(&self, file: &Path) -> Result<Pictured> {
        let mut held = self.db.hold(Hold::Read).await?;
        let manifest = describe(&mut held).await?;
        held.copy_to(file).await?;
        Ok(Pictured { manifest })
    }

    /// Notes that a backup that was begun at `at` is whole.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_backup(&self, at: Timestamp, record: Record) -> Result<()> {
        self.change((at, [record]), |tx, (at, record)| {
            Box::pin(async move {
                let value = at.as_millis().to_string().into_bytes();
                tx.exec(PUT_META, &params![LAST_BACKUP, value]).await?;
                audit::append(tx, record).await
            })
        })
        .await
    }

    /// When the last backup that is whole was begun; `None` if there is none. What was restored remembers the one before the
    /// one that it was restored from.
    ///
    /// # Errors
    /// When the database does not answer, or the value cannot be read.
    pub async fn last_backup_at(&self) -> Result<Option<Timestamp>> {
        let Some(value) = self.find_meta(LAST_BACKUP).await? else { return Ok(None) };
        let millis = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok());
        let corrupt = || Error::Corrupt {
            table: "meta",
            column: "value",
            reason: format!("{LAST_BACKUP} is no instant"),
        };
        millis.map(Timestamp::from_millis).map(Some).ok_or_else(corrupt)
    }

    /// The longest lifetime that any client, API or handle knows of; zero if there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn longest_token_ttl(&self) -> Result<Duration> {
        let row = self.db.opt(LONGEST_TTL, &[]).await?;
        let millis = row.map_or(Ok(0), |row| row.int(0))?;
        Ok(Duration::from_millis(millis.unsigned_abs()))
    }

    /// Whether any client authenticates by assertions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn any_signing_client(&self) -> Result<bool> {
        let method = ClientAuthMethod::PrivateKeyJwt.as_str();
        Ok(self.db.opt(ANY_CLIENT_OF_METHOD, &params![method]).await?.is_some())
    }

    /// Notes that the database was put in the place of one that knew more: what guards acknowledged counts for nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_restored(&self, now: Timestamp, record: Record) -> Result<()> {
        self.change((now, [record]), |tx, (now, record)| {
            Box::pin(async move {
                tx.exec(DISTRUST_GUARDS, &params![*now]).await?;
                audit::append(tx, record).await
            })
        })
        .await
    }

    /// Ends every handle and every opaque token, and announces it to the guards. What signed tokens has to be ended beside.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_all_tokens(&self, now: Timestamp) -> Result<Ended> {
        self.change(now, |tx, now| {
            Box::pin(async move {
                let values = params![RevokedKind::Handle.as_str(), *now, now.plus(HANDLE_SLACK)];
                let mut ended = Ended::default();
                for (announce, end) in [
                    (ANNOUNCE_ALL_HANDLES, END_ALL_HANDLES),
                    (ANNOUNCE_ALL_ASSERTION_HANDLES, END_ALL_ASSERTION_HANDLES),
                    (ANNOUNCE_ALL_FAMILIES, END_ALL_FAMILIES),
                ] {
                    ended.announced.merge(Announced::read(&tx.rows(announce, &values).await?)?);
                    ended.handles += tx.exec(end, &[]).await?;
                }
                ended.opaque_tokens = tx.exec(END_ALL_OPAQUE_TOKENS, &[]).await?;
                tx.exec(BUMP_ALL_CLIENTS, &[]).await?;
                Ok(ended)
            })
        })
        .await
    }

    /// Fills the database, which is PostgreSQL's and holds nothing yet, with what `dump` writes: all of it or nothing.
    ///
    /// # Errors
    /// When it is a SQLite file, or `pg_restore` is missing or does not succeed, or `dump` does not.
    pub async fn fill<R>(&self, dump: R) -> Result<()>
    where
        R: FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
    {
        let dump = |out: &mut dyn Write| {
            dump(out).map_err(|error| db::Error::Program(format!("the backup cannot be read: {error}")))
        };
        match &self.db {
            Db::Postgres(it) => Ok(it.restore(dump).await?),
            Db::Sqlite(_) => Err(Error::Db(db::Error::Aborted)),
        }
    }
}

async fn describe(held: &mut Held) -> Result<Manifest> {
    let schema = held.rows(NEWEST_SCHEMA, Vec::new()).await?;
    let schema = schema.first().ok_or(db::Error::Corrupt("it has no schema".to_owned()))?;
    let (version, oldest_compatible) = (schema.int(0)?, schema.int(1)?);
    let check = held.rows(KEYRING_CHECK, Vec::new()).await?;
    let check = check.first().map(|row| row.blob(0).map(base64url::encode)).transpose()?;
    let checkpoint = if version >= CHECKPOINTS_SINCE { held.int(LAST_CHECKPOINT).await? } else { 0 };
    Ok(Manifest {
        engine: held.kind(),
        schema: version,
        oldest_compatible,
        created_at: 0,
        tokenry: String::new(),
        keyring_check: check,
        clients: held.int(COUNT_CLIENTS).await?,
        audit_seq: held.int(LAST_AUDIT).await?,
        checkpoint,
        payload: 0,
    })
}

/// Whether no other process of ours works on the database: no server, no command. A SQLite file is brought into its one file
/// on the way. To be asked before this process opens it.
///
/// # Errors
/// When the database does not answer, or a SQLite file is damaged.
pub async fn is_alone(url: &DatabaseUrl) -> db::Result<bool> {
    if let Some(file) = url.file() {
        let file = file.to_owned();
        let settled = tokio::task::spawn_blocking(move || db::settle(&file)).await;
        return match settled.map_err(|_panic| db::Error::Panicked)? {
            Ok(()) => Ok(true),
            Err(db::Error::Busy) => Ok(false),
            Err(error) => Err(error),
        };
    }
    let db = Db::open(url, Options { connections: 1, ..Options::default() }).await?;
    for _look in 0..LOOKS {
        let mut held = db.hold(Hold::Read).await?;
        if held.int(SESSIONS).await? == 0 {
            return Ok(true);
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(false)
}

/// Whether the database holds nothing at all, not even tables.
///
/// # Errors
/// When the database does not answer.
pub async fn is_empty(db: &Db) -> db::Result<bool> {
    match db.kind() {
        Kind::Postgres => Ok(db.hold(Hold::Read).await?.int(TABLES).await? == 0),
        Kind::Sqlite => Ok(db.rows(ANY_SQLITE_TABLE, &[]).await?.is_empty()),
    }
}

const ANY_SQLITE_TABLE: Sql = Sql::new("ANY_SQLITE_TABLE", "SELECT name FROM sqlite_schema LIMIT 1");

/// Brings a SQLite database that nobody has open into its one file.
///
/// # Errors
/// When somebody has it open, or it is damaged.
pub fn settle(file: &Path) -> db::Result<()> {
    db::settle(file)
}

/// Puts the SQLite file `fresh` in the place of `target`, at once as a whole, and keeps what stood there as `kept`. `fresh` gets
/// the owner of what stood there, or of the folder, where this process may give files away.
///
/// # Errors
/// When the file system does not let us.
pub fn put_in_place(fresh: &Path, target: &Path, kept: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let model = fs::metadata(target).or_else(|_none| fs::metadata(folder))?;
    let own = fs::metadata(fresh)?;
    if (own.uid(), own.gid()) != (model.uid(), model.gid()) {
        // Only root may; anybody else could not have read a keyring of another's.
        let _kept_as_it_is = chown(fresh, Some(model.uid()), Some(model.gid()));
    }
    db::put_in_place(fresh, target, kept)
}
