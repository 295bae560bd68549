//! The one reader of the environment. Configuration keys have their twins in `config/keys.rs`; the rest are listed here.
//! What systemd says in it is read by the crates of `supervisor.rs`.

use std::ffi::OsString;

/// Follows <https://no-color.org>: set to anything, no colours.
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// What is logged, in `tracing`'s filter syntax: `info`, `tokenry_server=debug`.
pub(crate) const LOG: &str = "TOKENRY_LOG";

/// The names of all variables that begin with `prefix`.
pub(crate) fn names(prefix: &str) -> Vec<OsString> {
    let names = std::env::vars_os().map(|(name, _value)| name);
    names.filter(|name| name.as_encoded_bytes().starts_with(prefix.as_bytes())).collect()
}

/// Whether a variable is set to what is no text.
#[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
pub(crate) fn is_garbled(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value.to_str().is_none())
}

/// The value of a variable, if it is set, not empty, and text.
#[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
pub(crate) fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
