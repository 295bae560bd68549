//! Which language somebody reads, by what is said of it.

use http::HeaderValue;
use rstest::rstest;

use super::*;

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
