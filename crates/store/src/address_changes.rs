//! Another address for an account: a [wish](crate::address_wishes) that both mailboxes confirm. The way back is in
//! [`address_undo`](crate::address_undo).
//!
//! 1. A wish is stored with the digests of its links, and mails go out with it. An earlier wish is over.
//! 2. Each link confirms once, in any order; the one that comes last changes the address in its own transaction.
//! 3. From then on the old address is kept for its owner for a while: nobody else gets it, and a link leads back.

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, OutboxMail, Record, UserId};

use crate::address_wishes::waits;
use crate::change_log::{self, Entity};
use crate::db::{self, Row, Tx};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::{Store, audit, mail_links, mail_outbox, params, statements};

/// Whether the address `$1` is kept at `$3` for somebody else than the user `$2`, who had it until lately.
macro_rules! kept_for_another {
    () => {
        "SELECT k.user_id FROM address_changes k WHERE k.old_address = $1 AND k.user_id <> $2 AND k.undo_digest IS NOT NULL \
         AND k.done_at IS NOT NULL AND k.ended_at IS NULL AND k.expires_at > $3 LIMIT 1"
    };
}

statements! {
    pub(crate) IS_TAKEN = concat!(
        "SELECT id FROM users WHERE username = $1 AND id <> $2 UNION ALL ",
        kept_for_another!()
    );
    pub(crate) IS_KEPT = kept_for_another!();
    pub(crate) FIND_WISH_LINK = concat!(
        "SELECT user_id, old_address, new_address, CASE WHEN allow_digest = $1 THEN 'allow' ELSE 'claim' END \
         FROM address_changes WHERE ((allow_digest = $1 AND allowed_at IS NULL) \
         OR (claim_digest = $1 AND claimed_at IS NULL)) AND ",
        waits!()
    );
    pub(crate) ALLOW_WISH = concat!(
        "UPDATE address_changes SET allowed_at = $2 WHERE allow_digest = $1 AND allowed_at IS NULL AND ",
        waits!(), " RETURNING id, user_id, old_address, new_address, allow_digest, allowed_at, claimed_at"
    );
    pub(crate) CLAIM_WISH = concat!(
        "UPDATE address_changes SET claimed_at = $2 WHERE claim_digest = $1 AND user_id = $3 AND claimed_at IS NULL AND ",
        waits!(), " RETURNING id, user_id, old_address, new_address, allow_digest, allowed_at, claimed_at"
    );
    pub(crate) FULFIL_WISH =
        "UPDATE address_changes SET done_at = $2, expires_at = $3, undo_digest = $4 WHERE id = $1";
    pub(crate) END_WISH = "UPDATE address_changes SET ended_at = $2 WHERE id = $1";
    pub(crate) END_ALL_CHANGES =
        "UPDATE address_changes SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL";
    pub(crate) GIVE_ADDRESS =
        "UPDATE users SET username = $1, email_verified_at = $3, updated_at = $4, version = version + 1 WHERE id = $2";
    pub(crate) DELETE_OLD_CHANGES =
        "DELETE FROM address_changes WHERE id IN \
         (SELECT id FROM address_changes WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Which of the two links of a wish it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WishSide {
    /// The old address allows the change.
    Allow,
    /// The new one is proven.
    Claim,
}

/// A link of a wish that may be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WishLink {
    /// Whose wish it is.
    pub user_id: UserId,
    /// The address that the account has.
    pub old_address: String,
    /// The address that is wished for.
    pub new_address: String,
    /// Which link.
    pub side: WishSide,
}

/// A link of a wish that is used, and what happens if it was the last that was missing.
#[derive(Clone, Debug)]
pub struct ConfirmAddress {
    /// The link.
    pub digest: Digest,
    /// Which it is.
    pub side: WishSide,
    /// Who is signed in where it is used: nobody else than who wished for it proves the new address, or their account could
    /// get a stranger's.
    pub signed_in: Option<UserId>,
    /// When.
    pub now: Timestamp,
    /// The link that leads back, and until when.
    pub undo: (Digest, Timestamp),
    /// What tells the old address of the change, with that link.
    pub mail: OutboxMail,
    /// Recorded of the confirmation; actor and subject become the user.
    pub confirmed: Record,
    /// Recorded of the change, likewise, with both addresses.
    pub changed: Record,
}

/// What became of a link of a wish.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConfirmedAddress {
    /// It was not to be used.
    Dead,
    /// The user has the new address.
    Done,
    /// Somebody else got it meanwhile; the wish is over.
    Taken,
    /// The other mailbox has to confirm.
    Waiting,
}

