//! Wishes for another address that wait for mailboxes: asked for, overtaken by the next one, called off. What comes of one that
//! both confirm is in [`address_changes`](crate::address_changes).

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, OutboxMail, Record, UserId};

use crate::address_changes::is_taken;
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, audit, mail_outbox, params, statements};

/// A wish that waits at $2, of somebody who may act and still has the address.
macro_rules! waits {
    () => {
        "done_at IS NULL AND ended_at IS NULL AND expires_at > $2 AND EXISTS (SELECT 1 FROM users u \
         WHERE u.id = address_changes.user_id AND u.username = address_changes.old_address AND u.disabled_at IS NULL)"
    };
}
pub(crate) use waits;

statements! {
    pub(crate) COUNT_WISHES =
        "SELECT COUNT(*) FROM address_changes WHERE user_id = $1 AND created_at > $2 AND created_at <= $3";
    /// The mails to one address, whoever's wishes they came of.
    pub(crate) COUNT_WISH_MAILS =
        "SELECT COUNT(*) FROM mail_outbox WHERE recipient = $1 AND created_at > $2 AND created_at <= $3 \
         AND (subject = $4 OR subject = $5)";
    pub(crate) INSERT_WISH =
        "INSERT INTO address_changes (id, user_id, old_address, new_address, allow_digest, claim_digest, created_at, \
         expires_at) SELECT CAST($1 AS TEXT), u.id, u.username, CAST($4 AS TEXT), $5, $6, CAST($7 AS BIGINT), \
         CAST($8 AS BIGINT) FROM users u WHERE u.id = $2 AND u.version = $3 AND u.disabled_at IS NULL";
    pub(crate) OVERTAKE_WISHES =
        "UPDATE address_changes SET ended_at = $2 \
         WHERE user_id = $1 AND id <> $3 AND done_at IS NULL AND ended_at IS NULL";
    pub(crate) FIND_WISH = concat!(
        "SELECT new_address, allow_digest, allowed_at, claimed_at, expires_at FROM address_changes WHERE user_id = $1 AND ",
        waits!(), " ORDER BY created_at DESC LIMIT 1"
    );
    pub(crate) END_WISHES =
        "UPDATE address_changes SET ended_at = $2 WHERE user_id = $1 AND done_at IS NULL AND ended_at IS NULL";
}

/// Somebody's wish for another address.
#[derive(Clone, Debug)]
pub struct AddressWish {
    /// Names it.
    pub id: String,
    /// Whose.
    pub user_id: UserId,
    /// The version of the user that it was decided on.
    pub seen: i64,
    /// The address that is wished for, in canonical form.
    pub new_address: String,
    /// The link that allows it, and the mail to the old address with it; `None`: nobody ever proved that one.
    pub allow: Option<(Digest, OutboxMail)>,
    /// The link that proves the new address, and the mail to it.
    pub claim: (Digest, OutboxMail),
    /// The mail to the new address where somebody else has it, instead: nothing comes of the wish then.
    pub taken: OutboxMail,
    /// When.
    pub now: Timestamp,
    /// From when on the links are dead.
    pub expires_at: Timestamp,
    /// How many wishes a user may have had within how long before this one.
    pub most: (i64, Duration),
    /// How many mails the new address may have had within how long, whoever's wishes they came of. Where it has, it gets none, and
    /// nothing comes of the wish.
    pub most_mails: (i64, Duration),
    /// What is recorded.
    pub record: Record,
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WishedAddress {
    /// The mails are in the outbox.
    Asked,
    /// The user was changed, or barred, meanwhile.
    Overtaken,
    /// There were too many lately.
    TooOften,
}

/// A wish that waits for a mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WaitingAddress {
    /// The address that is wished for.
    pub new_address: String,
    /// Whether the old address has allowed it; `None`: it is not asked.
    pub allowed: Option<bool>,
    /// Whether the new one is proven.
    pub claimed: bool,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

impl Store {
    /// Asks both mailboxes about another address, if it may: step 1. What is done, and how long it takes, is the same whether
    /// or not somebody else has that address (LOG-02).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wish_address(&self, wish: AddressWish) -> Result<WishedAddress> {
        self.change(wish, |tx, wish| Box::pin(write_wish(tx, wish))).await
    }

