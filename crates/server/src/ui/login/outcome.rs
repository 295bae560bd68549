//! How an attempt that did not sign anybody in is told: one sentence, a status, and when to try again.

use std::borrow::Cow;
use std::time::Duration;

use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use tokenry_engine::SignInError;

/// What the owner of an account can still do when somebody has guessed at its codes.
const LOCKED: &str =
    "Too many wrong codes were shown. Use a recovery code, or sign in anew after choosing another password.";

/// What a form says when it comes again.
pub(super) struct Outcome {
    pub(super) status: StatusCode,
    pub(super) text: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl Outcome {
    /// Somebody changed the account between proof and session.
    pub(super) const CHANGED: Self = Self::plain("Your account was changed just now. Sign in once more.");
    /// The form was not made for this browser as it is now.
    pub(super) const TOO_OLD: Self =
        Self::plain("This page was open for too long, or was sent before. Sign in once more.");
    /// The second factor came too late.
    pub(super) const TOO_SLOW: Self = Self::plain("That took too long. Sign in once more.");

    const fn plain(text: &'static str) -> Self {
        Self { status: StatusCode::FORBIDDEN, text: Cow::Borrowed(text), retry_after: None }
    }

    /// Of a refusal; `wrong` says what was wrong where that must not be said more exactly.
    pub(super) fn of(error: SignInError, wrong: &'static str) -> Self {
        let (status, text, retry_after) = match error {
            SignInError::CodesLocked => return Self::plain(LOCKED),
            SignInError::InvalidCredentials => return Self::plain(wrong),
            SignInError::Busy | SignInError::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                Cow::Borrowed("The server has too much to do. Try again in a moment."),
                Duration::from_secs(1),
            ),
            SignInError::TooMany { retry_after } => (
                StatusCode::TOO_MANY_REQUESTS,
                Cow::Owned(format!("Too many attempts have failed. Try again {}.", within(retry_after))),
                retry_after,
            ),
        };
        Self { status, text, retry_after: Some(retry_after) }
    }

    /// Tells programs what the sentence tells people.
    pub(super) fn tell(&self, response: &mut Response) {
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1)
}

fn within(wait: Duration) -> String {
    match seconds(wait) {
        1 => "in a second".to_owned(),
        secs @ 2..=90 => format!("in {secs} seconds"),
        secs => format!("in {} minutes", secs.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_words() {
        for (millis, words) in [
            (0, "in a second"),
            (1_001, "in 2 seconds"),
            (90_000, "in 90 seconds"),
            (90_001, "in 2 minutes"),
            (900_000, "in 15 minutes"),
        ] {
            assert_eq!(within(Duration::from_millis(millis)), words);
        }
    }
}
