//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): applications are told that a session has ended.
//!
//! 1. A code that is redeemed for an ID token notes which client its session has signed in to (`store/session_clients.rs`).
//! 2. Whatever ends a session notes, in the same transaction, each of its clients that wants to be told
//!    (`store/logout_outbox.rs`).
//! 3. The [`sender`] of one server leases what is due, signs a [`token`] for it and hands it to whoever speaks HTTP
//!    ([`PostLogout`]). What is not taken is tried again, and given up after a day (decision 21).

mod post;
mod sender;
mod token;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::engine::Engine;

pub use self::post::{PostError, PostLogout, Posting};

/// Who posts, and what wakes the sender.
#[derive(Debug, Default)]
pub(crate) struct Logouts {
    by: Option<Arc<dyn PostLogout>>,
    wake: Notify,
}

impl Engine {
    /// The same engine, which posts logout tokens by `post`. Without it they are kept for a day and not sent.
    #[must_use]
    pub fn posting_logouts_by(mut self, post: Arc<dyn PostLogout>) -> Self {
        self.logouts.by = Some(post);
        self
    }

    /// Says that sessions may have ended here: guards and applications are to be told.
    pub(crate) fn tell_of_ended_sessions(&self) {
        self.feed.wake();
        self.logouts.wake.notify_one();
    }
}
