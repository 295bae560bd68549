//! The one reader of the environment. Configuration keys have their twins in `config/keys.rs`; the rest are listed here.
//! What systemd says in it is read by the crates of `supervisor.rs`.

/// Gives a constant for each variable, and the list of them all with what they mean.
macro_rules! variables {
    ($($(#[doc = $doc:literal])+ $name:ident = $variable:literal),+ $(,)?) => {
        $($(#[doc = $doc])+ pub(crate) const $name: &str = $variable;)+

        /// Every variable beside the twins, with its meaning.
        pub(crate) const VARIABLES: &[(&str, &str)] = &[$(($variable, concat!($($doc),+).trim_ascii())),+];
    };
}

variables! {
    /// What is logged, in `tracing`'s filter syntax: `info`, `tokenry_server=debug`.
    LOG = "TOKENRY_LOG",
    /// Follows <https://no-color.org>: set to anything, no colours.
    NO_COLOR = "NO_COLOR",
}

/// The value of a variable, if it is set, not empty, and text.
#[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
pub(crate) fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
