//! Letters about the address of an account.

use super::{Body, Facts};

pub(super) fn address_allowance<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_address_allow_opening(
            to,
            host,
            it.letter.other.as_deref().unwrap_or_default(),
            whence,
        ),
        link: it.link(words.mail_address_link()),
        closing: vec![
            it.once(),
            words.mail_address_allow_closing(),
            words.mail_address_allow_not_you(it.page("/reset")),
        ],
    }
}

pub(super) fn address_changed<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_address_changed_opening(to, host, whence),
        link: it.link(words.mail_address_changed_link()),
        closing: vec![
            words.mail_address_now(),
            it.letter.ends_at.map_or_else(
                || words.mail_address_tell(host),
                |until| words.mail_address_changed_not_you(words.at(until)),
            ),
        ],
    }
}

pub(super) fn address_changed_by_operator<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_address_operator_opening(host, to, whence),
        link: None,
        closing: vec![words.mail_address_now(), it.ask_operator()],
    }
}

pub(super) fn address_claim<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_address_claim_opening(host, to, whence),
        link: it.link(words.mail_address_link()),
        closing: vec![it.once(), words.mail_address_claim_ignore()],
    }
}

pub(super) fn address_restored<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_address_restored_opening(host, to, whence),
        link: None,
        closing: vec![words.mail_address_restored_closing(), words.mail_address_restored_yours(host)],
    }
}

pub(super) fn address_taken<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_address_taken_opening(host, to, whence),
        link: None,
        closing: vec![words.mail_address_taken_closing(), words.mail_address_taken_you(it.page("/login"))],
    }
}
