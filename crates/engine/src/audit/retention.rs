//! Retention: rows that were sealed long enough ago are removed from the oldest end, and a signed word says how far.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, AuditRemoval, Checkpoint, Event, Record};
use tokenry_store::Error as StoreError;

use super::key::{AuditKey, AuditKeyError, AuditKeys};
use crate::engine::Engine;

/// How many checkpoints are looked at for one transaction.
const PAGE: i64 = 100;
/// How many rows one transaction removes, and those of one checkpoint more: none keeps the writer for long.
const ROWS: u64 = 2_000;
/// How many transactions one run takes at most; the next one goes on.
const BATCHES: u32 = 500;

impl Engine {
    /// Removes the rows of the oldest checkpoints, those made `keep` before now or earlier, and those checkpoints but the
    /// last. Says how many rows those were. Several processes may do so at once.
    ///
    /// Only what is still as it was signed is removed: who can write to the database alone could otherwise have the server
    /// itself remove what is young, or vouch for what was removed by hand.
    ///
    /// # Errors
    /// When the database does not answer, or the oldest end is not what was signed; what was removed before stays so.
    pub async fn remove_old_audit(&self, keep: Duration) -> Result<u64, AuditKeyError> {
        let before = self.clock.now().minus(keep);
        let keys = AuditKeys::load(&self.store, &self.data_key).await?;
        let mut removed = 0;
        for _batch in 0..BATCHES {
            match self.remove_batch(&self.audit_key, &keys, before).await? {
                0 => break,
                rows => removed += rows,
            }
        }
        Ok(removed)
    }

    async fn remove_batch(
        &self,
        key: &AuditKey,
        keys: &AuditKeys,
        before: Timestamp,
    ) -> Result<u64, AuditKeyError> {
        let removed = self.store.find_audit_removal().await?;
        if removed.as_ref().is_some_and(|removal| !keys.signed_removal(removal)) {
            return Err(refused("audit_removal", "the mark of removed records").into());
        }
        let through = removed.map_or(0, |removal| removal.checkpoint_id);
        let (mut rows, mut count, mut last) = (Vec::new(), 0, through);
        for stored in self.store.checkpoints_after(through, PAGE).await? {
            if count >= ROWS {
                break;
            }
            let next = |checkpoint: &Checkpoint| checkpoint.id == last + 1 && keys.signed(checkpoint);
            let Some(checkpoint) = stored.read().filter(next) else {
                return Err(refused("audit_checkpoints", &format!("checkpoint {}", last + 1)).into());
            };
            if self.sealed_by(&checkpoint, keys).await? > before {
                break;
            }
            count += checkpoint.rows.len();
            last = checkpoint.id;
            rows.push(checkpoint.rows);
        }
        if rows.is_empty() {
            return Ok(0);
        }
        let removed_at = self.clock.now();
        let mut removal = AuditRemoval {
            checkpoint_id: last,
            removed_at,
            kid: key.kid().to_owned(),
            signature: Vec::new(),
        };
        removal.signature = key.sign(&removal.statement())?;
        let record = Record::new(removed_at, Event::AuditRemoved, Actor::System, None)
            .with("checkpoint", last)
            .with("records", count);
        let done = self.store.remove_sealed_audit(through, removal, rows, record).await?;
        Ok(if done { count } else { 0 })
    }

    /// When a checkpoint was made, at the latest. One that says that it was made in the future was made by a clock that was
    /// ahead, and before those that follow: they are looked at in ever longer strides until one knows better.
    async fn sealed_by(&self, checkpoint: &Checkpoint, keys: &AuditKeys) -> Result<Timestamp, AuditKeyError> {
        let now = self.clock.now();
        let (mut sealed_at, mut stride) = (checkpoint.sealed_at, 1);
        while sealed_at > now {
            let later = self.store.checkpoints_after(checkpoint.id.saturating_add(stride - 1), 1).await?;
            let Some(stored) = later.first() else { break };
            if let Some(later) = stored.read().filter(|later| keys.signed(later)) {
                sealed_at = sealed_at.min(later.sealed_at);
            }
            stride *= 2;
        }
        Ok(sealed_at)
    }
}

fn refused(table: &'static str, what: &str) -> StoreError {
    let reason =
        format!("{what} is not what was signed, and nothing more is removed; see `tokenry audit verify`");
    StoreError::Corrupt { table, column: "signature", reason }
}
