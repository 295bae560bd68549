//! Signing in by a passkey: alone, since its authenticator has verified who uses it, or as the second half after a password.

use tokenry_jose::base64url;
use tokenry_model::{AuthMethod, User, UserId};
use tokenry_store::UsePasskey;

use super::{HalfProven, ProvenUser, Refused, SignInError};
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::passkeys::{Answer, PasskeyChallenge, Unproven, user_handle};
use crate::policy::may_act::{Standing, may_come_in};

impl From<Unproven> for Refused {
    fn from(unproven: Unproven) -> Self {
        match unproven {
            Unproven::Unreadable => Self::Answer(SignInError::Unavailable),
            other => Self::Because(other.reason()),
        }
    }
}

impl Engine {
    /// Checks what a browser says that was asked for a passkey. With `half` it completes the proof of a password.
    ///
    /// Failures count by the passkey that is named and by address, as those of passwords do: there is nothing to guess, but
    /// nobody else is to pay for the checking.
    ///
    /// # Errors
    /// One answer for every cause that tells who there is; and when nobody can be heard now.
    pub async fn sign_in_by_passkey(
        &self,
        challenge: PasskeyChallenge,
        half: Option<&HalfProven>,
        answer: &str,
        context: &Context,
    ) -> Result<ProvenUser, SignInError> {
        let answer = Answer::parse(answer);
        let id = answer.as_ref().map_or(&[][..], Answer::credential_id);
        let name = format!("passkey {}", base64url::encode(id));
        let party = Party::new(Some(&name), context.address);
        self.heard(&party, half.map(HalfProven::user_id), context)?;
        let mut known = half.map(|half| half.user_id().clone());
        let decided = match answer {
            Ok(answer) => self.check_passkey(challenge, half, &answer, context, &mut known).await,
            Err(unproven) => Err(unproven.into()),
        };
        self.judge_sign_in(&party, decided, known.as_ref(), context)
    }

    async fn check_passkey(
        &self,
        challenge: PasskeyChallenge,
        half: Option<&HalfProven>,
        answer: &Answer,
        context: &Context,
        known: &mut Option<UserId>,
    ) -> Result<ProvenUser, Refused> {
        let rp = self.passkeys.as_ref().ok_or(Refused::Because("unknown_passkey"))?;
        let found = self.store.find_passkey(answer.credential_id()).await?;
        let (passkey, user) = found.ok_or(Refused::Because("unknown_passkey"))?;
        must_be_of(&user, half, answer)?;
        *known = Some(user.id.clone());
        if let Some(half) = half {
            half.must_hold(&user, context)?;
        }
        let (pending, state) = challenge.into_parts();
        let credential = rp.check(answer, state, &passkey.credential)?;
        let standing = Standing { user: Some(&user), ..Standing::default() };
        may_come_in(standing, context.now).map_err(|barred| Refused::Because(barred.reason()))?;
        match self.store.use_passkey(&passkey, &pending, &credential, context.now).await? {
            UsePasskey::Changed => Err(Refused::Because("passkey_used_meanwhile")),
            UsePasskey::Replayed => Err(Refused::Because("passkey_challenge_used")),
            UsePasskey::Used => {
                let (amr, knows_password) = (methods(half), half.is_some());
                Ok(ProvenUser { user, amr, knows_password, auth_time: context.now })
            }
        }
    }
}

/// Whose passkey it is, the authenticator says, too; it must, where nobody has said so before (§7.2 step 6).
fn must_be_of(user: &User, half: Option<&HalfProven>, answer: &Answer) -> Result<(), Refused> {
    let is_named = match answer.user_handle() {
        Some(handle) => handle == user_handle(&user.id).as_slice(),
        None => half.is_some(),
    };
    let is_asked_for = half.is_none_or(|half| *half.user_id() == user.id);
    if is_named && is_asked_for { Ok(()) } else { Err(Refused::Because("passkey_of_another_user")) }
}

/// Whether the key is in hardware, nobody says who is not asked: neither `hwk` nor `swk`.
fn methods(half: Option<&HalfProven>) -> Vec<AuthMethod> {
    let password = half.map(|_half| AuthMethod::Password);
    let passkey = [AuthMethod::ProofOfPossession, AuthMethod::UserPresence, AuthMethod::Multi];
    password.into_iter().chain(passkey).collect()
}
