//! One form of each username: an e-mail address that is written in another way is the same, or is refused (LOG-12, PEER-18).

use icu_normalizer::ComposingNormalizerBorrowed;
use thiserror::Error;
use url::Host;

use crate::manage::misleads;

/// The longest address that mail can reach (RFC 5321 §4.5.3.1.3), in bytes.
const MAX_LEN: usize = 254;
/// The longest part before the `@` (RFC 5321 §4.5.3.1.1), in bytes.
const MAX_LOCAL: usize = 64;

/// A text that is no username.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("it must be an e-mail address, such as ann@acme.example, without quotes or comments")]
pub struct InvalidUsername;

/// The one form of a username: without spaces round it, in Unicode NFKC, in lower case, its domain as the DNS has it.
///
/// # Errors
/// When it is no plain e-mail address, or could be read as two.
pub fn canonical_username(text: &str) -> Result<String, InvalidUsername> {
    if text.len() > 4 * MAX_LEN {
        return Err(InvalidUsername);
    }
    let composed = nfkc(text.trim());
    let (local, domain) = composed.trim().rsplit_once('@').ok_or(InvalidUsername)?;
    let name = format!("{}@{}", canonical_local(local)?, canonical_domain(domain)?);
    if name.len() <= MAX_LEN { Ok(name) } else { Err(InvalidUsername) }
}

fn canonical_local(local: &str) -> Result<String, InvalidUsername> {
    let lower = nfkc(&local.chars().flat_map(char::to_lowercase).collect::<String>());
    // What has two forms in lower case (ß and ss, ς and σ) is somebody else's address in one of them.
    let folded = local.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect::<String>();
    let stable = nfkc(&folded) == lower && nfkc(&lower) == lower;
    let fits = (1..=MAX_LOCAL).contains(&lower.len()) && lower.chars().all(may_stand_in_local);
    let dots = lower.starts_with('.') || lower.ends_with('.') || lower.contains("..");
    if stable && fits && !dots { Ok(lower) } else { Err(InvalidUsername) }
}

/// `atext` of RFC 5322 §3.2.3 and the dot, and what is seen of other scripts (RFC 6531 §3.3).
fn may_stand_in_local(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
    }
    !c.is_whitespace() && !misleads(c)
}

fn canonical_domain(domain: &str) -> Result<String, InvalidUsername> {
    let odd = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '.' && c != '-';
    if domain.chars().any(odd) {
        return Err(InvalidUsername);
    }
    match Host::parse(domain) {
        Ok(Host::Domain(name)) if name.split('.').all(|label| !label.is_empty()) => Ok(name),
        _ => Err(InvalidUsername),
    }
}

fn nfkc(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::as_it_is("ann@acme.example", "ann@acme.example")]
    #[case::upper_case("Ann@ACME.Example", "ann@acme.example")]
    #[case::spaces(" \tann@acme.example\n", "ann@acme.example")]
    #[case::full_width("ａｎｎ＠ａｃｍｅ．ｅｘａｍｐｌｅ", "ann@acme.example")]
    #[case::unicode_dot("ann@acme\u{3002}example", "ann@acme.example")]
    #[case::decomposed("zoe\u{308}@acme.example", "zo\u{eb}@acme.example")]
    #[case::composed_upper("ZO\u{cb}@acme.example", "zo\u{eb}@acme.example")]
    #[case::international("ann@Bücher.example", "ann@xn--bcher-kva.example")]
    #[case::tag("ann+work@acme.example", "ann+work@acme.example")]
    #[case::one_label("root@localhost", "root@localhost")]
    fn peer_18_log_12_one_form(#[case] written: &str, #[case] canonical: &str) {
        assert_eq!(canonical_username(written).as_deref(), Ok(canonical));
        assert_eq!(canonical_username(canonical).as_deref(), Ok(canonical), "it is its own");
    }

    #[rstest]
    #[case::nothing("")]
    #[case::no_at("ann")]
    #[case::two_ats("ann@evil.example@acme.example")]
    #[case::quoted("\"ann\"@acme.example")]
    #[case::quoted_at("\"ann@evil.example\"@acme.example")]
    #[case::comment("ann(x)@acme.example")]
    #[case::no_local("@acme.example")]
    #[case::no_domain("ann@")]
    #[case::address("ann@127.0.0.1")]
    #[case::literal("ann@[127.0.0.1]")]
    #[case::trailing_dot("ann@acme.example.")]
    #[case::two_dots("ann@acme..example")]
    #[case::percent("ann@%61cme.example")]
    #[case::space_within("a nn@acme.example")]
    #[case::break_within("ann\r\nbcc:eve@acme.example")]
    #[case::zero_width("a\u{200b}nn@acme.example")]
    #[case::right_to_left("\u{202e}ann@acme.example")]
    #[case::sharp_s("stra\u{df}e@acme.example")]
    #[case::final_sigma("\u{3c2}@acme.example")]
    #[case::dotless("d\u{131}m@acme.example")]
    #[case::list("ann@acme.example,eve@evil.example")]
    fn log_12_refused(#[case] written: &str) {
        assert_eq!(canonical_username(written), Err(InvalidUsername));
    }

    #[test]
    fn peer_03_a_long_one_is_refused() {
        let long = |local: usize| format!("{}@acme.example", "a".repeat(local));
        assert!(canonical_username(&long(MAX_LOCAL)).is_ok());
        assert!(canonical_username(&long(MAX_LOCAL + 1)).is_err());
        assert!(canonical_username(&long(10_000_000)).is_err());
        assert!(canonical_username(&format!("a@{}", "a.".repeat(126) + "a")).is_err());
    }

    proptest! {
        #[test]
        fn peer_18_a_canonical_name_is_canonical(text in "\\PC{0,12}@[a-zA-Z.ü。．-]{1,12}") {
            if let Ok(name) = canonical_username(&text) {
                prop_assert_eq!(canonical_username(&name), Ok(name.clone()));
                prop_assert_eq!(canonical_username(&name.to_uppercase()), Ok(name));
            }
        }
    }
}
