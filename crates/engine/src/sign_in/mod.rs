//! Signing in: who a person is, proven by a password, and by a second factor where there is one.
//!
//! 1. The name is brought into its one form ([`username`]); whoever has failed too often under it is not heard.
//! 2. A password that is too long to be anybody's is refused before anything is hashed (PEER-03).
//! 3. User, hash and second factor are looked up in one statement, and one hash is computed, whether or not there is such
//!    a user, may act, has a password (LOG-01, PEER-20).
//! 4. The one authority decides whether the user may come in ([`may_come_in`]): act, or take back that the account is deleted.
//! 5. Where a second factor counts, a password proves half ([`second_factor`]); else the user is proven.
//! 6. A passkey proves the user wholly, or the half that was missing ([`passkey`]).
//! 7. Whatever fails is told in one word, and counted ([`crate::limits`], [`crate::refusals`]).
//!
//! What comes of it is evidence: nothing else can make a [`ProvenUser`], and no session begins without one.

mod own;
mod passkey;
mod password;
mod second_factor;
mod totp;
mod username;

use std::time::Duration;

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_model::{AuthMethod, User, UserId};
use tokenry_protocol::secret::Secret;
use tokenry_store::{Error as StoreError, SignInStanding};

use crate::context::Context;
use crate::engine::Engine;
use crate::limits::{Party, RATE_LIMITED};
use crate::policy::may_act::{Standing, may_come_in};
use crate::refusal::Refusal;
use crate::slow_hash::{Queue, is_current};

pub use self::own::{ChangePasswordError, OwnFactors, PAUSE as PASSWORD_PAUSE};
pub use self::password::{
    MAX_BYTES as MAX_PASSWORD_BYTES, MAX_CHARS as MAX_PASSWORD_CHARS, MIN_CHARS as MIN_PASSWORD_CHARS,
    PasswordError, UnfitPassword,
};
pub(crate) use self::password::{fit, prepared};
pub(crate) use self::second_factor::grouped;
pub use self::second_factor::{HalfProven, RecoveryCodes};
pub use self::totp::{TOLD_AT as WRONG_CODES_TOLD_AT, TotpEnrolment, TotpError};
pub use self::username::{InvalidUsername, canonical_username};

/// Proof that a person is a user who may come in now. Made here only.
#[derive(Clone, Debug)]
pub struct ProvenUser {
    user: User,
    amr: Vec<AuthMethod>,
    auth_time: Timestamp,
}

impl ProvenUser {
    /// Who it is. Whoever begins something for the user holds it against the user's version: it is of that moment.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// How it was proven (RFC 8176).
    #[must_use]
    pub fn amr(&self) -> &[AuthMethod] {
        &self.amr
    }

    /// When.
    #[must_use]
    pub const fn auth_time(&self) -> Timestamp {
        self.auth_time
    }
}

/// What a right password proves.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// Half: a second factor has to be shown.
    HalfProven(HalfProven),
    /// All that there is to prove.
    Proven(ProvenUser),
}

/// Nobody was proven to be anyone.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SignInError {
    /// Too many hashes are being computed: ask again shortly.
    #[error("the server is busy; try again shortly")]
    Busy,
    /// Too many wrong codes were shown in a row: a recovery code, or another password, is what is heard.
    #[error("too many wrong codes were shown; use a recovery code, or choose a new password")]
    CodesLocked,
    /// Name, password or code is wrong, or the user may not act: one answer for all.
    #[error("username or password is wrong")]
    InvalidCredentials,
    /// Too much has failed; nobody was heard.
    #[error("too many attempts have failed; try again later")]
    TooMany {
        /// When somebody will be.
        retry_after: Duration,
    },
    /// The database does not answer.
    #[error("the server cannot answer now; try again shortly")]
    Unavailable,
}

/// Why a sign-in was refused: a stable word for the audit trail, or an answer that is nobody's fault.
enum Refused {
    Answer(SignInError),
    Because(&'static str),
    CodesLocked,
}

/// The reason of whose codes are not heard any more.
const CODES_LOCKED: &str = "too_many_wrong_codes";

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "storage failed");
        Self::Answer(SignInError::Unavailable)
    }
}

