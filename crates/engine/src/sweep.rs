//! Sweeping: rows of tokens and assertions that expired long enough ago are removed, a bounded number at a time.

use std::time::Duration;

use tokenry_store::Error as StoreError;

use crate::engine::Engine;

/// How long what expired is kept, for guards and replicas whose clocks run late.
const KEEP: Duration = Duration::from_secs(600);
/// How many rows go in one transaction, so that none keeps the writer for long.
const BATCH: i64 = 500;
/// How many transactions a sweep takes at most: the next one goes on.
const BATCHES: u32 = 40;

impl Engine {
    /// Removes what expired ten minutes ago or earlier. Several processes may do so at once.
    ///
    /// # Errors
    /// When the database does not answer; what was removed before stays so.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let before = self.clock.now().minus(KEEP);
        for _batch in 0..BATCHES {
            let opaque = self.store.delete_expired_opaque_tokens(before, BATCH).await?;
            let revoked = self.store.delete_expired_revoked_tokens(before, BATCH).await?;
            let assertions = self.store.delete_expired_assertions(before, BATCH).await?;
            if opaque == 0 && revoked == 0 && assertions == 0 {
                break;
            }
        }
        Ok(())
    }
}
