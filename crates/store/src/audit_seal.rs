//! The seal of the audit trail: checkpoints that link what was committed, the keys that sign them, and removal of the oldest.
//!
//! Nothing here touches the path of a token: rows are read as others read them, and who inserts the next number has made
//! the next link of the chain. No lease, no lock: who loses has only read in vain.

use tokenry_clock::Timestamp;
use tokenry_model::{AuditRemoval, Checkpoint, Record, SeqRanges};

use crate::db::{Db, Row};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::{Store, audit, params, statements};

/// How many ranges one look takes: the statement has as many.
const RANGES: usize = 8;

macro_rules! columns {
    () => {
        "id, sealed_at, rows_sealed, through_seq, marks, rows_hash, previous_hash, kid, signature"
    };
}

statements! {
    pub(crate) LIST_AUDIT_KEYS =
        "SELECT kid, wrapped_private, data_key_id, created_at FROM audit_keys ORDER BY created_at, kid";
    pub(crate) ANY_AUDIT_KEY = "SELECT kid FROM audit_keys LIMIT 1";
    pub(crate) INSERT_AUDIT_KEY =
        "INSERT INTO audit_keys (kid, wrapped_private, data_key_id, created_at) VALUES ($1, $2, $3, $4)";
    pub(crate) LATEST_CHECKPOINT_ID = "SELECT id FROM audit_checkpoints ORDER BY id DESC LIMIT 1";
    pub(crate) CHECKPOINTS_AFTER = concat!(
        "SELECT ", columns!(), " FROM audit_checkpoints WHERE id > $1 ORDER BY id LIMIT $2"
    );
    pub(crate) ADD_CHECKPOINT = concat!(
        "INSERT INTO audit_checkpoints (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (id) DO NOTHING RETURNING id"
    );
    pub(crate) AUDIT_HASHES_AFTER =
        "SELECT seq, content_hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";
    pub(crate) AUDIT_HASHES_WITHIN =
        "SELECT seq, content_hash FROM audit WHERE (seq >= $2 AND seq <= $3) OR (seq >= $4 AND seq <= $5) \
         OR (seq >= $6 AND seq <= $7) OR (seq >= $8 AND seq <= $9) OR (seq >= $10 AND seq <= $11) \
         OR (seq >= $12 AND seq <= $13) OR (seq >= $14 AND seq <= $15) OR (seq >= $16 AND seq <= $17) \
         ORDER BY seq LIMIT $1";
    pub(crate) COUNT_AUDIT_AFTER =
        "SELECT count(*) FROM (SELECT seq FROM audit WHERE seq > $1 LIMIT 100000) AS unsealed";
    pub(crate) FIND_REMOVAL =
        "SELECT checkpoint_id, removed_at, kid, signature FROM audit_removal WHERE id = 1";
    pub(crate) MOVE_REMOVAL =
        "INSERT INTO audit_removal (id, checkpoint_id, removed_at, kid, signature) VALUES (1, $1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET checkpoint_id = excluded.checkpoint_id, \
         removed_at = excluded.removed_at, kid = excluded.kid, signature = excluded.signature \
         WHERE audit_removal.checkpoint_id = $5";
    pub(crate) DELETE_AUDIT_RANGE = "DELETE FROM audit WHERE seq >= $1 AND seq <= $2";
    pub(crate) DELETE_CHECKPOINTS_BEFORE = "DELETE FROM audit_checkpoints WHERE id < $1";
}

