//! Accounts that people make themselves: of whoever asks nothing is stored but the mail, until a week after it was sent, and
//! no user before the address is proven.

use tokenry_model::{OutboxMail, Record, User};

use crate::change_log::Entity;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::mail_links::{self, ResetRequest};
use crate::{Store, audit, params, passwords, statements, users};

statements! {
    pub(crate) HAS_ACCOUNT = "SELECT id FROM users WHERE username = $1";
    /// $1: the address. $2 and $3: between when another such was written to it, which suffices. $8: how many mails may wait;
    /// strangers put none behind more.
    pub(crate) PUT_SIGN_UP_MAIL =
        "INSERT INTO mail_outbox \
         (id, recipient, subject, wrapped, data_key_id, created_at, attempts, due_at, lease_until) \
         SELECT $4, $1, $5, $6, $7, $3, 0, $3, 0 WHERE NOT EXISTS \
         (SELECT 1 FROM mail_outbox m WHERE m.recipient = $1 AND m.subject = $5 AND m.created_at > $2 AND m.created_at <= $3) \
         AND (SELECT COUNT(*) FROM (SELECT 1 FROM mail_outbox w WHERE w.sent_at IS NULL LIMIT $8) AS waiting) < $8";
}

/// Somebody's wish for an account.
#[derive(Clone, Debug)]
pub struct SignUpRequest {
    /// The mail that is sent if nobody has an account by that address, and no such mail was sent there lately.
    pub mail: OutboxMail,
    /// How many mails may wait to be sent: where as many do, none is added.
    pub most_waiting: i64,
    /// What is done instead if somebody has, with the address and the pause of both.
    pub reset: ResetRequest,
}

/// An account that somebody makes whose address is proven.
#[derive(Clone)]
pub struct SignUp {
    /// The user.
    pub user: User,
    /// The argon2id hash of the password, in PHC form.
    pub hash: String,
    /// What is recorded.
    pub record: Record,
}

impl std::fmt::Debug for SignUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignUp").field("user", &self.user.id).finish_non_exhaustive()
    }
}

impl Store {
    /// Sends a mail to whoever wants an account: one that leads to an account, or, if there is one, what
    /// [`Store::request_reset`] sends. How long that takes tells which, so nobody may wait for it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn request_sign_up(&self, request: SignUpRequest) -> Result<()> {
        self.change(request, |tx, request| Box::pin(write_request(tx, request))).await
    }

    /// Makes the user, with a password. `false`: somebody has the username.
    ///
    /// # Errors
    /// When the database does not answer: nothing was changed then.
    pub async fn sign_up(&self, sign_up: SignUp) -> Result<bool> {
        let made = self.change(sign_up, |tx, SignUp { user, hash, record }| {
            Box::pin(async move {
                users::insert_user(tx, user).await?;
                passwords::put(tx, &user.id, hash, user.created_at).await?;
                audit::append(tx, std::slice::from_ref(record)).await
            })
        });
        match made.await {
            Ok(()) => Ok(true),
            Err(Error::Exists(Entity::User)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

async fn write_request(tx: &mut Tx<'_>, request: &SignUpRequest) -> Result<()> {
    let SignUpRequest { mail, most_waiting, reset } = request;
    let username = reset.username.as_str();
    if tx.opt(HAS_ACCOUNT, &params![username]).await?.is_some() {
        return mail_links::write_reset(tx, reset).await;
    }
    let values = params![
        username,
        mail.created_at.minus(reset.pause),
        mail.created_at,
        mail.id.as_str(),
        mail.subject.as_str(),
        mail.wrapped.as_slice(),
        mail.data_key_id.as_str(),
        *most_waiting,
    ];
    tx.exec(PUT_SIGN_UP_MAIL, &values).await?;
    Ok(())
}
