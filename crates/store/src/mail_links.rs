//! Links in mails: each is used once, and dies with the password that it would replace.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, LinkPurpose, MailLink, OutboxMail, Record, SecondFactors, Subject, UserId};

use crate::change_log::Entity;
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::{Store, audit, come_back, mail_outbox, params, passwords, second_factors, statements};

/// Whom a stranger may have a mail sent to: $1 is the username, $2 and $3 between when another was sent, which suffices.
macro_rules! may_be_sent {
    () => {
        "u.username = $1 AND u.disabled_at IS NULL AND NOT EXISTS (SELECT 1 FROM mail_links l \
         WHERE l.user_id = u.id AND l.purpose = 'reset' AND l.used_at IS NULL AND l.created_at > $2 AND l.created_at <= $3)"
    };
}

/// A link that may be used at $2.
macro_rules! live {
    () => {
        "used_at IS NULL AND expires_at > $2 \
         AND EXISTS (SELECT 1 FROM users u WHERE u.id = mail_links.user_id AND u.disabled_at IS NULL)"
    };
}

statements! {
    pub(crate) OVERTAKE_LINKS =
        "UPDATE mail_links SET used_at = $3 WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL";
    pub(crate) INSERT_LINK =
        "INSERT INTO mail_links (digest, user_id, purpose, created_at, expires_at) \
         SELECT $2, id, $3, $4, $5 FROM users WHERE id = $1 AND disabled_at IS NULL";
    pub(crate) HAS_PASSWORD = "SELECT user_id FROM passwords WHERE user_id = $1";
    pub(crate) PUT_RESET_MAIL = concat!(
        "INSERT INTO mail_outbox \
         (id, recipient, subject, wrapped, data_key_id, created_at, attempts, due_at, lease_until) \
         SELECT $4, u.username, $5, $6, $7, $8, 0, $8, 0 FROM users u WHERE ",
        may_be_sent!()
    );
    pub(crate) INSERT_RESET = concat!(
        "INSERT INTO mail_links (digest, user_id, purpose, created_at, expires_at) \
         SELECT $4, u.id, 'reset', $3, $5 FROM users u WHERE ",
        may_be_sent!(),
        " RETURNING user_id"
    );
    pub(crate) FIND_LINK = concat!(
        "SELECT user_id, purpose, expires_at, (SELECT w.username FROM users w WHERE w.id = mail_links.user_id) \
         FROM mail_links WHERE digest = $1 AND ",
        live!()
    );
    pub(crate) USE_LINK = concat!(
        "UPDATE mail_links SET used_at = $2 WHERE digest = $1 AND user_id = $3 AND ",
        live!()
    );
    /// Those that give a password.
    pub(crate) KILL_LINKS =
        "UPDATE mail_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL AND purpose <> 'verification'";
    pub(crate) KILL_ALL_LINKS =
        "UPDATE mail_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL";
    pub(crate) VERIFY_ADDRESS =
        "UPDATE users SET email_verified_at = $2, updated_at = $2, version = version + 1 WHERE id = $1 AND email_verified_at IS NULL";
    pub(crate) DELETE_EXPIRED_LINKS =
        "DELETE FROM mail_links WHERE digest IN \
         (SELECT digest FROM mail_links WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// A link that may be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundLink {
    /// Whose.
    pub user_id: UserId,
    /// The address that it was sent to.
    pub username: String,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// From when on it is dead.
    pub expires_at: Timestamp,
}

/// Somebody's wish to choose a password anew.
#[derive(Clone, Debug)]
pub struct ResetRequest {
    /// Whose password.
    pub username: String,
    /// The link that is sent if there is such a user.
    pub link: MailLink,
    /// The mail that is sent then.
    pub mail: OutboxMail,
    /// For how long after one link no other is sent to the same user.
    pub pause: Duration,
    /// Written if a mail is; its subject becomes the user.
    pub record: Record,
}

