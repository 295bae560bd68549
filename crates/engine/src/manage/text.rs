//! Text for people, as operators give it: what one sees is what it is.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use serde_json::{Map, Value};
use tokenry_protocol::claims::check_custom;

use super::error::Error;

/// How many characters a name or label may have.
pub(crate) const MAX_NAME: usize = 200;
/// The largest number that every reader of JSON has exactly (RFC 8259 §6).
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;
/// Shows as a space and is none.
const BRAILLE_BLANK: char = '\u{2800}';

/// Whether a character shows as nothing, as a space that is none, or in a way that nobody knows, or turns what stands
/// round it: in a name it hides a difference, and on a terminal it does more.
#[must_use]
pub fn misleads(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::SpaceSeparator
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    ) || c == BRAILLE_BLANK
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// The one spelling of a text that looks so (Unicode NFC).
pub(crate) fn composed(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// A name for people: something to see, on one line, of a bounded length.
pub(super) fn check_name(field: &'static str, name: &str) -> Result<(), Error> {
    if name.trim().is_empty() || name.trim() != name {
        return Err(Error::invalid(field, "it must be something to see, without spaces round it"));
    }
    check_text(field, name)
}

/// An id that an operator chose, as far as its grammar does not say: it is typed after commands and stands in paths of
/// URLs, where `-x` is an option, and `.` and `..` go away.
pub(super) fn check_id(field: &'static str, id: &str) -> Result<(), Error> {
    if id.starts_with('-') || id == "." || id == ".." {
        return Err(Error::invalid(field, "it must not begin with a hyphen, nor be . or .."));
    }
    Ok(())
}

/// What stands beside a name: as one, or nothing.
pub(super) fn check_text(field: &'static str, text: &str) -> Result<(), Error> {
    if let Some(c) = text.chars().find(|c| misleads(*c)) {
        let problem = format!("U+{:04X} in it cannot be told from something else by looking", u32::from(c));
        return Err(Error::invalid(field, problem));
    }
    if text.chars().count() > MAX_NAME {
        return Err(Error::invalid(field, format!("it must be at most {MAX_NAME} characters on one line")));
    }
    Ok(())
}

/// A client's own claims: none that Tokenry makes itself, none that looks like another, no number that some readers
/// round.
pub(super) fn check_claims(claims: &Map<String, Value>) -> Result<(), Error> {
    check_custom(claims).map_err(|error| Error::invalid("claims", error.to_string()))?;
    check_members(claims)
}

/// Names of members that look like no other, and numbers that every reader has exactly, however deep they stand.
pub(super) fn check_members(members: &Map<String, Value>) -> Result<(), Error> {
    for (name, value) in members {
        if let Some(c) = name.chars().find(|c| misleads(*c)) {
            let problem =
                format!("U+{:04X} in a name cannot be told from something else by looking", u32::from(c));
            return Err(Error::invalid("claims", problem));
        }
        if name.trim() != name || composed(name) != *name {
            let problem =
                format!("\"{name}\" looks like another name: no spaces round it, and composed (NFC)");
            return Err(Error::invalid("claims", problem));
        }
        check_value(name, value)?;
    }
    Ok(())
}

fn check_value(name: &str, value: &Value) -> Result<(), Error> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| check_value(name, item)),
        Value::Number(number) if number.as_f64().is_none_or(|number| number.abs() > MAX_EXACT) => {
            let problem = format!(
                "\"{name}\": a number beyond ±(2^53 - 1) is rounded by many readers; write it as text"
            );
            Err(Error::invalid("claims", problem))
        }
        Value::Object(members) => check_members(members),
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::c1("a\u{9b}b")]
    #[case::arabic_letter_mark("a\u{61c}b")]
    #[case::soft_hyphen("a\u{ad}b")]
    #[case::grapheme_joiner("a\u{34f}b")]
    #[case::hangul_filler("a\u{3164}b")]
    #[case::hangul_choseong_filler("a\u{115f}b")]
    #[case::braille_blank("a\u{2800}b")]
    #[case::mongolian_separator("a\u{180e}b")]
    #[case::variation_selector("a\u{fe0f}b")]
    #[case::annotation_anchor("a\u{fff9}b")]
    #[case::tag("a\u{e0041}b")]
    #[case::private_use("a\u{e000}b")]
    #[case::unassigned("a\u{378}b")]
    #[case::no_break_space("a\u{a0}b")]
    #[case::wide_space("a\u{3000}b")]
    #[case::line_separator("a\u{2028}b")]
    #[case::override_of_direction("a\u{202e}b")]
    #[case::space_at_the_end("a ")]
    #[case::tab("a\tb")]
    #[case::nothing("")]
    fn what_cannot_be_seen_is_in_no_name(#[case] name: &str) {
        assert!(check_name("name", name).is_err(), "{name:?}");
        let claims = json!({"a": [{name: 1}]});
        assert!(name.is_empty() || check_claims(claims.as_object().unwrap()).is_err(), "{name:?}");
    }

    #[test]
    fn ids_can_be_typed_and_stand_in_paths() {
        for bad in [".", "..", "-", "--", "-x", "--config"] {
            assert!(check_id("id", bad).is_err(), "{bad}");
        }
        for good in ["acme", ".acme", "...", "_x", "~", "a-b", "0"] {
            assert!(check_id("id", good).is_ok(), "{good}");
        }
    }

    #[test]
    fn names_of_all_scripts_are_taken() {
        for name in
            ["Acme", "Société Générale 2", "Müller & Söhne", "東京 本社", "شركة", "Ελλάς", "हिन्दी", "🚀"]
        {
            assert!(check_name("name", name).is_ok(), "{name}");
        }
        assert_eq!(composed("Cafe\u{301}"), "Caf\u{e9}");
    }

    #[test]
    fn numbers_that_some_round_are_no_claims() {
        let check = |value: Value| check_claims(json!({"n": [value]}).as_object().unwrap()).is_ok();
        for good in
            [json!(9_007_199_254_740_991_i64), json!(-9_007_199_254_740_991_i64), json!(0.1), json!(-0.0)]
        {
            assert!(check(good.clone()), "{good}");
        }
        for bad in [
            json!(9_007_199_254_740_992_i64),
            json!(9_007_199_254_740_993_i64),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1.3e29),
        ] {
            assert!(!check(bad.clone()), "{bad}");
        }
    }
}
