//! Letters about personal access tokens: none has one in it, and each leads to where its reader sees them.

use super::{Body, Facts};

pub(super) fn pat_created<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_pat_created_opening(to, host, whence),
        link: it.link(words.mail_pat_link()),
        closing: vec![words.mail_pat_created_closing(), it.not_you()],
    }
}

pub(super) fn pat_expires<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, words, .. } = it;
    Body {
        opening: it.until(|words, at| words.mail_pat_expires_opening(to, host, at)),
        link: it.link(words.mail_pat_link()),
        closing: vec![words.mail_pat_expires_closing()],
    }
}

pub(super) fn pat_refreshed<'a>(it: &Facts<'a>) -> Body<'a> {
    replaced(it, it.words.mail_pat_refreshed_closing())
}

pub(super) fn pat_revoked<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_pat_revoked_opening(to, host, whence),
        link: it.link(words.mail_pat_link()),
        closing: vec![words.mail_pat_revoked_closing(), it.not_you()],
    }
}

pub(super) fn pat_revoked_by_operator<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_pat_operator_opening(host, to, whence),
        link: it.link(words.mail_pat_link()),
        closing: vec![words.mail_pat_revoked_closing(), it.ask_operator()],
    }
}

pub(super) fn pat_rolled<'a>(it: &Facts<'a>) -> Body<'a> {
    replaced(it, it.words.mail_pat_rolled_closing())
}

fn replaced<'a>(it: &Facts<'a>, closing: String) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    Body {
        opening: words.mail_pat_replaced_opening(to, host, whence),
        link: it.link(words.mail_pat_link()),
        closing: vec![closing, it.not_you()],
    }
}
