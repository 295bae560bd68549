//! Users: accounts that operators make, change, bar and remove, and whose passwords and second factors they set anew.

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_model::{Event, Membership, Record, Subject, User, UserId, UserState};
use tokenry_protocol::secret::Secret;
use tokenry_store::{Announced, Entity, Error as StoreError, Switch, UserUpdate};

use super::Manager;
use super::error::Error;
use super::text::{check_name, composed};
use super::user_claims::check_user_claims;
use crate::mail::About;
use crate::sign_in::{canonical_username, fit, prepared};
use crate::slow_hash::{hash_secret, is_secret};

/// A user to be made.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// An e-mail address, in any spelling.
    pub username: String,
    /// Whether that address is known to be the user's.
    pub email_verified: bool,
    /// How the user is called.
    pub name: Option<String>,
    /// What else is known, by the names of OpenID Connect Core §5.1.
    pub claims: Map<String, Value>,
    /// The company that the user belongs to from the start.
    pub company: Option<String>,
    /// The roles held there, by name.
    pub roles: Vec<String>,
    /// Whether they are a developer from the start, and have an account secret.
    pub developer: bool,
}

/// What of a user is to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateUser {
    /// An e-mail address, in any spelling.
    pub address: Option<NewAddress>,
    /// How the user is called, where `Some(None)` is: nobody says.
    pub name: Option<Option<String>>,
    /// What else is known, by the names of OpenID Connect Core §5.1.
    pub claims: Option<Map<String, Value>>,
}

/// Another address for a user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewAddress {
    /// The address, which is the username, in any spelling.
    pub username: String,
    /// Whether it is known to be the user's.
    pub verified: bool,
}

/// What a user can sign in with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Factors {
    /// Whether there is a password.
    pub password: bool,
    /// How many passkeys there are, each of which is a second factor, too.
    pub passkeys: usize,
    /// Since when a second factor counts.
    pub second_factor: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

impl Manager {
    /// Makes a user, who cannot sign in before there is a password.
    ///
    /// # Errors
    /// When a value cannot be taken, somebody has the username, or the company or a role does not exist.
    pub async fn create_user(&self, new: NewUser) -> Result<User, Error> {
        if let Some(name) = &new.name {
            check_name("name", name)?;
        }
        check_user_claims(&new.claims)?;
        if new.company.is_none() && !new.roles.is_empty() {
            return Err(Error::invalid("role", "roles are held in a company: say in which (--company)"));
        }
        let now = self.clock.now();
        let user = User {
            id: UserId::generate(&*self.rng),
            username: canonical(&new.username)?,
            email_verified_at: new.email_verified.then_some(now),
            name: new.name.as_deref().map(composed),
            claims: new.claims,
            state: UserState::Enabled,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let record = self
            .record_of_user(&user, Event::UserCreated, now)
            .with("username", user.username.as_str())
            .with("email_verified", user.email_verified_at.is_some());
        let (mut membership, mut records) = (None, vec![record]);
        if let Some(company) = new.company {
            let company_id = self.company(&company).await?.id;
            let roles = self.existing_roles(&new.roles).await?;
            let member = Membership { user_id: user.id.clone(), company_id, roles, created_at: now };
            records.push(self.record_of_member(&member, Event::MembershipAdded, now));
            membership = Some(member);
        }
        let created = match (membership, new.developer) {
            (membership, true) => {
                let (secret, mut change) = self.first_account_secret(&user, &self.new_account_secret(), now);
                records.append(&mut change.records);
                change.records = records;
                self.store.create_developer(&user, membership.as_ref(), &secret, change).await
            }
            (None, false) => self.store.create_user(&user, &records).await,
            (Some(membership), false) => self.store.create_member(&user, &membership, &records).await,
        };
        match created {
            Ok(()) => Ok(user),
            Err(error) => Err(self.no_address(error, &user.username, now).await),
        }
    }

    /// One user, by id or username.
    ///
    /// # Errors
    /// When there is none.
    pub async fn user(&self, id_or_username: &str) -> Result<User, Error> {
        let not_found = || Error::not_found("user", id_or_username);
        let found = if id_or_username.contains('@') {
            let username = canonical_username(id_or_username).map_err(|_invalid| not_found())?;
            self.store.find_user_by_username(&username).await
        } else {
            let id = UserId::parse(id_or_username).map_err(|_invalid| not_found())?;
            self.store.find_user(&id).await
        };
        found.map_err(Error::Store)?.ok_or_else(not_found)
    }

    /// A page of users in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self, after: Option<&UserId>, limit: i64) -> Result<Vec<User>, Error> {
        self.store.list_users(after, limit).await.map_err(Error::Store)
    }

