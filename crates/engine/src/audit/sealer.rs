//! The sealer: links what was committed since into the next checkpoint, signs it and logs it.

use std::sync::Arc;

use tokenry_clock::{Clock, Timestamp};
use tokenry_jose::sha256;
use tokenry_model::{AuditRemoval, Checkpoint, RowChain, SeqRanges};
use tokenry_store::{Error as StoreError, Store, StoredCheckpoint};

use super::gaps::{Gaps, WINDOW};
use super::key::{AuditKey, AuditKeyError};
use super::portable::portable;

/// How many rows a checkpoint seals at most.
const ROWS: usize = 2_000;
/// How many checkpoints are made one after the other, when there is more to seal.
const AT_ONCE: u32 = 50;
/// How many checkpoints of others are read at a time.
const PAGE: i64 = 500;
/// How often all empty places are looked at, in ticks.
const LOOK_AT_ALL: u32 = 60;

/// Makes checkpoints. One a process; several on one database make one chain.
#[derive(Debug)]
pub struct Sealer {
    store: Store,
    key: Arc<AuditKey>,
    clock: Arc<dyn Clock>,
    chain: Gaps,
    /// When the last checkpoint was made.
    last: Option<Timestamp>,
    ticks: u32,
}

impl Sealer {
    /// A sealer that has not looked yet.
    #[must_use]
    pub fn new(store: Store, key: Arc<AuditKey>, clock: Arc<dyn Clock>) -> Self {
        Self { store, key, clock, chain: Gaps::default(), last: None, ticks: 0 }
    }

    /// Seals what was committed before this was called, unless another process sealed since the last time: one at a time
    /// is enough, and who stops is followed by the next. Says how many rows it sealed.
    ///
    /// # Errors
    /// When the database does not answer, or a checkpoint in it is not what was signed; what was sealed before stays so.
    pub async fn tick(&mut self) -> Result<u64, AuditKeyError> {
        let sealed = self.seal_in_turn().await;
        // Above all when nothing could be sealed: whoever watches the gauges must see it.
        let reported = self.report().await;
        let sealed = sealed?;
        reported?;
        Ok(sealed)
    }

    async fn seal_in_turn(&mut self) -> Result<u64, AuditKeyError> {
        let first = self.chain.id == 0;
        let others = self.follow().await?;
        if others && !first { Ok(0) } else { self.seal().await }
    }

    /// Seals what was committed before this was called, whoever else does: for the end of a process.
    ///
    /// # Errors
    /// As [`Sealer::tick`].
    pub async fn seal(&mut self) -> Result<u64, AuditKeyError> {
        let mut sealed = 0;
        for _checkpoint in 0..AT_ONCE {
            self.follow().await?;
            let rows = self.unsealed().await?;
            self.ticks = self.ticks.wrapping_add(1);
            if rows.is_empty() {
                break;
            }
            let (checkpoint, marks) = self.link(&rows)?;
            if !self.store.add_checkpoint(&checkpoint, &marks).await? {
                break;
            }
            metrics::counter!("tokenry_audit_checkpoints_total").increment(1);
            tracing::info!(checkpoint = %portable(&checkpoint), "audit checkpoint");
            self.absorb(&checkpoint);
            sealed += checkpoint.rows.len();
            if rows.len() < ROWS {
                break;
            }
        }
        Ok(sealed)
    }

    /// Takes in the checkpoints that others made, and says whether there were any. Goes on from none that is not what was
    /// signed: it could say that all is sealed, for ever.
    async fn follow(&mut self) -> Result<bool, StoreError> {
        let latest = self.store.latest_checkpoint_id().await?;
        if latest < self.chain.id {
            return Err(damaged(self.chain.id));
        }
        let mut after = self.chain.id;
        if after == 0 {
            after = latest.saturating_sub(WINDOW + 1).max(0);
        }
        let mut any = false;
        while after < latest {
            let page = self.store.checkpoints_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            any = true;
            self.skip_removed(&page[0]).await?;
            for stored in &page {
                let checkpoint = stored.read().filter(|checkpoint| self.is_next(checkpoint));
                self.absorb(&checkpoint.ok_or_else(|| damaged(stored.id))?);
            }
        }
        Ok(any)
    }