/// A key that signs checkpoints, as it is stored.
#[derive(Clone, Debug)]
pub struct AuditKeyRow {
    /// The RFC 7638 thumbprint of the public key.
    pub kid: String,
    /// The private key (PKCS #8), sealed.
    pub wrapped_private: Vec<u8>,
    /// The data key that sealed it.
    pub data_key_id: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A checkpoint as it is stored: nothing in it need be what was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredCheckpoint {
    /// Its number.
    pub id: i64,
    /// When it was made.
    pub sealed_at: Timestamp,
    /// The rows that it seals, as text.
    pub rows: String,
    /// The highest place that was sealed by then.
    pub through_seq: i64,
    /// The rows' marks, one after the other.
    pub marks: Vec<u8>,
    /// The hash of the rows.
    pub rows_hash: Vec<u8>,
    /// The hash of the checkpoint before it.
    pub previous_hash: Vec<u8>,
    /// Names the key that signed it.
    pub kid: String,
    /// The signature.
    pub signature: Vec<u8>,
}

impl StoredCheckpoint {
    /// The checkpoint; `None` when a column cannot be what was written.
    #[must_use]
    pub fn read(&self) -> Option<Checkpoint> {
        Some(Checkpoint {
            id: self.id,
            sealed_at: self.sealed_at,
            rows: SeqRanges::parse(&self.rows).ok()?,
            through_seq: self.through_seq,
            marks_hash: tokenry_jose::sha256(&self.marks),
            rows_hash: self.rows_hash.as_slice().try_into().ok()?,
            previous_hash: self.previous_hash.as_slice().try_into().ok()?,
            kid: self.kid.clone(),
            signature: self.signature.clone(),
        })
    }
}

impl Store {
    /// Whether records become visible in the order of their places, so that a place left out stays empty for ever. SQLite
    /// writes one transaction at a time; PostgreSQL gives places out before it commits.
    #[must_use]
    pub const fn audit_has_no_gaps(&self) -> bool {
        matches!(self.db, Db::Sqlite(_))
    }

    /// The keys that sign checkpoints, the oldest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_audit_keys(&self) -> Result<Vec<AuditKeyRow>> {
        let rows = self.db.rows(LIST_AUDIT_KEYS, &[]).await?;
        let key = |row: &Row| {
            let mut read = Reader::new(row, "audit_keys");
            Ok(AuditKeyRow {
                kid: read.string("kid")?,
                wrapped_private: read.blob("wrapped_private")?,
                data_key_id: read.string("data_key_id")?,
                created_at: read.at("created_at")?,
            })
        };
        rows.iter().map(key).collect()
    }

