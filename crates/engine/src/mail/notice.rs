//! Mail that tells the owner of an account what was done to it, from where and with which browser: it may not have been them.

use tokenry_clock::Timestamp;
use tokenry_model::OutboxMail;

use super::letter::{About, Letter};
use crate::context::Context;
use crate::engine::Engine;

impl Engine {
    /// A notice, to be put into the outbox in the transaction of what it tells of.
    pub(crate) fn notice(&self, about: About, context: &Context) -> OutboxMail {
        self.letter(about, context).seal(&self.data_key, &*self.rng)
    }

    /// The same, of what can be undone until `ends_at`.
    pub(crate) fn notice_until(&self, about: About, ends_at: Timestamp, context: &Context) -> OutboxMail {
        let letter = Letter { ends_at: Some(ends_at), ..self.letter(about, context) };
        letter.seal(&self.data_key, &*self.rng)
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
        }
    }
}
