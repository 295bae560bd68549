//! Parameters in JSON.

use proptest::prelude::*;
use rstest::rstest;
use tokenry_protocol::params::{MAX_NAME, MAX_PARAMETERS, MAX_VALUE};
use tokenry_protocol::{Error, ErrorCode, Params};

fn read(body: &str) -> Params {
    Params::from_json(body.as_bytes()).unwrap()
}

fn refused(body: impl AsRef<[u8]>) -> Error {
    Params::from_json(body.as_ref()).unwrap_err()
}

#[test]
fn r37_the_request_of_the_seed() {
    let params = read(
        r#" {"client_id":"abc","client_secret":"s\"\u00e9\ud83d\ude00","audience":"https://api.example.com",
             "grant_type":"client_credentials"} "#,
    );
    assert_eq!(params.get("client_id"), Some("abc"));
    assert_eq!(params.get("audience"), Some("https://api.example.com"));
    assert_eq!(params.get("grant_type"), Some("client_credentials"));
    assert_eq!(params.secret("client_secret").unwrap().expose(), "s\"é😀");
    assert_eq!(read("{}").get("client_id"), None);
}

#[test]
fn null_and_empty_are_absent() {
    let params = read(r#"{"organization":null,"scope":null,"company_id":"","audience":"a"}"#);
    for absent in ["organization", "scope", "company_id"] {
        assert_eq!(params.get(absent), None, "{absent}");
    }
    assert_eq!(params.get("audience"), Some("a"));
}

#[rstest]
#[case("1")]
#[case("-0")]
#[case("1.5")]
#[case("true")]
#[case(r#"["client_credentials"]"#)]
#[case(r#"{"a":"b"}"#)]
#[case("[]")]
fn a_known_parameter_must_be_a_string(#[case] value: &str) {
    for name in ["grant_type", "client_id", "client_secret", "audience", "resource", "scope", "company_id"] {
        let error = refused(format!(r#"{{"{name}":{value}}}"#));
        assert_eq!(error.code, ErrorCode::InvalidRequest);
        assert_eq!(error.description, format!("The parameter {name} must be a string"));
    }
    // TOK-15, TOK-29: what is not ours is ignored, whatever it is.
    assert_eq!(read(&format!(r#"{{"claims_of_mine":{value},"scope":"a"}}"#)).get("scope"), Some("a"));
    assert_eq!(read(&format!(r#"{{"claims_of_mine":{value}}}"#)).get("claims_of_mine"), None);
}

#[rstest]
#[case::same(r#"{"scope":"a","scope":"b"}"#)]
#[case::equal(r#"{"scope":"a","scope":"a"}"#)]
#[case::escaped(r#"{"scope":"a","s\u0063ope":"b"}"#)]
#[case::null_first(r#"{"scope":null,"scope":"a"}"#)]
#[case::empty_last(r#"{"scope":"a","scope":""}"#)]
fn tok_13_a_member_twice_is_invalid_request_and_named(#[case] body: &str) {
    let error = refused(body);
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    assert_eq!(error.description, "The parameter scope may stand only once");
}

#[test]
fn tok_30_two_of_one_target_are_invalid_target() {
    assert_eq!(refused(r#"{"audience":"a","audience":"b"}"#).code, ErrorCode::InvalidTarget);
    assert_eq!(refused(r#"{"resource":"a","resource":null}"#).code, ErrorCode::InvalidTarget);
}

#[rstest]
#[case::nothing("")]
#[case::null("null")]
#[case::array("[]")]
#[case::array_of_pairs(r#"[["grant_type","client_credentials"]]"#)]
#[case::text(r#""grant_type""#)]
#[case::number("1")]
#[case::trailing_garbage(r#"{"scope":"a"}x"#)]
#[case::second_value(r#"{"scope":"a"}{"scope":"b"}"#)]
#[case::trailing_comma(r#"{"scope":"a",}"#)]
#[case::byte_order_mark("\u{feff}{}")]
#[case::comment("{/**/}")]
#[case::single_quotes("{'scope':'a'}")]
#[case::unquoted_name(r#"{scope:"a"}"#)]
#[case::not_closed(r#"{"scope":"a""#)]
#[case::raw_line_break("{\"scope\":\"a\nb\"}")]
#[case::lone_surrogate(r#"{"scope":"\ud800"}"#)]
#[case::lone_low_surrogate(r#"{"scope":"\udc00"}"#)]
#[case::lone_surrogate_in_a_name(r#"{"\ud800":"a"}"#)]
#[case::lone_surrogate_in_an_ignored_value(r#"{"x":["\ud800"]}"#)]
#[case::bad_escape(r#"{"scope":"\x41"}"#)]
#[case::huge_exponent(r#"{"x":1e400}"#)]
#[case::leading_zero(r#"{"x":01}"#)]
#[case::not_a_number(r#"{"x":NaN}"#)]
#[case::nested_duplicate(r#"{"x":{"a":1,"a":2}}"#)]
#[case::deeply_nested_duplicate(r#"{"x":[{"a":[{"b":1,"\u0062":2}]}]}"#)]
fn http_14_another_text_is_invalid_request(#[case] body: &str) {
    let error = refused(body);
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    assert_eq!(error.description, "The request body is not a well-formed JSON object");
}

#[rstest]
#[case::bad_utf8(b"{\"scope\":\"\xff\"}")]
#[case::overlong(b"{\"scope\":\"\xc0\xaf\"}")]
#[case::bad_utf8_in_an_ignored_value(b"{\"x\":[\"\xff\"]}")]
#[case::bad_utf8_in_a_name(b"{\"\xff\":1}")]
#[case::utf_16(b"{\0\"\0x\0\"\0:\x001\0}\0")]
#[case::nul(b"{\"scope\":\"a\\u0000b\"}")]
#[case::nul_in_a_name(b"{\"a\\u0000b\":\"\"}")]
fn http_13_what_is_not_text_is_invalid_request(#[case] body: &[u8]) {
    assert_eq!(refused(body).code, ErrorCode::InvalidRequest);
}

#[test]
fn http_14_depth_is_capped() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!(r#"{{"x":{}1{}}}"#, open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        assert!(Params::from_json(nested(open, close, 15).as_bytes()).is_ok());
        for depth in [16, 127, 128, 129, 1_000_000] {
            assert_eq!(refused(nested(open, close, depth)).code, ErrorCode::InvalidRequest, "{depth}");
        }
    }
    assert_eq!(refused(r#"{"x":"#.repeat(1_000_000)).code, ErrorCode::InvalidRequest);
}

#[test]
fn http_14_an_ignored_number_may_be_long() {
    assert_eq!(read(&format!(r#"{{"x":{},"scope":"a"}}"#, "9".repeat(300))).get("scope"), Some("a"));
}

#[test]
fn caps_hold_exactly() {
    let many = |count: usize| {
        let members: Vec<_> = (0..count).map(|n| format!(r#""p{n}":null"#)).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(Params::from_json(many(MAX_PARAMETERS).as_bytes()).is_ok());
    assert_eq!(refused(many(MAX_PARAMETERS + 1)).code, ErrorCode::InvalidRequest);

    let name = "n".repeat(MAX_NAME);
    assert_eq!(read(&format!(r#"{{"{name}":"v"}}"#)).get(&name), Some("v"));
    assert_eq!(refused(format!(r#"{{"{name}n":"v"}}"#)).code, ErrorCode::InvalidRequest);

    let value = "v".repeat(MAX_VALUE);
    assert_eq!(read(&format!(r#"{{"state":"{value}"}}"#)).get("state").unwrap().len(), MAX_VALUE);
    assert_eq!(refused(format!(r#"{{"state":"{value}v"}}"#)).code, ErrorCode::InvalidRequest);
    assert_eq!(refused(format!(r#"{{"scope":"{value}v"}}"#)).code, ErrorCode::InvalidScope);
}

#[test]
fn r17_no_error_quotes_the_body() {
    for body in [r#"{"client_secret":"hunter2"x}"#, r#"{"client_secret":["hunter2"]}"#, r#""hunter2""#] {
        let error = refused(body);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

proptest! {
    #[test]
    fn json_and_form_mean_the_same(values in prop::collection::vec("[^\0]{0,20}", 1..6)) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let mut object = serde_json::Map::new();
        for (at, value) in values.iter().enumerate() {
            form.append_pair(&format!("p{at}"), value);
            object.insert(format!("p{at}"), value.clone().into());
        }
        let form = Params::from_form(form.finish().as_bytes()).unwrap();
        let json = read(&serde_json::to_string(&object).unwrap());
        for at in 0..values.len() {
            prop_assert_eq!(form.get(&format!("p{at}")), json.get(&format!("p{at}")));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(body: Vec<u8>) {
        if let Err(error) = Params::from_json(&body) {
            prop_assert_eq!(error.code.status(), 400);
        }
    }

    #[test]
    fn what_is_read_is_an_object(body in r#"[{}\[\]",:a\\0nul ]{0,16}"#) {
        if Params::from_json(body.as_bytes()).is_ok() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&body).unwrap().is_object());
        }
    }
}
