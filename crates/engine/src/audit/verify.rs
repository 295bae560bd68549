//! Checking the whole trail: every row, every checkpoint, and those that were kept elsewhere.
//!
//! 1. The checkpoints are walked in order: each is signed, follows the one before it and, where one of the same number was
//!    kept elsewhere, equals it. Where that fails the walk ends, because nothing after it can be believed.
//! 2. One pass over the rows goes beside it, up to the highest place of each checkpoint. What it does not seal waits for
//!    a later one.
//! 3. Each row of a checkpoint is there, hashes to its content hash, and carries the mark that was signed; all together
//!    they make the hash that was signed.
//! 4. What still waits in the end was inserted, or is not sealed yet.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{AuditRemoval, Checkpoint, MARK_LEN, RowChain};
use tokenry_store::{Error as StoreError, Store, StoredCheckpoint};

use super::finding::Finding;
use super::gaps::WINDOW;
use super::key::{AuditKeyError, AuditKeys};
use super::rows::{Row, Rows};
use crate::keyring::DataKey;

/// How many findings are enough.
const ENOUGH: usize = 100;
/// How many checkpoints are read at a time.
const PAGE: i64 = 200;
/// How long a record waits for its seal at most while a server runs, with much to spare.
const LATE: Duration = Duration::from_secs(60 * 60);
/// How often it is begun again, because rows were removed meanwhile as they should be.
const TRIES: u32 = 5;

/// What was found.
#[derive(Debug, Default)]
pub struct Verification {
    /// What is wrong, in the order of the trail; the first hundred.
    pub findings: Vec<Finding>,
    /// How many checkpoints were walked.
    pub checkpoints: u64,
    /// How many of their rows were looked at.
    pub sealed: u64,
    /// How many of those were sealed more than an hour after they say that they were written: nobody sealed for so long, a
    /// clock was wrong, or checkpoints were cut off and a server sealed again what it found.
    pub sealed_late: u64,
    /// How many rows no checkpoint seals yet.
    pub unsealed: u64,
    /// The oldest of those.
    pub oldest_unsealed: Option<Timestamp>,
    /// The last checkpoint.
    pub head: Option<Checkpoint>,
    /// The last checkpoint whose rows were removed, because they had been kept long enough.
    pub removed_through: Option<i64>,
    /// How many checkpoints kept elsewhere were compared.
    pub compared: u64,
}

/// Walks the trail in the database, and compares it with checkpoints that were kept elsewhere.
///
/// # Errors
/// When the database does not answer, or the keys do not open with this keyring.
pub async fn verify(
    store: &Store,
    data_key: &DataKey,
    kept: &[Checkpoint],
) -> Result<Verification, AuditKeyError> {
    let keys = AuditKeys::load(store, data_key).await?;
    let mut tries = 1;
    loop {
        let removal = store.find_audit_removal().await?;
        let mut walk = Walk::new(store, &keys, kept);
        walk.run(removal.as_ref()).await?;
        if walk.found.findings.is_empty() || tries == TRIES || store.find_audit_removal().await? == removal {
            return Ok(walk.found);
        }
        tries += 1;
    }
}

struct Walk<'a> {
    store: &'a Store,
    keys: &'a AuditKeys,
    /// What was kept elsewhere and not met yet, by number.
    kept: HashMap<i64, Vec<&'a Checkpoint>>,
    rows: Rows<'a>,
    /// Rows that no checkpoint has sealed so far, each with the checkpoint that passed it.
    waiting: BTreeMap<i64, (Row, i64)>,
    found: Verification,
}

impl<'a> Walk<'a> {
    fn new(store: &'a Store, keys: &'a AuditKeys, kept: &'a [Checkpoint]) -> Self {
        let mut by_id = HashMap::<i64, Vec<&Checkpoint>>::new();
        for checkpoint in kept {
            by_id.entry(checkpoint.id).or_default().push(checkpoint);
        }
        let (rows, found) = (Rows::new(store), Verification::default());
        Self { store, keys, kept: by_id, rows, waiting: BTreeMap::new(), found }
    }

