//! Who has shown lately that it is them: a browser left open is no proof (LOG-09, SES-14).

use std::ops::Deref;
use std::time::Duration;

use tokenry_clock::Timestamp;

use super::SignedInUser;

/// For how long after a proof its user may do what matters.
const FRESH: Duration = Duration::from_secs(600);

/// Proof that somebody is signed in and has shown less than ten minutes ago that it is them. Verbs take it that make or change a
/// way in, give out all that is kept of somebody, or end an account. Made by [`SignedInUser::fresh`] alone.
#[derive(Clone, Debug)]
pub struct FreshUser(SignedInUser);

impl SignedInUser {
    /// The same user as one who may do what matters, at `now`. `None`: their proof is too old, and they have to sign in again.
    #[must_use]
    pub fn fresh(&self, now: Timestamp) -> Option<FreshUser> {
        (now.since(self.session().auth_time) < FRESH).then(|| FreshUser(self.clone()))
    }
}

impl Deref for FreshUser {
    type Target = SignedInUser;

    fn deref(&self) -> &SignedInUser {
        &self.0
    }
}

impl From<FreshUser> for SignedInUser {
    fn from(user: FreshUser) -> Self {
        user.0
    }
}
