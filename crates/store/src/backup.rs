//! A picture of the database while others write.

use std::path::Path;

use tokenry_clock::Timestamp;
use tokenry_jose::base64url;
use tokenry_model::Record;

use crate::archive::Manifest;
use crate::db::{self, Held, Hold};
use crate::error::{Error, Result};
use crate::keyring::FIND_KEYRING;
use crate::{Store, audit, params, statements};

/// Since when there are checkpoints.
const CHECKPOINTS_SINCE: i64 = 5;
/// Under which name the database keeps when it was backed up last.
const LAST_BACKUP: &str = "backup.last_at";

statements! {
    pub(crate) NEWEST_SCHEMA =
        "SELECT version, oldest_compatible FROM schema ORDER BY version DESC LIMIT 1";
    pub(crate) LAST_CHECKPOINT = "SELECT COALESCE(MAX(id), 0) FROM audit_checkpoints";
    pub(crate) COUNT_CLIENTS = "SELECT count(*) FROM clients";
    pub(crate) PUT_META =
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
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
}

async fn describe(held: &mut Held) -> Result<Manifest> {
    let schema = held.rows(NEWEST_SCHEMA, Vec::new()).await?;
    let schema = schema.first().ok_or(db::Error::Corrupt("it has no schema".to_owned()))?;
    let (version, oldest_compatible) = (schema.int(0)?, schema.int(1)?);
    let check = held.rows(FIND_KEYRING, Vec::new()).await?;
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
        audit_seq: held.int(audit::LAST_SEQ).await?,
        checkpoint,
        payload: 0,
    })
}
