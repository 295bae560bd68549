//! Mail that is to be sent: written in the transaction of what causes it, and taken by one sender at a time.

use tokenry_clock::Timestamp;
use tokenry_model::{OutboxMail, Record};

use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) PUT_MAIL =
        "INSERT INTO mail_outbox \
         (id, recipient, subject, wrapped, data_key_id, created_at, attempts, due_at, lease_until) \
         SELECT $2, username, $3, $4, $5, $6, 0, $6, 0 FROM users WHERE id = $1";
    pub(crate) PUT_MAIL_TO =
        "INSERT INTO mail_outbox \
         (id, recipient, subject, wrapped, data_key_id, created_at, attempts, due_at, lease_until) \
         VALUES ($2, $1, $3, $4, $5, $6, 0, $6, 0)";
    /// $1: now. $2: until when the sender may take. $3: what was written then or earlier is not sent any more.
    pub(crate) LEASE_MAIL =
        "UPDATE mail_outbox SET lease_until = $2, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM mail_outbox WHERE sent_at IS NULL AND due_at <= $1 AND lease_until <= $1 AND created_at > $3 \
         ORDER BY due_at LIMIT $4) \
         AND sent_at IS NULL AND due_at <= $1 AND lease_until <= $1 \
         RETURNING id, recipient, wrapped, created_at, attempts";
    /// What it said is wiped.
    pub(crate) CLOSE_MAIL =
        "UPDATE mail_outbox SET sent_at = $2, wrapped = $3 WHERE id = $1 AND sent_at IS NULL";
    pub(crate) MAIL_FAILED =
        "UPDATE mail_outbox SET due_at = $2, lease_until = 0 WHERE id = $1 AND sent_at IS NULL";
    pub(crate) LIST_MAIL =
        "SELECT id, recipient, subject, created_at, sent_at FROM mail_outbox ORDER BY created_at DESC, id DESC LIMIT $1";
    pub(crate) FIND_MAIL =
        "SELECT id, recipient, wrapped, created_at, attempts FROM mail_outbox \
         WHERE id = $1 AND sent_at IS NULL";
    /// Not one that somebody is sending right now.
    pub(crate) GIVE_UP_MAIL =
        "DELETE FROM mail_outbox WHERE id IN \
         (SELECT id FROM mail_outbox WHERE sent_at IS NULL AND created_at <= $1 AND lease_until <= $2 \
         ORDER BY created_at LIMIT $3)";
    pub(crate) DELETE_SENT_MAIL =
        "DELETE FROM mail_outbox WHERE id IN \
         (SELECT id FROM mail_outbox WHERE sent_at <= $1 ORDER BY sent_at LIMIT $2)";
}

/// A mail that its holder is to send.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeasedMail {
    /// Names it.
    pub id: String,
    /// The address.
    pub recipient: String,
    /// What it says, sealed.
    pub wrapped: Vec<u8>,
    /// When it was written.
    pub created_at: Timestamp,
    /// The how-manieth try this is.
    pub attempts: i64,
}

/// A mail in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedMail {
    /// Names it.
    pub id: String,
    /// The address.
    pub recipient: String,
    /// What it is about, as [`About::as_str`](tokenry_model::About::as_str) has it.
    pub subject: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When a mail server took it.
    pub sent_at: Option<Timestamp>,
}

impl Store {
    /// Takes up to `limit` mails that are due and were written after `since`, so that nobody else sends them before
    /// `until`. Each is thereby tried once more.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn lease_mail(
        &self,
        now: Timestamp,
        until: Timestamp,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<LeasedMail>> {
        let rows = self.db.write_one(LEASE_MAIL, params![now, until, since, limit].into()).await?;
        rows.iter().map(leased).collect()
    }

