//! A user's tokens as they are kept on the server, and when they have to be renewed.

use std::fmt::{self, Debug, Formatter};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenry_clock::{Clock, SystemClock};

/// How long before it expires an access token is renewed, in seconds.
const EARLY: i64 = 30;

/// A user's tokens. They stay on the server.
#[derive(Clone, Deserialize, Serialize)]
pub struct Tokens {
    /// For the API.
    pub access_token: String,
    /// For the next access token, where there is one.
    pub refresh_token: Option<String>,
    /// Seconds since 1970.
    expires_at: i64,
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> i64 {
    SystemClock.now().as_secs()
}

impl Tokens {
    /// What a token endpoint answered at `now`. One that does not say how long its token lives is asked again next time.
    #[must_use]
    pub fn new(
        access_token: &str,
        refresh_token: Option<&str>,
        lifetime: Option<Duration>,
        now: i64,
    ) -> Self {
        let lifetime =
            lifetime.and_then(|lifetime| i64::try_from(lifetime.as_secs()).ok()).unwrap_or_default();
        Self {
            access_token: access_token.to_owned(),
            refresh_token: refresh_token.map(str::to_owned),
            expires_at: now.saturating_add(lifetime),
        }
    }

    /// Whether the access token will do for a request at `now`.
    #[must_use]
    pub fn are_fresh(&self, now: i64) -> bool {
        now + EARLY < self.expires_at
    }

    /// These, where a renewal brought no refresh token, with the one from before.
    #[must_use]
    pub fn after(self, before: Self) -> Self {
        Self { refresh_token: self.refresh_token.or(before.refresh_token), ..self }
    }
}

impl Debug for Tokens {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_renewed_before_they_expire() {
        let tokens = Tokens::new("a", Some("r"), Some(Duration::from_secs(900)), 1_000);
        assert!(tokens.are_fresh(1_869));
        assert!(!tokens.are_fresh(1_870));
        assert!(!Tokens::new("a", None, None, 1_000).are_fresh(1_000));
    }

    #[test]
    fn a_renewal_without_a_refresh_token_keeps_the_old_one() {
        let before = Tokens::new("a", Some("r"), None, 0);
        let after = Tokens::new("b", None, None, 0).after(before.clone());
        assert_eq!((after.access_token.as_str(), after.refresh_token.as_deref()), ("b", Some("r")));
        let rotated = Tokens::new("b", Some("s"), None, 0).after(before);
        assert_eq!(rotated.refresh_token.as_deref(), Some("s"));
    }
    #[test]
    fn tokens_are_not_shown() {
        let text = format!("{:?}", Tokens::new("access-value", Some("refresh-value"), None, 0));
        assert!(!text.contains("value"), "{text}");
    }
}
