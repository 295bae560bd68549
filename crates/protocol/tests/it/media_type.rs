//! Content-Type.

use rstest::rstest;
use tokenry_protocol::media_type::MediaType;
use tokenry_protocol::{ErrorCode, Params};

#[rstest]
#[case("application/x-www-form-urlencoded", MediaType::Form)]
#[case("Application/X-WWW-Form-URLEncoded; charset=UTF-8", MediaType::Form)]
#[case("application/json", MediaType::Json)]
#[case("application/json;charset=utf-8", MediaType::Json)]
#[case("application/json ; charset=\"utf-8\" ", MediaType::Json)]
#[case("application/json;", MediaType::Json)]
#[case("application/json; ; charset=utf-8;", MediaType::Json)]
#[case("application/json; version=1; charset=utf-8", MediaType::Json)]
fn tok_12_forms_and_json_with_charset(#[case] text: &str, #[case] expected: MediaType) {
    assert_eq!(MediaType::parse(Some(text.as_bytes())).unwrap(), expected);
}

#[rstest]
#[case::two_types("application/json, application/x-www-form-urlencoded")]
#[case::two_types_after_a_parameter("application/json; charset=utf-8, application/x-www-form-urlencoded")]
#[case::multipart("multipart/form-data; boundary=x")]
#[case::text("text/plain")]
#[case::suffix("application/scim+json")]
#[case::prefix("application/json5")]
#[case::wildcard("application/*")]
#[case::empty("")]
#[case::parameters_alone("; charset=utf-8")]
#[case::spaces_inside("application / json")]
#[case::other_charset("application/json; charset=utf-7")]
#[case::latin("application/x-www-form-urlencoded; charset=iso-8859-1")]
#[case::two_charsets("application/json; charset=utf-8; charset=utf-16")]
#[case::same_charset_twice("application/json; charset=utf-8; CHARSET=utf-8")]
#[case::empty_charset("application/json; charset=")]
#[case::charset_without_value("application/json; charset")]
#[case::open_quote("application/json; charset=\"utf-8")]
#[case::quoted_pair("application/json; charset=\"utf\\-8\"")]
#[case::rest_after_quotes("application/json; charset=\"utf-8\"x")]
#[case::single_quotes("application/json; charset='utf-8'")]
#[case::no_semicolon("application/json charset=utf-8")]
#[case::non_ascii("application/json; é=1")]
#[case::line_break("application/json\r\n")]
fn peer_30_anything_else_is_invalid_request(#[case] text: &str) {
    let error = MediaType::parse(Some(text.as_bytes())).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRequest);
}

#[test]
fn peer_30_missing_or_not_even_text() {
    assert_eq!(MediaType::parse(None).unwrap_err().code, ErrorCode::InvalidRequest);
    assert_eq!(MediaType::parse(Some(b"application/json\xff")).unwrap_err().code, ErrorCode::InvalidRequest);
}

#[test]
fn peer_30_a_body_is_read_as_its_type_says() {
    let (form, json) = ("application/x-www-form-urlencoded", "application/json");
    let get = |content_type: &str, body: &str| {
        let params = Params::from_body(Some(content_type.as_bytes()), body.as_bytes());
        params.map(|params| params.get("scope").map(str::to_owned)).map_err(|error| error.code)
    };
    assert_eq!(get(form, "scope=a"), Ok(Some("a".to_owned())));
    assert_eq!(get(json, r#"{"scope":"a"}"#), Ok(Some("a".to_owned())));
    assert_eq!(get(json, "scope=a"), Err(ErrorCode::InvalidRequest));
    assert_eq!(get(form, r#"{"scope":"a"}"#), Ok(None));
    assert_eq!(get("text/plain", "scope=a"), Err(ErrorCode::InvalidRequest));
}
