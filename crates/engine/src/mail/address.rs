//! Another address for one's account, which is also the name that one signs in with: both mailboxes have to agree.
//!
//! 1. Whoever is signed in names the address. A link goes to the one until now, which has to allow it, and one to the new one,
//!    which has to be theirs. An address that was never proven is not asked: nobody knows whose it is.
//! 2. Whether somebody else has the new address only its mailbox is told (LOG-02): there the other mail says that it has an account,
//!    and the wish waits until it ends.
//! 3. When both have said yes, in any order, the address is changed. Links to the old one are dead; sessions go on, for who sits
//!    there did it, with a fresh proof.
//! 4. The old address is told, with a link that leads back for a week: [`address_undo`](super::address_undo).

use std::time::Duration;

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Digest, Event, Subject, UserId, uuid_v7};
use tokenry_protocol::secret::Secret;
use tokenry_store::{
    AddressWish, ConfirmAddress, ConfirmedAddress, Error as StoreError, WaitingAddress, WishSide,
    WishedAddress,
};

use super::letter::{About, Letter};
use super::links::{address, digest, token};
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::refusal::{Cause, Refusal};
use crate::session::{FreshUser, SignedInUser};
use crate::sign_in::canonical_username;

/// Where links about addresses lead.
pub(super) const ADDRESS_PATH: &str = "/address";
/// How long both links of a wish may be used.
const LIFE: Duration = Duration::from_secs(86_400);
/// How long the change can be taken back at the old address.
const WAY_BACK: Duration = Duration::from_secs(7 * 86_400);
/// How many wishes somebody may have in so long: each sends a mail to an address that anybody may have.
const MOST: (i64, Duration) = (5, Duration::from_secs(3_600));

/// A wish for another address was not taken.
#[derive(Debug, Error)]
pub enum AddressError {
    /// The server cannot answer.
    #[error("the server cannot answer")]
    Failed(Refusal),
    /// Too much was sent to that address from where the wish came.
    #[error("too many links were asked for")]
    Limited {
        /// When it may be asked for again.
        retry_after: Duration,
    },
    /// It is no e-mail address.
    #[error("it is no e-mail address")]
    NoAddress,
    /// The account was changed meanwhile.
    #[error("the account was changed meanwhile")]
    Overtaken,
    /// It is the address that the account has.
    #[error("it is the address that the account has")]
    Same,
    /// They have asked too often lately.
    #[error("another address was asked for too often")]
    TooOften,
}

impl From<StoreError> for AddressError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What somebody can do who has a link about an address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressUse {
    /// Let the account have another one than this.
    Allow,
    /// Let an account have this one.
    Claim,
    /// Give the account this one back.
    Undo,
}

/// A link about an address that may be used, as its page shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressLink {
    /// The address that the link was sent to.
    pub to: String,
    /// The address that the account would have; only the mailbox of the account's own is shown it.
    pub wished: Option<String>,
    /// What it is for.
    pub purpose: AddressUse,
}

impl Engine {
    /// The wish of a user that waits for a mailbox.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waiting_address(
        &self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Option<WaitingAddress>, Refusal> {
        Ok(self.store.find_waiting_address(user, now).await?)
    }

    /// Asks both mailboxes about another address for somebody who has just proven to be who they are: steps 1 and 2. A wish
    /// that waits is over.
    ///
    /// # Errors
    /// When it is none that they could have, they ask too often, or the server cannot answer. Nothing was changed then.
    pub async fn wish_address(
        &self,
        current: &FreshUser,
        written: &str,
        context: &Context,
    ) -> Result<(), AddressError> {
        let user = current.user();
        let wished = canonical_username(written).map_err(|_invalid| AddressError::NoAddress)?;
        if wished == user.username {
            return Err(AddressError::Same);
        }
        let asking = Party::asking(&wished, context.address);
        self.limits.fail(&asking, context.now).map_err(|refusal| match refusal.cause.as_deref() {
            Some(Cause::RateLimited) => {
                AddressError::Limited { retry_after: refusal.retry_after.unwrap_or_default() }
            }
            _ => AddressError::Failed(refusal),
        })?;
        match self.store.wish_address(self.wish(current, wished, context)).await? {
            WishedAddress::Asked => {
                self.wake_sender();
                Ok(())
            }
            WishedAddress::Overtaken => Err(AddressError::Overtaken),
            WishedAddress::TooOften => Err(AddressError::TooOften),
        }
    }

