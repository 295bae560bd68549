//! What people do about their own way in: see how it stands, and change their password.

use thiserror::Error;
use tokenry_model::{Actor, UserId};
use tokenry_protocol::secret::Secret;

use super::{PasswordError, ProvenUser, SignInError, UnfitPassword};
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::session::SignedInUser;

/// How somebody signs in.
#[derive(Clone, Copy, Debug)]
pub struct OwnFactors {
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
    /// The database failed, or the account is gone.
    #[error("the password could not be changed")]
    Failed(#[source] PasswordError),
    /// The new one cannot be taken.
    #[error(transparent)]
    New(UnfitPassword),
}

impl Engine {
    /// How somebody signs in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_factors(&self, user: &UserId) -> Result<OwnFactors, Refusal> {
        let seed = self.store.find_totp_seed(user).await?;
        let second_factor = seed.is_some_and(|seed| seed.confirmed_at.is_some());
        let recovery_codes = if second_factor { self.store.count_recovery_codes(user).await? } else { 0 };
        Ok(OwnFactors { second_factor, recovery_codes })
    }

    /// Changes the password of somebody who is signed in and shows the one until now. They are signed out everywhere, here
    /// too: what comes back begins a session anew, as long ago proven as the one before (LOG-09, SES-14).
    ///
    /// # Errors
    /// When the password until now is wrong, the new one cannot be taken, or the database fails. Nothing has changed then.
    pub async fn change_password(
        &self,
        current: &SignedInUser,
        old: &Secret,
        new: &Secret,
        context: &Context,
    ) -> Result<ProvenUser, ChangePasswordError> {
        let user = current.user();
        self.sign_in(&user.username, old, context).await.map_err(ChangePasswordError::Current)?;
        let actor = Actor::User(user.id.clone());
        self.set_password(&user.id, new, actor, context).await.map_err(|error| match error {
            PasswordError::Busy => ChangePasswordError::Current(SignInError::Busy),
            PasswordError::Unfit(unfit) => ChangePasswordError::New(unfit),
            error => ChangePasswordError::Failed(error),
        })?;
        self.feed.wake();
        let user = self.store.find_user(&user.id).await;
        let user = user.map_err(|error| ChangePasswordError::Failed(PasswordError::Store(error)))?;
        let user = user.ok_or(ChangePasswordError::Failed(PasswordError::NotFound))?;
        let (amr, auth_time) = (current.session().amr.clone(), current.session().auth_time);
        Ok(ProvenUser { user, amr, auth_time })
    }
}
