//! What people do about their own way in: see how it stands, and change their password.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokenry_model::{Actor, Event, Subject, User, UserId};
use tokenry_protocol::secret::Secret;
use tokenry_store::{ChangePassword, Error as StoreError, OwnChange};

use super::{ProvenUser, SignIn, SignInError, UnfitPassword, fit, prepared};
use crate::context::Context;
use crate::engine::Engine;
use crate::mail::About;
use crate::refusal::Refusal;
use crate::session::FreshUser;

/// How long somebody's own choice stands before the page takes another. Each ends the links that were mailed: nobody who has
/// learned a password may keep the owner from choosing another by mail (LOG-08).
pub const PAUSE: Duration = Duration::from_secs(3_600);

/// How somebody signs in.
#[derive(Clone, Copy, Debug)]
pub struct OwnFactors {
    /// Whether an authenticator's codes are a second factor.
    pub authenticator: bool,
    /// How many passkeys there are, each of which is a second factor, too.
    pub passkeys: usize,
    /// Whether a second factor is asked for.
    pub second_factor: bool,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

/// A password was not changed.
#[derive(Debug, Error)]
pub enum ChangePasswordError {
    /// The one until now is wrong, or could not be checked.
    #[error(transparent)]
    Current(SignInError),
    /// The database failed.
    #[error("the database failed")]
    Failed(#[source] StoreError),
    /// The new one cannot be taken.
    #[error(transparent)]
    New(UnfitPassword),
    /// The account was changed meanwhile, by a reset perhaps.
    #[error("the account was changed meanwhile")]
    Overtaken,
    /// They have changed it less than an hour ago.
    #[error("the password was changed less than an hour ago")]
    TooSoon,
}

impl Engine {
    /// How somebody signs in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_factors(&self, user: &UserId) -> Result<OwnFactors, Refusal> {
        Ok(self.own_factors_of(user).await?)
    }

    pub(super) async fn own_factors_of(&self, user: &UserId) -> Result<OwnFactors, StoreError> {
        let seed = self.store.find_totp_seed(user).await?;
        let authenticator = seed.is_some_and(|seed| seed.confirmed_at.is_some());
        let passkeys = self.store.list_passkeys(user).await?.len();
        let second_factor = authenticator || passkeys > 0;
        let recovery_codes = if second_factor { self.store.count_recovery_codes(user).await? } else { 0 };
        Ok(OwnFactors { authenticator, passkeys, second_factor, recovery_codes })
    }

    /// Changes the password of somebody who is signed in and shows the one until now. They are signed out everywhere, here
    /// too: what comes back begins a session anew, as long ago proven as the one before (LOG-09, SES-14).
    ///
    /// # Errors
    /// When the password until now is wrong, the new one cannot be taken, or the database fails. Nothing has changed then.
    pub async fn change_password(
        &self,
        current: &FreshUser,
        old: &Secret,
        new: &Secret,
        context: &Context,
    ) -> Result<ProvenUser, ChangePasswordError> {
        let shown = self.sign_in(&current.user().username, old, context).await;
        let seen = match shown.map_err(ChangePasswordError::Current)? {
            SignIn::HalfProven(half) => half.version(),
            SignIn::Proven(proven) => proven.user().version,
        };
        let user = current.user();
        let new = fit(new, user).map_err(ChangePasswordError::New)?;
        if prepared(old).is_some_and(|old| old.expose() == new.expose()) {
            return Err(ChangePasswordError::New(UnfitPassword::Unchanged));
        }
        let busy = |_busy| ChangePasswordError::Current(SignInError::Busy);
        let hash = self.slow_hash.hash(&new, context.address, Arc::clone(&self.rng)).await.map_err(busy)?;
        // Between the look at the old password and this a reset may have come: that one counts then.
        let change =
            self.own_change((&user.id, seen), Event::UserPasswordSet, About::PasswordChanged, context);
        let changed = self.store.change_password(change, hash, PAUSE).await;
        match changed.map_err(ChangePasswordError::Failed)? {
            ChangePassword::Changed(_announced) => {}
            ChangePassword::Overtaken => return Err(ChangePasswordError::Overtaken),
            ChangePassword::TooSoon => return Err(ChangePasswordError::TooSoon),
        }
        self.wake_sender();
        self.tell_of_ended_sessions();
        let user = User { version: seen + 1, ..user.clone() };
        let (amr, auth_time) = (current.session().amr.clone(), current.session().auth_time);
        Ok(ProvenUser { user, amr, auth_time })
    }

    /// What a user, as of the version seen, changes about their own way in: recorded as theirs and told to them.
    pub(crate) fn own_change(
        &self,
        (user, seen): (&UserId, i64),
        event: Event,
        about: About,
        context: &Context,
    ) -> OwnChange {
        OwnChange {
            user_id: user.clone(),
            seen,
            now: context.now,
            record: context.record(event, Actor::User(user.clone()), Some(Subject::User(user.clone()))),
            mail: self.notice(about, context),
        }
    }
}
