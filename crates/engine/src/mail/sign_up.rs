//! An account of one's own, for whoever proves an address first.
//!
//! 1. Whoever asks is told the same whether or not there is an account for the address (LOG-02); who has one is sent a link
//!    to choose a password anew instead.
//! 2. The link says itself for which address it is, sealed: of strangers nothing is stored but the mail.
//! 3. The password that is chosen by it makes the account, unless there is one by then. So the link works as long as there is
//!    none: an operator who removes somebody within its half hour may see them come back, and who is disabled does not.

use std::sync::Arc;
use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Subject, User, UserId, UserState};
use tokenry_protocol::secret::Secret;
use tokenry_store::{SignUp, SignUpRequest};

use super::letter::{About, Letter};
use super::links::{CHOOSE_PATH, address};
use super::reset::ChosenPassword;
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::refusal::Refusal;
use crate::session::Purpose;
use crate::sign_in::fit;

/// How many mails may wait to be sent before strangers add none: others' would be late.
const MOST_WAITING: i64 = 64;
/// How long a link may be used that makes an account.
pub const LIFE: Duration = Duration::from_secs(30 * 60);

impl Engine {
    /// Whether people may make accounts of their own.
    #[must_use]
    pub const fn takes_sign_ups(&self) -> bool {
        self.settings.sign_up
    }

    /// Sends a mail to an address for which somebody wants an account, unless one was sent there within ten minutes: step 1.
    /// Requests are counted with those for a new password ([`Engine::request_reset`]).
    ///
    /// # Errors
    /// When too many were asked for, or too many wait to be written.
    pub fn request_sign_up(self: &Arc<Self>, username: &str, context: &Context) -> Result<(), Refusal> {
        self.limits.fail(&Party::asking(username, context.address), context.now)?;
        let ends_at = context.now.plus(LIFE);
        let token = self.seal(Purpose::SignUpLink, &username, ends_at, context.now).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a link cannot be sealed");
            Refusal::unavailable("no_session_key")
        })?;
        let letter = Letter {
            link: Some(address(self.issuer(), CHOOSE_PATH, &Secret::new(token))),
            ends_at: Some(ends_at),
            ..self.letter(About::SignUp, context)
        };
        let request = SignUpRequest {
            mail: letter.seal(&self.data_key, &*self.rng),
            most_waiting: MOST_WAITING,
            reset: self.reset_request(username, context),
        };
        self.write_unwaited(|store| async move { store.request_sign_up(request).await })
    }

    /// Whose address a link proves by which an account is made; `None`: it is no such link, or accounts are not made so.
    pub(super) fn sign_up_of(&self, token: &Secret, now: Timestamp) -> Option<String> {
        if !self.settings.sign_up {
            return None;
        }
        self.unseal(Purpose::SignUpLink, token.expose(), now)
    }

    /// Makes the account: step 3.
    pub(super) async fn sign_up(
        &self,
        username: String,
        password: &Secret,
        context: &Context,
    ) -> Result<ChosenPassword, Refusal> {
        let user = User {
            id: UserId::generate(&*self.rng),
            username,
            email_verified_at: Some(context.now),
            name: None,
            claims: serde_json::Map::new(),
            state: UserState::Enabled,
            version: 1,
            created_at: context.now,
            updated_at: context.now,
        };
        let password = match fit(password, &user) {
            Ok(password) => password,
            Err(unfit) => return Ok(ChosenPassword::Unfit(unfit)),
        };
        let hash = self.hash_chosen(&password, context).await?;
        let (actor, subject) = (Actor::User(user.id.clone()), Subject::User(user.id.clone()));
        let record = context.record(Event::UserSignedUp, actor, Some(subject));
        let record = record.with("username", user.username.as_str());
        match self.store.sign_up(SignUp { user, hash, record }).await? {
            true => Ok(ChosenPassword::Set),
            false => Ok(ChosenPassword::DeadLink),
        }
    }
}