/// A password that was chosen by a link.
#[derive(Clone)]
pub struct PasswordReset {
    /// The link, by its digest.
    pub digest: Digest,
    /// Whose link it must be.
    pub user_id: UserId,
    /// The argon2id hash of the password, in PHC form.
    pub hash: String,
    /// What tells the user of it, if anything does.
    pub mail: Option<OutboxMail>,
    /// What is recorded.
    pub record: Record,
    /// What was added after this goes, too: it may be that of whoever had learned the old password. Second factors do for which
    /// no older one vouches, and what applications were let do.
    pub young_since: Timestamp,
    /// The second factors that stay then, as the mail has them.
    pub left: SecondFactors,
}

/// What became of a password that was chosen by a link.
#[derive(Debug)]
pub enum ResetOutcome {
    /// The link was not to be used.
    DeadLink,
    /// Other second factors would stay than was thought. Nothing was done.
    Overtaken,
    /// It is set; guards must learn what ends by it.
    Set(Announced),
}

impl std::fmt::Debug for PasswordReset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordReset").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// What became of a link that was to be sent to a user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SendLink {
    /// The user has a password, and needs no invitation.
    HasPassword,
    /// There is no such user, or it is disabled.
    NotFound,
    /// It is in the outbox.
    Sent,
}

