//! Following the trail: each record once, soon after it was committed, also one that comes late.

use std::collections::VecDeque;
use std::time::Duration;

use tokenry_model::SeqRanges;
use tokenry_store::{Error as StoreError, Store, StoredRecord};
use tokio::time::Instant;

/// How much is read at a time.
const PAGE: i64 = 1_000;
/// For how long a record is waited for that others have overtaken: longer than a transaction may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many late records are taken at a time.
const LATE: usize = 100;

/// The trail from some place on.
#[derive(Debug)]
pub struct Tail {
    store: Store,
    /// The highest place that was shown.
    shown: i64,
    /// Empty places below, with when they were passed.
    empty: VecDeque<(Instant, SeqRanges)>,
}

impl Tail {
    /// The last `count` records, the oldest first, and the trail from there on.
    ///
    /// # Errors
    /// When the database does not answer, or a record cannot be read.
    pub async fn begin(store: Store, count: i64) -> Result<(Self, Vec<StoredRecord>), StoreError> {
        // One is looked at in any case: after it the new ones begin.
        let mut last = store.latest_audit(count.max(1)).await?;
        let shown = last.first().map_or(0, |record| record.seq);
        last.truncate(usize::try_from(count).unwrap_or(0));
        last.reverse();
        Ok((Self { store, shown, empty: VecDeque::new() }, last))
    }

    /// What was committed since the last time.
    ///
    /// # Errors
    /// When the database does not answer, or a record cannot be read.
    pub async fn more(&mut self) -> Result<Vec<StoredRecord>, StoreError> {
        let mut records = self.late().await?;
        let page = self.store.list_audit(self.shown, PAGE).await?;
        if let Some(last) = page.last() {
            let seqs = SeqRanges::of(page.iter().map(|record| record.seq));
            if !self.store.audit_has_no_gaps() {
                self.empty.push_back((Instant::now(), seqs.missing(self.shown + 1, last.seq)));
            }
            self.shown = last.seq;
        }
        records.extend(page);
        Ok(records)
    }

    async fn late(&mut self) -> Result<Vec<StoredRecord>, StoreError> {
        self.empty.retain(|(passed, empty)| !empty.is_empty() && passed.elapsed() < PATIENCE);
        let all = SeqRanges::concat(self.empty.iter().map(|(_passed, empty)| empty));
        let mut records = Vec::new();
        for (seq, _hash) in self.store.audit_hashes_within(&all, LATE).await? {
            records.extend(self.store.list_audit(seq - 1, 1).await?);
        }
        let found = SeqRanges::of(records.iter().map(|record| record.seq));
        self.empty.iter_mut().for_each(|(_passed, empty)| *empty = empty.without(&found));
        Ok(records)
    }
}
