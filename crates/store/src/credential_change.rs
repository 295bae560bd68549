//! What is written beside a change to a credential of a user's own, a personal access token or an account secret: the record, the
//! mail to its owner, and the form that asks for it.

use tokenry_clock::Timestamp;
use tokenry_model::{OutboxMail, Record, SessionId};

use crate::answered_requests::{PendingRequest, is_answered, mark_answered};
use crate::audit_of_users::{ENDS_BY_USER, VALUES_OF_USER, first_of};
use crate::db::Tx;
use crate::error::Result;
use crate::sessions::HOLD_SESSION;
use crate::{audit, mail_outbox, params};

/// What is recorded of a change to a credential of a user's own, and told to its owner: it may have been somebody else.
#[derive(Clone, Debug)]
pub struct CredentialChange {
    /// When.
    pub now: Timestamp,
    /// What is recorded.
    pub records: Vec<Record>,
    /// What the owner is told; `None`: they are told otherwise, or not.
    pub mail: Option<OutboxMail>,
    /// The form that asks for it, which makes one value however often it is sent.
    pub form: Option<PendingRequest>,
    /// The session in which its owner does it, and which has to be there still; `None`: it is done in none, or may be done
    /// whatever becomes of that.
    pub session: Option<SessionId>,
    /// How many values its owner may have made or seen since when, or, of an end, of how many they are told; `None`: of any number.
    pub most: Option<(i64, Timestamp)>,
}

impl CredentialChange {
    /// One that no form asks for, and that is done in no session.
    #[must_use]
    pub const fn new(now: Timestamp, records: Vec<Record>, mail: Option<OutboxMail>) -> Self {
        Self { now, records, mail, form: None, session: None, most: None }
    }

    /// Whether the session in which it is done is there still. It stays so until this is written: what is made in a session is made
    /// before its end, or not at all, also by whoever had the account and asks while its owner takes it back.
    pub(crate) async fn is_in_session(&self, tx: &mut Tx<'_>, user: &str) -> Result<bool> {
        match &self.session {
            None => Ok(true),
            Some(session) => Ok(tx.exec(HOLD_SESSION, &params![session.as_str(), user]).await? > 0),
        }
    }

    /// Whether its form has made a value before.
    pub(crate) async fn was_sent_before(&self, tx: &mut Tx<'_>) -> Result<bool> {
        match &self.form {
            None => Ok(false),
            Some(form) => is_answered(tx, form).await,
        }
    }

    /// When the first value was made or shown, if there were as many lately as there may be.
    pub(crate) async fn is_too_often(&self, tx: &mut Tx<'_>, user: &str) -> Result<Option<Timestamp>> {
        match self.most {
            None => Ok(None),
            Some(most) => first_of(tx, VALUES_OF_USER, user, most, self.now).await,
        }
    }

    /// Writes an end, which its owner is told of unless they were told of as many lately as they are.
    pub(crate) async fn write_end(&self, tx: &mut Tx<'_>, user: &str) -> Result<()> {
        let untold = match self.most {
            None => None,
            Some(most) => first_of(tx, ENDS_BY_USER, user, most, self.now).await?,
        };
        match untold {
            None => self.write(tx, user).await,
            Some(_first) => Self { mail: None, ..self.clone() }.write(tx, user).await,
        }
    }

    pub(crate) async fn write(&self, tx: &mut Tx<'_>, user: &str) -> Result<()> {
        if let Some(form) = &self.form {
            mark_answered(tx, form).await?;
        }
        if let Some(mail) = &self.mail {
            mail_outbox::put(tx, user, mail).await?;
        }
        audit::append(tx, &self.records).await
    }
}
