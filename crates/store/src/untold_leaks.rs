//! Telling users of credentials of theirs that leaked: many of a while in one mail.

use tokenry_clock::Timestamp;
use tokenry_model::{Leak, LeakKind, OutboxMail, UserId};

use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, mail_outbox, params, statements};

/// Of which a user was not told yet, up to one of them, in the order in which they are listed.
macro_rules! untold_until {
    () => {
        "user_id = $1 AND told_at IS NULL AND (reported_at < $3 OR (reported_at = $3 AND id <= $4))"
    };
}

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
    /// All of $5, or none: of several who tell at once one does.
    pub(crate) NOTE_TOLD_LEAKS = concat!(
        "UPDATE leaks SET told_at = $2 WHERE ", untold_until!(), " AND (SELECT COUNT(*) FROM leaks WHERE ", untold_until!(),
        ") = $5"
    );
}

/// That a user is told of leaks.
#[derive(Clone, Debug)]
pub struct TellOfLeaks {
    /// Who.
    pub user_id: UserId,
    /// Of which, as they were listed: one at the least.
    pub leaks: Vec<Leak>,
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

    /// Tells a user of leaks, unless somebody else has told them of one of these, or there is another among them by now; `false`
    /// then.
    ///
    /// # Errors
    /// When the database does not answer: then nobody is told.
    pub async fn tell_of_leaks(&self, tell: TellOfLeaks) -> Result<bool> {
        self.change(tell, |tx, it| {
            Box::pin(async move {
                let Some(Leak { id, reported_at, .. }) = it.leaks.last() else { return Ok(false) };
                let user = it.user_id.as_str();
                let count = i64::try_from(it.leaks.len()).unwrap_or(i64::MAX);
                let values = params![user, it.now, *reported_at, id.as_str(), count];
                if tx.exec(NOTE_TOLD_LEAKS, &values).await? == 0 {
                    return Ok(false);
                }
                mail_outbox::put(tx, user, &it.mail).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Reads what is kept of a leak.
fn read_leak(read: &mut Reader<'_>) -> Result<Leak> {
    Ok(Leak {
        id: read.string("id")?,
        kind: read.parse("kind", LeakKind::parse)?,
        last4: read.string("last4")?,
        revoked: read.flag("revoked")?,
        reported_at: read.at("reported_at")?,
    })
}
