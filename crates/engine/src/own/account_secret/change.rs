//! What owners do about the secrets of their accounts: see it again, put another in its place, end it. They are told by mail.

use std::time::Duration;

use tokenry_model::{AccountSecret, Actor, Event, Subject, UserId};
use tokenry_protocol::secret::Secret;
use tokenry_store::{
    Announced, CredentialChange, ReplacedAccountSecret, RevealAccountSecret, RevokeAccountSecret,
};

use super::{AccountSecretError, kept_of, new_value, open, replacement, that_counts};
use crate::context::Context;
use crate::engine::Engine;
use crate::mail::{About, secret_page};
use crate::own::{SentForm, bounded, check_overlap, quiet, retry_after};
use crate::session::{FreshUser, SignedInUser};
use crate::settings::Reveal;

impl Engine {
    /// The account secret of somebody who has just shown that it is them. Recorded before it is shown.
    ///
    /// # Errors
    /// When they are no developer, have none, it is not kept, or too many were shown or made lately; when the database fails.
    pub async fn reveal_account_secret(
        &self,
        current: &FreshUser,
        context: &Context,
    ) -> Result<Secret, AccountSecretError> {
        let user = &current.user().id;
        let secret = self.account_secret(user).await?.ok_or(AccountSecretError::None)?;
        // What was sealed before it was decided that nobody sees one again is not shown either.
        let kept = open(&secret, &self.data_key)?.filter(|_value| self.settings.reveal == Reveal::Reauth);
        let value = kept.ok_or(AccountSecretError::NotKept)?;
        let about = (Event::AccountSecretRevealed, About::AccountSecretRevealed);
        let change = self.account_secret_change(user, &secret, about, context);
        let change = bounded(change, current);
        match self.store.reveal_account_secret(user, &secret.id, change).await? {
            RevealAccountSecret::Barred => return Err(AccountSecretError::Barred),
            RevealAccountSecret::Overtaken => return Err(AccountSecretError::Conflict),
            RevealAccountSecret::Revealed => {}
            RevealAccountSecret::TooOften(first) => {
                let retry_after = retry_after(first, context.now);
                return Err(AccountSecretError::TooOften { retry_after });
            }
        }
        self.wake_sender();
        Ok(value)
    }

    /// Gives somebody who has just shown that it is them another account secret, also where it was revoked, once for a form. With an
    /// overlap the one until now works so much longer; without it is dead. Tells what guards must learn.
    ///
    /// # Errors
    /// When they are no developer, somebody else is doing the same, the overlap is none or longer than seven days, the form has made one
    /// before, or the database fails.
    pub async fn rotate_account_secret(
        &self,
        current: &FreshUser,
        overlap: Option<Duration>,
        form: Option<SentForm>,
        context: &Context,
    ) -> Result<(Secret, Announced), AccountSecretError> {
        let (user, now) = (&current.user().id, context.now);
        let invalid = |problem| AccountSecretError::Invalid { field: "overlap", problem };
        check_overlap(overlap, Duration::MAX).map_err(invalid)?;
        let seen = self.account_secret(user).await?.map(|secret| secret.id);
        let value = new_value(&self.settings.brand, &*self.rng);
        let keep = (self.settings.reveal == Reveal::Reauth).then_some(&*self.data_key);
        // It is shown to them in the answer.
        let secret = AccountSecret { revealed_at: Some(now), ..kept_of(&value, user, keep, now, &*self.rng) };
        let about = (Event::AccountSecretRotated, About::AccountSecretRotated);
        let change = self.account_secret_change(user, &secret, about, context);
        let change = CredentialChange { form: form.map(Into::into), ..bounded(change, current) };
        let replace = replacement(seen, secret, overlap, change);
        match self.store.replace_account_secret(replace).await? {
            ReplacedAccountSecret::Barred => Err(AccountSecretError::Barred),
            ReplacedAccountSecret::NotDeveloper => Err(AccountSecretError::NotDeveloper),
            ReplacedAccountSecret::Overtaken => Err(AccountSecretError::Conflict),
            ReplacedAccountSecret::Replaced { announced } => {
                self.feed.wake();
                self.wake_sender();
                Ok((value, announced))
            }
            ReplacedAccountSecret::SentBefore => Err(AccountSecretError::SentBefore),
            ReplacedAccountSecret::TooOften(first) => {
                Err(AccountSecretError::TooOften { retry_after: retry_after(first, now) })
            }
        }
    }

    /// Ends the account secret of somebody who is signed in, and the one before with it. Tells what guards must learn.
    ///
    /// # Errors
    /// When they are no developer, have none, or the database fails.
    pub async fn revoke_account_secret(
        &self,
        current: &SignedInUser,
        context: &Context,
    ) -> Result<Announced, AccountSecretError> {
        let user = &current.user().id;
        let secret = self.account_secret(user).await?.ok_or(AccountSecretError::None)?;
        let about = (Event::AccountSecretRevoked, About::AccountSecretRevoked);
        let change = quiet(self.account_secret_change(user, &secret, about, context));
        match self.store.revoke_account_secret(user, change).await? {
            RevokeAccountSecret::None => Err(AccountSecretError::None),
            RevokeAccountSecret::Revoked { announced } => {
                self.feed.wake();
                self.wake_sender();
                Ok(announced)
            }
        }
    }

    /// The one that counts of a developer; `None`: it was revoked.
    async fn account_secret(&self, user: &UserId) -> Result<Option<AccountSecret>, AccountSecretError> {
        if self.store.find_developer(user).await?.is_none() {
            return Err(AccountSecretError::NotDeveloper);
        }
        Ok(that_counts(self.store.list_account_secrets(user).await?))
    }

    fn account_secret_change(
        &self,
        user: &UserId,
        secret: &AccountSecret,
        (event, about): (Event, About),
        context: &Context,
    ) -> CredentialChange {
        let subject = Some(Subject::User(user.clone()));
        let record = context.record(event, Actor::User(user.clone()), subject);
        let mail = self.notice_with_link(about, secret_page(self.issuer()), context);
        let records = vec![record.with("secret", secret.id.as_str())];
        CredentialChange::new(context.now, records, Some(mail))
    }
}
