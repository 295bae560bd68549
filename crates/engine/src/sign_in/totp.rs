//! One-time passwords by time (RFC 6238): enrolled by showing one, each counted once, removed with the recovery codes.

use std::fmt;

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_model::{Event, User, UserId};
use tokenry_protocol::secret::Secret;
use tokenry_store::{Error as StoreError, TotpSeedRow};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::second_factor::RecoveryCodes;
use super::{Refused, SignInError};
use crate::context::Context;
use crate::engine::Engine;
use crate::mail::About;
use crate::session::FreshUser;

/// What every authenticator app makes: six digits, each thirty seconds, by HMAC-SHA-1.
pub(super) const DIGITS: usize = 6;
const STEP: u64 = 30;
/// How many steps beside the current one count: clocks differ, and people type slowly (RFC 6238 §5.2).
const SKEW: u16 = 1;
/// How long a seed is (RFC 4226 §4).
const SEED_LEN: usize = 20;
/// How many wrong codes in a row there may be, in all time: of a million codes three count at once, so a guesser who knows
/// the password comes in by one of 6,700. After these a recovery code or another password has to be shown.
const MAX_WRONG: i64 = 50;
/// With how many wrong codes in a row the owner is told.
pub const TOLD_AT: i64 = 10;

/// A new seed, for the authenticator. It counts once a code of it has been shown.
pub struct TotpEnrolment {
    /// To be typed, in base32.
    pub secret: Secret,
    /// The same, with names, for a link or a picture: `otpauth://totp/…`.
    pub uri: Secret,
}

impl fmt::Debug for TotpEnrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpEnrolment(…)")
    }
}

/// A second factor was not changed.
#[derive(Debug, Error)]
pub enum TotpError {
    /// There is one already; it has to be removed first.
    #[error("there is a second factor already; remove it first")]
    Enrolled,
    /// There is none.
    #[error("there is no second factor")]
    None,
    /// Whoever wants to change something about it has not shown it.
    #[error(transparent)]
    NotShown(#[from] SignInError),
    /// The seed was sealed by another key.
    #[error("the second factor cannot be opened with this keyring")]
    Sealed,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// It is not the code that the authenticator shows now.
    #[error("the code is wrong; is the clock of the device right?")]
    WrongCode,
}

impl Engine {
    /// Proposes a new seed to a user, in the place of one that was never confirmed.
    ///
    /// # Errors
    /// When a second factor counts already, there is no such user, or the database fails.
    pub async fn enrol_totp(
        &self,
        current: &FreshUser,
        context: &Context,
    ) -> Result<TotpEnrolment, TotpError> {
        let user = current.user();
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        self.rng.fill(seed.as_mut_slice());
        let wrapped = self.data_key.seal(&purpose(&user.id), seed.as_slice(), &*self.rng);
        let proposed = self.store.propose_totp_seed(&user.id, &wrapped, self.data_key.id(), context.now);
        if !proposed.await? {
            return Err(TotpError::Enrolled);
        }
        self.enrolment(user, seed.as_slice())
    }

    /// The seed that was proposed to a user and does not count yet, once more: whoever has mistyped its first code can
    /// still scan it.
    ///
    /// # Errors
    /// When nothing is proposed, a second factor counts already, or the database fails.
    pub async fn proposed_totp(&self, current: &FreshUser) -> Result<TotpEnrolment, TotpError> {
        let user = current.user();
        let row = self.proposed(user).await?;
        let seed = self.data_key.open(&purpose(&user.id), &row.wrapped_seed);
        self.enrolment(user, &seed.map_err(|_cannot| TotpError::Sealed)?)
    }

    fn enrolment(&self, user: &User, seed: &[u8]) -> Result<TotpEnrolment, TotpError> {
        let totp = totp(seed, &user.username, self.issuer());
        let uri = totp.to_url().map_err(|_unnamed| TotpError::Sealed)?;
        Ok(TotpEnrolment { secret: Secret::new(totp.secret().to_base32()), uri: Secret::new(uri) })
    }

    async fn proposed(&self, user: &User) -> Result<TotpSeedRow, TotpError> {
        let row = self.store.find_totp_seed(&user.id).await?.ok_or(TotpError::None)?;
        if row.confirmed_at.is_some() { Err(TotpError::Enrolled) } else { Ok(row) }
    }

    /// Makes the proposed seed count, because the authenticator shows its codes, and gives recovery codes, to be shown
    /// once.
    ///
    /// # Errors
    /// When the code is wrong, nothing was proposed, or the database fails.
    pub async fn confirm_totp(
        &self,
        current: &FreshUser,
        code: &Secret,
        context: &Context,
    ) -> Result<RecoveryCodes, TotpError> {
        let user = current.user();
        let row = self.proposed(user).await?;
        let step = self.step_of(&user.id, &row.wrapped_seed, &digits(code), context.now)?;
        let step = step.ok_or(TotpError::WrongCode)?;
        let codes = RecoveryCodes::generate(&*self.rng);
        let change = self.own_change(
            (&user.id, user.version),
            Event::UserSecondFactorAdded,
            About::SecondFactorAdded,
            context,
        );
        let confirmed =
            self.store.confirm_totp_seed(change, &row.wrapped_seed, step, &codes.digests()).await?;
        if !confirmed {
            return Err(TotpError::WrongCode);
        }
        self.wake_sender();
        Ok(codes)
    }

