//! The way back from another address, for whoever still reads mail at the old one: it undoes all that may have come of the
//! change, and lets them choose a password.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, MailLink, OutboxMail, Record, UserId};

use crate::address_changes::{give, is_taken};
use crate::change_log::Entity;
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::Announced;
use crate::users::end_user;
use crate::{Store, audit, mail_links, mail_outbox, params, passwords, second_factors, statements};

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
        " RETURNING user_id, old_address, new_address, created_at, done_at"
    );
    /// What waits, and what was changed after the change that is taken back.
    pub(crate) END_LATER_CHANGES =
        "UPDATE address_changes SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL \
         AND (done_at IS NULL OR done_at >= $3)";
}

/// A change of address that is taken back.
#[derive(Clone, Debug)]
pub struct UndoAddress {
    /// The link.
    pub digest: Digest,
    /// When.
    pub now: Timestamp,
    /// Second factors that were added after the change was asked for, or so long before, go too.
    pub young: Duration,
    /// The link by which a password is chosen then.
    pub link: MailLink,
    /// What tells the address that was the user's until then.
    pub mail: OutboxMail,
    /// What is recorded; actor and subject become the user, and both addresses are added.
    pub record: Record,
}

impl Store {
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
    let (old, new) = (read.string("old_address")?, read.string("new_address")?);
    let (asked_at, done_at) = (read.at("created_at")?, read.at("done_at")?);
    let user = id.as_str();
    if is_taken(tx, &old, user, now).await? {
        return Err(Error::Exists(Entity::User));
    }
    tx.exec(END_LATER_CHANGES, &params![user, now, done_at]).await?;
    give(tx, user, (&old, Some(now)), now).await?;
    passwords::take(tx, user).await?;
    second_factors::remove(tx, user, asked_at.minus(undo.young)).await?;
    let (_sessions, announced) = end_user(tx, user, now).await?;
    mail_links::put_link(tx, user, &undo.link).await?;
    mail_outbox::put_to(tx, &new, &undo.mail).await?;
    let record = undo.record.clone().of_user(&id);
    let record = record.with("username", old.as_str()).with("username_before", new.as_str());
    audit::append(tx, &[record]).await?;
    Ok(Some(announced))
}