    async fn run(&mut self, removal: Option<&AuditRemoval>) -> Result<(), StoreError> {
        // Before any row is read: what these checkpoints seal is there to be read, however late it came.
        let head = self.store.latest_checkpoint_id().await?;
        let Some(mut after) = self.begin(removal).await? else { return Ok(()) };
        while after < head {
            let page = self.page(after, head).await?;
            if page.is_empty() {
                self.note_checkpoint(after + 1, "it is missing");
                return Ok(());
            }
            for stored in page {
                let Some(checkpoint) = self.believe(&stored, after + 1) else { return Ok(()) };
                self.check_rows(&checkpoint, &stored.marks).await?;
                after = checkpoint.id;
                self.found.head = Some(checkpoint);
                if self.found.findings.len() >= ENOUGH {
                    return Ok(());
                }
            }
        }
        self.rest().await?;
        self.compare_rest(head);
        Ok(())
    }

    /// Where the walk begins: at nothing, or at the last checkpoint whose rows were removed.
    async fn begin(&mut self, removal: Option<&AuditRemoval>) -> Result<Option<i64>, StoreError> {
        let Some(removal) = removal else { return Ok(Some(0)) };
        if !self.keys.signed_removal(removal) {
            self.note(Finding::Removal { problem: "it is not what was signed" });
            return Ok(None);
        }
        let id = removal.checkpoint_id;
        let page = self.page(id - 1, id).await?;
        let Some(stored) = page.first().filter(|stored| stored.id == id) else {
            self.note_checkpoint(id, "it is missing");
            return Ok(None);
        };
        let Some(anchor) = self.believe(stored, id) else { return Ok(None) };
        self.pass(&anchor).await?;
        let back: Vec<_> = self.waiting.keys().copied().filter(|seq| anchor.rows.contains(*seq)).collect();
        for seq in back {
            self.waiting.remove(&seq);
            self.note(Finding::RowInserted { seq });
        }
        self.kept.retain(|kept, _checkpoints| *kept > id);
        self.found.removed_through = Some(id);
        self.found.head = Some(anchor);
        Ok(Some(id))
    }

    /// The next checkpoints through `head`. One that cannot even be read ends the page, or is missing from it.
    async fn page(&self, after: i64, head: i64) -> Result<Vec<StoredCheckpoint>, StoreError> {
        let page = match self.store.checkpoints_after(after, PAGE).await {
            Err(error) if !error.is_unavailable() => match self.store.checkpoints_after(after, 1).await {
                Err(error) if !error.is_unavailable() => return Ok(Vec::new()),
                page => page?,
            },
            page => page?,
        };
        Ok(page.into_iter().filter(|stored| stored.id <= head).collect())
    }

    /// The checkpoint, if it is the one that is due, signed, the next link, and what was kept of it elsewhere.
    fn believe(&mut self, stored: &StoredCheckpoint, due: i64) -> Option<Checkpoint> {
        if stored.id != due {
            self.note_checkpoint(due, "it is missing");
            return None;
        }
        let Some(checkpoint) = stored.read() else {
            self.note_checkpoint(due, "it cannot be read");
            return None;
        };
        if !self.keys.signed(&checkpoint) {
            self.note_checkpoint(due, "it is not what was signed");
            return None;
        }
        let begins = self.found.head.is_none() && due > 1;
        let previous = self.found.head.as_ref().map_or([0; 32], Checkpoint::hash);
        if !begins && checkpoint.previous_hash != previous {
            self.note_checkpoint(due, "it does not follow the one before it");
            return None;
        }
        for kept in self.kept.remove(&due).unwrap_or_default() {
            self.found.compared += 1;
            if kept.hash() != checkpoint.hash() {
                self.note_checkpoint(due, self.differs(kept));
                return None;
            }
        }
        Some(checkpoint)
    }

