//! The way back to an address: for a week after a change, who reads mail at the old one can undo it. It may have been somebody
//! else who had the password and the mailbox for a while, so all that they could have kept goes too: what waits, later changes,
//! sessions and what was granted in them, second factors as young as the wish for which no older one vouches, what applications
//! were let do as lately, a deletion that was asked for, and the password, which is chosen anew at once.

use tokenry_model::{Actor, Event, LinkPurpose, MailLink};
use tokenry_protocol::secret::Secret;
use tokenry_store::{Error as StoreError, UndoAddress};

use super::letter::About;
use super::links::{digest, token};
use super::reset::YOUNG;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// How many of the addresses that the account has had since are told: more were nobody's for long.
const MOST_TOLD: usize = 8;

impl Engine {
    /// Takes a change of address back by the link that was sent to the old one, once, and yields what is random in the link by
    /// which a password is chosen then. `None`: it was not to be used.
    ///
    /// # Errors
    /// When the database does not answer, or somebody else has the address: nothing was changed then.
    pub async fn undo_address(&self, link: &Secret, context: &Context) -> Result<Option<Secret>, Refusal> {
        let reset = token(&*self.rng);
        let undo = UndoAddress {
            digest: digest(link),
            now: context.now,
            young: YOUNG,
            link: MailLink::new(digest(&reset), LinkPurpose::Reset, context.now),
            mails: (0..MOST_TOLD).map(|_| self.notice(About::AddressRestored, context)).collect(),
            record: context.record(Event::UserAddressRestored, Actor::Anonymous, None),
        };
        match self.store.undo_address(undo).await {
            Ok(Some(_announced)) => {
                self.wake_sender();
                self.tell_of_ended_sessions();
                Ok(Some(reset))
            }
            Ok(None) => Ok(None),
            Err(StoreError::Exists(_user)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