    /// Removes a user's second factor, and the recovery codes with it, once it has been shown a last time: a browser that
    /// was left open is not enough (LOG-09).
    ///
    /// # Errors
    /// When there is none, the code is not one that counts, or the database fails.
    pub async fn remove_totp(
        &self,
        current: &FreshUser,
        code: &Secret,
        context: &Context,
    ) -> Result<(), TotpError> {
        let user = current.user();
        self.show_factor(user, code, context).await?;
        let (event, about) = (Event::UserSecondFactorRemoved, About::SecondFactorRemoved);
        let removed = self
            .store
            .remove_totp_seed(self.own_change((&user.id, user.version), event, about, context))
            .await?;
        self.wake_sender();
        if removed { Ok(()) } else { Err(TotpError::None) }
    }

    /// Gives a user other recovery codes, to be shown once; the old ones are void. The second factor has to be shown for
    /// them, as for what they can do.
    ///
    /// # Errors
    /// When the user has no second factor, the code is not one that counts, or the database fails.
    pub async fn renew_recovery_codes(
        &self,
        current: &FreshUser,
        code: &Secret,
        context: &Context,
    ) -> Result<RecoveryCodes, TotpError> {
        let user = current.user();
        if !self.own_factors_of(&user.id).await?.second_factor {
            return Err(TotpError::None);
        }
        self.show_second_factor(&user.id, code, context).await?;
        let codes = RecoveryCodes::generate(&*self.rng);
        let change = self.own_change(
            (&user.id, user.version),
            Event::UserRecoveryCodesMade,
            About::RecoveryCodesMade,
            context,
        );
        let replaced = self.store.replace_recovery_codes(change, &codes.digests()).await?;
        self.wake_sender();
        if replaced { Ok(codes) } else { Err(TotpError::None) }
    }

    /// Takes a code of somebody who is signed in, as at sign-in.
    async fn show_factor(&self, user: &User, code: &Secret, context: &Context) -> Result<(), TotpError> {
        let seed = self.store.find_totp_seed(&user.id).await?;
        seed.filter(|seed| seed.confirmed_at.is_some()).ok_or(TotpError::None)?;
        Ok(self.show_second_factor(&user.id, code, context).await?)
    }

    /// Takes the step of a code, which nobody has taken yet. A wrong one is counted, and after [`MAX_WRONG`] none is right.
    pub(super) async fn take_code(
        &self,
        user: &UserId,
        code: &str,
        context: &Context,
    ) -> Result<bool, Refused> {
        let Some(row) = self.store.find_totp_seed(user).await? else { return Ok(false) };
        if row.wrong_codes >= MAX_WRONG {
            return Err(Refused::CodesLocked);
        }
        let step = match self.step_of(user, &row.wrapped_seed, code, context.now) {
            Ok(step) => step,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a second factor cannot be checked");
                return Err(Refused::Answer(SignInError::Unavailable));
            }
        };
        let taken = match step {
            Some(step) => self.store.take_totp_step(user, &row.wrapped_seed, step, MAX_WRONG).await?,
            None => false,
        };
        if !taken {
            let mail = self.notice(About::CodesGuessed, context);
            self.store.note_wrong_code(user, &row.wrapped_seed, MAX_WRONG, (TOLD_AT, &mail)).await?;
            self.wake_sender();
        }
        Ok(taken)
    }

    /// Which step shows this code at `now`.
    fn step_of(
        &self,
        user: &UserId,
        wrapped: &[u8],
        code: &str,
        now: Timestamp,
    ) -> Result<Option<i64>, TotpError> {
        let seed = self.data_key.open(&purpose(user), wrapped).map_err(|_cannot| TotpError::Sealed)?;
        let seconds = u64::try_from(now.as_secs()).unwrap_or_default();
        let step = totp(&seed, user.as_str(), self.issuer()).check(code, seconds);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }
}

/// What a seed is sealed for: no other user's.
fn purpose(user: &UserId) -> String {
    format!("tokenry/totp-seed/1/{user}")
}

fn digits(code: &Secret) -> String {
    code.expose().chars().take(64).filter(char::is_ascii_digit).collect()
}

/// Parts of a label that a colon would end.
fn label(text: &str) -> String {
    let text = text.trim_end_matches('/');
    text.rsplit("//").next().unwrap_or(text).replace(':', " ")
}

fn totp(seed: &[u8], account: &str, issuer: &str) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(STEP)
        .with_skew(SKEW)
        .with_secret(seed)
        .with_account_name(label(account))
        .with_issuer(Some(label(issuer)))
        .build_noncompliant()
}
