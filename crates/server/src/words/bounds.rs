//! Sentences with a number that is decided elsewhere: they say it as it is.

use std::time::Duration;

use tokenry_engine::mail::SIGN_UP_LINK_TTL;
use tokenry_engine::{
    MAX_PASSWORD_BYTES, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, PASSWORD_PAUSE, UnfitPassword,
};
use tokenry_model::LinkPurpose;
use tokenry_protocol::guard::STALE_AFTER;

use super::Words;

impl Words {
    /// Why a password cannot be taken, as the rest of a sentence.
    pub(crate) fn unfit_password(&self, unfit: UnfitPassword) -> String {
        match unfit {
            UnfitPassword::Guessable => self.password_guessable(),
            UnfitPassword::TooLong => {
                self.password_too_long(MAX_PASSWORD_CHARS as u64, MAX_PASSWORD_BYTES as u64)
            }
            UnfitPassword::TooShort => self.password_too_short(MIN_PASSWORD_CHARS as u64),
            UnfitPassword::Unchanged => self.password_unchanged(),
        }
    }

    /// What a password has to be that somebody chooses who has none, or has forgotten it.
    pub(crate) fn password_rule(&self) -> String {
        self.choose_rule(MIN_PASSWORD_CHARS as u64)
    }

    /// What a password has to be that somebody chooses in the place of another.
    pub(crate) fn password_hint(&self) -> String {
        self.security_password_hint(MIN_PASSWORD_CHARS as u64)
    }

    /// A password was changed too lately; `mail` is whether a link can be had.
    pub(crate) fn password_too_soon(&self, mail: bool) -> String {
        let pause = minutes(PASSWORD_PAUSE);
        match mail {
            true => self.security_password_too_soon_mail(pause),
            false => self.security_password_too_soon(pause),
        }
    }

    /// How long a value that was ended may work at APIs at the most.
    pub(crate) fn dead_at_apis_within(&self) -> String {
        self.developer_seconds(STALE_AFTER.as_secs())
    }

    /// A value was ended, and not every API knows it yet.
    pub(crate) fn value_dying(&self) -> String {
        self.developer_dying(self.dead_at_apis_within())
    }

    /// A link is on its way to whoever has forgotten a password.
    pub(crate) fn reset_on_its_way(&self) -> String {
        self.reset_sent(minutes(LinkPurpose::Reset.ttl()))
    }

    /// A link is on its way to whoever wants an account.
    pub(crate) fn sign_up_on_its_way(&self) -> String {
        self.sign_up_sent(minutes(SIGN_UP_LINK_TTL))
    }
}

fn minutes(duration: Duration) -> u64 {
    duration.as_secs() / 60
}