    fn differs(&self, kept: &Checkpoint) -> &'static str {
        if self.keys.signed(kept) {
            "it is not the one that was kept elsewhere: the trail was sealed again"
        } else {
            "what was kept elsewhere of it is not what this server signed"
        }
    }

    /// Reads on to the highest place of `checkpoint`.
    async fn pass(&mut self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        while let Some(row) = self.rows.next_through(checkpoint.through_seq).await? {
            self.waiting.insert(row.seq, (row, checkpoint.id));
        }
        Ok(())
    }

    async fn check_rows(&mut self, checkpoint: &Checkpoint, marks: &[u8]) -> Result<(), StoreError> {
        self.pass(checkpoint).await?;
        let before = self.found.findings.len();
        let mut chain = RowChain::after(checkpoint.previous_hash);
        let marks: Vec<_> = marks.chunks(MARK_LEN).collect();
        for (seq, mark) in checkpoint.rows.iter().zip(&marks) {
            let Some((row, _passed)) = self.waiting.remove(&seq) else {
                self.note(Finding::RowRemoved { seq, checkpoint: checkpoint.id });
                continue;
            };
            self.found.sealed += 1;
            self.found.sealed_late += u64::from(checkpoint.sealed_at.since(row.at) > LATE);
            let own = &row.content_hash[..MARK_LEN];
            if !row.intact {
                self.note(Finding::RowChanged { seq });
            } else if own != *mark {
                let from = marks.iter().position(|mark| own == *mark);
                let from = from.and_then(|index| checkpoint.rows.iter().nth(index));
                self.note(match from {
                    Some(from) => Finding::RowMoved { seq, from },
                    None => Finding::RowChanged { seq },
                });
            }
            chain.add(seq, &row.content_hash);
        }
        self.found.checkpoints += 1;
        if self.found.findings.len() == before && chain.hash() != checkpoint.rows_hash {
            self.note_checkpoint(checkpoint.id, "its records are not those that were signed");
        }
        Ok(())
    }

    /// What no checkpoint seals.
    async fn rest(&mut self) -> Result<(), StoreError> {
        let head = self.found.head.as_ref().map_or(0, |head| head.id);
        for (row, passed) in std::mem::take(&mut self.waiting).into_values() {
            if row.seq < 1 || self.store.audit_has_no_gaps() || passed <= head - WINDOW {
                self.note(Finding::RowInserted { seq: row.seq });
            } else {
                self.note_unsealed(&row);
            }
        }
        while let Some(row) = self.rows.next_through(i64::MAX).await? {
            if row.seq < 1 {
                self.note(Finding::RowInserted { seq: row.seq });
            } else {
                self.note_unsealed(&row);
            }
        }
        Ok(())
    }

    /// What was kept elsewhere of checkpoints that are not there.
    fn compare_rest(&mut self, head: i64) {
        if let Some(id) = self.kept.keys().copied().filter(|id| *id > head).min() {
            self.found.compared += 1;
            let problem =
                "it was kept elsewhere and is missing here: the trail was cut off, or an older one restored";
            self.note_checkpoint(id, problem);
        }
    }

    fn note_unsealed(&mut self, row: &Row) {
        self.found.unsealed += 1;
        if !row.intact {
            self.note(Finding::RowChanged { seq: row.seq });
        }
        let oldest = self.found.oldest_unsealed.map_or(row.at, |oldest| oldest.min(row.at));
        self.found.oldest_unsealed = Some(oldest);
    }

    fn note_checkpoint(&mut self, id: i64, problem: &'static str) {
        self.note(Finding::Checkpoint { id, problem });
    }

    fn note(&mut self, finding: Finding) {
        if self.found.findings.len() < ENOUGH {
            self.found.findings.push(finding);
        }
    }
}
