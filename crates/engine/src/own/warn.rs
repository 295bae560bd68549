//! Telling owners that a personal access token is about to expire, a month, a week and a day before: by mail, and among what happened
//! to the account.
//!
//! Each server looks once a minute. That a value was told of is written in the transaction of mail and record, by one conditional
//! statement, so that of several servers one tells. Who makes a token for a week is told a day before, and not at once.

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record, Subject};
use tokenry_store::{Error as StoreError, PatWarning, WarnOfPat};

use crate::context::Context;
use crate::engine::Engine;
use crate::mail::{About, pat_page};

/// How many days before. The nearest first: whoever is told that it is a day is not told any more that it is a month.
const STEPS: [i64; 3] = [1, 7, 30];
/// How many are told of at once.
const BATCH: i64 = 100;
/// How many times at a look: the next look goes on.
const BATCHES: u32 = 10;

impl Engine {
    /// Tells the owners of tokens that are about to expire. Several processes may do so at once.
    ///
    /// # Errors
    /// When the database fails; who was told before is.
    pub async fn warn_of_expiring_pats(&self, now: Timestamp) -> Result<(), StoreError> {
        for days in STEPS {
            for _batch in 0..BATCHES {
                let due = self.store.list_due_pat_warnings(days, now, BATCH).await?;
                let last = due.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
                for warning in due {
                    self.warn_of_pat(warning, days, now).await?;
                }
                if last {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn warn_of_pat(&self, warning: PatWarning, days: i64, now: Timestamp) -> Result<(), StoreError> {
        let PatWarning { pat_id, user_id, company_id, jti, expires_at } = warning;
        let page = pat_page(self.issuer(), &pat_id);
        let context = Context::of_the_server(now);
        let mail = self.notice_of_end(About::PatExpires, page, expires_at, &context);
        let subject = Subject::User(user_id.clone());
        let record = Record::new(now, Event::PatExpiring, Actor::System, Some(subject));
        let record = Record { company: company_id, ..record }
            .with("pat", pat_id.as_str())
            .with("expires_at", expires_at.to_string())
            .with("days", days);
        if self.store.warn_of_pat(WarnOfPat { jti, user_id, days, mail, record }).await? {
            self.wake_sender();
        }
        Ok(())
    }
}
