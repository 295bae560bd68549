//! Mail with a link that an operator or a user themselves has asked for.

use std::sync::Arc;

use tokenry_clock::Clock;
use tokenry_model::{Actor, Event, LinkPurpose, Record, Rng, Subject, UserId};
use tokenry_store::{SendLink, Store};

use super::letter::{Letter, Staying};
use super::links::new_link;
use crate::keyring::DataKey;
use crate::manage::Error;

/// Sends links to users, acting for one actor on one database.
#[derive(Clone, Debug)]
pub struct Postman {
    /// The database.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes links.
    pub rng: Arc<dyn Rng>,
    /// Seals what is in the outbox.
    pub data_key: Arc<DataKey>,
    /// Where the links lead: never taken from a request.
    pub issuer: String,
    /// Who sends.
    pub actor: Actor,
}

/// A mail that is in the outbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sent {
    /// From when on its link is dead.
    pub ends_at: tokenry_clock::Timestamp,
}

impl Postman {
    /// Sends a link to choose a first password. Earlier ones are dead.
    ///
    /// # Errors
    /// When there is no such user that may act, or it has a password.
    pub async fn invite(&self, user: &str) -> Result<Sent, Error> {
        self.send(user, LinkPurpose::Invitation, Event::UserInvited).await
    }

    /// Sends a link that proves the user's address. Earlier ones are dead.
    ///
    /// # Errors
    /// When there is no such user that may act.
    pub async fn send_verification(&self, user: &str) -> Result<Sent, Error> {
        self.send(user, LinkPurpose::Verification, Event::VerificationSent).await
    }

    async fn send(&self, user: &str, purpose: LinkPurpose, event: Event) -> Result<Sent, Error> {
        let id = UserId::parse(user).map_err(|_none| Error::not_found("user", user))?;
        let now = self.clock.now();
        let (address, link) = new_link(&self.issuer, purpose, now, &*self.rng);
        let letter = Letter {
            about: purpose.into(),
            issuer: self.issuer.clone(),
            link: Some(address),
            ends_at: Some(link.expires_at),
            at: now,
            address: None,
            browser: None,
            language: None,
            other: None,
            factors: Staying::default(),
            leaked: Vec::new(),
        };
        let mail = letter.seal(&self.data_key, &*self.rng);
        let record = Record::new(now, event, self.actor.clone(), Some(Subject::User(id.clone())));
        let sent = self.store.send_link(&id, &link, &mail, &record).await;
        match sent.map_err(|error| Error::from_store(error, "user", user))? {
            SendLink::HasPassword => Err(Error::invalid(
                "user",
                "it has a password already; who forgot it asks for a link at /reset, and set-password sets another",
            )),
            SendLink::NotFound => Err(Error::not_found("user that may act", user)),
            SendLink::Sent => Ok(Sent { ends_at: link.expires_at }),
        }
    }
}
