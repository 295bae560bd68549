//! Developers and the secrets of their accounts: assigned with the flag, replaced, shown, revoked, each in one transaction with the
//! record, the mail and what guards must learn.

use tokenry_clock::Timestamp;
use tokenry_model::{AccountSecret, Digest, Membership, Record, SecretId, TokenHandle, User, UserId};

use crate::account_secret_values::insert_secret;
use crate::change_log::{self, Entity};
use crate::credential_change::CredentialChange;
use crate::db::{Sql, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::memberships::insert_membership;
use crate::own_events::{Subjects, announce_account_secret, announce_subjects};
use crate::users::insert_user;
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) FIND_DEVELOPER = "SELECT developer_at FROM users WHERE id = $1";
    pub(crate) SET_DEVELOPER = "UPDATE users SET developer_at = $2, version = version + 1 WHERE id = $1";
    /// Only while its user may act.
    pub(crate) MAY_HAVE_ACCOUNT_SECRET =
        "SELECT id FROM users WHERE id = $1 AND developer_at IS NOT NULL AND disabled_at IS NULL AND delete_at IS NULL";
    pub(crate) FIND_ACCOUNT_SECRET_THAT_COUNTS =
        "SELECT id FROM account_secrets WHERE user_id = $1 AND superseded_at IS NULL";
    pub(crate) LIST_LIVING_ACCOUNT_SECRETS =
        "SELECT jti, expires_at FROM account_secrets WHERE user_id = $1 AND (expires_at IS NULL OR expires_at > $2) \
         ORDER BY jti";
    pub(crate) FIND_LIVING_ACCOUNT_SECRET =
        "SELECT jti, expires_at FROM account_secrets WHERE digest = $1 AND (expires_at IS NULL OR expires_at > $2)";
    pub(crate) DELETE_ACCOUNT_SECRET = "DELETE FROM account_secrets WHERE digest = $1";
    pub(crate) LIST_SUPERSEDED_ACCOUNT_SECRETS =
        "SELECT jti, expires_at FROM account_secrets WHERE user_id = $1 AND superseded_at IS NOT NULL AND expires_at > $2 \
         ORDER BY jti";
    pub(crate) SUPERSEDE_ACCOUNT_SECRET =
        "UPDATE account_secrets SET superseded_at = $2, expires_at = $3 WHERE user_id = $1 AND superseded_at IS NULL";
    pub(crate) NOTE_REVEALED =
        "UPDATE account_secrets SET revealed_at = $3 WHERE user_id = $1 AND id = $2 AND superseded_at IS NULL";
    pub(crate) DELETE_ACCOUNT_SECRETS = "DELETE FROM account_secrets WHERE user_id = $1";
    pub(crate) DELETE_SUPERSEDED_ACCOUNT_SECRETS =
        "DELETE FROM account_secrets WHERE user_id = $1 AND superseded_at IS NOT NULL";
}

/// What became of a user who was to be a developer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AssignAccountSecret {
    /// The user was one before; nothing changed.
    AlreadyDeveloper,
    /// They are one, with that secret.
    Assigned,
    /// There is no such user.
    NotFound,
}

/// A user who is to be no developer any more.
#[derive(Clone, Debug)]
pub struct EndDeveloper {
    /// Who.
    pub user_id: UserId,
    /// What is recorded of that.
    pub updated: Record,
    /// And of the secret, if there is one.
    pub revoked: CredentialChange,
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EndedDeveloper {
    /// They are none, and have no secret.
    Ended {
        /// What guards must learn of it.
        announced: Announced,
    },
    /// There is no such user.
    NotFound,
    /// They were none; nothing changed.
    WasNone,
}

/// Another secret for a developer.
#[derive(Clone, Debug)]
pub struct ReplaceAccountSecret {
    /// The one that counted when it was decided; `None`: there was none.
    pub seen: Option<SecretId>,
    /// The one that counts from now on.
    pub secret: AccountSecret,
    /// Until when the one before works; `None`: it does not any more.
    pub overlap_until: Option<Timestamp>,
    /// What is recorded and told.
    pub change: CredentialChange,
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReplacedAccountSecret {
    /// The session has ended.
    Barred,
    /// The user is no developer who may act.
    NotDeveloper,
    /// Somebody else has replaced or revoked it.
    Overtaken,
    /// It is replaced.
    Replaced {
        /// What guards must learn of it.
        announced: Announced,
    },
    /// The form that asks for it has made one before.
    SentBefore,
    /// As many values were made or shown lately as there may be: the first of them then.
    TooOften(Timestamp),
}

/// What became of a secret that was to be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RevealAccountSecret {
    /// The user may not act any more, or the session has ended.
    Barred,
    /// It is not the one that counts any more.
    Overtaken,
    /// It may be shown, and that is recorded.
    Revealed,
    /// As many values were made or shown lately as there may be: the first of them then.
    TooOften(Timestamp),
}

/// What became of a secret that was to be revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RevokeAccountSecret {
    /// There is none.
    None,
    /// It works no more.
    Revoked {
        /// What guards must learn of it.
        announced: Announced,
    },
}

