//! Leaving: somebody deletes their own account, and has a while to think better of it.
//!
//! 1. [`Engine::ask_deletion`] signs them out everywhere and ends all that was granted, at once. A mail says until when it can
//!    be taken back.
//! 2. Until then they can sign in, and come no further than to a page that asks whether to keep the account: a cookie makes a
//!    [`LeavingUser`] of them, and no [`SignedInUser`](crate::session::SignedInUser). No application gets anything.
//! 3. [`Engine::keep_account`] takes it back: consents and memberships are as they were, and what had ended stays so.
//! 4. [`Engine::delete_due_users`] removes whose time has come, in every server, each once.

use std::time::Duration;

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record, Subject};
use tokenry_store::Error as StoreError;

use crate::context::Context;
use crate::engine::Engine;
use crate::mail::About;
use crate::refusal::Refusal;
use crate::session::{FreshUser, LeavingUser};
use crate::sign_in::canonical_username;

/// How many users one sweep removes at the most.
const AT_ONCE: i64 = 100;

/// Nothing was asked for.
#[derive(Debug, Error)]
pub enum LeaveError {
    /// The database failed.
    #[error("the database failed")]
    Failed(#[source] StoreError),
    /// People do not delete their accounts themselves here.
    #[error("accounts are not deleted by their owners here")]
    NotOffered,
    /// The account was changed meanwhile, or leaves already.
    #[error("the account was changed meanwhile")]
    Overtaken,
    /// What was typed is not the username.
    #[error("that is not the username")]
    WrongName,
}

impl Engine {
    /// How long somebody who has deleted their account may take it back; `None`: people do not delete theirs here.
    #[must_use]
    pub const fn deletion_grace(&self) -> Option<Duration> {
        self.settings.deletion_grace
    }

    /// Lets somebody leave who has typed their username, and says when the account is deleted: step 1.
    ///
    /// # Errors
    /// When that is not offered, another name was typed, the account was changed meanwhile, or the database fails.
    pub async fn ask_deletion(
        &self,
        current: &FreshUser,
        typed: &str,
        context: &Context,
    ) -> Result<Timestamp, LeaveError> {
        let grace = self.settings.deletion_grace.ok_or(LeaveError::NotOffered)?;
        let user = current.user();
        if canonical_username(typed).ok().as_deref() != Some(user.username.as_str()) {
            return Err(LeaveError::WrongName);
        }
        let due_at = context.now.plus(grace);
        let (event, about) = (Event::UserDeletionRequested, About::DeletionRequested);
        let mut change = self.own_change((&user.id, user.version), event, about, context);
        change.record = change.record.with("due_at", due_at.to_string());
        change.mail = self.notice_until(about, due_at, context);
        let asked = self.store.ask_deletion(change, due_at).await.map_err(LeaveError::Failed)?;
        asked.ok_or(LeaveError::Overtaken)?;
        self.wake_sender();
        self.tell_of_ended_sessions();
        Ok(due_at)
    }

    /// Keeps an account that was to be deleted: step 3. `false`: it was kept, or barred, in the meantime.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_account(&self, leaving: &LeavingUser, context: &Context) -> Result<bool, Refusal> {
        let user = leaving.user();
        let (event, about) = (Event::UserDeletionTakenBack, About::DeletionTakenBack);
        let change = self.own_change((&user.id, user.version), event, about, context);
        let kept = self.store.take_back_deletion(change).await?;
        self.wake_sender();
        Ok(kept)
    }

    /// Removes the users whose time has come: step 4. Several processes may do so at once. One who cannot be removed keeps
    /// nobody else.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn delete_due_users(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut removed = 0_u32;
        for id in self.store.list_due_deletions(now, AT_ONCE).await? {
            let Some(user) = self.store.find_user(&id).await? else { continue };
            let mail = self.last_notice(About::AccountDeleted, &user, &Context::of_the_server(now));
            let record = Record::new(now, Event::UserDeleted, Actor::System, Some(Subject::User(id.clone())))
                .with("asked_by", "owner");
            match self.store.delete_leaving_user(&id, now, &mail, &record).await {
                Ok(deleted) => removed += u32::from(deleted.is_some()),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, user = id.as_str(), "an account cannot be deleted for now");
                }
            }
        }
        if removed > 0 {
            tracing::info!(removed, "accounts were deleted whose owners had asked for it");
            self.wake_sender();
            self.tell_of_ended_sessions();
        }
        Ok(())
    }
}
