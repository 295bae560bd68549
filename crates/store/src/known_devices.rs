//! The browsers that a user has signed in with since the password is what it is: of a sign-in by another one they are told.
//!
//! The first after each new password is told of by nothing if it was with that password: somebody has just chosen it, and was
//! told of that. A passkey that was there before may be somebody else's. What a browser's
//! cookie says is digested together with the user's id, so that nobody can tell which users share a browser.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, OutboxMail, UserId};

use crate::db::Tx;
use crate::error::Result;
use crate::{Store, mail_outbox, params, statements};

/// How many browsers of a user are known: those that were used last.
const MOST_KNOWN: i64 = 20;
/// How many new ones within [`LATELY`] are told of: whoever has the password fills no mailbox.
const MOST_TOLD: i64 = 5;
const LATELY: Duration = Duration::from_secs(3_600);

statements! {
    pub(crate) TOUCH_DEVICE =
        "UPDATE known_devices SET last_seen_at = $3 WHERE user_id = $1 AND digest = $2";
    pub(crate) COUNT_DEVICES =
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN created_at > $2 THEN 1 ELSE 0 END), 0) \
         FROM known_devices WHERE user_id = $1";
    pub(crate) INSERT_DEVICE =
        "INSERT INTO known_devices (user_id, digest, created_at, last_seen_at) VALUES ($1, $2, $3, $3) \
         ON CONFLICT DO NOTHING";
    pub(crate) FORGET_FURTHER_DEVICES =
        "DELETE FROM known_devices WHERE user_id = $1 AND digest IN (SELECT digest FROM known_devices \
         WHERE user_id = $1 ORDER BY last_seen_at DESC, created_at DESC LIMIT 100 OFFSET $2)";
    pub(crate) FORGET_DEVICES = "DELETE FROM known_devices WHERE user_id = $1";
    pub(crate) LIST_KNOWN_DEVICES =
        "SELECT digest FROM known_devices WHERE user_id = $1 ORDER BY last_seen_at DESC, created_at DESC";
    pub(crate) DELETE_OLD_DEVICES =
        "DELETE FROM known_devices WHERE (user_id, digest) IN \
         (SELECT user_id, digest FROM known_devices WHERE last_seen_at <= $1 ORDER BY last_seen_at LIMIT $2)";
}

/// The browser that somebody signs in with.
#[derive(Clone, Debug)]
pub struct SeenDevice {
    /// Of what its cookie says, with the user's id.
    pub digest: Digest,
    /// What tells the user of it if it is new.
    pub mail: OutboxMail,
    /// And if none is known.
    pub first: FirstDevice,
}

/// What becomes of the first browser that somebody signs in with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FirstDevice {
    /// Nothing: whoever signs in with it has shown the password.
    Silent,
    /// The user is told of it.
    Told,
}

impl Store {
    /// How many browsers of a user are known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_known_devices(&self, user: &UserId) -> Result<usize> {
        Ok(self.db.list(LIST_KNOWN_DEVICES, &params![user.as_str()]).await?.len())
    }

    /// Forgets up to `limit` browsers that were last seen at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_old_devices(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_OLD_DEVICES, &params![*before, *limit]).await?) })
        })
        .await
    }
}

/// Notes that a user signs in with a browser, and tells them if others are known and this one is not, or if it is to be told of
/// in any case.
pub(crate) async fn see(tx: &mut Tx<'_>, user: &str, device: &SeenDevice, now: Timestamp) -> Result<()> {
    let key = device.digest.as_bytes().as_slice();
    if tx.exec(TOUCH_DEVICE, &params![user, key, now]).await? > 0 {
        return Ok(());
    }
    let (known, lately) = match tx.opt(COUNT_DEVICES, &params![user, now.minus(LATELY)]).await? {
        Some(row) => (row.int(0)?, row.int(1)?),
        None => (0, 0),
    };
    remember(tx, user, &device.digest, now).await?;
    if (known > 0 || device.first == FirstDevice::Told) && lately < MOST_TOLD {
        mail_outbox::put(tx, user, &device.mail).await?;
    }
    Ok(())
}

/// Notes a browser in which a user is signed in already.
pub(crate) async fn remember(tx: &mut Tx<'_>, user: &str, digest: &Digest, now: Timestamp) -> Result<()> {
    let key = digest.as_bytes().as_slice();
    if tx.exec(TOUCH_DEVICE, &params![user, key, now]).await? == 0 {
        tx.exec(INSERT_DEVICE, &params![user, key, now]).await?;
        tx.exec(FORGET_FURTHER_DEVICES, &params![user, MOST_KNOWN]).await?;
    }
    Ok(())
}

/// Forgets them all: whoever signed in by the password of before is to be told of once more.
pub(crate) async fn forget(tx: &mut Tx<'_>, user: &str) -> Result<()> {
    tx.exec(FORGET_DEVICES, &params![user]).await?;
    Ok(())
}
