//! Session keys: what signs and seals cookies and the state before sign-in, kept wrapped; retired ones only open.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::Record;

use crate::change_log::{self, Entity};
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::own_events::{Subjects, announce_subjects};
use crate::store::insert;
use crate::{Store, audit, params, statements};

macro_rules! columns {
    () => {
        "kid, wrapped, data_key_id, created_at, retired_at"
    };
}

statements! {
    pub(crate) LIST_SESSION_KEYS = concat!("SELECT ", columns!(), " FROM session_keys ORDER BY created_at, kid");
    pub(crate) ANY_SESSION_KEY = "SELECT kid FROM session_keys LIMIT 1";
    pub(crate) INSERT_SESSION_KEY =
        concat!("INSERT INTO session_keys (", columns!(), ") VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");
    pub(crate) RETIRE_SESSION_KEY =
        "UPDATE session_keys SET retired_at = $2 WHERE kid = $1 AND retired_at IS NULL";
    pub(crate) REVOKE_SESSION_KEY = "DELETE FROM session_keys WHERE kid = $1 AND retired_at IS NULL";
    /// Whatever it sealed has ended: what it sealed for a session, which began before it retired, lives as long as that.
    pub(crate) REMOVE_SESSION_KEY =
        "DELETE FROM session_keys WHERE kid = $1 AND retired_at <= $2 \
         AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.created_at <= session_keys.retired_at + $3)";
}

/// A pair of keys that signs and seals cookies and the state before sign-in, as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionKeyRow {
    /// Names it.
    pub kid: String,
    /// The keys, wrapped by the data key.
    pub wrapped: Vec<u8>,
    /// Which data key that was.
    pub data_key_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it only opens; `None`: it seals.
    pub retired_at: Option<Timestamp>,
}

/// How a session key stops to seal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SessionKeyLeave {
    /// It is gone, and whatever it sealed with it.
    AtOnce,
    /// It seals until then, and opens for as long as something that it sealed may count.
    Retired {
        /// When it seals no more.
        at: Timestamp,
    },
}

impl Store {
    /// All session keys, the oldest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_session_keys(&self) -> Result<Vec<SessionKeyRow>> {
        let rows = self.db.rows(LIST_SESSION_KEYS, &[]).await?;
        rows.iter().map(session_key).collect()
    }

    /// Stores the first session key. Of several, one wins; whether it is this one is what it yields.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn init_session_key(&self, key: SessionKeyRow, records: &[Record]) -> Result<bool> {
        self.change((key, records.to_vec()), |tx, (key, records)| {
            Box::pin(async move {
                if tx.opt(ANY_SESSION_KEY, &[]).await?.is_some() {
                    return Ok(false);
                }
                insert_key(tx, key).await?;
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Puts `next` in the place of the key `kid`, which seals. Of several who saw the same key, one wins; whether it is this
    /// one is what it yields.
    ///
    /// # Errors
    /// When `next` is stored already, or the database does not answer.
    pub async fn rotate_session_key(
        &self,
        kid: &str,
        leave: SessionKeyLeave,
        next: SessionKeyRow,
        records: &[Record],
    ) -> Result<bool> {
        let input = (kid.to_owned(), leave, next, records.to_vec());
        self.change(input, |tx, (kid, leave, next, records)| {
            Box::pin(async move {
                let left = match leave {
                    SessionKeyLeave::AtOnce => tx.exec(REVOKE_SESSION_KEY, &params![kid.as_str()]).await?,
                    SessionKeyLeave::Retired { at } => {
                        tx.exec(RETIRE_SESSION_KEY, &params![kid.as_str(), *at]).await?
                    }
                };
                if left == 0 {
                    return Ok(false);
                }
                change_log::append(tx, Entity::SessionKey, kid, next.created_at).await?;
                if *leave == SessionKeyLeave::AtOnce {
                    // Cookies that it sealed are dead, and guards may remember some.
                    announce_subjects(tx, Subjects::Anybody, next.created_at).await?;
                }
                insert_key(tx, next).await?;
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Removes a key that retired at `retired_by` or before, if no session is left that began while it sealed, or within
    /// `skew` after that by another server's clock. Whether it is gone by this is what it yields.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_session_key(
        &self,
        kid: &str,
        retired_by: Timestamp,
        skew: Duration,
        now: Timestamp,
        records: &[Record],
    ) -> Result<bool> {
        let input = (kid.to_owned(), retired_by, skew, now, records.to_vec());
        self.change(input, |tx, (kid, retired_by, skew, now, records)| {
            Box::pin(async move {
                let skew = i64::try_from(skew.as_millis()).unwrap_or(i64::MAX);
                if tx.exec(REMOVE_SESSION_KEY, &params![kid.as_str(), *retired_by, skew]).await? == 0 {
                    return Ok(false);
                }
                change_log::append(tx, Entity::SessionKey, kid, *now).await?;
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn insert_key(tx: &mut Tx<'_>, key: &SessionKeyRow) -> Result<()> {
    let values = params![
        key.kid.as_str(),
        key.wrapped.as_slice(),
        key.data_key_id.as_str(),
        key.created_at,
        key.retired_at,
    ];
    insert(tx, INSERT_SESSION_KEY, &values, Entity::SessionKey).await?;
    change_log::append(tx, Entity::SessionKey, &key.kid, key.created_at).await
}

fn session_key(row: &Row) -> Result<SessionKeyRow> {
    let mut read = Reader::new(row, "session_keys");
    Ok(SessionKeyRow {
        kid: read.string("kid")?,
        wrapped: read.blob("wrapped")?,
        data_key_id: read.string("data_key_id")?,
        created_at: read.at("created_at")?,
        retired_at: read.opt_at("retired_at")?,
    })
}
