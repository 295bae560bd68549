//! Mail: written in the transaction of what it tells of, sent in the background, and never waited for.
//!
//! 1. A verb writes a [`Letter`] and puts it into the outbox, sealed, together with what it tells of.
//! 2. The [`sender`] of one server leases it and hands it to whoever speaks to mail servers ([`SendMail`]).
//! 3. Once a server has taken it, what it said is wiped. What no server takes within a day is given up.
//!
//! Links in mails are [`links`]' business, and what a person does with one [`reset`]'s, [`sign_up`]'s and [`address`]'s.

mod address;
mod address_undo;
mod browser;
mod letter;
mod links;
mod mailbox;
mod notice;
mod postman;
mod reset;
mod send;
mod sender;
mod sign_up;

use std::sync::Arc;

use tokenry_store::{Error as StoreError, Store};
use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;

use crate::engine::Engine;
use crate::refusal::Refusal;

pub use self::address::{AddressError, AddressLink, AddressUse};
pub use self::browser::browser;
pub use self::letter::{About, Leaked, Letter, Staying};
pub use self::links::{KEPT_LINK_TTL, LinkUse, LinkView};
pub use self::mailbox::{MailInBox, OpenedMail};
pub use self::notice::Notices;
pub(crate) use self::notice::{pat_page, secret_page, session_page};
pub use self::postman::{Postman, Sent};
pub use self::reset::ChosenPassword;
pub use self::send::{Mail, SendError, SendMail, Sending};
pub use self::sign_up::LIFE as SIGN_UP_LINK_TTL;
pub use tokenry_store::{ConfirmedAddress, WaitingAddress};

/// How many links that were asked for may wait to be written.
const MAX_ASKED: usize = 64;

/// Who sends, and what wakes it.
#[derive(Debug)]
pub(crate) struct Mailing {
    by: Option<Arc<dyn SendMail>>,
    wake: Notify,
    /// A place for each link that was asked for and is not written yet.
    places: Arc<Semaphore>,
    /// The writing of those.
    asked: TaskTracker,
}

impl Default for Mailing {
    fn default() -> Self {
        let asked = TaskTracker::new();
        // So that it can be waited for: tasks are still taken.
        asked.close();
        Self { by: None, wake: Notify::new(), places: Arc::new(Semaphore::new(MAX_ASKED)), asked }
    }
}

impl Engine {
    /// The same engine, which sends mail by `send`. Without it mail is kept for a day and not sent.
    #[must_use]
    pub fn sending_mail_by(mut self, send: Arc<dyn SendMail>) -> Self {
        self.mailing.by = Some(send);
        self
    }

    /// Writes what somebody has asked for, who is not told when it is written, nor whether (LOG-02, PEER-21).
    ///
    /// # Errors
    /// When too many wait to be written.
    fn write_unwaited<F>(self: &Arc<Self>, write: impl FnOnce(Store) -> F) -> Result<(), Refusal>
    where
        F: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        let place = Arc::clone(&self.mailing.places).try_acquire_owned();
        let place = place.map_err(|_full| Refusal::unavailable("too_many_links_wait"))?;
        let (engine, writing) = (Arc::clone(self), write(self.store.clone()));
        self.mailing.asked.spawn(async move {
            if let Err(error) = writing.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a link that was asked for is not sent"
                );
            }
            drop(place);
            engine.wake_sender();
        });
        Ok(())
    }

    /// Waits until every link that was asked for is in the outbox, if it ever will be.
    pub async fn settle_mail(&self) {
        self.mailing.asked.wait().await;
    }
}
