//! Developers and the secrets of their accounts, as operators make, see and end them. That one was shown to an operator is
//! recorded, and told to its owner, before it is shown.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{AccountSecret, Digest, DigestDomain, Event, Record, Subject, User};
use tokenry_protocol::secret::Secret;
use tokenry_store::{
    AssignAccountSecret, CredentialChange, EndDeveloper, EndedDeveloper, ReplacedAccountSecret,
    RevealAccountSecret, RevokeAccountSecret,
};

use super::{Announced, Error, Manager};
use crate::mail::{About, secret_page};
use crate::own::{
    OwnAccountSecret, check_overlap, kept_of, new_account_secret, open_account_secret, replacement,
    that_counts,
};
use crate::settings::Reveal;

const THING: &str = "account secret of user";
const CHANGED_MEANWHILE: &str = "the secret was changed at that very time; look, and try again";

impl Manager {
    /// The account secret of a developer, by id or username, masked.
    ///
    /// # Errors
    /// When there is no such user, or they are no developer.
    pub async fn account_secret(&self, user: &str) -> Result<OwnAccountSecret, Error> {
        let user = self.user(user).await?;
        let since = self.developer_since(&user).await?;
        let since = since.ok_or_else(|| Error::not_found(THING, user.id.as_str()))?;
        let secrets = self.store.list_account_secrets(&user.id).await.map_err(Error::Store)?;
        Ok(OwnAccountSecret::new(&self.brand, since, secrets, (self.reveal, self.clock.now())))
    }

