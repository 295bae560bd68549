//! The messages of `locales/` as functions, as the build script made them, and the text that they were made of.

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// All messages of a language, as they are written.
pub(super) fn source(language: L10n) -> &'static [u8] {
    &LANG_DATA[language.byte_range()]
}
