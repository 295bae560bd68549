//! Reading the trail for export, in pages: records of a time, then the checkpoints that seal them.

use tokenry_clock::Timestamp;
use tokenry_model::{Checkpoint, SeqRanges};
use tokenry_store::{Error as StoreError, Store, StoredRecord};

/// How much is read at a time.
const PAGE: i64 = 1_000;

/// What was exported so far, and where to go on.
#[derive(Debug)]
pub struct Exported {
    store: Store,
    since: Timestamp,
    until: Timestamp,
    after_seq: i64,
    after_id: i64,
    rows: SeqRanges,
}

impl Exported {
    /// Of the records from `since` until before `until`, nothing yet.
    #[must_use]
    pub fn new(store: Store, since: Timestamp, until: Timestamp) -> Self {
        Self { store, since, until, after_seq: i64::MIN, after_id: 0, rows: SeqRanges::default() }
    }

    /// The next records; `None` when there are no more. A page may be empty and others follow.
    ///
    /// # Errors
    /// When the database does not answer, or a record cannot be read.
    pub async fn records(&mut self) -> Result<Option<Vec<StoredRecord>>, StoreError> {
        let mut page = self.store.list_audit(self.after_seq, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after_seq = last.seq;
        page.retain(|record| record.at >= self.since && record.at < self.until);
        let seqs = SeqRanges::of(page.iter().map(|record| record.seq));
        self.rows.append(&seqs);
        Ok(Some(page))
    }

    /// The next of the checkpoints that were made in that time, or that seal records that were exported; `None` when there
    /// are no more.
    ///
    /// # Errors
    /// When the database does not answer, or a checkpoint cannot be read.
    pub async fn checkpoints(&mut self) -> Result<Option<Vec<Checkpoint>>, StoreError> {
        let page = self.store.checkpoints_after(self.after_id, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after_id = last.id;
        let readable = page.iter().map(|stored| {
            stored.read().ok_or_else(|| StoreError::Corrupt {
                table: "audit_checkpoints",
                column: "rows_sealed",
                reason: format!("checkpoint {} cannot be read; `tokenry audit verify` says more", stored.id),
            })
        });
        let mut checkpoints = readable.collect::<Result<Vec<_>, _>>()?;
        checkpoints.retain(|checkpoint| {
            let made_then = checkpoint.sealed_at >= self.since && checkpoint.sealed_at < self.until;
            made_then || self.seals_any(&checkpoint.rows)
        });
        Ok(Some(checkpoints))
    }

    fn seals_any(&self, rows: &SeqRanges) -> bool {
        rows.ranges().iter().any(|(first, last)| self.rows.any_between(*first, *last))
    }
}