impl Store {
    /// The link of a wish of that digest, if it may be used now.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_wish_link(&self, digest: &Digest, now: Timestamp) -> Result<Option<WishLink>> {
        let values = params![digest.as_bytes().as_slice(), now];
        let Some(row) = self.db.opt(FIND_WISH_LINK, &values).await? else { return Ok(None) };
        let mut read = Reader::new(&row, "address_changes");
        Ok(Some(WishLink {
            user_id: read.parse("user_id", UserId::parse)?,
            old_address: read.string("old_address")?,
            new_address: read.string("new_address")?,
            side: if read.text("side")? == "allow" { WishSide::Allow } else { WishSide::Claim },
        }))
    }

    /// Uses a link of a wish, once, and changes the address if that was the last one: steps 2 and 3.
    ///
    /// # Errors
    /// When the database does not answer: nothing was changed then.
    pub async fn confirm_address(&self, confirm: ConfirmAddress) -> Result<ConfirmedAddress> {
        match self.change(confirm.clone(), |tx, confirm| Box::pin(use_wish_link(tx, confirm))).await {
            // Somebody got the address between look and write; the second look sees them.
            Err(Error::Db(db::Error::Conflict(_))) => {
                self.change(confirm, |tx, confirm| Box::pin(use_wish_link(tx, confirm))).await
            }
            other => other,
        }
    }

    /// The user for whom an address is kept, having had it until lately.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_address_keeper(&self, address: &str, now: Timestamp) -> Result<Option<UserId>> {
        let row = self.db.opt(IS_KEPT, &params![address, "", now]).await?;
        row.map(|row| Reader::new(&row, "address_changes").parse("user_id", UserId::parse)).transpose()
    }

    /// Forgets up to `limit` wishes and ways back that ended at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_old_address_changes(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_OLD_CHANGES, &params![*before, *limit]).await?) })
        })
        .await
    }
}

/// Ends the wish of a user that waits, and the ways back from earlier changes.
pub(crate) async fn end_all(tx: &mut Tx<'_>, user: &str, now: Timestamp) -> Result<()> {
    tx.exec(END_ALL_CHANGES, &params![user, now]).await?;
    Ok(())
}

/// Whether an address is kept for another user than `user`.
pub(crate) async fn is_kept(tx: &mut Tx<'_>, address: &str, user: &str, now: Timestamp) -> Result<bool> {
    Ok(tx.opt(IS_KEPT, &params![address, user, now]).await?.is_some())
}

/// Gives a user an address. Links to the one before are dead.
pub(crate) async fn give(
    tx: &mut Tx<'_>,
    user: &str,
    (address, verified_at): (&str, Option<Timestamp>),
    now: Timestamp,
) -> Result<()> {
    tx.exec(GIVE_ADDRESS, &params![address, user, verified_at, now]).await?;
    mail_links::kill_all(tx, user, now).await?;
    change_log::append(tx, Entity::User, user, now).await
}

pub(crate) async fn is_taken(tx: &mut Tx<'_>, address: &str, user: &str, now: Timestamp) -> Result<bool> {
    Ok(tx.opt(IS_TAKEN, &params![address, user, now]).await?.is_some())
}

/// A wish, as it is once a link of it was used.
struct Used {
    id: String,
    user: UserId,
    old: String,
    new: String,
    complete: bool,
}

async fn use_wish_link(tx: &mut Tx<'_>, confirm: &ConfirmAddress) -> Result<ConfirmedAddress> {
    let (digest, now) = (confirm.digest.as_bytes().as_slice(), confirm.now);
    let row = match (confirm.side, &confirm.signed_in) {
        (WishSide::Allow, _) => tx.opt(ALLOW_WISH, &params![digest, now]).await?,
        (WishSide::Claim, Some(user)) => tx.opt(CLAIM_WISH, &params![digest, now, user.as_str()]).await?,
        (WishSide::Claim, None) => None,
    };
    let Some(used) = row.as_ref().map(used).transpose()? else { return Ok(ConfirmedAddress::Dead) };
    audit::append(tx, &[confirm.confirmed.clone().of_user(&used.user)]).await?;
    if !used.complete {
        return Ok(ConfirmedAddress::Waiting);
    }
    let user = used.user.as_str();
    if is_taken(tx, &used.new, user, now).await? {
        tx.exec(END_WISH, &params![used.id.as_str(), now]).await?;
        return Ok(ConfirmedAddress::Taken);
    }
    give(tx, user, (&used.new, Some(now)), now).await?;
    let (undo, until) = &confirm.undo;
    let values = params![used.id.as_str(), now, *until, undo.as_bytes().as_slice()];
    tx.exec(FULFIL_WISH, &values).await?;
    mail_outbox::put_to(tx, &used.old, &confirm.mail).await?;
    let changed = confirm.changed.clone().of_user(&used.user);
    let changed = changed.with("username", used.new.as_str()).with("username_before", used.old.as_str());
    audit::append(tx, &[changed]).await?;
    Ok(ConfirmedAddress::Done)
}

fn used(row: &Row) -> Result<Used> {
    let mut read = Reader::new(row, "address_changes");
    let (id, user) = (read.string("id")?, read.parse("user_id", UserId::parse)?);
    let (old, new) = (read.string("old_address")?, read.string("new_address")?);
    // An address that was never proven is not asked: nobody knows whose it is.
    let asked = read.opt_digest("allow_digest")?.is_some();
    let allowed = read.opt_at("allowed_at")?.is_some();
    let claimed = read.opt_at("claimed_at")?.is_some();
    Ok(Used { id, user, old, new, complete: claimed && (allowed || !asked) })
}