impl Store {
    /// Since when a user is a developer; `None`: they are none.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_developer(&self, user: &UserId) -> Result<Option<Timestamp>> {
        let row = self.db.opt(FIND_DEVELOPER, &params![user.as_str()]).await?;
        row.map_or(Ok(None), |row| Reader::new(&row, "users").opt_at("developer_at"))
    }

    /// Makes a user who is a developer from the start, in a company or in none.
    ///
    /// # Errors
    /// When the id or the username is taken, the company or a role does not exist, or the database does not answer.
    pub async fn create_developer(
        &self,
        user: &User,
        membership: Option<&Membership>,
        secret: &AccountSecret,
        change: CredentialChange,
    ) -> Result<()> {
        let input = (user.clone(), membership.cloned(), secret.clone(), change);
        self.change(input, |tx, (user, membership, secret, change)| {
            Box::pin(async move {
                insert_user(tx, user).await?;
                if let Some(membership) = membership {
                    insert_membership(tx, membership).await?;
                }
                tx.exec(SET_DEVELOPER, &params![user.id.as_str(), change.now]).await?;
                insert_secret(tx, secret).await?;
                change.write(tx, user.id.as_str()).await
            })
        })
        .await
    }

    /// Makes a user a developer, who has that secret from then on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn assign_account_secret(
        &self,
        secret: AccountSecret,
        change: CredentialChange,
    ) -> Result<AssignAccountSecret> {
        self.change((secret, change), |tx, (secret, change)| {
            Box::pin(async move {
                let user = secret.user_id.as_str();
                let Some(row) = tx.opt(FIND_DEVELOPER, &params![user]).await? else {
                    return Ok(AssignAccountSecret::NotFound);
                };
                if row.opt_int(0)?.is_some() {
                    return Ok(AssignAccountSecret::AlreadyDeveloper);
                }
                tx.exec(SET_DEVELOPER, &params![user, change.now]).await?;
                insert_secret(tx, secret).await?;
                change_log::append(tx, Entity::User, user, change.now).await?;
                change.write(tx, user).await?;
                Ok(AssignAccountSecret::Assigned)
            })
        })
        .await
    }

    /// Takes from a user that they are a developer, and the secret with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_developer(&self, end: EndDeveloper) -> Result<EndedDeveloper> {
        self.change(end, |tx, it| {
            Box::pin(async move {
                let (user, now) = (it.user_id.as_str(), it.revoked.now);
                let Some(row) = tx.opt(FIND_DEVELOPER, &params![user]).await? else {
                    return Ok(EndedDeveloper::NotFound);
                };
                if row.opt_int(0)?.is_none() {
                    return Ok(EndedDeveloper::WasNone);
                }
                let had_one = tx.opt(FIND_ACCOUNT_SECRET_THAT_COUNTS, &params![user]).await?.is_some();
                let announced = end_all(tx, user, now).await?;
                tx.exec(SET_DEVELOPER, &params![user, None::<Timestamp>]).await?;
                change_log::append(tx, Entity::User, user, now).await?;
                audit::append(tx, std::slice::from_ref(&it.updated)).await?;
                if had_one {
                    it.revoked.write(tx, user).await?;
                }
                Ok(EndedDeveloper::Ended { announced })
            })
        })
        .await
    }

    /// Gives a developer another secret, once for a form. Of several who do so at once one does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replace_account_secret(
        &self,
        replace: ReplaceAccountSecret,
    ) -> Result<ReplacedAccountSecret> {
        self.change(replace, |tx, it| {
            Box::pin(async move {
                let (user, now) = (it.secret.user_id.as_str(), it.change.now);
                if !it.change.is_in_session(tx, user).await? {
                    return Ok(ReplacedAccountSecret::Barred);
                }
                if it.change.was_sent_before(tx).await? {
                    return Ok(ReplacedAccountSecret::SentBefore);
                }
                if tx.opt(MAY_HAVE_ACCOUNT_SECRET, &params![user]).await?.is_none() {
                    return Ok(ReplacedAccountSecret::NotDeveloper);
                }
                if let Some(first) = it.change.is_too_often(tx, user).await? {
                    return Ok(ReplacedAccountSecret::TooOften(first));
                }
                let counts = tx.opt(FIND_ACCOUNT_SECRET_THAT_COUNTS, &params![user]).await?;
                let counts = counts.as_ref().map(|row| row.text(0)).transpose()?;
                if counts != it.seen.as_ref().map(SecretId::as_str) {
                    return Ok(ReplacedAccountSecret::Overtaken);
                }
                let announced = make_way(tx, user, it.overlap_until, now).await?;
                insert_secret(tx, &it.secret).await?;
                it.change.write(tx, user).await?;
                Ok(ReplacedAccountSecret::Replaced { announced })
            })
        })
        .await
    }

    /// Notes that the secret that counts is about to be shown. Unless that is noted nothing must be shown.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reveal_account_secret(
        &self,
        user: &UserId,
        id: &SecretId,
        change: CredentialChange,
    ) -> Result<RevealAccountSecret> {
        self.change((user.clone(), id.clone(), change), |tx, (user, id, change)| {
            Box::pin(async move {
                let user = user.as_str();
                if !change.is_in_session(tx, user).await?
                    || tx.opt(MAY_HAVE_ACCOUNT_SECRET, &params![user]).await?.is_none()
                {
                    return Ok(RevealAccountSecret::Barred);
                }
                if let Some(first) = change.is_too_often(tx, user).await? {
                    return Ok(RevealAccountSecret::TooOften(first));
                }
                if tx.exec(NOTE_REVEALED, &params![user, id.as_str(), change.now]).await? == 0 {
                    return Ok(RevealAccountSecret::Overtaken);
                }
                change.write(tx, user).await?;
                Ok(RevealAccountSecret::Revealed)
            })
        })
        .await
    }

    /// Revokes a developer's secret: nothing of it works any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_account_secret(
        &self,
        user: &UserId,
        change: CredentialChange,
    ) -> Result<RevokeAccountSecret> {
        self.change((user.clone(), change), |tx, (user, change)| {
            Box::pin(async move {
                let user = user.as_str();
                if tx.opt(FIND_ACCOUNT_SECRET_THAT_COUNTS, &params![user]).await?.is_none() {
                    return Ok(RevokeAccountSecret::None);
                }
                let announced = end_all(tx, user, change.now).await?;
                change.write_end(tx, user).await?;
                Ok(RevokeAccountSecret::Revoked { announced })
            })
        })
        .await
    }
}