    /// Notes that a mail is not to be sent any more, because a mail server took it or never will, and wipes what it said.
    ///
    /// # Errors
    /// When the database does not answer: it may be sent once more then.
    pub async fn close_mail(&self, id: &str, now: Timestamp) -> Result<()> {
        self.change((id.to_owned(), now), |tx, (id, now)| {
            Box::pin(async move {
                tx.exec(CLOSE_MAIL, &params![id.as_str(), *now, Vec::<u8>::new()]).await?;
                Ok(())
            })
        })
        .await
    }

    /// Gives a mail back that could not be sent, to be tried again at `due_at`.
    ///
    /// # Errors
    /// When the database does not answer: it is tried again once its lease has ended.
    pub async fn mail_failed(&self, id: &str, due_at: Timestamp) -> Result<()> {
        self.change((id.to_owned(), due_at), |tx, (id, due_at)| {
            Box::pin(async move {
                tx.exec(MAIL_FAILED, &params![id.as_str(), *due_at]).await?;
                Ok(())
            })
        })
        .await
    }

    /// The last `limit` mails, newest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_mail(&self, limit: i64) -> Result<Vec<ListedMail>> {
        let rows = self.db.rows(LIST_MAIL, &params![limit]).await?;
        rows.iter().map(listed).collect()
    }

    /// A mail that was not sent yet.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_mail(&self, id: &str) -> Result<Option<LeasedMail>> {
        self.db.opt(FIND_MAIL, &params![id]).await?.as_ref().map(leased).transpose()
    }

    /// Removes up to `limit` mails that were written at `before` or earlier, that nobody is sending, and that no server
    /// took; if there are any, with a record that says how many, which is yielded too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_up_mail(
        &self,
        before: Timestamp,
        now: Timestamp,
        limit: i64,
        record: &Record,
    ) -> Result<u64> {
        self.change((before, now, limit, record.clone()), |tx, (before, now, limit, record)| {
            Box::pin(async move {
                let gone = tx.exec(GIVE_UP_MAIL, &params![*before, *now, *limit]).await?;
                if gone > 0 {
                    audit::append(tx, &[record.clone().with("mails", gone)]).await?;
                }
                Ok(gone)
            })
        })
        .await
    }

    /// Forgets up to `limit` mails that were sent at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_sent_mail(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_SENT_MAIL, &params![*before, *limit]).await?) })
        })
        .await
    }
}

/// Writes a mail to a user, in the transaction of what it tells of. To nobody if there is no such user.
pub(crate) async fn put(tx: &mut Tx<'_>, user: &str, mail: &OutboxMail) -> Result<()> {
    let OutboxMail { id, subject, wrapped, data_key_id, created_at } = mail;
    let values =
        params![user, id.as_str(), subject.as_str(), wrapped.as_slice(), data_key_id.as_str(), *created_at];
    tx.exec(PUT_MAIL, &values).await?;
    Ok(())
}

/// Writes a mail to an address that is not, or no longer, that of the user whom it is about.
pub(crate) async fn put_to(tx: &mut Tx<'_>, address: &str, mail: &OutboxMail) -> Result<()> {
    let OutboxMail { id, subject, wrapped, data_key_id, created_at } = mail;
    let values = params![
        address,
        id.as_str(),
        subject.as_str(),
        wrapped.as_slice(),
        data_key_id.as_str(),
        *created_at
    ];
    tx.exec(PUT_MAIL_TO, &values).await?;
    Ok(())
}

fn leased(row: &Row) -> Result<LeasedMail> {
    let mut read = Reader::new(row, "mail_outbox");
    Ok(LeasedMail {
        id: read.string("id")?,
        recipient: read.string("recipient")?,
        wrapped: read.blob("wrapped")?,
        created_at: read.at("created_at")?,
        attempts: read.int("attempts")?,
    })
}

fn listed(row: &Row) -> Result<ListedMail> {
    let mut read = Reader::new(row, "mail_outbox");
    Ok(ListedMail {
        id: read.string("id")?,
        recipient: read.string("recipient")?,
        subject: read.string("subject")?,
        created_at: read.at("created_at")?,
        sent_at: read.opt_at("sent_at")?,
    })
}
