//! Telling owners of credentials that leaked: soon, but those of a while in one mail, and not one after the other.
//!
//! Each server looks once a second. That somebody was told is written in the transaction of the mail, by a conditional
//! statement, so that of several servers one tells. A client has nobody who is written to: the audit trail and the log
//! have what is its alone.

use std::convert::Infallible;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::UserId;
use tokenry_store::{Error as StoreError, TellOfLeaks};
use tokio::time::{MissedTickBehavior, interval};

use crate::context::Context;
use crate::engine::Engine;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long after the first of them the mail is written: whoever has found many reports them in a row.
const GATHER: Duration = Duration::from_secs(2);
/// How long after one mail there is no other to the same user.
const PAUSE: Duration = Duration::from_secs(60);
/// How many users are told at a look.
const USERS: i64 = 100;
/// How many leaks a mail tells of at the most: the next one goes on.
const LEAKS: i64 = 100;

impl Engine {
    /// Goes on for ever.
    pub(crate) async fn tend_leaks(&self) -> Infallible {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.tell_of_leaks(self.clock.now()).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "owners of leaked credentials could not be told");
            }
        }
    }

    /// Tells users of what of theirs leaked. Several processes may do so at once.
    ///
    /// # Errors
    /// When the database fails; who was told before is.
    pub async fn tell_of_leaks(&self, now: Timestamp) -> Result<(), StoreError> {
        let (before, quiet) = (now.minus(GATHER), now.minus(PAUSE));
        for user in self.store.list_users_to_tell_of_leaks(before, quiet, USERS).await? {
            self.tell_user_of_leaks(user, now).await?;
        }
        Ok(())
    }

    async fn tell_user_of_leaks(&self, user_id: UserId, now: Timestamp) -> Result<(), StoreError> {
        let leaks = self.store.list_untold_leaks(&user_id, LEAKS).await?;
        if leaks.is_empty() {
            return Ok(());
        }
        let mail = self.notice_of_leaks(&leaks, &Context::of_the_server(now));
        if self.store.tell_of_leaks(TellOfLeaks { user_id, leaks, now, mail }).await? {
            self.wake_sender();
        }
        Ok(())
    }
}
