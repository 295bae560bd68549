//! Letters about passwords, and about who has come in.

use super::{Body, Facts};

pub(super) fn new_device<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, letter, to, whence, words } = it;
    let sessions = letter.link.as_ref().map(|link| link.expose().to_owned());
    let sessions = sessions.unwrap_or_else(|| it.page("/account/sessions"));
    Body {
        opening: words.mail_new_device_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_new_device_closing(sessions), it.not_you()],
    }
}

pub(super) fn password_changed<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    let closing = [Some(words.mail_password_changed_closing()), still_opens(it), Some(it.not_you())];
    Body {
        opening: words.mail_password_changed_opening(to, host, whence),
        link: None,
        closing: closing.into_iter().flatten().collect(),
    }
}

/// What of the second factors stays, and where to look at it; `None` where none does.
fn still_opens(it: &Facts<'_>) -> Option<String> {
    let (words, page) = (it.words, it.page("/account/security"));
    match (it.letter.factors.passkeys, it.letter.factors.authenticators) {
        (0, 0) => None,
        (0, _) => Some(words.mail_staying_authenticator(page)),
        (passkeys, 0) => Some(words.mail_staying_passkeys(passkeys, page)),
        (passkeys, _) => Some(words.mail_staying_both(passkeys, page)),
    }
}

pub(super) fn password_set_by_operator<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_password_operator_opening(host, to, whence),
        link: None,
        closing: vec![words.mail_signed_out_everywhere(), it.ask_operator()],
    }
}

pub(super) fn reset<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_reset_opening(to, host, whence),
        link: it.link(words.mail_reset_link()),
        closing: vec![it.once(), words.mail_reset_ignore()],
    }
}
