//! The Authorization header field.

use rstest::rstest;
use tokenry_protocol::authorization::{Authorization, Malformed};

/// Scheme and credentials, as text that can be compared.
fn parse(value: &[u8]) -> Result<(String, String), Malformed> {
    Authorization::parse(value).map(|authorization| {
        let credentials = match authorization {
            Authorization::Basic(text) | Authorization::Bearer(text) | Authorization::Secret(text) => text,
            Authorization::Other(_) => "",
        };
        (authorization.scheme().to_owned(), credentials.to_owned())
    })
}

#[rstest]
#[case("Basic YTpi", "Basic", "YTpi")]
#[case("bAsIc YTpiYw==", "Basic", "YTpiYw==")]
#[case("Bearer eyJ.a-b_c~d+e/f", "Bearer", "eyJ.a-b_c~d+e/f")]
#[case("BEARER x", "Bearer", "x")]
#[case("secret tokenry_as_abc", "Secret", "tokenry_as_abc")]
#[case("DPoP token", "DPoP", "")]
#[case("Digest username=\"a\", realm=\"b\"", "Digest", "")]
fn r79_the_scheme_is_case_insensitive(#[case] value: &str, #[case] scheme: &str, #[case] credentials: &str) {
    assert_eq!(parse(value.as_bytes()).unwrap(), (scheme.to_owned(), credentials.to_owned()));
}

#[rstest]
#[case::nothing("")]
#[case::scheme_alone("Bearer")]
#[case::no_credentials("Bearer ")]
#[case::r100_bare_value("tokenry_as_0123456789")]
#[case::two_spaces("Bearer  x")]
#[case::leading_space(" Bearer x")]
#[case::trailing_space("Bearer x ")]
#[case::tab("Bearer\tx")]
#[case::two_credentials("Bearer x, Basic eDp5")]
#[case::two_tokens("Bearer x y")]
#[case::quoted("Bearer \"x\"")]
#[case::padding_alone("Basic ==")]
#[case::padding_inside("Basic a=b")]
#[case::not_base64("Basic a:b")]
#[case::scheme_is_no_token("Bea(rer x")]
#[case::non_ascii("Bearer é")]
#[case::line_break("Bearer x\r\nX: y")]
#[case::nul("Bearer x\0")]
#[case::control_in_another_scheme("DPoP a\x01b")]
#[case::another_scheme_with_two_spaces("DPoP  a")]
fn refuses_another_form(#[case] value: &str) {
    assert_eq!(parse(value.as_bytes()), Err(Malformed));
}

#[test]
fn http_13_refuses_bad_utf8() {
    assert_eq!(parse(b"Bearer \xff"), Err(Malformed));
    assert_eq!(parse(b"\xc0\xaf x"), Err(Malformed));
}

#[test]
fn r17_debug_shows_the_scheme_alone() {
    let debug = format!("{:?}", Authorization::parse(b"Secret tokenry_as_abc").unwrap());
    assert_eq!(debug, "Authorization(Secret …)");
}
