//! Letters about passwords, and about who has come in.

use super::{Body, Facts};

pub(super) fn new_device<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_new_device_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_new_device_closing(it.page("/account/sessions")), it.not_you()],
    }
}

pub(super) fn password_changed<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_password_changed_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_password_changed_closing(), it.not_you()],
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
