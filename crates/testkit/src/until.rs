//! Waiting for what happens in the background: looked for often, and given up only after so long that no busy machine is the reason.

use std::time::{Duration, Instant};

use tokenry_store::StoredRecord;

use crate::app::TestApp;

/// How long is waited at the most.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often is looked.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `so`; `what` is what is waited for.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    found(what, async || so().await.then_some(())).await;
}

/// Waits until `look` finds something; `what` is what is looked for.
pub async fn found<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

impl TestApp {
    /// The records of which `of` says so, once they stand for `many` events: refusals are counted before they are written.
    pub async fn counted(&self, many: i64, of: impl Fn(&StoredRecord) -> bool) -> Vec<StoredRecord> {
        let begun = Instant::now();
        loop {
            let records: Vec<_> = self.audit().await.into_iter().filter(&of).collect();
            if records.iter().map(|record| record.count).sum::<i64>() == many {
                return records;
            }
            assert!(begun.elapsed() < PATIENCE, "not {many}: {records:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}
