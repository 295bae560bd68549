//! What a database needs into which a backup was put, before anybody is served from it.
//!
//! Where a server is filled, that takes several transactions. A mark is made before the first and taken away in the last:
//! while it is there, nobody serves from that database ([`crate::migrate::check`]), and another restore goes on.

use std::io::{self, Write};
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{ClientAuthMethod, Record, RevokedKind};

use crate::archive::Manifest;
use crate::db::{self, Db, Sql};
use crate::error::{Error, Result};
use crate::guard_events::{Announced, HANDLE_SLACK};
use crate::logout_outbox::{self, Whose};
use crate::own_events::{Subjects, announce_subjects};
use crate::{Store, audit, params, statements};

/// The table that is there while a backup is being restored: it holds that backup's manifest.
pub(crate) const MARK: &str = "restoring";

// The table is rarely there, and no part of the schema.
const MAKE_MARK: &str = "CREATE TABLE restoring (manifest TEXT NOT NULL)";
const TAKE_MARK: &str = "DROP TABLE IF EXISTS restoring";
const FIND_MARK: Sql = Sql::new("FIND_MARK", "SELECT manifest FROM restoring");
const PUT_MARK: Sql = Sql::new("PUT_MARK", "INSERT INTO restoring (manifest) VALUES ($1)");

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
    pub(crate) ANNOUNCE_ALL_SESSION_HANDLES =
        "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
         SELECT h.resource_server_id, $1, h.handle, $2, CAST($3 AS BIGINT) + 300000 FROM session_handles h \
         RETURNING resource_server_id, id";
    /// A backup knows tokens of users' own that were revoked since.
    pub(crate) END_ALL_PATS =
        "UPDATE pats SET revoked_at = $1, ends_at = $1 WHERE revoked_at IS NULL AND ends_at > $1";
    pub(crate) END_ALL_ACCOUNT_SECRETS = "DELETE FROM account_secrets";
    pub(crate) END_ALL_HANDLES = "DELETE FROM token_handles";
    pub(crate) END_ALL_ASSERTION_HANDLES = "DELETE FROM assertion_handles";
    pub(crate) END_ALL_FAMILIES = "DELETE FROM token_families";
    pub(crate) END_ALL_SESSION_HANDLES = "DELETE FROM session_handles";
    pub(crate) END_ALL_MAIL_LINKS = "DELETE FROM mail_links";
    pub(crate) END_ALL_SESSIONS = "DELETE FROM sessions";
    pub(crate) END_ALL_OPAQUE_TOKENS = "DELETE FROM opaque_tokens";
    pub(crate) BUMP_ALL_CLIENTS = "UPDATE clients SET version = version + 1";
}

/// What was ended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ended {
    /// How many handles.
    pub handles: u64,
    /// How many opaque tokens.
    pub opaque_tokens: u64,
    /// How many personal access tokens.
    pub pats: u64,
    /// How many account secrets.
    pub account_secrets: u64,
    /// What guards must learn.
    pub announced: Announced,
}

/// What a database holds that a backup is to fill.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Filling {
    /// Another backup, whose restore did not come to its end.
    Another,
    /// Nothing: it is marked now, and to be filled.
    Due,
    /// What this backup holds: an earlier restore of it did not come to its end.
    Done,
    /// Something else.
    Foreign,
}

impl Store {
    /// Marks a database that holds nothing as one into which the backup of this manifest is being restored.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_restore(&self, manifest: &Manifest) -> Result<Filling> {
        let mine = serde_json::to_string(manifest).expect("numbers and strings always have a JSON form");
        let mut tables = self.db.tables().await?;
        let marked = tables.iter().any(|table| table == MARK);
        tables.retain(|table| table != MARK);
        if !tables.is_empty() && !marked {
            return Ok(Filling::Foreign);
        }
        if !tables.is_empty() {
            let theirs = self.db.opt(FIND_MARK, &[]).await?;
            let theirs = theirs.as_ref().map(|row| row.text(0)).transpose()?;
            return Ok(if theirs == Some(&mine) { Filling::Done } else { Filling::Another });
        }
        self.change(mine, |tx, mine| {
            Box::pin(async move {
                tx.script(TAKE_MARK).await?;
                tx.script(MAKE_MARK).await?;
                tx.exec(PUT_MARK, &params![mine.as_str()]).await?;
                Ok(())
            })
        })
        .await?;
        Ok(Filling::Due)
    }

    /// Takes the mark away from a database that could not be filled, so that it holds nothing again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_up_restore(&self) -> Result<()> {
        if self.db.tables().await? == [MARK] {
            self.change((), |tx, ()| Box::pin(async move { Ok(tx.script(TAKE_MARK).await?) })).await?;
        }
        Ok(())
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

    /// Notes that the database was put in the place of one that knew more: what guards acknowledged counts for nothing. From
    /// then on it can be served from.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_restored(&self, now: Timestamp, record: Record) -> Result<()> {
        self.change((now, [record]), |tx, (now, record)| {
            Box::pin(async move {
                tx.exec(DISTRUST_GUARDS, &params![*now]).await?;
                tx.script(TAKE_MARK).await?;
                audit::append(tx, record).await
            })
        })
        .await
    }

    /// Ends every handle, family, opaque token, personal access token and account secret, and announces it to the guards; and every session and link in a mail,
    /// of which some were ended or used since. What signed tokens has to be ended beside.
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
                    (ANNOUNCE_ALL_SESSION_HANDLES, END_ALL_SESSION_HANDLES),
                ] {
                    ended.announced.merge(Announced::read(&tx.rows(announce, &values).await?)?);
                    ended.handles += tx.exec(end, &[]).await?;
                }
                ended.announced.merge(announce_subjects(tx, Subjects::Anybody, *now).await?);
                ended.pats = tx.exec(END_ALL_PATS, &params![*now]).await?;
                ended.account_secrets = tx.exec(END_ALL_ACCOUNT_SECRETS, &[]).await?;
                ended.opaque_tokens = tx.exec(END_ALL_OPAQUE_TOKENS, &[]).await?;
                logout_outbox::queue(tx, Whose::All, *now).await?;
                for end in [END_ALL_SESSIONS, END_ALL_MAIL_LINKS] {
                    tx.exec(end, &[]).await?;
                }
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
