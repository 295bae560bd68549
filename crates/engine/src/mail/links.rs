//! Links in mails: what is random in them, where they lead, and how a browser holds on to one between two pages.
//!
//! Somebody who opens a link must not leave it in the address bar, in the history or in a `Referer`. So the first request
//! only moves it into a cookie, sealed and short-lived, and the pages after it have an address that tells nothing.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, DigestDomain, LinkPurpose, MailLink, Rng, random_base62};
use tokenry_protocol::secret::Secret;

use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::session::Purpose;

/// How many characters of base62 are random in a link: 256 bits.
const LEN: usize = 43;
/// Where a password is chosen.
pub(super) const CHOOSE_PATH: &str = "/reset/password";
/// How long a browser holds on to a link that was opened.
pub const KEPT_LINK_TTL: Duration = Duration::from_secs(30 * 60);

/// A link that may be used, as its page shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LinkView {
    /// The address that it was sent to, which is the username.
    pub username: String,
    /// What it is for.
    pub purpose: LinkUse,
}

/// What somebody can do who has a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkUse {
    /// Choose a first password.
    Invitation,
    /// Choose a password anew.
    Reset,
    /// Make an account, by choosing its password.
    SignUp,
    /// Prove an address.
    Verification,
}

impl From<LinkPurpose> for LinkUse {
    fn from(purpose: LinkPurpose) -> Self {
        match purpose {
            LinkPurpose::Invitation => Self::Invitation,
            LinkPurpose::Reset => Self::Reset,
            LinkPurpose::Verification => Self::Verification,
        }
    }
}

/// Makes a link at an issuer, and what is stored of it.
pub(super) fn new_link(
    issuer: &str,
    purpose: LinkPurpose,
    now: Timestamp,
    rng: &dyn Rng,
) -> (Secret, MailLink) {
    let value = token(rng);
    let path = match purpose {
        LinkPurpose::Invitation | LinkPurpose::Reset => CHOOSE_PATH,
        LinkPurpose::Verification => "/verify",
    };
    (address(issuer, path, &value), MailLink::new(digest(&value), purpose, now))
}

/// What is random in a link.
pub(super) fn token(rng: &dyn Rng) -> Secret {
    Secret::new(random_base62(rng, LEN))
}

/// The address that a mail has.
pub(super) fn address(issuer: &str, path: &str, token: &Secret) -> Secret {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    Secret::new(format!("{issuer}{path}?token={}", token.expose()))
}

/// What is stored of what is random in a link.
pub(super) fn digest(value: &Secret) -> Digest {
    Digest::of(DigestDomain::MailLink, value)
}

impl Engine {
    /// The link with that `token`, if it may be used now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_link(&self, token: &Secret, now: Timestamp) -> Result<Option<LinkView>, Refusal> {
        if let Some(username) = self.sign_up_of(token, now) {
            let taken = self.store.find_user_by_username(&username).await?;
            return Ok(taken.is_none().then_some(LinkView { username, purpose: LinkUse::SignUp }));
        }
        let found = self.store.find_mail_link(&digest(token), now).await?;
        Ok(found.map(|found| LinkView { username: found.username, purpose: found.purpose.into() }))
    }

    /// What a browser keeps of a link that was opened, for [`KEPT_LINK_TTL`]. `None`: it is no link of ours.
    #[must_use]
    pub fn keep_link(&self, token: &Secret, now: Timestamp) -> Option<String> {
        let random = token.len() == LEN && token.expose().bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !random && self.sign_up_of(token, now).is_none() {
            return None;
        }
        self.seal(Purpose::LinkCookie, &token.expose(), now.plus(KEPT_LINK_TTL), now).ok()
    }

    /// The token of the link that a browser has kept, while it may.
    #[must_use]
    pub fn kept_link(&self, kept: &str, now: Timestamp) -> Option<Secret> {
        self.unseal(Purpose::LinkCookie, kept, now).map(Secret::new)
    }
}
