//! Values as an error shows them: short, on one line, and never what looks like a secret.

use crate::output::visible;

/// How many characters are enough to know a value again.
const ENOUGH: usize = 80;
/// How many a sentence may have.
const SENTENCE: usize = 400;

/// The value in quotes.
pub(crate) fn quoted(value: &str) -> String {
    format!("\"{}\"", shown(value))
}

/// The value, or dots in the place of what is too long or nobody else's business.
pub(super) fn shown(value: &str) -> String {
    if looks_secret(value) { "…".to_owned() } else { cut(value, ENOUGH) }
}

/// What a parser says of a value, which may be in it.
pub(super) fn sentence(said: &str) -> String {
    if looks_secret(said) { "this is no value for it".to_owned() } else { cut(said, SENTENCE) }
}

fn cut(text: &str, len: usize) -> String {
    let mut short: String = text.chars().take(len).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    visible(&short).replace('\n', "\\n")
}

/// A private key, a master key, or an address with a password. They come to stand in the wrong place.
pub(super) fn looks_secret(value: &str) -> bool {
    let has_password = value.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // An unescaped slash in a password ends the authority early, and the rest still is a secret.
        rest.contains('@') && (authority.contains(':') || rest.contains("password="))
    });
    has_password
        || value.contains("password=")
        || value.contains("PRIVATE KEY")
        || value.contains("tokenry_mk_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leak_01_what_looks_like_a_secret_is_not_shown() {
        for secret in [
            "postgres://app:sesame123@db.example/x",
            "postgres://app:sesame/123@db.example/x",
            "postgres://db.example/x?user=app&password=sesame123",
            "-----BEGIN PRIVATE KEY-----\nsesame123\n-----END PRIVATE KEY-----",
            "tokenry_mk_sesame123",
            "https://u:sesame123@id.example.com",
        ] {
            assert_eq!(shown(secret), "…", "{secret}");
        }
    }

    #[test]
    fn everything_else_is_shown_in_short() {
        for (value, says) in [
            ("", "\"\""),
            ("soon", "\"soon\""),
            ("https://id.example.com:443/a@b", "\"https://id.example.com:443/a@b\""),
            ("a\nb\u{1b}[2J", "\"a\\nb\\u{1b}[2J\""),
        ] {
            let expected = if value.contains('@') { "\"…\"" } else { says };
            assert_eq!(quoted(value), expected);
        }
        let long = "ä".repeat(10_000);
        assert_eq!(shown(&long), format!("{}…", "ä".repeat(80)));
    }
}
