//! Finds Tokenry's secrets where none should be: logs, databases and their journals, metrics, refusals.
//!
//! Nobody need tell it which secrets there are. An issued secret names itself and bears a checksum, and a signed token
//! has a header that says so; so whatever a whole run of the tests wrote can be searched for all that it ever made.
//!
//! What it cannot find are secrets without a form: passwords, imported secrets, opaque tokens, keys of the keyring.
//! The tests that use those search for them by name.

mod folder;
mod jwt;
mod secret;

use std::fmt;

pub use folder::in_folder;

/// A secret that was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leak {
    /// What it is.
    pub what: &'static str,
    /// Where it begins, in bytes.
    pub at: usize,
    /// What can be shown of it.
    pub shown: String,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} at byte {}", self.what, self.shown, self.at)
    }
}

/// Every issued secret and every signed token in `bytes`: plain, in base64 as credentials are sent, and in hexadecimal.
#[must_use]
pub fn in_bytes(bytes: &[u8]) -> Vec<Leak> {
    let mut leaks = secret::plain(bytes);
    leaks.extend(secret::disguised(bytes));
    leaks.extend(jwt::signed(bytes));
    leaks
}

/// Asserts that `what`, which may be shown, holds none.
///
/// # Panics
/// If it holds one; not in a thread that panics already.
#[track_caller]
pub fn assert_none(what: &str, bytes: &[u8]) {
    let leaks = in_bytes(bytes);
    if !leaks.is_empty() && !std::thread::panicking() {
        let list: Vec<_> = leaks.iter().map(Leak::to_string).collect();
        let context = around(bytes, leaks[0].at);
        assert!(
            list.is_empty(),
            "{what} holds secrets: {}; the first one is here: {context}",
            list.join(", ")
        );
    }
}

/// What stands before a leak, so that somebody can find who wrote it.
fn around(bytes: &[u8], at: usize) -> String {
    String::from_utf8_lossy(&bytes[at.saturating_sub(200)..at]).into_owned()
}
