//! The letter about credentials that leaked: which, whether they work still, and what to do. It has none of them in it.

use tokenry_engine::mail::Leaked;
use tokenry_model::LeakKind;

use super::{Body, Facts};
use crate::words::Words;

/// How many are named.
const NAMED: usize = 20;

pub(super) fn credentials_leaked<'a>(it: &Facts<'a>) -> Body<'a> {
    let Facts { host, to, words, letter, .. } = it;
    let mut closing: Vec<_> = letter.leaked.iter().take(NAMED).map(|leaked| line(leaked, words)).collect();
    let unnamed = letter.leaked.len().saturating_sub(NAMED);
    if unnamed > 0 {
        closing.push(words.mail_leaked_more(unnamed.to_string()));
    }
    if letter.leaked.iter().any(|leaked| !leaked.revoked) {
        closing.push(words.mail_leaked_living(it.page("/account/apps"), host));
    }
    closing.push(words.mail_leaked_closing());
    Body { opening: words.mail_leaked_opening(host, to), link: it.link(words.mail_leaked_link()), closing }
}

fn line(leaked: &Leaked, words: &Words) -> String {
    let kind = match leaked.kind {
        LeakKind::AccessToken => words.mail_leaked_access_token(),
        LeakKind::AccountSecret => words.mail_leaked_account_secret(),
        LeakKind::Pat => words.mail_leaked_pat(),
        LeakKind::RefreshToken => words.mail_leaked_refresh_token(),
        // These are no user's.
        LeakKind::ApiSecret | LeakKind::ClientSecret => words.mail_leaked_secret(),
    };
    let what = match leaked.last4.as_str() {
        "" => kind,
        last4 => words.mail_leaked_ending(kind, last4),
    };
    if leaked.revoked { words.mail_leaked_dead(what) } else { words.mail_leaked_lives(what) }
}
