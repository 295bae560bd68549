//! HTTP Basic with form-encoded halves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rstest::rstest;
use tokenry_protocol::Secret;
use tokenry_protocol::basic::{Basic, MalformedBasic};

fn parse(pair: impl AsRef<[u8]>) -> Result<(String, String), MalformedBasic> {
    parse_b64(&STANDARD.encode(pair))
}

fn parse_b64(b64: &str) -> Result<(String, String), MalformedBasic> {
    Basic::parse(b64).map(|basic| (basic.client_id, basic.client_secret.expose().to_owned()))
}

#[rstest]
#[case::plain("cron:s3cret", "cron", "s3cret")]
#[case::colon("cron:a%3Ab", "cron", "a:b")]
#[case::colon_in_the_id("https%3a%2f%2fapp:x", "https://app", "x")]
#[case::percent("cron:100%25", "cron", "100%")]
#[case::plus("cron:a%2Bb", "cron", "a+b")]
#[case::space_as_plus("cron:a+b", "cron", "a b")]
#[case::space_as_percent("cron:a%20b", "cron", "a b")]
#[case::non_ascii("cron:p%C3%A4ss%E2%82%AC", "cron", "päss€")]
#[case::everything("cron:%3A%25%2B+%C3%A9", "cron", ":%+ é")]
#[case::what_encoders_differ_about("cron:-._~!*'()", "cron", "-._~!*'()")]
fn tok_09_takes_form_encoded_halves(
    #[case] pair: &str,
    #[case] client_id: &str,
    #[case] client_secret: &str,
) {
    assert_eq!(parse(pair).unwrap(), (client_id.to_owned(), client_secret.to_owned()));
}

#[rstest]
#[case::no_colon("cron")]
#[case::raw_colon("cron:a:b")]
#[case::raw_percent("cron:100%")]
#[case::raw_percent_inside("cron:%zz")]
#[case::half_an_escape("cron:%4")]
#[case::raw_space("cron:a b")]
#[case::raw_non_ascii("cron:pä")]
#[case::control("cron:a\x07")]
#[case::line_break("cron:a\r\n")]
#[case::nul("cron:a%00b")]
#[case::bad_utf8("cron:%ff")]
#[case::overlong("cron:%c0%af")]
#[case::surrogate("cron:%ed%a0%80")]
#[case::tok_14_empty_secret("cron:")]
#[case::tok_14_empty_id(":secret")]
#[case::tok_14_both_empty(":")]
#[case::nothing("")]
fn tok_09_refuses_raw_or_malformed_halves(#[case] pair: &str) {
    assert_eq!(parse(pair), Err(MalformedBasic));
}

#[rstest]
#[case::not_base64("cron:s3cret")]
#[case::url_alphabet("Y3Jvbjo_Pz8_")]
#[case::missing_padding("Y3JvbjphYg")]
#[case::too_much_padding("Y3JvbjphYg===")]
#[case::trailing_bits("Y3JvbjphYh==")]
#[case::inner_space("Y3Jv bjphYg==")]
#[case::line_break("Y3JvbjphYg==\n")]
fn tok_09_refuses_what_is_not_canonical_base64(#[case] b64: &str) {
    assert_eq!(parse_b64("Y3JvbjphYg==").unwrap(), ("cron".to_owned(), "ab".to_owned()));
    assert_eq!(parse_b64(b64), Err(MalformedBasic));
}

#[test]
fn r17_debug_hides_the_secret() {
    let debug = format!("{:?}", Basic::parse(&STANDARD.encode("cron:hunter2hunter2")).unwrap());
    assert!(debug.contains("cron") && !debug.contains("hunter2"), "{debug}");
}

proptest! {
    #[test]
    fn tok_09_what_is_encoded_is_read_back(client_id in "[^\0]{1,40}", client_secret in "[^\0]{1,60}") {
        let b64 = Basic::encode(&client_id, &Secret::new(client_secret.clone()));
        prop_assert_eq!(parse_b64(b64.expose()).unwrap(), (client_id, client_secret));
    }

    #[test]
    fn awkward_characters_are_read_back(client_id in "[a:%+ é]{1,10}", client_secret in "[b:%+& =/€]{1,10}") {
        let b64 = Basic::encode(&client_id, &Secret::new(client_secret.clone()));
        prop_assert_eq!(parse_b64(b64.expose()).unwrap(), (client_id, client_secret));
    }

    #[test]
    fn any_bytes_are_read_or_refused(pair: Vec<u8>) {
        if let Ok((client_id, client_secret)) = parse(pair) {
            prop_assert!(!client_id.is_empty() && !client_secret.is_empty());
        }
    }
}