    /// The wish of a user that waits.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_waiting_address(
        &self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Option<WaitingAddress>> {
        let Some(row) = self.db.opt(FIND_WISH, &params![user.as_str(), now]).await? else { return Ok(None) };
        let mut read = Reader::new(&row, "address_changes");
        let new_address = read.string("new_address")?;
        let asks = read.opt_digest("allow_digest")?.is_some();
        let allowed = read.opt_at("allowed_at")?.is_some();
        Ok(Some(WaitingAddress {
            new_address,
            allowed: asks.then_some(allowed),
            claimed: read.opt_at("claimed_at")?.is_some(),
            expires_at: read.at("expires_at")?,
        }))
    }

    /// Calls off the wish that waits; `false` where none does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn call_off_address(&self, user: &UserId, now: Timestamp, record: &Record) -> Result<bool> {
        self.change((user.clone(), now, record.clone()), |tx, (user, now, record)| {
            Box::pin(async move {
                if tx.exec(END_WISHES, &params![user.as_str(), *now]).await? == 0 {
                    return Ok(false);
                }
                audit::append(tx, std::slice::from_ref(record)).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Ends the wish of a user that waits: they were signed out everywhere, and may not have been the one who wished.
pub(crate) async fn end_wishes(tx: &mut Tx<'_>, user: &str, now: Timestamp) -> Result<()> {
    tx.exec(END_WISHES, &params![user, now]).await?;
    Ok(())
}

async fn write_wish(tx: &mut Tx<'_>, wish: &AddressWish) -> Result<WishedAddress> {
    let (user, address, now) = (wish.user_id.as_str(), wish.new_address.as_str(), wish.now);
    let (most, within) = wish.most;
    let row = tx.opt(COUNT_WISHES, &params![user, now.minus(within), now]).await?;
    if row.map_or(Ok(0), |row| row.int(0))? >= most {
        return Ok(WishedAddress::TooOften);
    }
    let taken = is_taken(tx, address, user, now).await?;
    let flooded = is_flooded(tx, wish).await?;
    let digest = |digest: &Digest| digest.as_bytes().to_vec();
    let values = params![
        wish.id.as_str(),
        user,
        wish.seen,
        address,
        wish.allow.as_ref().map(|(allow, _mail)| digest(allow)),
        (!taken && !flooded).then(|| digest(&wish.claim.0)),
        now,
        wish.expires_at,
    ];
    if tx.exec(INSERT_WISH, &values).await? == 0 {
        return Ok(WishedAddress::Overtaken);
    }
    tx.exec(OVERTAKE_WISHES, &params![user, now, wish.id.as_str()]).await?;
    if let Some((_link, mail)) = &wish.allow {
        mail_outbox::put(tx, user, mail).await?;
    }
    if !flooded {
        let mail = if taken { &wish.taken } else { &wish.claim.1 };
        mail_outbox::put_to(tx, address, mail).await?;
    }
    audit::append(tx, std::slice::from_ref(&wish.record)).await?;
    Ok(WishedAddress::Asked)
}

/// Whether the new address has had as many mails about wishes as it may.
async fn is_flooded(tx: &mut Tx<'_>, wish: &AddressWish) -> Result<bool> {
    let (most, within) = wish.most_mails;
    let (claim, taken) = (wish.claim.1.subject.as_str(), wish.taken.subject.as_str());
    let values = params![wish.new_address.as_str(), wish.now.minus(within), wish.now, claim, taken];
    let row = tx.opt(COUNT_WISH_MAILS, &values).await?;
    Ok(row.map_or(Ok(0), |row| row.int(0))? >= most)
}