    /// Who slept for longer than records are kept finds the checkpoints gone that it would go on from. It begins anew with
    /// the first that is left, if that is where the signed mark says that removal ended.
    async fn skip_removed(&mut self, first: &StoredCheckpoint) -> Result<(), StoreError> {
        if self.chain.id == 0 || first.id == self.chain.id + 1 {
            return Ok(());
        }
        let removal = self.store.find_audit_removal().await?;
        let is_its_end = |removal: &AuditRemoval| {
            removal.checkpoint_id == first.id
                && self.key.verify(&removal.kid, &removal.statement(), &removal.signature)
        };
        if removal.is_some_and(|removal| is_its_end(&removal)) {
            self.chain = Gaps::default();
        }
        Ok(())
    }

    fn is_next(&self, checkpoint: &Checkpoint) -> bool {
        let begins = self.chain.id == 0;
        let follows = checkpoint.id == self.chain.id + 1 && checkpoint.previous_hash == self.chain.hash;
        (begins || follows)
            && self.key.verify(&checkpoint.kid, &checkpoint.statement(), &checkpoint.signature)
    }

    fn absorb(&mut self, checkpoint: &Checkpoint) {
        self.chain.absorb(checkpoint);
        self.last = Some(checkpoint.sealed_at);
    }

    /// Rows to seal, in ascending order: late ones, then those above all that are sealed.
    async fn unsealed(&self) -> Result<Vec<(i64, [u8; 32])>, StoreError> {
        let mut rows = Vec::new();
        if !self.store.audit_has_no_gaps() {
            let all = self.ticks.is_multiple_of(LOOK_AT_ALL);
            let empty = if all { self.chain.all() } else { self.chain.young() };
            rows = self.store.audit_hashes_within(&empty, ROWS).await?;
        }
        if let Some(left) = i64::try_from(ROWS - rows.len()).ok().filter(|left| *left > 0) {
            rows.extend(self.store.audit_hashes_after(self.chain.through_seq, left).await?);
        }
        Ok(rows)
    }

    fn link(&self, rows: &[(i64, [u8; 32])]) -> Result<(Checkpoint, Vec<u8>), AuditKeyError> {
        let mut chain = RowChain::after(self.chain.hash);
        for (seq, content_hash) in rows {
            chain.add(*seq, content_hash);
        }
        let highest = rows.last().map_or(0, |(seq, _hash)| *seq);
        let mut checkpoint = Checkpoint {
            id: self.chain.id + 1,
            sealed_at: self.clock.now(),
            rows: SeqRanges::of(rows.iter().map(|(seq, _hash)| *seq)),
            through_seq: self.chain.through_seq.max(highest),
            marks_hash: sha256(chain.marks()),
            rows_hash: chain.hash(),
            previous_hash: self.chain.hash,
            kid: self.key.kid().to_owned(),
            signature: Vec::new(),
        };
        checkpoint.signature = self.key.sign(&checkpoint.statement())?;
        Ok((checkpoint, chain.marks().to_vec()))
    }

    #[expect(clippy::cast_precision_loss, reason = "nobody reads the last digits of a gauge")]
    async fn report(&self) -> Result<(), StoreError> {
        let unsealed = self.store.count_audit_after(self.chain.through_seq).await?;
        metrics::gauge!("tokenry_audit_unsealed_rows").set(unsealed as f64);
        if let Some(last) = self.last {
            let age = self.clock.now().since(last);
            metrics::gauge!("tokenry_audit_checkpoint_age_seconds").set(age.as_secs_f64());
        }
        Ok(())
    }
}

fn damaged(id: i64) -> StoreError {
    let reason = format!("checkpoint {id} is gone or not what was signed; `tokenry audit verify` says more");
    StoreError::Corrupt { table: "audit_checkpoints", column: "signature", reason }
}
