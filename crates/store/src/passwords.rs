//! Passwords: one hash a user, and what a sign-in needs to know, read at once.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Record, User, UserId};

use crate::change_log::{self, Entity};
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::store::update;
use crate::users::{BUMP_USER, end_user, read_user};
use crate::{OwnChange, Store, audit, mail_links, params, second_factors, statements};

statements! {
    /// One statement whether or not there is such a user, a password, a second factor: all cost the same.
    pub(crate) FIND_SIGN_IN =
        "SELECT u.id, u.username, u.disabled_at, u.delete_at, u.version, u.created_at, u.name, u.claims, u.email_verified_at, \
         p.hash, t.confirmed_at, (SELECT min(k.created_at) FROM passkeys k WHERE k.user_id = u.id) \
         FROM users u LEFT JOIN passwords p ON p.user_id = u.id \
         LEFT JOIN totp_seeds t ON t.user_id = u.id WHERE u.username = $1";
    pub(crate) FIND_PASSWORD = "SELECT hash FROM passwords WHERE user_id = $1";
    pub(crate) PUT_PASSWORD =
        "INSERT INTO passwords (user_id, hash, chosen_at) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, chosen_at = excluded.chosen_at";
    /// A clock that was set back keeps nobody from it.
    pub(crate) WAS_CHOSEN = "SELECT chosen_at FROM passwords WHERE user_id = $1 AND chosen_at > $2 AND chosen_at <= $3";
    /// Only for the hash that was compared: whoever changed the password meanwhile has the last word.
    pub(crate) REHASH_PASSWORD = "UPDATE passwords SET hash = $3 WHERE user_id = $1 AND hash = $2";
}

/// What a sign-in is decided by.
#[derive(Clone)]
pub struct SignInStanding {
    /// Who has that name.
    pub user: User,
    /// The argon2id hash of the password, in PHC form; `None`: the user cannot sign in by password.
    pub hash: Option<String>,
    /// Whether a password alone does not suffice.
    pub second_factor: bool,
}

impl std::fmt::Debug for SignInStanding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { user, hash: _, second_factor } = self;
        f.debug_struct("SignInStanding")
            .field("user", user)
            .field("second_factor", second_factor)
            .finish_non_exhaustive()
    }
}

/// What became of a password that its owner wanted to change.
#[derive(Debug)]
pub enum ChangePassword {
    /// It is changed; guards must learn what ends by it.
    Changed(Announced),
    /// Somebody has changed, or barred, the user meanwhile.
    Overtaken,
    /// The owner has changed it a short while ago.
    TooSoon,
}

impl Store {
    /// The user of that canonical name, with the hash of the password and whether there is a second factor.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_sign_in(&self, username: &str) -> Result<Option<SignInStanding>> {
        self.db.opt(FIND_SIGN_IN, &params![username]).await?.as_ref().map(standing).transpose()
    }

    /// The hash of a user's password.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_password(&self, user_id: &UserId) -> Result<Option<String>> {
        let row = self.db.opt(FIND_PASSWORD, &params![user_id.as_str()]).await?;
        row.map(|row| Reader::new(&row, "passwords").string("hash")).transpose()
    }

    /// Gives a user a password. Sessions and what was granted in them end: whoever knew the old one is out (LOG-09).
    ///
    /// # Errors
    /// When there is no such user, or the database does not answer.
    pub async fn set_password(
        &self,
        user_id: &UserId,
        hash: &str,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Announced> {
        let input = (user_id.clone(), hash.to_owned(), now, records.to_vec());
        self.change(input, |tx, (user_id, hash, now, records)| {
            Box::pin(async move {
                let announced = put(tx, user_id, hash, *now).await?;
                audit::append(tx, records).await?;
                Ok(announced)
            })
        })
        .await
    }

    /// Gives a user another password who has shown the one until now, unless they did so less than `pause` ago.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_password(
        &self,
        change: OwnChange,
        hash: String,
        pause: Duration,
    ) -> Result<ChangePassword> {
        self.change((change, hash, pause), |tx, (change, hash, pause)| {
            Box::pin(async move {
                let (user, now) = (change.user_id.as_str(), change.now);
                if tx.opt(WAS_CHOSEN, &params![user, now.minus(*pause), now]).await?.is_some() {
                    return Ok(ChangePassword::TooSoon);
                }
                if !change.make(tx).await? {
                    return Ok(ChangePassword::Overtaken);
                }
                Ok(ChangePassword::Changed(put_and_end(tx, user, hash, now, Some(now)).await?))
            })
        })
        .await
    }

    /// Keeps the same password under a newer hash; `false` where it is no longer the one of the `old` hash. Nothing that
    /// others look at changes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rehash_password(&self, user_id: &UserId, old: &str, new: &str) -> Result<bool> {
        let input = (user_id.clone(), old.to_owned(), new.to_owned());
        self.change(input, |tx, (user_id, old, new)| {
            Box::pin(async move {
                let values = params![user_id.as_str(), old.as_str(), new.as_str()];
                Ok(tx.exec(REHASH_PASSWORD, &values).await? == 1)
            })
        })
        .await
    }
}

/// Gives a user a password, and ends what the one before has opened.
pub(crate) async fn put(tx: &mut Tx<'_>, user_id: &UserId, hash: &str, now: Timestamp) -> Result<Announced> {
    let user = user_id.as_str();
    update(tx, BUMP_USER, &params![user], Entity::User).await?;
    change_log::append(tx, Entity::User, user, now).await?;
    put_and_end(tx, user, hash, now, None).await
}

async fn put_and_end(
    tx: &mut Tx<'_>,
    user: &str,
    hash: &str,
    now: Timestamp,
    chosen_at: Option<Timestamp>,
) -> Result<Announced> {
    tx.exec(PUT_PASSWORD, &params![user, hash, chosen_at]).await?;
    mail_links::kill(tx, user, now).await?;
    // Whoever guessed at the codes knew the old password.
    second_factors::forgive(tx, user, now).await?;
    Ok(end_user(tx, user, now).await?.1)
}

fn standing(row: &Row) -> Result<SignInStanding> {
    let mut read = Reader::new(row, "users");
    let user = read_user(&mut read)?;
    read.table("passwords");
    let hash = read.opt_string("hash")?;
    read.table("totp_seeds");
    let confirmed = read.opt_at("confirmed_at")?.is_some();
    read.table("passkeys");
    let passkeys = read.opt_at("created_at")?.is_some();
    let second_factor = confirmed || passkeys;
    Ok(SignInStanding { user, hash, second_factor })
}
