//! The second half of a sign-in: a code of the authenticator, or a recovery code, each of which counts once (LOG-06, PEER-22).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
use tokenry_model::{
    Actor, AuthMethod, Digest, DigestDomain, Event, Rng, Subject, User, UserId, random_text,
};
use tokenry_protocol::secret::Secret;
use zeroize::Zeroizing;

use super::totp::DIGITS;
use super::{ProvenUser, Refused, SignInError};
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::mail::About;
use crate::policy::may_act::{Standing, may_come_in};

/// How long somebody may look for the second factor before the password is asked for again.
const MAX_AGE: Duration = Duration::from_secs(600);
/// How many recovery codes a user gets.
const RECOVERY_CODES: usize = 10;
/// What they are made of: of what is taken for one another (0 and O, 1 and I and l) nothing.
const READABLE: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Of so many characters: 99 bits, which nobody guesses, so a digest is all that is kept.
const RECOVERY_CODE_LEN: usize = 20;
/// The longest code that is looked at, with what people put between its characters.
const MAX_LEN: usize = 64;

/// Proof of a password where that is half of what has to be proven. Opens nothing.
#[derive(Clone, Debug)]
pub struct HalfProven {
    user_id: UserId,
    /// The user as of then: whoever was changed since begins again.
    version: i64,
    at: Timestamp,
}

/// What of it is sealed while the person looks for the second factor.
#[derive(Debug, Deserialize, Serialize)]
struct State {
    user_id: String,
    version: i64,
    at: i64,
}

impl HalfProven {
    pub(super) fn new(user: User, at: Timestamp) -> Self {
        Self { user_id: user.id, version: user.version, at }
    }

    /// Whose password it was.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// When it was shown.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Which version of the user it was.
    pub(super) const fn version(&self) -> i64 {
        self.version
    }

    /// Refuses what is too old, and whom was changed since.
    pub(super) fn must_hold(&self, user: &User, context: &Context) -> Result<(), Refused> {
        if context.now.since(self.at) >= MAX_AGE {
            return Err(Refused::Because("second_factor_too_late"));
        }
        if user.version != self.version {
            return Err(Refused::Because("user_changed"));
        }
        Ok(())
    }

    /// As bytes, to be sealed: whoever can make them can claim a password.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let state =
            State { user_id: self.user_id.to_string(), version: self.version, at: self.at.as_millis() };
        serde_json::to_vec(&state).expect("text and integers always have a JSON form")
    }

    /// What [`Self::to_bytes`] made, and a seal kept.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let State { user_id, version, at } = serde_json::from_slice(bytes).ok()?;
        let user_id = UserId::parse(&user_id).ok()?;
        Some(Self { user_id, version, at: Timestamp::from_millis(at) })
    }
}

/// New recovery codes, to be shown once.
pub struct RecoveryCodes(Vec<Secret>);

impl RecoveryCodes {
    pub(crate) fn generate(rng: &dyn Rng) -> Self {
        Self(
            (0..RECOVERY_CODES)
                .map(|_| Secret::new(grouped(&random_text(rng, READABLE, RECOVERY_CODE_LEN))))
                .collect(),
        )
    }

    /// The codes, each in groups of four characters.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter()
    }

    pub(crate) fn digests(&self) -> Vec<Digest> {
        self.0.iter().map(|code| recovery_digest(code.expose())).collect()
    }
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryCodes({})", self.0.len())
    }
}

