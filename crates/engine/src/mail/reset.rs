//! A password that was forgotten: a link for whoever has the address, and what may be done with it.

use std::sync::Arc;
use std::time::Duration;

use tokenry_model::{Actor, Digest, Event, LinkPurpose, SecondFactors, Subject, UserId};
use tokenry_protocol::secret::Secret;
use tokenry_store::{PasswordReset, ResetOutcome, ResetRequest};

use super::letter::{About, Letter};
use super::links::{digest, new_link};
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::refusal::Refusal;
use crate::sign_in::{UnfitPassword, fit};

/// For how long after one link no other is sent to the same user. A link lives three times as long: whoever asks, there is
/// one in the owner's mailbox that works.
const PAUSE: Duration = Duration::from_secs(600);

/// What is so young goes with the password: whoever had learned that one may have added a second factor, and the owner could not
/// come back in, or may have let an application do something. Where there is an older factor, its holder added the others.
pub(super) const YOUNG: Duration = Duration::from_secs(3 * 86_400);

/// How often it is decided anew which factors stay.
const TRIES: usize = 3;

/// What became of a password that was chosen by a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChosenPassword {
    /// The link was used before, has ended, or never was one for this.
    DeadLink,
    /// It is the user's password now; all sessions of the user, and what was granted in them, have ended.
    Set,
    /// It cannot be taken. The link may be used once more.
    Unfit(UnfitPassword),
}

impl Engine {
    /// Sends a link to whoever has that username, if anybody has and was not sent one within ten minutes. Nobody who asks
    /// can tell whether: the answer waits for nothing that differs (LOG-02, PEER-21). Requests are counted by name and address, known or not,
    /// as failures to sign in are, and apart from those.
    ///
    /// # Errors
    /// When too many were asked for, or too many wait to be written.
    pub fn request_reset(self: &Arc<Self>, username: &str, context: &Context) -> Result<(), Refusal> {
        self.limits.fail(&Party::asking(username, context.address), context.now)?;
        let request = self.reset_request(username, context);
        self.write_unwaited(|store| async move { store.request_reset(request).await })
    }

    /// What is sent to whoever has that username, if anybody has.
    pub(super) fn reset_request(&self, username: &str, context: &Context) -> ResetRequest {
        let (address, link) = new_link(self.issuer(), LinkPurpose::Reset, context.now, &*self.rng);
        let letter = Letter {
            link: Some(address),
            ends_at: Some(link.expires_at),
            ..self.letter(link.purpose.into(), context)
        };
        ResetRequest {
            username: username.to_owned(),
            link,
            mail: letter.seal(&self.data_key, &*self.rng),
            pause: PAUSE,
            record: context.record(Event::PasswordResetRequested, Actor::Anonymous, None),
        }
    }

    /// Uses a link that proves an address. `false`: it was none to be used for that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify_address(&self, token: &Secret, context: &Context) -> Result<bool, Refusal> {
        let digest = digest(token);
        let found = self.store.find_mail_link(&digest, context.now).await?;
        let Some(found) = found.filter(|found| found.purpose == LinkPurpose::Verification) else {
            return Ok(false);
        };
        let user = found.user_id;
        let subject = Subject::User(user.clone());
        let record = context.record(Event::UserVerified, Actor::User(user.clone()), Some(subject));
        Ok(self.store.verify_address(&digest, &user, context.now, &record).await?)
    }

    /// Gives a user the password that was chosen by a link, and uses the link up; the user may become one by that. Nobody is
    /// signed in by it (LOG-08).
    ///
    /// # Errors
    /// When the server is busy or the database does not answer.
    pub async fn choose_password(
        &self,
        token: &Secret,
        password: &Secret,
        context: &Context,
    ) -> Result<ChosenPassword, Refusal> {
        if let Some(username) = self.sign_up_of(token, context.now) {
            return self.sign_up(username, password, context).await;
        }
        let (digest, now) = (digest(token), context.now);
        let Some(found) = self.store.find_mail_link(&digest, now).await? else {
            return Ok(ChosenPassword::DeadLink);
        };
        let event = match found.purpose {
            LinkPurpose::Invitation => Event::UserInvitationAccepted,
            LinkPurpose::Reset => Event::PasswordReset,
            LinkPurpose::Verification => return Ok(ChosenPassword::DeadLink),
        };
        let Some(user) = self.store.find_user(&found.user_id).await? else {
            return Ok(ChosenPassword::DeadLink);
        };
        let password = match fit(password, &user) {
            Ok(password) => password,
            Err(unfit) => return Ok(ChosenPassword::Unfit(unfit)),
        };
        let hash = self.hash_chosen(&password, context).await?;
        for _try in 0..TRIES {
            let reset = self.reset(digest.clone(), &user.id, &hash, event, context).await?;
            match self.store.reset_password(reset, now).await? {
                ResetOutcome::DeadLink => return Ok(ChosenPassword::DeadLink),
                ResetOutcome::Overtaken => {}
                ResetOutcome::Set(_announced) => {
                    self.wake_sender();
                    self.tell_of_ended_sessions();
                    return Ok(ChosenPassword::Set);
                }
            }
        }
        Err(Refusal::unavailable("changed_while_deciding"))
    }

    /// A password that is chosen by a link, with what tells of it and of the second factors that stay. Of a first one nobody is
    /// told.
    async fn reset(
        &self,
        digest: Digest,
        user: &UserId,
        hash: &str,
        event: Event,
        context: &Context,
    ) -> Result<PasswordReset, Refusal> {
        let young_since = context.now.minus(YOUNG);
        let seed = self.store.find_totp_seed(user).await?;
        let passkeys = self.store.list_passkeys(user).await?;
        let factors = SecondFactors {
            authenticator: seed.and_then(|seed| seed.confirmed_at),
            passkeys: passkeys.into_iter().map(|passkey| passkey.created_at).collect(),
        };
        let left = factors.left(young_since);
        let (actor, subject) = (Actor::User(user.clone()), Subject::User(user.clone()));
        Ok(PasswordReset {
            digest,
            user_id: user.clone(),
            hash: hash.to_owned(),
            mail: (event == Event::PasswordReset)
                .then(|| self.notice_of_factors(About::PasswordChanged, &left, context)),
            record: context.record(event, actor, Some(subject)),
            young_since,
            left,
        })
    }

    /// The hash of a password that was chosen by a link.
    pub(super) async fn hash_chosen(&self, password: &Secret, context: &Context) -> Result<String, Refusal> {
        let hashed = self.slow_hash.hash(password, context.address, Arc::clone(&self.rng)).await;
        hashed.map_err(|_busy| Refusal::unavailable("busy"))
    }
}
