//! The way back from another address, for whoever still reads mail at the old one: it undoes all that may have come of the
//! change, and lets them choose a password.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, Event, MailLink, OutboxMail, Record, UserId};

use crate::address_changes::{give, is_taken};
use crate::change_log::Entity;
use crate::come_back::take_young;
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::Announced;
use crate::own_events::{Subjects, announce_subjects};
use crate::users::{FIND_ADDRESS, end_user};
use crate::{Store, audit, departures, mail_links, mail_outbox, params, passwords, statements};

/// A change that can be taken back at $2.
macro_rules! stands {
    () => {
        "undo_digest = $1 AND done_at IS NOT NULL AND ended_at IS NULL AND expires_at > $2 AND EXISTS (SELECT 1 FROM users u \
         WHERE u.id = address_changes.user_id AND u.disabled_at IS NULL)"
    };
}

statements! {
    pub(crate) FIND_WAY_BACK = concat!("SELECT old_address FROM address_changes WHERE ", stands!());
    pub(crate) GO_BACK = concat!(
        "UPDATE address_changes SET ended_at = $2 WHERE ", stands!(),
        " RETURNING user_id, old_address, created_at, done_at"
    );
    /// The addresses that a user got since $2 and that stood until now, the last first, but for $3.
    pub(crate) ADDRESSES_SINCE =
        "SELECT new_address, MAX(done_at) FROM address_changes WHERE user_id = $1 AND done_at >= $2 AND new_address <> $3 \
         AND (ended_at IS NULL OR undo_digest = $5) GROUP BY new_address ORDER BY MAX(done_at) DESC, new_address LIMIT $4";
    /// What waits, and what was changed after the change that is taken back.
    pub(crate) END_LATER_CHANGES =
        "UPDATE address_changes SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL \
         AND (done_at IS NULL OR done_at >= $3)";
    /// The addresses that lead back to the user $1 at $2, each with when the last of its ways ends.
    pub(crate) LIST_WAYS_BACK =
        "SELECT old_address, MAX(expires_at) FROM address_changes WHERE user_id = $1 AND undo_digest IS NOT NULL \
         AND done_at IS NOT NULL AND ended_at IS NULL AND expires_at > $2 GROUP BY old_address ORDER BY old_address";
}

/// A change of address that is taken back.
#[derive(Clone, Debug)]
pub struct UndoAddress {
    /// The link.
    pub digest: Digest,
    /// When.
    pub now: Timestamp,
    /// What was added after the change was asked for, or so long before, goes too: second factors for which no older one
    /// vouches, and what applications were let do.
    pub young: Duration,
    /// The link by which a password is chosen then.
    pub link: MailLink,
    /// What tells the addresses that were the user's since then: the one until now first, and as many of those between as there
    /// are mails.
    pub mails: Vec<OutboxMail>,
    /// What is recorded; actor and subject become the user, and the addresses from then on and until then are added. What goes
    /// with it is recorded likewise.
    pub record: Record,
}

/// An address that leads back to a user who had it until lately.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WayBack {
    /// Which.
    pub address: String,
    /// From when on it does not.
    pub ends_at: Timestamp,
}

impl Store {
    /// The addresses that lead back to a user now.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_ways_back(&self, user: &UserId, now: Timestamp) -> Result<Vec<WayBack>> {
        let rows = self.db.list(LIST_WAYS_BACK, &params![user.as_str(), now]).await?;
        let read = |row: &Row| {
            let mut read = Reader::new(row, "address_changes");
            Ok(WayBack { address: read.string("old_address")?, ends_at: read.at("expires_at")? })
        };
        rows.iter().map(read).collect()
    }

    /// The address to which a link leads back, if it does now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_way_back(&self, digest: &Digest, now: Timestamp) -> Result<Option<String>> {
        let row = self.db.opt(FIND_WAY_BACK, &params![digest.as_bytes().as_slice(), now]).await?;
        row.map(|row| Reader::new(&row, "address_changes").string("old_address")).transpose()
    }

    /// Takes a change of address back, once: the user has the old address again and no password, is signed out everywhere,
    /// and what was granted has ended. `None`: the link was not to be used.
    ///
    /// # Errors
    /// When the database does not answer, or somebody else has the address: nothing was changed then.
    pub async fn undo_address(&self, undo: UndoAddress) -> Result<Option<Announced>> {
        self.change(undo, |tx, undo| Box::pin(go_back(tx, undo))).await
    }
}

async fn go_back(tx: &mut Tx<'_>, undo: &UndoAddress) -> Result<Option<Announced>> {
    let now = undo.now;
    let row = tx.opt(GO_BACK, &params![undo.digest.as_bytes().as_slice(), now]).await?;
    let Some(row) = row else { return Ok(None) };
    let mut read = Reader::new(&row, "address_changes");
    let id = read.parse("user_id", UserId::parse)?;
    let (old, asked_at, done_at) = (read.string("old_address")?, read.at("created_at")?, read.at("done_at")?);
    let user = id.as_str();
    if is_taken(tx, &old, user, now).await? {
        return Err(Error::Exists(Entity::User));
    }
    let row = tx.opt(FIND_ADDRESS, &params![user]).await?.ok_or(Error::Missing(Entity::User))?;
    let until_now = row.text(0)?.to_owned();
    tell(tx, undo, user, (&old, &until_now), done_at).await?;
    tx.exec(END_LATER_CHANGES, &params![user, now, done_at]).await?;
    give(tx, user, (&old, Some(now)), now).await?;
    passwords::take(tx, user).await?;
    let record = undo.record.clone().of_user(&id);
    let mut announced = take_young(tx, &id, asked_at.minus(undo.young), &record).await?;
    if departures::take_back(tx, user).await? {
        let kept = Record { event: Event::UserDeletionTakenBack, ..record.clone() };
        audit::append(tx, &[kept]).await?;
    }
    announced.merge(announce_subjects(tx, Subjects::User(user), now).await?);
    announced.merge(end_user(tx, user, now).await?.1);
    mail_links::put_link(tx, user, &undo.link).await?;
    let record = record.with("username", old.as_str()).with("username_before", until_now.as_str());
    audit::append(tx, &[record]).await?;
    Ok(Some(announced))
}

/// Tells the addresses that a user has had since a change: the one until now, and those between.
async fn tell(
    tx: &mut Tx<'_>,
    undo: &UndoAddress,
    user: &str,
    (old, until_now): (&str, &str),
    done_at: Timestamp,
) -> Result<()> {
    let most = i64::try_from(undo.mails.len()).unwrap_or(i64::MAX);
    let rows = tx
        .rows(ADDRESSES_SINCE, &params![user, done_at, old, most, undo.digest.as_bytes().as_slice()])
        .await?;
    let mut told = Vec::new();
    if until_now != old {
        told.push(until_now.to_owned());
    }
    for row in &rows {
        told.extend(Some(row.text(0)?).filter(|address| *address != until_now).map(str::to_owned));
    }
    for (address, mail) in told.iter().zip(&undo.mails) {
        mail_outbox::put_to(tx, address, mail).await?;
    }
    Ok(())
}
