//! Mail that tells the owner of an account what was done to it, from where and with which browser: it may not have been them.

use std::sync::Arc;

use tokenry_clock::Timestamp;
use tokenry_model::{Leak, OutboxMail, PatId, Rng, SecondFactors, SessionId, User};
use tokenry_protocol::secret::Secret;

use super::letter::{About, Leaked, Letter, Staying};
use crate::context::Context;
use crate::engine::Engine;
use crate::keyring::DataKey;

/// Where developers see the secrets of their accounts.
pub(crate) fn secret_page(issuer: &str) -> Secret {
    Secret::new(format!("{}/account/developer#secret", issuer.trim_end_matches('/')))
}

/// Where a token is seen by its owner.
pub(crate) fn pat_page(issuer: &str, pat: &PatId) -> Secret {
    Secret::new(format!("{}/account/developer#{pat}", issuer.trim_end_matches('/')))
}

/// Where somebody sees one of their sessions, and ends it.
pub(crate) fn session_page(issuer: &str, session: &SessionId) -> Secret {
    Secret::new(format!("{}/account/sessions#{session}", issuer.trim_end_matches('/')))
}

/// What writes notices where no server runs: about what operators do by command.
#[derive(Clone, Debug)]
pub struct Notices {
    /// Seals what is in the outbox.
    pub data_key: Arc<DataKey>,
    /// The server, as users know it.
    pub issuer: String,
}

impl Notices {
    /// A notice to a user, to be put into the outbox in the transaction of what it tells of. It may go to an address that is nobody's
    /// by then, so their language goes with it.
    pub(crate) fn write(
        &self,
        about: About,
        user: &User,
        link: Option<Secret>,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> OutboxMail {
        let issuer = self.issuer.clone();
        Letter {
            about,
            issuer,
            link,
            ends_at: None,
            at: now,
            address: None,
            browser: None,
            language: user.locale().map(str::to_owned),
            other: None,
            factors: Staying::default(),
            leaked: Vec::new(),
        }
        .seal(&self.data_key, rng)
    }
}

impl Engine {
    /// A notice, to be put into the outbox in the transaction of what it tells of.
    pub(crate) fn notice(&self, about: About, context: &Context) -> OutboxMail {
        self.letter(about, context).seal(&self.data_key, &*self.rng)
    }

    /// The same, with the page where what it tells of can be seen.
    pub(crate) fn notice_with_link(&self, about: About, page: Secret, context: &Context) -> OutboxMail {
        let letter = Letter { link: Some(page), ..self.letter(about, context) };
        letter.seal(&self.data_key, &*self.rng)
    }

    /// The same, of what ends at `ends_at`.
    pub(crate) fn notice_of_end(
        &self,
        about: About,
        page: Secret,
        ends_at: Timestamp,
        context: &Context,
    ) -> OutboxMail {
        let letter = Letter { link: Some(page), ends_at: Some(ends_at), ..self.letter(about, context) };
        letter.seal(&self.data_key, &*self.rng)
    }

    /// The same, of what can be undone until `ends_at`.
    pub(crate) fn notice_until(&self, about: About, ends_at: Timestamp, context: &Context) -> OutboxMail {
        let letter = Letter { ends_at: Some(ends_at), ..self.letter(about, context) };
        letter.seal(&self.data_key, &*self.rng)
    }

    /// The same, to a user who will be gone when it is put into words: in their language.
    pub(crate) fn last_notice(&self, about: About, user: &User, context: &Context) -> OutboxMail {
        let letter = Letter { language: user.locale().map(str::to_owned), ..self.letter(about, context) };
        letter.seal(&self.data_key, &*self.rng)
    }

    /// A notice to an address that leads back to a user until `ends_at`, though it is theirs no more: in their language.
    pub(crate) fn notice_to_former(
        &self,
        about: About,
        user: &User,
        ends_at: Timestamp,
        context: &Context,
    ) -> OutboxMail {
        let letter = Letter {
            ends_at: Some(ends_at),
            language: user.locale().map(str::to_owned),
            ..self.letter(about, context)
        };
        letter.seal(&self.data_key, &*self.rng)
    }

    /// A notice with what stays of the second factors.
    pub(crate) fn notice_of_factors(
        &self,
        about: About,
        left: &SecondFactors,
        context: &Context,
    ) -> OutboxMail {
        let letter = Letter { factors: left.into(), ..self.letter(about, context) };
        letter.seal(&self.data_key, &*self.rng)
    }

    /// A notice of credentials that leaked, with the page of what happened to the account.
    pub(crate) fn notice_of_leaks(&self, leaks: &[Leak], context: &Context) -> OutboxMail {
        let page = Secret::new(format!("{}/account/security", self.issuer().trim_end_matches('/')));
        let leaked = leaks.iter().map(Leaked::from).collect();
        let letter = self.letter(About::CredentialsLeaked, context);
        Letter { link: Some(page), leaked, ..letter }.seal(&self.data_key, &*self.rng)
    }

    /// Which languages the reader of a letter reads, best first: what is said of the user who has the address, then what whoever
    /// caused it reads. Asked when the letter is put into words, so that it is as of then; a database that does not answer
    /// must not keep mail from being sent.
    pub(super) async fn languages_of(&self, recipient: &str, letter: &Letter) -> Vec<String> {
        let user = self.store.find_user_by_username(recipient).await.ok().flatten();
        let locale = user.and_then(|user| user.locale().map(str::to_owned));
        locale.into_iter().chain(letter.language.clone()).collect()
    }

    /// A letter about what somebody does now, as yet without a link.
    pub(super) fn letter(&self, about: About, context: &Context) -> Letter {
        Letter {
            about,
            issuer: self.issuer().to_owned(),
            link: None,
            ends_at: None,
            at: context.now,
            address: context.address.map(|address| address.to_canonical().to_string()),
            browser: context.browser.clone(),
            language: context.language.map(str::to_owned),
            other: None,
            factors: Staying::default(),
            leaked: Vec::new(),
        }
    }
}
