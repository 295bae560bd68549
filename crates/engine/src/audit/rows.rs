//! Reading every row of the trail once, in order, also past one that cannot be read.

use std::collections::VecDeque;

use tokenry_clock::Timestamp;
use tokenry_store::{Error as StoreError, Store, StoredRecord};

/// How many rows are read at a time.
const PAGE: i64 = 500;

/// What verifying needs of a row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) at: Timestamp,
    /// Whether its columns hash to its content hash.
    pub(super) intact: bool,
    pub(super) content_hash: [u8; 32],
}

/// The rows in ascending order of their places.
pub(super) struct Rows<'a> {
    store: &'a Store,
    read: VecDeque<Row>,
    after: i64,
    ended: bool,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(store: &'a Store) -> Self {
        Self { store, read: VecDeque::new(), after: i64::MIN, ended: false }
    }

    /// The next row, if its place is `seq` or lower.
    pub(super) async fn next_through(&mut self, seq: i64) -> Result<Option<Row>, StoreError> {
        if self.read.is_empty() && !self.ended {
            self.fill().await?;
        }
        Ok(self.read.pop_front_if(|row| row.seq <= seq))
    }

    async fn fill(&mut self) -> Result<(), StoreError> {
        match self.store.list_audit(self.after, PAGE).await {
            Ok(page) => self.read.extend(page.iter().map(row)),
            Err(error) if !error.is_unavailable() => self.fill_one_by_one().await?,
            Err(error) => return Err(error),
        }
        match self.read.back() {
            Some(last) => self.after = last.seq,
            None => self.ended = true,
        }
        Ok(())
    }

    /// A row among the next cannot be read.
    async fn fill_one_by_one(&mut self) -> Result<(), StoreError> {
        for (seq, content_hash) in self.store.audit_hashes_after(self.after, PAGE).await? {
            let row = match self.store.list_audit(seq - 1, 1).await {
                Ok(page) => page.first().map(row),
                Err(error) if !error.is_unavailable() => None,
                Err(error) => return Err(error),
            };
            let damaged = || Row { seq, at: Timestamp::EPOCH, intact: false, content_hash };
            self.read.push_back(row.filter(|row| row.seq == seq).unwrap_or_else(damaged));
        }
        Ok(())
    }
}

fn row(record: &StoredRecord) -> Row {
    let content_hash = record.content_hash.as_slice().try_into();
    Row {
        seq: record.seq,
        at: record.at,
        intact: content_hash.is_ok() && record.is_intact(),
        content_hash: content_hash.unwrap_or([0; 32]),
    }
}