    /// What a user can sign in with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn factors(&self, user: &User) -> Result<Factors, Error> {
        let password = self.store.find_password(&user.id).await.map_err(Error::Store)?;
        let seed = self.store.find_totp_seed(&user.id).await.map_err(Error::Store)?;
        let recovery_codes = self.store.count_recovery_codes(&user.id).await.map_err(Error::Store)?;
        let passkeys = self.store.list_passkeys(&user.id).await.map_err(Error::Store)?;
        let confirmed = seed.and_then(|seed| seed.confirmed_at);
        let second_factor = confirmed.into_iter().chain(passkeys.iter().map(|it| it.created_at)).min();
        Ok(Factors { password: password.is_some(), passkeys: passkeys.len(), second_factor, recovery_codes })
    }

    /// Changes what is known of a user, for what is told from the next request on.
    ///
    /// # Errors
    /// When there is none, or a value cannot be taken.
    pub async fn update_user(&self, id_or_username: &str, update: UpdateUser) -> Result<User, Error> {
        if let Some(Some(name)) = &update.name {
            check_name("name", name)?;
        }
        if let Some(claims) = &update.claims {
            check_user_claims(claims)?;
        }
        let address = update.address.as_ref().map(|new| canonical(&new.username)).transpose()?;
        let user = self.user(id_or_username).await?;
        let now = self.clock.now();
        if let Some((address, new)) = address.zip(update.address) {
            self.change_address(&user, &address, new.verified.then_some(now)).await?;
        }
        if update.name.is_none() && update.claims.is_none() {
            return self.user(user.id.as_str()).await;
        }
        // Whose claims they are, and not what they say: the trail outlives the account.
        let mut record = self.record_of_user(&user, Event::UserUpdated, now);
        if let Some(claims) = &update.claims {
            record = record.with("claims", claims.keys().cloned().collect::<Vec<_>>());
        }
        let name = update.name.map(|name| name.as_deref().map(composed));
        let change = UserUpdate { name, claims: update.claims };
        let updated = self.store.update_user(&user.id, &change, now, &[record]).await;
        updated.map_err(|error| Error::from_store(error, "user", id_or_username))?;
        self.user(user.id.as_str()).await
    }

    /// The old address is told, and wishes that wait and ways back to earlier addresses are over.
    async fn change_address(
        &self,
        user: &User,
        address: &str,
        verified_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mail = self.notice(About::AddressChangedByOperator, user, now);
        let record = self.record_of_user(user, Event::UserAddressChanged, now).with("username", address);
        let set = self.store.set_address(&user.id, (address, verified_at), Some(&mail), now, &record).await;
        match set {
            Ok(()) => Ok(()),
            Err(error) => Err(self.no_address(error, address, now).await),
        }
    }

    /// Why somebody cannot have an address.
    async fn no_address(&self, error: StoreError, address: &str, now: Timestamp) -> Error {
        let held = matches!(error, StoreError::Exists(Entity::User))
            && matches!(self.store.find_address_keeper(address, now).await, Ok(Some(_)));
        if !held {
            return Error::from_store(error, "user", address);
        }
        Error::invalid(
            "username",
            format!(
                "{address} was a user's until lately, who can take it back for a week; `users update` with another address \
                 for that user ends this"
            ),
        )
    }

    /// Bars a user: signed out everywhere, and refused from the next request on with all that was granted. Disabling
    /// again changes nothing. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none.
    pub async fn disable_user(&self, id_or_username: &str) -> Result<Announced, Error> {
        self.switch_user(id_or_username, Event::UserDisabled).await
    }

    /// Lets a user sign in again, or keeps one who has deleted the account, who is told. What had ended stays so. Tells what guards must
    /// learn.
    ///
    /// # Errors
    /// When there is none.
    pub async fn enable_user(&self, id_or_username: &str) -> Result<Announced, Error> {
        self.switch_user(id_or_username, Event::UserEnabled).await
    }

    async fn switch_user(&self, id_or_username: &str, event: Event) -> Result<Announced, Error> {
        let user = self.user(id_or_username).await?;
        let event = match (event, user.state) {
            (Event::UserEnabled, UserState::Leaving { .. }) => Event::UserDeletionTakenBack,
            (event, _) => event,
        };
        let now = self.clock.now();
        let state = match event {
            Event::UserDisabled => UserState::Disabled { at: now },
            _ => UserState::Enabled,
        };
        let record = self.record_of_user(&user, event, now);
        let mail = (event == Event::UserDeletionTakenBack)
            .then(|| self.notice(About::DeletionTakenBackByOperator, &user, now));
        let switched = self.store.set_user_state(&user.id, state, now, &[record], mail.as_ref()).await;
        match switched.map_err(Error::Store)? {
            Switch::Done { announced } => Ok(announced),
            Switch::Unchanged => self.announced_so_far().await,
            Switch::NotFound => Err(Error::not_found("user", id_or_username)),
        }
    }

    /// Removes a user with all that is the user's. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none.
    pub async fn delete_user(&self, id_or_username: &str) -> Result<Announced, Error> {
        let user = self.user(id_or_username).await?;
        let now = self.clock.now();
        let record = self.record_of_user(&user, Event::UserDeleted, now);
        let deleted = self.store.delete_user(&user.id, now, &[record]).await.map_err(Error::Store)?;
        deleted.ok_or_else(|| Error::not_found("user", id_or_username))
    }

    /// Gives a user a password. The user is signed out everywhere, and what was granted ends: whoever knew the old one is
    /// out (LOG-09). Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none, or the password cannot be taken.
    pub async fn set_user_password(
        &self,
        id_or_username: &str,
        password: &Secret,
    ) -> Result<Announced, Error> {
        let user = self.user(id_or_username).await?;
        let password = fit(password, &user).map_err(|unfit| Error::invalid("password", unfit.to_string()))?;
        let hash = hash_secret(&password, &*self.rng);
        let now = self.clock.now();
        let record = self.record_of_user(&user, Event::UserPasswordSet, now);
        let mail = self.notice(About::PasswordSetByOperator, &user, now);
        let set = self.store.set_password(&user.id, &hash, now, &[record], Some(&mail)).await;
        set.map_err(|error| Error::from_store(error, "user", id_or_username))
    }

    /// Whether a user has this password, for `dev`, which shows those of its demo as long as they work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_password(&self, user: &User, password: &Secret) -> Result<bool, Error> {
        let hash = self.store.find_password(&user.id).await.map_err(Error::Store)?;
        Ok(prepared(password).zip(hash).is_some_and(|(password, hash)| is_secret(&password, &hash)))
    }

    /// Takes the second factors from a user who has lost them, passkeys too, and the recovery codes with them: a password
    /// alone signs in again. The user is signed out everywhere, and what was granted ends. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such user, or no second factor.
    pub async fn reset_second_factor(&self, id_or_username: &str) -> Result<Announced, Error> {
        let user = self.user(id_or_username).await?;
        let now = self.clock.now();
        let record = self.record_of_user(&user, Event::UserSecondFactorRemoved, now);
        let mail = self.notice(About::SecondFactorRemovedByOperator, &user, now);
        let reset = self.store.reset_second_factor(&user.id, now, &[record], Some(&mail)).await;
        reset.map_err(Error::Store)?.ok_or_else(|| Error::not_found("second factor of user", id_or_username))
    }

    fn record_of_user(&self, user: &User, event: Event, now: Timestamp) -> Record {
        self.record(now, event, Subject::User(user.id.clone()))
    }
}

fn canonical(username: &str) -> Result<String, Error> {
    canonical_username(username)
        .map_err(|error| Error::invalid("username", format!("\"{username}\": {error}")))
}