    /// Since when a user is a developer; `None`: they are none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn developer_since(&self, user: &User) -> Result<Option<Timestamp>, Error> {
        self.store.find_developer(&user.id).await.map_err(Error::Store)
    }

    /// Makes a user a developer, who gets an account secret. Who is one stays so, with the secret that they have.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn make_developer(&self, user: &str) -> Result<User, Error> {
        let user = self.user(user).await?;
        let (secret, change) = self.assignment(&user, &self.new_account_secret());
        self.assign(secret, change).await
    }

    /// The same with a given secret, for `dev` and its demo; nobody is told by mail.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn import_account_secret(&self, user: &str, secret: Secret) -> Result<User, Error> {
        let user = self.user(user).await?;
        let (secret, change) = self.assignment(&user, &secret);
        self.assign(secret, CredentialChange { mail: None, ..change }).await
    }

    fn assignment(&self, user: &User, value: &Secret) -> (AccountSecret, CredentialChange) {
        let now = self.clock.now();
        let (secret, mut change) = self.first_account_secret(user, value, now);
        change.records.insert(0, self.record_of_developer(user, true, now));
        (secret, change)
    }

    async fn assign(&self, secret: AccountSecret, change: CredentialChange) -> Result<User, Error> {
        let user = secret.user_id.clone();
        match self.store.assign_account_secret(secret, change).await.map_err(Error::Store)? {
            AssignAccountSecret::AlreadyDeveloper | AssignAccountSecret::Assigned => {
                self.user(user.as_str()).await
            }
            AssignAccountSecret::NotFound => Err(Error::not_found("user", user.as_str())),
        }
    }

    /// What is needed to make a user who is a developer from the start.
    pub(super) fn first_account_secret(
        &self,
        user: &User,
        value: &Secret,
        now: Timestamp,
    ) -> (AccountSecret, CredentialChange) {
        let secret = self.kept(value, user, now);
        let about = (Event::AccountSecretAssigned, About::AccountSecretAssigned);
        let change = self.change_of(user, &secret, about, now);
        (secret, change)
    }

    /// Takes from a user that they are a developer, and the secret with it. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn end_developer(&self, user: &str) -> Result<Announced, Error> {
        let user = self.user(user).await?;
        let now = self.clock.now();
        let about = (Event::AccountSecretRevoked, About::AccountSecretRevokedByOperator);
        let end = EndDeveloper {
            user_id: user.id.clone(),
            updated: self.record_of_developer(&user, false, now),
            revoked: self.change(&user, about, now),
        };
        match self.store.end_developer(end).await.map_err(Error::Store)? {
            EndedDeveloper::Ended { announced } => Ok(announced),
            EndedDeveloper::NotFound => Err(Error::not_found("user", user.id.as_str())),
            EndedDeveloper::WasNone => self.announced_so_far().await,
        }
    }

    /// The value of a developer's secret. Its owner is told.
    ///
    /// # Errors
    /// When there is no such user, no secret, or it is not kept.
    pub async fn reveal_account_secret(&self, user: &str) -> Result<Secret, Error> {
        let (user, secret) = self.account_secret_that_counts(user).await?;
        let secret = secret.ok_or_else(|| Error::not_found(THING, user.id.as_str()))?;
        let sealed_elsewhere = || Error::invalid("secret", "it cannot be opened with this keyring");
        let key = &self.notices.data_key;
        let value = open_account_secret(&secret, key).map_err(|_cannot| sealed_elsewhere())?;
        let value = value.filter(|_value| self.reveal == Reveal::Reauth).ok_or_else(|| {
            Error::invalid("secret", "it is not kept: it is shown once, when its owner makes another one")
        })?;
        let now = self.clock.now();
        let about = (Event::AccountSecretRevealed, About::AccountSecretRevealedByOperator);
        let change = self.change_of(&user, &secret, about, now);
        let revealed = self.store.reveal_account_secret(&user.id, &secret.id, change).await;
        match revealed.map_err(Error::Store)? {
            RevealAccountSecret::Revealed => Ok(value),
            RevealAccountSecret::Barred | RevealAccountSecret::TooOften(_) => {
                Err(Error::invalid("user", "the user may not act"))
            }
            RevealAccountSecret::Overtaken => Err(Error::invalid("user", CHANGED_MEANWHILE)),
        }
    }

    /// Gives a developer another secret, also where it was revoked. With an overlap the one until now works so much longer;
    /// without it is dead. Nobody is shown it: its owner sees it. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such user, they are no developer, may not act, or the overlap is too long; when secrets are shown
    /// once, so that its owner could not see it.
    pub async fn rotate_account_secret(
        &self,
        user: &str,
        overlap: Option<Duration>,
    ) -> Result<Announced, Error> {
        check_overlap(overlap, Duration::MAX).map_err(|problem| Error::invalid("overlap", problem))?;
        if self.reveal == Reveal::Once {
            let text = "nobody would ever see it: it is shown once, to its owner, who rotates it at Developer Settings";
            return Err(Error::invalid("secret", text));
        }
        let (user, seen) = self.account_secret_that_counts(user).await?;
        let seen = seen.map(|secret| secret.id);
        let now = self.clock.now();
        let secret = self.kept(&self.new_account_secret(), &user, now);
        let about = (Event::AccountSecretRotated, About::AccountSecretRotatedByOperator);
        let change = self.change_of(&user, &secret, about, now);
        let replace = replacement(seen, secret, overlap, change);
        match self.store.replace_account_secret(replace).await.map_err(Error::Store)? {
            ReplacedAccountSecret::Barred | ReplacedAccountSecret::NotDeveloper => {
                Err(Error::invalid("user", "the user may not act, or is no developer any more"))
            }
            ReplacedAccountSecret::Overtaken
            | ReplacedAccountSecret::SentBefore
            | ReplacedAccountSecret::TooOften(_) => Err(Error::invalid("user", CHANGED_MEANWHILE)),
            ReplacedAccountSecret::Replaced { announced } => Ok(announced),
        }
    }

    /// Revokes a developer's secret, and the one before with it. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such user, they are no developer, or have none.
    pub async fn revoke_account_secret(&self, user: &str) -> Result<Announced, Error> {
        let (user, secret) = self.account_secret_that_counts(user).await?;
        let none = || Error::not_found(THING, user.id.as_str());
        let secret = secret.ok_or_else(none)?;
        let about = (Event::AccountSecretRevoked, About::AccountSecretRevokedByOperator);
        let change = self.change_of(&user, &secret, about, self.clock.now());
        match self.store.revoke_account_secret(&user.id, change).await.map_err(Error::Store)? {
            RevokeAccountSecret::None => Err(none()),
            RevokeAccountSecret::Revoked { announced } => Ok(announced),
        }
    }

    /// Whether a value is one that counts, for `dev`, which shows those of its demo as long as they do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_account_secret(&self, value: &Secret) -> Result<bool, Error> {
        let digest = Digest::of(DigestDomain::AccountSecret, value);
        let found = self.store.find_account_secret(&digest).await.map_err(Error::Store)?;
        Ok(found.is_some_and(|found| found.secret.superseded_at.is_none()))
    }

    async fn account_secret_that_counts(&self, user: &str) -> Result<(User, Option<AccountSecret>), Error> {
        let user = self.user(user).await?;
        if self.developer_since(&user).await?.is_none() {
            return Err(Error::not_found(THING, user.id.as_str()));
        }
        let secrets = self.store.list_account_secrets(&user.id).await.map_err(Error::Store)?;
        Ok((user, that_counts(secrets)))
    }

    pub(super) fn new_account_secret(&self) -> Secret {
        new_account_secret(&self.brand, &*self.rng)
    }

    fn kept(&self, value: &Secret, user: &User, now: Timestamp) -> AccountSecret {
        let keep = (self.reveal == Reveal::Reauth).then_some(&*self.notices.data_key);
        kept_of(value, &user.id, keep, now, &*self.rng)
    }

    fn change_of(
        &self,
        user: &User,
        secret: &AccountSecret,
        about: (Event, About),
        now: Timestamp,
    ) -> CredentialChange {
        let mut change = self.change(user, about, now);
        let records = change.records.into_iter();
        change.records = records.map(|record| record.with("secret", secret.id.as_str())).collect();
        change
    }

    fn change(&self, user: &User, (event, about): (Event, About), now: Timestamp) -> CredentialChange {
        let record = self.record(now, event, Subject::User(user.id.clone()));
        let page = secret_page(&self.notices.issuer);
        let mail = Some(self.notices.write(about, user, Some(page), now, &*self.rng));
        CredentialChange::new(now, vec![record], mail)
    }

    fn record_of_developer(&self, user: &User, developer: bool, now: Timestamp) -> Record {
        self.record(now, Event::UserUpdated, Subject::User(user.id.clone())).with("developer", developer)
    }
}