impl Store {
    /// Sends a link to whoever has that username, if anybody has and was not sent one lately. Takes longer then, so nobody
    /// may wait for it. A link that was sent before stays good: strangers end nobody's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn request_reset(&self, request: ResetRequest) -> Result<()> {
        self.change(request, |tx, request| Box::pin(write_reset(tx, request))).await
    }

    /// Sends a link to a user; earlier ones for the same purpose are dead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn send_link(
        &self,
        user_id: &UserId,
        link: &MailLink,
        mail: &OutboxMail,
        record: &Record,
    ) -> Result<SendLink> {
        let input = (user_id.clone(), link.clone(), mail.clone(), record.clone());
        self.change(input, |tx, (user_id, link, mail, record)| {
            Box::pin(async move {
                let (user, purpose) = (user_id.as_str(), link.purpose.as_str());
                if link.purpose == LinkPurpose::Invitation
                    && tx.opt(HAS_PASSWORD, &params![user]).await?.is_some()
                {
                    return Ok(SendLink::HasPassword);
                }
                tx.exec(OVERTAKE_LINKS, &params![user, purpose, link.created_at]).await?;
                if !put_link(tx, user, link).await? {
                    return Ok(SendLink::NotFound);
                }
                mail_outbox::put(tx, user, mail).await?;
                audit::append(tx, std::slice::from_ref(record)).await?;
                Ok(SendLink::Sent)
            })
        })
        .await
    }

    /// The link of that digest, if it may be used now.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_mail_link(&self, digest: &Digest, now: Timestamp) -> Result<Option<FoundLink>> {
        let values = params![digest.as_bytes().as_slice(), now];
        let Some(row) = self.db.opt(FIND_LINK, &values).await? else { return Ok(None) };
        let mut read = Reader::new(&row, "mail_links");
        Ok(Some(FoundLink {
            user_id: read.parse("user_id", UserId::parse)?,
            purpose: read.parse("purpose", LinkPurpose::parse)?,
            expires_at: read.at("expires_at")?,
            username: read.string("username")?,
        }))
    }

    /// Uses a link to prove a user's address. `false`: it was not to be used.
    ///
    /// # Errors
    /// When the database does not answer: nothing was changed then.
    pub async fn verify_address(
        &self,
        digest: &Digest,
        user_id: &UserId,
        now: Timestamp,
        record: &Record,
    ) -> Result<bool> {
        let input = (digest.clone(), user_id.clone(), now, record.clone());
        self.change(input, |tx, (digest, user_id, now, record)| {
            Box::pin(async move {
                if !use_link(tx, digest, user_id, *now).await? {
                    return Ok(false);
                }
                prove_address(tx, user_id, *now).await?;
                audit::append(tx, std::slice::from_ref(record)).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Uses a link to set a password, in one transaction with all that ends by it; the address is proven, too.
    ///
    /// # Errors
    /// When the database does not answer: nothing was changed then.
    pub async fn reset_password(&self, reset: PasswordReset, now: Timestamp) -> Result<ResetOutcome> {
        self.change((reset, now), |tx, (reset, now)| {
            Box::pin(async move {
                let factors = second_factors::find(tx, reset.user_id.as_str()).await?;
                if factors.left(reset.young_since) != reset.left {
                    return Ok(ResetOutcome::Overtaken);
                }
                if !use_link(tx, &reset.digest, &reset.user_id, *now).await? {
                    return Ok(ResetOutcome::DeadLink);
                }
                prove_address(tx, &reset.user_id, *now).await?;
                let mut announced = passwords::put(tx, &reset.user_id, &reset.hash, *now).await?;
                let (user, since) = (&reset.user_id, reset.young_since);
                announced.merge(come_back::take_young(tx, user, since, &reset.record).await?);
                if let Some(mail) = &reset.mail {
                    mail_outbox::put(tx, reset.user_id.as_str(), mail).await?;
                }
                audit::append(tx, std::slice::from_ref(&reset.record)).await?;
                Ok(ResetOutcome::Set(announced))
            })
        })
        .await
    }

    /// Forgets up to `limit` links that expired at `before` or earlier, and says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_links(&self, before: Timestamp, limit: i64) -> Result<u64> {
        self.change((before, limit), |tx, (before, limit)| {
            Box::pin(async move { Ok(tx.exec(DELETE_EXPIRED_LINKS, &params![*before, *limit]).await?) })
        })
        .await
    }
}

/// Uses a user's link, once, and says whether this was the once.
pub(crate) async fn use_link(
    tx: &mut Tx<'_>,
    digest: &Digest,
    user_id: &UserId,
    now: Timestamp,
) -> Result<bool> {
    let values = params![digest.as_bytes().as_slice(), now, user_id.as_str()];
    Ok(tx.exec(USE_LINK, &values).await? == 1)
}

/// Notes that a user's address was proven, if that is new.
pub(crate) async fn prove_address(tx: &mut Tx<'_>, user_id: &UserId, now: Timestamp) -> Result<()> {
    if tx.exec(VERIFY_ADDRESS, &params![user_id.as_str(), now]).await? > 0 {
        crate::change_log::append(tx, Entity::User, user_id.as_str(), now).await?;
    }
    Ok(())
}

/// Ends the links that would give a user a password.
pub(crate) async fn kill(tx: &mut Tx<'_>, user: &str, now: Timestamp) -> Result<()> {
    tx.exec(KILL_LINKS, &params![user, now]).await?;
    Ok(())
}

/// Ends all links of a user: they are for the address of before.
pub(crate) async fn kill_all(tx: &mut Tx<'_>, user: &str, now: Timestamp) -> Result<()> {
    tx.exec(KILL_ALL_LINKS, &params![user, now]).await?;
    Ok(())
}

/// Stores a user's link; `false` where there is no such user that may act.
pub(crate) async fn put_link(tx: &mut Tx<'_>, user: &str, link: &MailLink) -> Result<bool> {
    let digest = link.digest.as_bytes().as_slice();
    let values = params![user, digest, link.purpose.as_str(), link.created_at, link.expires_at];
    Ok(tx.exec(INSERT_LINK, &values).await? == 1)
}

/// Writes the link and the mail for whoever has forgotten a password, if they may be sent.
pub(crate) async fn write_reset(tx: &mut Tx<'_>, request: &ResetRequest) -> Result<()> {
    let ResetRequest { username, link, mail, pause, record } = request;
    let (username, now) = (username.as_str(), link.created_at);
    let since = now.minus(*pause);
    let values = params![
        username,
        since,
        now,
        mail.id.as_str(),
        mail.subject.as_str(),
        mail.wrapped.as_slice(),
        mail.data_key_id.as_str(),
        mail.created_at,
    ];
    // The mail first: once there is the link, none may be sent.
    tx.exec(PUT_RESET_MAIL, &values).await?;
    let values = params![username, since, now, link.digest.as_bytes().as_slice(), link.expires_at];
    let Some(row) = tx.opt(INSERT_RESET, &values).await? else { return Ok(()) };
    let user = Reader::new(&row, "mail_links").parse("user_id", UserId::parse)?;
    audit::append(tx, &[Record { subject: Some(Subject::User(user)), ..record.clone() }]).await
}