/// In groups of four characters, as people copy them.
pub(crate) fn grouped(code: &str) -> String {
    let characters: Vec<_> = code.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Of the code without what people put between its groups, in small letters. Those from before were shorter, and differ in
/// their capitals.
fn recovery_digest(code: &str) -> Digest {
    let mut plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    if plain.len() == RECOVERY_CODE_LEN {
        plain.make_ascii_lowercase();
    }
    Digest::of(DigestDomain::RecoveryCode, &Secret::new(plain))
}

/// A code without what people put between its characters, and whose failures count if it is wrong.
fn shown(user: &UserId, code: &Secret, context: &Context) -> (Zeroizing<String>, Party) {
    let plain: String = code.expose().chars().take(MAX_LEN).filter(char::is_ascii_alphanumeric).collect();
    let name = format!("second factor {user}");
    let party = match plain.len() {
        DIGITS => Party::anywhere(&name),
        _ => Party::new(Some(&name), context.address),
    };
    (Zeroizing::new(plain), party)
}

impl Engine {
    /// Checks the second factor of somebody whose password was right: a code of the authenticator, or a recovery code.
    ///
    /// Of six digits, failures count for the user wherever they come from: whoever makes them knows the password, and
    /// they could be guessed from many addresses. Recovery codes cannot, and count by address: whoever's codes are not
    /// heard because of somebody else's guesses has those (LOG-04), and after fifty wrong codes in a row nothing but those,
    /// or another password.
    ///
    /// # Errors
    /// One answer for every cause; and when nobody can be heard now.
    pub async fn second_factor(
        &self,
        half: &HalfProven,
        code: &Secret,
        context: &Context,
    ) -> Result<ProvenUser, SignInError> {
        let user = half.user_id();
        let (plain, party) = shown(user, code, context);
        self.heard(&party, Some(user), context)?;
        let decided = self.check_second_factor(half, &plain, context).await;
        self.judge_sign_in(&party, decided, Some(user), context)
    }

    /// Checks the second factor of somebody who is signed in, before something about it is changed.
    pub(super) async fn show_second_factor(
        &self,
        user: &UserId,
        code: &Secret,
        context: &Context,
    ) -> Result<(), SignInError> {
        let (plain, party) = shown(user, code, context);
        self.heard(&party, Some(user), context)?;
        let decided = self.take_second_factor(user, &plain, context).await;
        self.judge_sign_in(&party, decided, Some(user), context)
    }

    async fn check_second_factor(
        &self,
        half: &HalfProven,
        plain: &str,
        context: &Context,
    ) -> Result<ProvenUser, Refused> {
        let user = self.store.find_user(&half.user_id).await?;
        let user = user.ok_or(Refused::Because("user_changed"))?;
        half.must_hold(&user, context)?;
        let standing = Standing { user: Some(&user), ..Standing::default() };
        may_come_in(standing, context.now).map_err(|barred| Refused::Because(barred.reason()))?;
        self.take_second_factor(&user.id, plain, context).await?;
        let amr = vec![AuthMethod::Password, AuthMethod::OneTimePassword, AuthMethod::Multi];
        Ok(ProvenUser { user, amr, knows_password: true, auth_time: context.now })
    }

    /// Takes a code, which nobody can show a second time.
    async fn take_second_factor(&self, user: &UserId, plain: &str, context: &Context) -> Result<(), Refused> {
        let right = match plain.len() {
            DIGITS => self.take_code(user, plain, context).await?,
            _ => self.use_recovery_code(user, plain, context).await?,
        };
        if right { Ok(()) } else { Err(Refused::Because("wrong_second_factor")) }
    }

    async fn use_recovery_code(&self, user: &UserId, code: &str, context: &Context) -> Result<bool, Refused> {
        let (actor, subject) = (Actor::User(user.clone()), Subject::User(user.clone()));
        let record = context.record(Event::UserRecoveryCodeUsed, actor, Some(subject));
        let mail = self.notice(About::RecoveryCodeUsed, context);
        let digest = recovery_digest(code);
        let used = self.store.use_recovery_code(user, &digest, context.now, &record, &mail).await?;
        self.wake_sender();
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenry_model::SystemRng;

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed() {
        let codes = RecoveryCodes::generate(&SystemRng);
        assert_eq!(codes.iter().count(), RECOVERY_CODES);
        assert_eq!(format!("{codes:?}"), "RecoveryCodes(10)");
        for (code, digest) in codes.iter().zip(codes.digests()) {
            assert_eq!(code.len(), RECOVERY_CODE_LEN + 4);
            assert!(recovery_digest(&code.expose().replace('-', " ")).matches(&digest));
            assert!(recovery_digest(&code.expose().to_uppercase()).matches(&digest));
            assert!(!recovery_digest(&code.expose()[1..]).matches(&digest));
        }
    }

    #[test]
    fn half_a_proof_survives_its_seal() {
        let half = HalfProven {
            user_id: UserId::parse("usr_ann").unwrap(),
            version: 7,
            at: Timestamp::from_millis(1_234),
        };
        let back = HalfProven::from_bytes(&half.to_bytes()).unwrap();
        assert_eq!((back.user_id, back.version, back.at), (half.user_id, half.version, half.at));
        assert!(HalfProven::from_bytes(b"{}").is_none());
    }
}
