//! What users change about their own way in: decided on the user as they were, recorded, and told to them by mail.

use tokenry_clock::Timestamp;
use tokenry_model::{OutboxMail, Record, UserId};

use crate::change_log::{self, Entity};
use crate::db::Tx;
use crate::error::Result;
use crate::users::BUMP_USER_AS_SEEN;
use crate::{audit, mail_outbox, params};

/// A change that somebody makes to how they sign in, having shown who they are.
#[derive(Clone, Debug)]
pub struct OwnChange {
    /// Who.
    pub user_id: UserId,
    /// The version of the user that it was decided on. Whoever changed, or barred, the user since then has the last word.
    pub seen: i64,
    /// When.
    pub now: Timestamp,
    /// What is recorded.
    pub record: Record,
    /// What tells the owner of the account: it may have been somebody else.
    pub mail: OutboxMail,
}

impl OwnChange {
    /// Makes it, as far as it is the same for all; `false` where the user is not who was decided on, and nothing is done.
    pub(crate) async fn make(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let user = self.user_id.as_str();
        if tx.exec(BUMP_USER_AS_SEEN, &params![user, self.seen]).await? == 0 {
            return Ok(false);
        }
        change_log::append(tx, Entity::User, user, self.now).await?;
        mail_outbox::put(tx, user, &self.mail).await?;
        audit::append(tx, std::slice::from_ref(&self.record)).await?;
        Ok(true)
    }
}
