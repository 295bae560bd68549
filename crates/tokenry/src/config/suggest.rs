//! The nearest right word to one that is wrong.

use strsim::damerau_levenshtein;

/// The one of `words` that was probably meant; none, where it would be a guess. Case does not count.
pub(crate) fn nearest<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let wrong = wrong.trim().to_lowercase();
    if wrong.len() > 100 {
        return None;
    }
    let far = |word: &str| damerau_levenshtein(&wrong, &word.to_lowercase());
    let word = words.into_iter().min_by_key(|word| far(word))?;
    (far(word) <= allowed(word)).then_some(word)
}

/// How many letters of a word may be wrong: of a short one few, or every short word would be meant.
pub(crate) const fn allowed(word: &str) -> usize {
    match word.len() {
        0..=4 => 1,
        5..=8 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_mended_and_another_word_is_not() {
        let algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
        for (wrong, right) in [
            ("rs256", Some("RS256")),
            ("RS265", Some("RS256")),
            ("eddsa ", Some("EdDSA")),
            ("E5256", Some("ES256")),
            ("none", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, algorithms), right, "{wrong}");
        }
        assert_eq!(nearest(&"a".repeat(1_000_000), algorithms), None);
    }
}
