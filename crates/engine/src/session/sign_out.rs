//! Signing out by what a browser shows, each cookie by itself: a session that lives ends, whether or not its user may do anything
//! else, and whatever other cookies came along (SES-07).

use tokenry_model::Session;

use super::signed_in::SignedInUser;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// A session that lives, to be ended and for nothing else. Made here only, from a cookie.
#[derive(Clone, Debug)]
pub struct LivingSession(SignedInUser);

impl LivingSession {
    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        self.0.session()
    }
}

impl Engine {
    /// The session of a cookie, also of somebody who has deleted their account; `None` where none lives.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn living_session(
        &self,
        cookie: &str,
        context: &Context,
    ) -> Result<Option<LivingSession>, Refusal> {
        Ok(self.named(cookie, context).await?.lives().map(LivingSession))
    }

    /// The same of a cookie for APIs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn living_session_for_apis(
        &self,
        cookie: &str,
        context: &Context,
    ) -> Result<Option<LivingSession>, Refusal> {
        Ok(self.named_for_apis(cookie, context).await?.lives().map(LivingSession))
    }

    /// Ends it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_living_session(&self, living: &LivingSession, context: &Context) -> Result<(), Refusal> {
        self.end_session(&living.0, context).await
    }
}
