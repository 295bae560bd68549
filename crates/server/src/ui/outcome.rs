//! How it is told that something was not done: one sentence above the form, a status, and when to try again.

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
pub(crate) struct Outcome {
    pub(crate) status: StatusCode,
    pub(crate) text: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl Outcome {
    /// Somebody changed the account between proof and session.
    pub(crate) const CHANGED: Self = Self::plain("Your account was changed just now. Sign in once more.");
    /// The form was not made for this browser as it is now.
    pub(crate) const TOO_OLD: Self = Self::plain(
        "This page was open for too long, was sent before, or your browser keeps no cookies. Sign in once more.",
    );
    /// The second factor came too late.
    pub(crate) const TOO_SLOW: Self = Self::plain("That took too long. Sign in once more.");

    const fn plain(text: &'static str) -> Self {
        Self { status: StatusCode::FORBIDDEN, text: Cow::Borrowed(text), retry_after: None }
    }

    /// Something that the person can mend.
    pub(crate) fn said(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, text: text.into(), retry_after: None }
    }

    /// Nobody is heard for a while; `why` is a sentence.
    pub(crate) fn limited(why: &str, wait: Duration) -> Self {
        let text = format!("{why} Try again {}.", within(wait));
        Self { retry_after: Some(wait), ..Self::said(StatusCode::TOO_MANY_REQUESTS, text) }
    }

    /// Of a refusal; `wrong` says what was wrong where that must not be said more exactly.
    pub(crate) fn of(error: SignInError, wrong: &'static str) -> Self {
        match error {
            SignInError::CodesLocked => Self::plain(LOCKED),
            SignInError::InvalidCredentials => Self::plain(wrong),
            SignInError::Busy | SignInError::Unavailable => {
                let text = "The server has too much to do. Try again in a moment.";
                let said = Self::said(StatusCode::SERVICE_UNAVAILABLE, text);
                Self { retry_after: Some(Duration::from_secs(1)), ..said }
            }
            SignInError::TooMany { retry_after } => {
                Self::limited("Too many attempts have failed.", retry_after)
            }
        }
    }

    /// Tells programs what the sentence tells people.
    pub(crate) fn tell(&self, response: &mut Response) {
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
