//! Users who leave: the deletion of an account that its owner has asked for, taken back, or carried out once its time has come.

use tokenry_clock::Timestamp;
use tokenry_model::{OutboxMail, Record, UserId};

use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::own_events::{Subjects, announce_subjects};
use crate::users::{end_user, remove};
use crate::{OwnChange, Store, audit, mail_links, mail_outbox, params, statements};

statements! {
    pub(crate) FIND_LEAVING = "SELECT delete_at FROM users WHERE id = $1 AND delete_at IS NOT NULL";
    pub(crate) SET_DELETION = "UPDATE users SET delete_at = $2 WHERE id = $1";
    pub(crate) LIST_DUE_DELETIONS =
        "SELECT id FROM users WHERE delete_at <= $1 ORDER BY delete_at, id LIMIT $2";
    /// Who is kept, or barred, in the last moment stays.
    pub(crate) FIND_DUE_DELETION =
        "SELECT id FROM users WHERE id = $1 AND delete_at <= $2 AND disabled_at IS NULL";
}

impl Store {
    /// Lets a user leave, who is to be deleted at `due_at`: signed out everywhere at once, and all that was granted ends. Those
    /// who have an address that leads back to the account are told, too; a change of address since these were found is one of
    /// the user. `None` where the user is not who was decided on, or leaves already; nothing is done then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ask_deletion(
        &self,
        change: OwnChange,
        due_at: Timestamp,
        told: Vec<(String, OutboxMail)>,
    ) -> Result<Option<Announced>> {
        self.change((change, due_at, told), |tx, (change, due_at, told)| {
            Box::pin(async move {
                let user = change.user_id.as_str();
                if tx.opt(FIND_LEAVING, &params![user]).await?.is_some() || !change.make(tx).await? {
                    return Ok(None);
                }
                tx.exec(SET_DELETION, &params![user, *due_at]).await?;
                for (address, mail) in told {
                    mail_outbox::put_to(tx, address, mail).await?;
                }
                mail_links::kill(tx, user, change.now).await?;
                let (_sessions, mut announced) = end_user(tx, user, change.now).await?;
                announced.merge(announce_subjects(tx, Subjects::User(user), change.now).await?);
                Ok(Some(announced))
            })
        })
        .await
    }

    /// Keeps a user who was to be deleted; `false` where there is none who leaves, or the user is not who was decided on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_back_deletion(&self, change: OwnChange) -> Result<bool> {
        self.change(change, |tx, change| {
            Box::pin(async move {
                let user = change.user_id.as_str();
                if tx.opt(FIND_LEAVING, &params![user]).await?.is_none() || !change.make(tx).await? {
                    return Ok(false);
                }
                take_back(tx, user).await?;
                announce_subjects(tx, Subjects::User(user), change.now).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Up to `limit` users who were to be deleted at `now` or earlier, the longest due first.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_due_deletions(&self, now: Timestamp, limit: i64) -> Result<Vec<UserId>> {
        let rows = self.db.list(LIST_DUE_DELETIONS, &params![now, limit]).await?;
        rows.iter().map(|row| Reader::new(row, "users").parse("id", UserId::parse)).collect()
    }

    /// Removes a user whose time has come, with all that is the user's, and writes to the address that is known for the last
    /// time. Of several who do so at once, one has; `None` for the others, and where the user stays after all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_leaving_user(
        &self,
        id: &UserId,
        now: Timestamp,
        mail: &OutboxMail,
        record: &Record,
    ) -> Result<Option<Announced>> {
        let input = (id.clone(), now, mail.clone(), record.clone());
        self.change(input, |tx, (id, now, mail, record)| {
            Box::pin(async move {
                let id = id.as_str();
                if tx.opt(FIND_DUE_DELETION, &params![id, *now]).await?.is_none() {
                    return Ok(None);
                }
                mail_outbox::put(tx, id, mail).await?;
                let removed = remove(tx, id, *now).await?;
                audit::append(tx, std::slice::from_ref(record)).await?;
                Ok(removed)
            })
        })
        .await
    }
}

/// Keeps a user who was to be deleted; `false` where that was not so.
pub(crate) async fn take_back(tx: &mut Tx<'_>, user: &str) -> Result<bool> {
    if tx.opt(FIND_LEAVING, &params![user]).await?.is_none() {
        return Ok(false);
    }
    tx.exec(SET_DELETION, &params![user, None::<Timestamp>]).await?;
    Ok(true)
}
