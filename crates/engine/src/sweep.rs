//! Sweeping: rows of what ended long enough ago are removed, a bounded number at a time.

use std::time::Duration;

use tokenry_model::MAX_TOKEN_TTL;
use tokenry_store::Error as StoreError;

use crate::engine::Engine;
use crate::leaks::KEEP_LEAKS;
use crate::limits::MAX_WRITTEN;
use crate::own::KEEP_PATS;
use crate::session::DEVICE_TTL;

/// How long is kept what has ended: for guards whose clocks run late, and for those that may come back.
const KEEP: Duration = Duration::from_secs(600);
/// How long a revocation is kept after what it ended has expired, a day longer than any token may live: a clock that
/// runs ahead for a while, here or at another server, must bring nothing back to life.
const KEEP_REVOKED: Duration = MAX_TOKEN_TTL.saturating_add(Duration::from_secs(86_400));
/// How long it is kept that an assertion was used, or a request answered, after nobody takes it any more, for the same reason.
const KEEP_USED: Duration = Duration::from_secs(86_400);
/// How many rows go in one transaction, so that none keeps the writer for long.
const BATCH: i64 = 500;
/// How many transactions of each kind a sweep takes at most: the next one goes on.
const BATCHES: u32 = 80;

// Sweeps are a minute apart. What strangers make in one must not be more than a sweep removes, or it grows without end.
const _: () = assert!(BATCH * BATCHES as i64 > 60 * MAX_WRITTEN as i64);

impl Engine {
    /// Removes what expired ten minutes ago or earlier, revocations 31 days after, and users who were to be deleted by now. Several processes may do so at once.
    ///
    /// # Errors
    /// When the database does not answer; what was removed before stays so.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.quotas.forget(now);
        self.delete_due_users(now).await?;
        let (before, revoked_before) = (now.minus(KEEP), now.minus(KEEP_REVOKED));
        let used_before = now.minus(KEEP_USED);
        for _batch in 0..BATCHES {
            let opaque = self.store.delete_expired_opaque_tokens(before, BATCH).await?;
            let revoked = self.store.delete_expired_revoked_tokens(revoked_before, BATCH).await?;
            let assertions = self.store.delete_expired_assertions(used_before, BATCH).await?;
            let events = self.store.delete_expired_guard_events(before, revoked_before, BATCH).await?;
            let answered = self.store.delete_expired_answered_requests(used_before, BATCH).await?;
            let families = self.store.delete_expired_token_families(before, BATCH).await?;
            let failures = self.store.delete_old_auth_failures(before, BATCH).await?;
            let sessions = self.store.delete_expired_sessions(before, BATCH).await?;
            let session_handles = self.store.delete_expired_session_handles(before, BATCH).await?;
            let devices = self.store.delete_old_devices(now.minus(DEVICE_TTL), BATCH).await?;
            let pats = self.store.delete_ended_pats(now.minus(KEEP_PATS), BATCH).await?;
            let account_secrets = self.store.delete_expired_account_secrets(before, BATCH).await?;
            let leaks = self.store.delete_old_leaks(now.minus(KEEP_LEAKS), BATCH).await?;
            let streams = self.store.delete_gone_guard_streams(before, BATCH).await?;
            let mail = self.sweep_mail(now, BATCH).await?;
            let told = mail + self.sweep_logouts(now, BATCH).await?;
            let used = assertions + answered;
            let of_sessions = sessions + session_handles + devices + pats + account_secrets + leaks;
            if opaque + revoked + used + events + families + failures + of_sessions + streams + told == 0 {
                break;
            }
        }
        Ok(())
    }
}
