//! What a request with a good session, or another good credential, does not get all the same: recorded with who it was, if that
//! is known, and counted, since it may be asked for again and again.

use tokenry_model::UserId;

use crate::context::Context;
use crate::engine::Engine;

/// Why it does not get it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Withheld {
    /// It changes something, and does not show that it comes from a page that may and knows the session's CSRF token.
    CsrfFailed,
    /// It came with another credential than the interactive cookie, where only that counts.
    InteractiveSessionRequired,
    /// It needs a proof of who it is from the last ten minutes.
    ReauthenticationRequired,
}

impl Withheld {
    const fn reason(self) -> &'static str {
        match self {
            Self::CsrfFailed => "csrf_failed",
            Self::InteractiveSessionRequired => "interactive_session_required",
            Self::ReauthenticationRequired => "reauthentication_required",
        }
    }
}

impl Engine {
    /// Counts it. Never waits.
    pub fn note_withheld(&self, why: Withheld, user: Option<&UserId>, context: &Context) {
        match user {
            Some(user) => self.refusals.note_user(why.reason(), user, context),
            None => self.refusals.note(why.reason(), None, context),
        }
    }
}
