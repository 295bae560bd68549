//! How it is told that something was not done: one sentence above the form, a status, and when to try again.

use std::time::Duration;

use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use tokenry_engine::SignInError;

use crate::words::Words;
use crate::words::dates::seconds;

/// What a form says when it comes again.
pub(crate) struct Outcome {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    retry_after: Option<Duration>,
}

impl Outcome {
    /// Somebody changed the account between proof and session.
    pub(crate) fn changed(words: &Words) -> Self {
        Self::plain(words.changed_just_now())
    }

    /// The form was not made for this browser as it is now.
    pub(crate) fn too_old(words: &Words) -> Self {
        Self::plain(words.page_too_old())
    }

    /// The second factor came too late.
    pub(crate) fn too_slow(words: &Words) -> Self {
        Self::plain(words.took_too_long())
    }

    fn plain(text: String) -> Self {
        Self::said(StatusCode::FORBIDDEN, text)
    }

    /// Something that the person can mend.
    pub(crate) const fn said(status: StatusCode, text: String) -> Self {
        Self { status, text, retry_after: None }
    }

    /// Nobody is heard for a while; `why` is a sentence.
    pub(crate) fn limited(why: &str, wait: Duration, words: &Words) -> Self {
        let text = words.wait(why, wait);
        Self { retry_after: Some(wait), ..Self::said(StatusCode::TOO_MANY_REQUESTS, text) }
    }

    /// Of a refusal; `wrong` says what was wrong where that must not be said more exactly.
    pub(crate) fn of(error: SignInError, wrong: String, words: &Words) -> Self {
        match error {
            SignInError::CodesLocked => Self::plain(words.codes_locked()),
            SignInError::InvalidCredentials => Self::plain(wrong),
            SignInError::Busy | SignInError::Unavailable => {
                let said = Self::said(StatusCode::SERVICE_UNAVAILABLE, words.busy());
                Self { retry_after: Some(Duration::from_secs(1)), ..said }
            }
            SignInError::TooMany { retry_after } => {
                Self::limited(&words.too_many_attempts(), retry_after, words)
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
