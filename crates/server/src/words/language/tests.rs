//! Which language somebody reads, by what is said of it.

use http::HeaderValue;
use rstest::rstest;

use super::*;
use crate::words::Words;

fn accepted(list: &str) -> Option<Language> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_bytes(list.as_bytes()).unwrap());
    Language::accepted(&headers)
}

#[rstest]
#[case::one("de", Some(Language::De))]
#[case::of_a_country("de-AT", Some(Language::De))]
#[case::another_case("DE-at", Some(Language::De))]
#[case::the_first("fr, de", Some(Language::Fr))]
#[case::the_best("en;q=0.5, es;q=0.9, de;q=0.7", Some(Language::Es))]
#[case::whole_is_best("es;q=0.9, fr", Some(Language::Fr))]
#[case::as_good("es;q=0.9, fr;q=0.9", Some(Language::Es))]
#[case::not_ours_first("ja, nl;q=0.9, fr;q=0.8, *;q=0.1", Some(Language::Fr))]
#[case::spaces("  de ;  Q = 0.3 ", Some(Language::De))]
#[case::refused("de;q=0, fr;q=0.1", Some(Language::Fr))]
#[case::refused_alone("de;q=0.000", None)]
#[case::none_of_ours("ja, nl", None)]
#[case::any("*", None)]
#[case::nothing("", None)]
#[case::longer_word("deutsch", None)]
#[case::no_weight("de;q=", None)]
#[case::too_heavy("de;q=1.5", None)]
#[case::endless("de;q=inf", None)]
#[case::negative("de;q=-1", None)]
#[case::too_exact("de;q=0.12345", None)]
#[case::other_parameter("de;level=1", None)]
#[case::not_english("d\u{e9}", None)]
fn a_browser_says_what_its_user_reads(#[case] list: &str, #[case] is: Option<Language>) {
    assert_eq!(accepted(list), is);
}

#[test]
fn http_17_only_the_first_of_a_long_list_are_looked_at() {
    let long = format!("{}de", "x,".repeat(MOST));
    assert_eq!(accepted(&long), None);
    let shorter = format!("{}de", "x,".repeat(MOST - 1));
    assert_eq!(accepted(&shorter), Some(Language::De));
}

#[test]
fn the_first_of_ours_is_taken() {
    assert_eq!(Language::first_of(["ja", "es-419", "de"]), Some(Language::Es));
    assert_eq!(Language::first_of(["", "-", "deu"]), None);
}

#[test]
fn what_weighs_more_is_said_later_and_nonsense_weighs_nothing() {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("fr"));
    let tongue = Tongue::new(&headers, false);
    tongue.settle(Language::first_of(["de"]));
    tongue.settle(Language::first_of(["xx"]));
    assert_eq!(tongue.language(), Language::De);
}

#[rstest]
#[case::for_one_machine(true, Language::Pseudo)]
#[case::for_everybody(false, Language::En)]
fn the_pseudo_language_is_for_makers_alone(#[case] for_makers: bool, #[case] is: Language) {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("ar-XB"));
    assert_eq!(Tongue::new(&headers, for_makers).language(), is);
}

/// There is nothing that a value could be kept in: whatever is sent, the answer is one of five, made once.
#[test]
fn http_17_whatever_is_said_the_words_are_the_same_few() {
    let kept = [Language::De, Language::En, Language::Es, Language::Fr, Language::Pseudo].map(Words::of);
    let mut seed = 1_u64;
    for _list in 0..100_000 {
        let letters = (0..24).map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            b"adefnrsx-,;=q01. *"[usize::try_from(seed >> 59).unwrap() % 18]
        });
        let list = String::from_utf8(letters.collect()).unwrap();
        let words = Words::of(accepted(&list).unwrap_or(Language::En));
        assert!(kept.iter().any(|it| std::ptr::eq(*it, words)), "{list}");
    }
}