    fn wish(&self, current: &SignedInUser, wished: String, context: &Context) -> AddressWish {
        let (user, now) = (current.user(), context.now);
        let expires_at = now.plus(LIFE);
        let linked = |about, other| {
            let token = token(&*self.rng);
            let letter = Letter {
                link: Some(address(self.issuer(), ADDRESS_PATH, &token)),
                ends_at: Some(expires_at),
                other,
                ..self.letter(about, context)
            };
            (digest(&token), letter.seal(&self.data_key, &*self.rng))
        };
        let proven = user.email_verified_at.is_some();
        let (actor, subject) = (Actor::User(user.id.clone()), Subject::User(user.id.clone()));
        AddressWish {
            id: uuid_v7(now, &*self.rng).to_string(),
            user_id: user.id.clone(),
            seen: user.version,
            allow: proven.then(|| linked(About::AddressAllowance, Some(wished.clone()))),
            claim: linked(About::AddressClaim, None),
            taken: self.notice(About::AddressTaken, context),
            new_address: wished,
            now,
            expires_at,
            most: MOST,
            record: context.record(Event::UserAddressWished, actor, Some(subject)),
        }
    }

    /// Calls off the wish of somebody that waits; `false` where none does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn call_off_address(&self, current: &SignedInUser, context: &Context) -> Result<bool, Refusal> {
        let user = &current.user().id;
        let (actor, subject) = (Actor::User(user.clone()), Subject::User(user.clone()));
        let record = context.record(Event::UserAddressCalledOff, actor, Some(subject));
        Ok(self.store.call_off_address(user, context.now, &record).await?)
    }

    /// The link about an address with that `token`, if it may be used now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_address_link(
        &self,
        token: &Secret,
        now: Timestamp,
    ) -> Result<Option<AddressLink>, Refusal> {
        let digest = digest(token);
        if let Some(link) = self.store.find_wish_link(&digest, now).await? {
            return Ok(Some(match link.side {
                WishSide::Allow => {
                    let wished = Some(link.new_address);
                    AddressLink { to: link.old_address, wished, purpose: AddressUse::Allow }
                }
                WishSide::Claim => {
                    AddressLink { to: link.new_address, wished: None, purpose: AddressUse::Claim }
                }
            }));
        }
        let back = self.store.find_way_back(&digest, now).await?;
        Ok(back.map(|to| AddressLink { to, wished: None, purpose: AddressUse::Undo }))
    }

    /// Uses a link of a wish, once; the one that comes last changes the address: step 3.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn confirm_address(
        &self,
        token: &Secret,
        link: &AddressLink,
        context: &Context,
    ) -> Result<ConfirmedAddress, Refusal> {
        let side = match link.purpose {
            AddressUse::Allow => WishSide::Allow,
            AddressUse::Claim => WishSide::Claim,
            AddressUse::Undo => return Ok(ConfirmedAddress::Dead),
        };
        let confirmed = self.store.confirm_address(self.confirmation(digest(token), side, context)).await?;
        if confirmed == ConfirmedAddress::Done {
            self.wake_sender();
        }
        Ok(confirmed)
    }

    fn confirmation(&self, digest: Digest, side: WishSide, context: &Context) -> ConfirmAddress {
        let undo = token(&*self.rng);
        let until = context.now.plus(WAY_BACK);
        let told = self.letter(About::AddressChanged, context);
        let link = Some(address(self.issuer(), ADDRESS_PATH, &undo));
        let with_link = Letter { link, ends_at: Some(until), ..told.clone() };
        let by = match side {
            WishSide::Allow => "old",
            WishSide::Claim => "new",
        };
        ConfirmAddress {
            digest,
            side,
            now: context.now,
            undo: (super::links::digest(&undo), until),
            mail: with_link.seal(&self.data_key, &*self.rng),
            mail_without: told.seal(&self.data_key, &*self.rng),
            confirmed: context.record(Event::UserAddressConfirmed, Actor::Anonymous, None).with("by", by),
            changed: context.record(Event::UserAddressChanged, Actor::Anonymous, None),
        }
    }
}
