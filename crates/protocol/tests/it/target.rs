//! Resource indicators.

use rstest::rstest;
use tokenry_protocol::target::{InvalidResourceIndicator, MAX_LEN, ResourceIndicator};

#[rstest]
#[case("https://timesheets.example.com")]
#[case("https://timesheets.example.com/")]
#[case("https://API.example.com:8443/v1/%7Euser?a=b&c=[1]")]
#[case("http://127.0.0.1:8700/manage/v1")]
#[case("http://[::1]:8700/")]
#[case("urn:example:timesheets")]
#[case("api://timesheets")]
#[case("https://a.example/path@with:signs")]
fn an_absolute_uri_is_kept_verbatim(#[case] text: &str) {
    assert_eq!(ResourceIndicator::parse(text).unwrap().as_str(), text);
}

#[test]
fn tok_30_texts_are_compared_exactly() {
    let parse = |text| ResourceIndicator::parse(text).unwrap();
    assert_ne!(parse("https://a.example"), parse("https://a.example/"));
    assert_ne!(parse("https://a.example"), parse("https://A.example"));
}

#[rstest]
#[case::nothing("")]
#[case::relative("timesheets")]
#[case::absolute_path("/timesheets")]
#[case::scheme_relative("//timesheets.example.com")]
#[case::fragment("https://timesheets.example.com/#a")]
#[case::empty_fragment("https://timesheets.example.com/#")]
#[case::user("https://user@timesheets.example.com")]
#[case::password("https://user:pw@timesheets.example.com")]
#[case::empty_user("https://@timesheets.example.com")]
#[case::no_host("https://")]
#[case::no_slashes("https:timesheets.example.com")]
#[case::one_slash("https:/timesheets.example.com")]
#[case::three_slashes("https:///timesheets.example.com")]
#[case::backslash("https:\\\\timesheets.example.com")]
#[case::space("https://timesheets.example.com/a b")]
#[case::leading_space(" https://timesheets.example.com")]
#[case::trailing_space("https://timesheets.example.com ")]
#[case::tab("https://time\tsheets.example.com")]
#[case::line_break("https://timesheets.example.com\n")]
#[case::non_ascii("https://timesheets.example.com/é")]
#[case::bad_escape("https://timesheets.example.com/%zz")]
#[case::quote("https://timesheets.example.com/\"")]
#[case::bad_port("https://timesheets.example.com:99999")]
fn tok_30_anything_else_is_refused(#[case] text: &str) {
    assert_eq!(ResourceIndicator::parse(text), Err(InvalidResourceIndicator));
}

#[test]
fn the_length_is_capped() {
    let text = format!("https://a.example/{}", "a".repeat(MAX_LEN - "https://a.example/".len()));
    assert!(ResourceIndicator::parse(&text).is_ok());
    assert_eq!(ResourceIndicator::parse(&format!("{text}a")), Err(InvalidResourceIndicator));
}
