//! What is written beside a change to a credential of a user's own, a personal access token or an account secret: the record, the
//! mail to its owner, and the form that asks for it.

use tokenry_clock::Timestamp;
use tokenry_model::{OutboxMail, Record};

use crate::answered_requests::{PendingRequest, is_answered, mark_answered};
use crate::db::Tx;
use crate::error::Result;
use crate::{audit, mail_outbox};

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
}

impl CredentialChange {
    /// Whether its form has made a value before.
    pub(crate) async fn was_sent_before(&self, tx: &mut Tx<'_>) -> Result<bool> {
        match &self.form {
            None => Ok(false),
            Some(form) => is_answered(tx, form).await,
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
