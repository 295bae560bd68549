//! The mailbox of `dev`: mail that nobody sends, to be read where it was made.

use tokenry_clock::Timestamp;
use tokenry_model::About;
use tokenry_store::Error as StoreError;

use super::letter::Letter;
use super::send::Mail;
use crate::engine::Engine;

/// How many mails are listed.
const MAX_LISTED: i64 = 50;

/// A mail in the mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MailInBox {
    /// Names it.
    pub id: String,
    /// The address.
    pub recipient: String,
    /// What it is about; `None`: another version wrote it, which knew more or less.
    pub about: Option<About>,
    /// When it was written.
    pub at: Timestamp,
    /// When a mail server took it, whereupon what it said was wiped.
    pub sent_at: Option<Timestamp>,
}

/// A mail with what it says.
#[derive(Clone, Debug)]
pub struct OpenedMail {
    /// The mail.
    pub mail: Mail,
    /// When it was written.
    pub at: Timestamp,
}

impl Engine {
    /// The last mails, newest first. For `dev` alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mailbox(&self) -> Result<Vec<MailInBox>, StoreError> {
        self.settle_mail().await;
        let listed = self.store.list_mail(MAX_LISTED).await?;
        let shown = listed.into_iter().map(|mail| MailInBox {
            id: mail.id,
            recipient: mail.recipient,
            about: About::parse(&mail.subject).ok(),
            at: mail.created_at,
            sent_at: mail.sent_at,
        });
        Ok(shown.collect())
    }

    /// A mail that was not sent yet, with what it says. For `dev` alone: it may open somebody's account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_mail(&self, id: &str) -> Result<Option<OpenedMail>, StoreError> {
        let Some(found) = self.store.find_mail(id).await? else { return Ok(None) };
        let Some(letter) = Letter::open(&found.id, &found.wrapped, &self.data_key) else { return Ok(None) };
        let languages = self.languages_of(&found.recipient, &letter).await;
        let mail = Mail { id: found.id, recipient: found.recipient, letter, languages };
        Ok(Some(OpenedMail { at: found.created_at, mail }))
    }
}
