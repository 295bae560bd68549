//! Letters about the secrets of developers' accounts: none has one in it, and each leads to where its reader sees theirs.

use super::{Body, Facts};

pub(super) fn assigned<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    let opening = words.mail_account_secret_assigned_opening(host, to, whence);
    by_operator(it, opening, words.mail_account_secret_assigned_closing())
}

pub(super) fn revealed<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    let opening = words.mail_account_secret_revealed_opening(to, host, whence);
    by_owner(it, opening, words.mail_account_secret_revealed_closing())
}

pub(super) fn revealed_by_operator<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    let opening = words.mail_account_secret_operator_revealed_opening(host, to, whence);
    by_operator(it, opening, words.mail_account_secret_revealed_closing())
}

pub(super) fn revoked<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    let opening = words.mail_account_secret_revoked_opening(to, host, whence);
    by_owner(it, opening, words.mail_account_secret_revoked_closing())
}

pub(super) fn revoked_by_operator<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    let opening = words.mail_account_secret_operator_revoked_opening(host, to, whence);
    by_operator(it, opening, words.mail_account_secret_revoked_closing())
}

pub(super) fn rotated<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    let opening = words.mail_account_secret_rotated_opening(to, host, whence);
    by_owner(it, opening, words.mail_account_secret_rotated_closing())
}

pub(super) fn rotated_by_operator<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, whence, words, .. } = it;
    let opening = words.mail_account_secret_operator_rotated_opening(host, to, whence);
    by_operator(it, opening, words.mail_account_secret_rotated_closing())
}

/// Whoever did it was signed in as the reader.
fn by_owner<'a>(it: &Facts<'a>, opening: String, closing: String) -> Body<'a> {
    let link = it.link(it.words.mail_account_secret_link());
    Body { opening, link, closing: vec![closing, it.not_you()] }
}

fn by_operator<'a>(it: &Facts<'a>, opening: String, closing: String) -> Body<'a> {
    let link = it.link(it.words.mail_account_secret_link());
    Body { opening, link, closing: vec![closing, it.ask_operator()] }
}
