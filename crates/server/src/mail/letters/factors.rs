//! Letters about second factors: authenticators, passkeys, recovery codes.

use tokenry_engine::WRONG_CODES_TOLD_AT;

use super::{Body, Facts};

pub(super) fn codes_guessed<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_codes_guessed_opening(to, host, WRONG_CODES_TOLD_AT, whence),
        link: None,
        closing: vec![words.mail_codes_guessed_you(), it.not_you()],
    }
}

pub(super) fn passkey_added<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_passkey_added_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_passkey_added_closing(), it.not_you(), words.mail_passkey_three_days()],
    }
}

pub(super) fn passkey_removed<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_passkey_removed_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_passkey_removed_closing(), it.not_you()],
    }
}

pub(super) fn recovery_code_used<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_recovery_code_used_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_recovery_code_used_closing(), it.not_you()],
    }
}

pub(super) fn recovery_codes_made<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_recovery_codes_made_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_recovery_codes_made_closing(), it.not_you()],
    }
}

pub(super) fn second_factor_added<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_factor_added_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_factor_added_closing(), it.not_you(), words.mail_factor_three_days()],
    }
}

pub(super) fn second_factor_removed<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_factor_removed_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_factor_removed_closing(), it.not_you()],
    }
}

pub(super) fn second_factor_removed_by_operator<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_factor_operator_opening(host, to, whence),
        link: None,
        closing: vec![words.mail_factor_operator_closing(), it.ask_operator()],
    }
}