    /// Stores the first key that signs checkpoints. Of several, one wins; whether it is this one is what it yields.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn init_audit_key(&self, key: AuditKeyRow, record: Record) -> Result<bool> {
        self.change((key, [record]), |tx, (key, record)| {
            Box::pin(async move {
                if tx.opt(ANY_AUDIT_KEY, &[]).await?.is_some() {
                    return Ok(false);
                }
                let values = params![
                    key.kid.as_str(),
                    key.wrapped_private.as_slice(),
                    key.data_key_id.as_str(),
                    key.created_at
                ];
                tx.exec(INSERT_AUDIT_KEY, &values).await?;
                audit::append(tx, record).await?;
                Ok(true)
            })
        })
        .await
    }

    /// The number of the last checkpoint; 0: there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_checkpoint_id(&self) -> Result<i64> {
        let row = self.db.opt(LATEST_CHECKPOINT_ID, &[]).await?;
        Ok(row.map_or(Ok(0), |row| row.int(0))?)
    }

    /// Up to `limit` checkpoints after the number `id`, in order.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn checkpoints_after(&self, id: i64, limit: i64) -> Result<Vec<StoredCheckpoint>> {
        let rows = self.db.list(CHECKPOINTS_AFTER, &params![id, limit]).await?;
        rows.iter().map(checkpoint).collect()
    }

    /// Adds the next link to the chain. Of several who make the same link one wins; whether it is this one is what it
    /// yields.
    ///
    /// # Errors
    /// When the database does not answer: then it was not added, or that is unknown.
    pub async fn add_checkpoint(&self, checkpoint: &Checkpoint, marks: &[u8]) -> Result<bool> {
        let values = params![
            checkpoint.id,
            checkpoint.sealed_at,
            checkpoint.rows.to_string(),
            checkpoint.through_seq,
            marks,
            checkpoint.rows_hash,
            checkpoint.previous_hash,
            checkpoint.kid.as_str(),
            checkpoint.signature.as_slice(),
        ];
        Ok(!self.db.write_one(ADD_CHECKPOINT, values.into()).await?.is_empty())
    }

    /// Place and content hash of up to `limit` records after the place `seq`, in order.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn audit_hashes_after(&self, seq: i64, limit: i64) -> Result<Vec<(i64, [u8; 32])>> {
        let rows = self.db.list(AUDIT_HASHES_AFTER, &params![seq, limit]).await?;
        rows.iter().map(hash).collect()
    }

    /// Place and content hash of up to `limit` records within `ranges`, in order.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn audit_hashes_within(
        &self,
        ranges: &SeqRanges,
        limit: usize,
    ) -> Result<Vec<(i64, [u8; 32])>> {
        let mut found = Vec::new();
        for some in ranges.ranges().chunks(RANGES) {
            let left = limit.saturating_sub(found.len());
            let mut values = vec![i64::try_from(left).unwrap_or(i64::MAX).into()];
            // What is not needed of the statement's ranges is empty.
            for (first, last) in some.iter().copied().chain([(0, -1); RANGES]).take(RANGES) {
                values.extend(params![first, last]);
            }
            let rows = self.db.list(AUDIT_HASHES_WITHIN, &values).await?;
            for row in &rows {
                found.push(hash(row)?);
            }
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    /// How many records there are after the place `seq`, counted to a hundred thousand.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_audit_after(&self, seq: i64) -> Result<i64> {
        let row = self.db.opt(COUNT_AUDIT_AFTER, &params![seq]).await?;
        Ok(row.map_or(Ok(0), |row| row.int(0))?)
    }

    /// How far sealed records were removed; `None`: not at all.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_audit_removal(&self) -> Result<Option<AuditRemoval>> {
        let row = self.db.opt(FIND_REMOVAL, &[]).await?;
        let removal = row.as_ref().map(|row| {
            let mut read = Reader::new(row, "audit_removal");
            Ok(AuditRemoval {
                checkpoint_id: read.int("checkpoint_id")?,
                removed_at: read.at("removed_at")?,
                kid: read.string("kid")?,
                signature: read.blob("signature")?,
            })
        });
        removal.transpose()
    }

    /// Removes `rows`, those of the checkpoints after number `expected` through that of `removal`, and the checkpoints before
    /// the latter. `false`: somebody else removed meanwhile, and nothing was changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_sealed_audit(
        &self,
        expected: i64,
        removal: AuditRemoval,
        rows: Vec<SeqRanges>,
        record: Record,
    ) -> Result<bool> {
        self.change((expected, removal, rows, [record]), |tx, (expected, removal, rows, record)| {
            Box::pin(async move {
                let AuditRemoval { checkpoint_id, removed_at, kid, signature } = removal;
                let values =
                    params![*checkpoint_id, *removed_at, kid.as_str(), signature.as_slice(), *expected];
                if tx.exec(MOVE_REMOVAL, &values).await? == 0 {
                    return Ok(false);
                }
                for (first, last) in rows.iter().flat_map(|rows| rows.ranges().iter().copied()) {
                    tx.exec(DELETE_AUDIT_RANGE, &params![first, last]).await?;
                }
                tx.exec(DELETE_CHECKPOINTS_BEFORE, &params![*checkpoint_id]).await?;
                audit::append(tx, record).await?;
                Ok(true)
            })
        })
        .await
    }
}

fn hash(row: &Row) -> Result<(i64, [u8; 32])> {
    let mut read = Reader::new(row, "audit");
    let (seq, hash) = (read.int("seq")?, read.blob("content_hash")?);
    let corrupt = |_length| Error::Corrupt {
        table: "audit",
        column: "content_hash",
        reason: "not 32 bytes".to_owned(),
    };
    Ok((seq, hash.try_into().map_err(corrupt)?))
}

fn checkpoint(row: &Row) -> Result<StoredCheckpoint> {
    let mut read = Reader::new(row, "audit_checkpoints");
    Ok(StoredCheckpoint {
        id: read.int("id")?,
        sealed_at: read.at("sealed_at")?,
        rows: read.string("rows_sealed")?,
        through_seq: read.int("through_seq")?,
        marks: read.blob("marks")?,
        rows_hash: read.blob("rows_hash")?,
        previous_hash: read.blob("previous_hash")?,
        kid: read.string("kid")?,
        signature: read.blob("signature")?,
    })
}