impl Engine {
    /// Checks a username with a password.
    ///
    /// # Errors
    /// One answer for every cause that tells who there is; and when nobody can be heard now.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &Secret,
        context: &Context,
    ) -> Result<SignIn, SignInError> {
        let name = canonical_username(username).ok();
        let party = Party::new(Some(&party_name(name.as_deref(), username)), context.address);
        self.heard(&party, None, context)?;
        let mut known = None;
        let decided = self.check_password(name.as_deref(), password, context, &mut known).await;
        self.judge_sign_in(&party, decided, known.as_ref(), context)
    }

    /// Steps 2 to 5. `known` becomes the user of that name, if there is one.
    async fn check_password(
        &self,
        name: Option<&str>,
        password: &Secret,
        context: &Context,
        known: &mut Option<UserId>,
    ) -> Result<SignIn, Refused> {
        let Some(password) = password::prepared(password) else {
            return Err(Refused::Because("password_too_long"));
        };
        // A name that is none is looked up as one that nobody has.
        let found = self.store.find_sign_in(name.unwrap_or_default()).await?;
        *known = found.as_ref().map(|found| found.user.id.clone());
        let hash = found.as_ref().and_then(|found| found.hash.as_deref());
        let compared = self.slow_hash.verify(Queue::Passwords, &password, hash, context.address).await;
        let right = compared.map_err(|_busy| Refused::Answer(SignInError::Busy))?;
        let Some(found) = found else { return Err(Refused::Because("unknown_user")) };
        if !right {
            let reason = if found.hash.is_some() { "wrong_password" } else { "no_password" };
            return Err(Refused::Because(reason));
        }
        let standing = Standing { user: Some(&found.user), ..Standing::default() };
        may_come_in(standing, context.now).map_err(|barred| Refused::Because(barred.reason()))?;
        self.keep_current(&found, &password, context).await;
        let SignInStanding { user, second_factor, .. } = found;
        Ok(if second_factor {
            SignIn::HalfProven(HalfProven::new(user, context.now))
        } else {
            let amr = vec![AuthMethod::Password];
            SignIn::Proven(ProvenUser { user, amr, auth_time: context.now })
        })
    }

    /// Hashes the password anew if its hash is of yesterday's parameters. A sign-in does not fail for it.
    async fn keep_current(&self, found: &SignInStanding, password: &Secret, context: &Context) {
        let Some(old) = found.hash.as_deref().filter(|hash| !is_current(hash)) else { return };
        let rng = std::sync::Arc::clone(&self.rng);
        let Ok(new) = self.slow_hash.hash(password, context.address, rng).await else { return };
        if let Err(error) = self.store.rehash_password(&found.user.id, old, &new).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "a password could not be hashed anew");
        }
    }

    /// Refuses whom has failed too often.
    fn heard(&self, party: &Party, user: Option<&UserId>, context: &Context) -> Result<(), SignInError> {
        self.limits.admit(party, context.now).map_err(|limited| self.limited(&limited, user, context))
    }

    /// Counts what failed, and lets nothing out to who has meanwhile come over a limit. `user` is who was named.
    fn judge_sign_in<T>(
        &self,
        party: &Party,
        decided: Result<T, Refused>,
        user: Option<&UserId>,
        context: &Context,
    ) -> Result<T, SignInError> {
        match decided {
            Ok(proven) => self.heard(party, user, context).map(|()| proven),
            Err(Refused::Answer(answer)) => Err(answer),
            Err(Refused::CodesLocked) => {
                self.refusals.note_sign_in(CODES_LOCKED, user, context);
                Err(SignInError::CodesLocked)
            }
            Err(Refused::Because(reason)) => {
                let counted = self.limits.fail(party, context.now);
                counted.map_err(|limited| self.limited(&limited, user, context))?;
                self.refusals.note_sign_in(reason, user, context);
                Err(SignInError::InvalidCredentials)
            }
        }
    }

    fn limited(&self, refusal: &Refusal, user: Option<&UserId>, context: &Context) -> SignInError {
        self.refusals.note_sign_in(RATE_LIMITED, user, context);
        SignInError::TooMany { retry_after: refusal.retry_after.unwrap_or_default() }
    }
}

/// Under which name failures count: its one form, so that no spelling has a count of its own. What is no name counts as
/// it is. No client has such an id.
fn party_name(canonical: Option<&str>, written: &str) -> String {
    format!("user {}", canonical.unwrap_or(written))
}