/// Ends what was presented until now, or, with an overlap, only what had been replaced before: there are never three. Then guards
/// have to ask again about what ends sooner than they were told.
async fn make_way(
    tx: &mut Tx<'_>,
    user: &str,
    overlap_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<Announced> {
    let Some(until) = overlap_until else { return end_all(tx, user, now).await };
    let mut announced = announce(tx, LIST_SUPERSEDED_ACCOUNT_SECRETS, user, now).await?;
    tx.exec(DELETE_SUPERSEDED_ACCOUNT_SECRETS, &params![user]).await?;
    tx.exec(SUPERSEDE_ACCOUNT_SECRET, &params![user, now, until]).await?;
    announced.merge(announce_subjects(tx, Subjects::User(user), now).await?);
    Ok(announced)
}

/// Removes a user's secrets, and announces those that lived.
pub(crate) async fn end_all(tx: &mut Tx<'_>, user: &str, now: Timestamp) -> Result<Announced> {
    let announced = announce(tx, LIST_LIVING_ACCOUNT_SECRETS, user, now).await?;
    tx.exec(DELETE_ACCOUNT_SECRETS, &params![user]).await?;
    Ok(announced)
}

/// Ends one secret, whichever of its user's it is. `false`: it worked no more.
pub(crate) async fn end_one(tx: &mut Tx<'_>, digest: &Digest, now: Timestamp) -> Result<bool> {
    let digest = digest.as_bytes().as_slice();
    let Some(row) = tx.opt(FIND_LIVING_ACCOUNT_SECRET, &params![digest, now]).await? else {
        return Ok(false);
    };
    announce_one(tx, &mut Reader::new(&row, "account_secrets"), now).await?;
    tx.exec(DELETE_ACCOUNT_SECRET, &params![digest]).await?;
    Ok(true)
}

async fn announce(tx: &mut Tx<'_>, which: Sql, user: &str, now: Timestamp) -> Result<Announced> {
    let mut announced = Announced::default();
    for row in tx.rows(which, &params![user, now]).await? {
        announced.merge(announce_one(tx, &mut Reader::new(&row, "account_secrets"), now).await?);
    }
    Ok(announced)
}

async fn announce_one(tx: &mut Tx<'_>, read: &mut Reader<'_>, now: Timestamp) -> Result<Announced> {
    let jti = read.text("jti")?;
    let handle = TokenHandle::of_jti(jti).ok_or_else(|| read.corrupt("jti", "no jti"))?;
    announce_account_secret(tx, (handle.as_str(), read.opt_at("expires_at")?), now).await
}
