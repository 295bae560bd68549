//! `prompt` (OpenID Connect Core §3.1.2.1): what the user must, or must not, be shown.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What the user must be shown. Without any, what is due.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Prompt {
    /// Ask for consent, also if it was given before.
    #[serde(skip_serializing_if = "is_false")]
    pub consent: bool,
    /// Sign in again, also if somebody is signed in.
    #[serde(skip_serializing_if = "is_false")]
    pub login: bool,
    /// Show nothing: what cannot be answered at once is an error.
    #[serde(skip_serializing_if = "is_false")]
    pub none: bool,
    /// Let the user say which account it is.
    #[serde(skip_serializing_if = "is_false")]
    pub select_account: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The text is no `prompt`: an unknown word, one twice, or `none` beside another.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("prompt is none alone, or some of consent, login and select_account")]
pub struct InvalidPrompt;

impl Prompt {
    /// Whether the user must sign in again.
    #[must_use]
    pub const fn asks_for_sign_in(self) -> bool {
        self.login || self.select_account
    }
}

impl FromStr for Prompt {
    type Err = InvalidPrompt;

    fn from_str(text: &str) -> Result<Self, InvalidPrompt> {
        let mut prompt = Self::default();
        for word in text.split(' ') {
            let flag = match word {
                "consent" => &mut prompt.consent,
                "login" => &mut prompt.login,
                "none" => &mut prompt.none,
                "select_account" => &mut prompt.select_account,
                _ => return Err(InvalidPrompt),
            };
            if std::mem::replace(flag, true) {
                return Err(InvalidPrompt);
            }
        }
        if prompt.none && (prompt.consent || prompt.asks_for_sign_in()) {
            Err(InvalidPrompt)
        } else {
            Ok(prompt)
        }
    }
}
