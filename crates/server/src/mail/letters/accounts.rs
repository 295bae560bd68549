//! Letters about accounts as a whole: how they come to be, and how they end.

use super::{Body, Facts};

pub(super) fn account_deleted<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_account_deleted_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_account_deleted_closing()],
    }
}

pub(super) fn deletion_requested<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_deletion_requested_opening(to, host, whence),
        link: None,
        closing: vec![it.until(|words, at| words.mail_deletion_until(at, it.page("/account"))), it.not_you()],
    }
}

pub(super) fn deletion_taken_back<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_deletion_taken_back_opening(to, host, whence),
        link: None,
        closing: vec![words.mail_deletion_taken_back_closing(), it.not_you()],
    }
}

pub(super) fn invitation<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, words, .. } = it;
    Body {
        opening: words.mail_invitation_opening(to, host),
        link: it.link(words.mail_choose_password()),
        closing: vec![it.once(), words.mail_invitation_ignore()],
    }
}

pub(super) fn sign_up<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_sign_up_opening(to, host, whence),
        link: it.link(words.mail_choose_password()),
        closing: vec![it.until(|words, at| words.mail_link_until(at)), words.mail_sign_up_ignore()],
    }
}

pub(super) fn verification<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, words, .. } = it;
    Body {
        opening: words.mail_verification_opening(to, host),
        link: it.link(words.mail_verification_link()),
        closing: vec![it.once(), words.mail_verification_ignore(host)],
    }
}
