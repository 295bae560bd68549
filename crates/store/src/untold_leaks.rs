//! Telling users of credentials of theirs that leaked: many of a while in one mail.

use tokenry_clock::Timestamp;
use tokenry_model::{Leak, OutboxMail, UserId};

use crate::decode::Reader;
use crate::error::Result;
use crate::leaks::read_leak;
use crate::{Store, mail_outbox, params, statements};

statements! {
    /// $1: of what was reported then or earlier. $2: nobody who was told after that.
    pub(crate) LIST_USERS_TO_TELL_OF_LEAKS =
        "SELECT DISTINCT l.user_id FROM leaks l WHERE l.told_at IS NULL AND l.user_id IS NOT NULL \
         AND l.reported_at <= $1 \
         AND NOT EXISTS (SELECT 1 FROM leaks t WHERE t.user_id = l.user_id AND t.told_at > $2) \
         ORDER BY l.user_id LIMIT $3";
    pub(crate) LIST_UNTOLD_LEAKS =
        "SELECT id, kind, last4, revoked, reported_at FROM leaks WHERE user_id = $1 AND told_at IS NULL \
         ORDER BY reported_at, id LIMIT $2";
    /// Of several who tell at once one does.
    pub(crate) NOTE_TOLD_LEAK = "UPDATE leaks SET told_at = $2 WHERE id = $1 AND told_at IS NULL";
}

/// That a user is told of leaks.
#[derive(Clone, Debug)]
pub struct TellOfLeaks {
    /// Who.
    pub user_id: UserId,
    /// Of which, by their ids: one at the least.
    pub leaks: Vec<String>,
    /// When.
    pub now: Timestamp,
    /// What they are told.
    pub mail: OutboxMail,
}

impl Store {
    /// Up to `limit` users who are to be told of something that was reported at `before` or earlier, and were told of nothing
    /// after `quiet_since`.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_users_to_tell_of_leaks(
        &self,
        before: Timestamp,
        quiet_since: Timestamp,
        limit: i64,
    ) -> Result<Vec<UserId>> {
        let rows = self.db.list(LIST_USERS_TO_TELL_OF_LEAKS, &params![before, quiet_since, limit]).await?;
        let users = rows.iter().map(|row| Reader::new(row, "leaks").parse("user_id", UserId::parse));
        users.collect()
    }

    /// Up to `limit` leaks of which a user was not told yet, the oldest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_untold_leaks(&self, user: &UserId, limit: i64) -> Result<Vec<Leak>> {
        let rows = self.db.rows(LIST_UNTOLD_LEAKS, &params![user.as_str(), limit]).await?;
        rows.iter().map(|row| read_leak(&mut Reader::new(row, "leaks"))).collect()
    }

    /// Tells a user of leaks, unless somebody else has told them of one of these; `false` then.
    ///
    /// # Errors
    /// When the database does not answer: then nobody is told.
    pub async fn tell_of_leaks(&self, tell: TellOfLeaks) -> Result<bool> {
        self.change(tell, |tx, it| {
            Box::pin(async move {
                let mut noted = 0;
                for id in &it.leaks {
                    let now = tx.exec(NOTE_TOLD_LEAK, &params![id.as_str(), it.now]).await?;
                    // Whoever else tells takes them in the same order: all of these, or none.
                    if now == 0 && noted == 0 {
                        return Ok(false);
                    }
                    noted += now;
                }
                mail_outbox::put(tx, it.user_id.as_str(), &it.mail).await?;
                Ok(noted > 0)
            })
        })
        .await
    }
}
