//! The one reader of the environment. Configuration keys have their twins in `config/keys.rs`; the rest are listed here.
//! What systemd says in it is read by the crates of `supervisor.rs`.

/// Follows <https://no-color.org>: set to anything, no colours.
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// What is logged, in `tracing`'s filter syntax: `info`, `tokenry_server=debug`.
pub(crate) const LOG: &str = "TOKENRY_LOG";

/// The value of a variable, if it is set, not empty, and text.
#[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
pub(crate) fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
