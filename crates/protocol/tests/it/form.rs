//! Parameters in a form, and in the query that must not have any.

use proptest::prelude::*;
use rstest::rstest;
use tokenry_protocol::params::{MAX_NAME, MAX_PARAMETERS, MAX_VALUE};
use tokenry_protocol::{Error, ErrorCode, Params};

fn read(body: &str) -> Params {
    Params::from_form(body.as_bytes()).unwrap()
}

fn refused(body: impl AsRef<[u8]>) -> Error {
    Params::from_form(body.as_ref()).unwrap_err()
}

#[test]
fn reads_names_and_values() {
    let params = read("grant_type=client_credentials&scope=a+b%20c&n%61me=p%C3%A4ss&x==%3d&&y");
    assert_eq!(params.get("grant_type"), Some("client_credentials"));
    assert_eq!(params.get("scope"), Some("a b c"));
    assert_eq!(params.get("name"), Some("päss"));
    assert_eq!(params.get("x"), Some("=="));
    assert_eq!(params.get("y"), None);
    assert_eq!(params.get("Grant_Type"), None);
    assert_eq!(read("").get("grant_type"), None);
}

#[rstest]
#[case("client_secret=&client_id=a")]
#[case("client_secret&client_id=a")]
fn tok_14_an_empty_value_is_absent(#[case] body: &str) {
    let params = read(body);
    assert_eq!(params.get("client_secret"), None);
    assert!(params.secret("client_secret").is_none());
    assert_eq!(params.get("client_id"), Some("a"));
}

#[rstest]
#[case("grant_type")]
#[case("code")]
#[case("client_id")]
#[case("client_secret")]
#[case("scope")]
#[case("redirect_uri")]
#[case("code_verifier")]
#[case("refresh_token")]
#[case("company_id")]
#[case("made_up")]
fn tok_13_any_parameter_twice_is_invalid_request_and_named(#[case] name: &str) {
    for body in [
        format!("{name}=1&{name}=2"),
        format!("{name}=1&other=x&{name}=1"),
        format!("{name}=&{name}=1"),
        format!("{name}=1&{name}"),
        format!("{name}=1&%{:02x}{}=1", name.as_bytes()[0], &name[1..]),
    ] {
        let error = refused(&body);
        assert_eq!(error.code, ErrorCode::InvalidRequest, "{body}");
        assert_eq!(error.description, format!("The parameter {name} may stand only once"), "{body}");
    }
}

#[test]
fn tok_13_an_unprintable_name_is_not_repeated_to_anybody() {
    for body in ["a%0d%0ab=1&a%0d%0ab=2", "%22=1&%22=2", "%C3%A9=1&%C3%A9=2", "=1&=2"] {
        assert_eq!(refused(body).description, "A parameter may stand only once", "{body}");
    }
}

#[rstest]
#[case("audience=a&audience=b")]
#[case("audience=a&audience=a")]
#[case("resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example")]
#[case("resource=&resource=a")]
fn tok_30_two_of_one_target_are_invalid_target(#[case] body: &str) {
    assert_eq!(refused(body).code, ErrorCode::InvalidTarget);
}

#[rstest]
#[case::bad_utf8(b"scope=%ff")]
#[case::raw_bad_utf8(b"scope=\xff")]
#[case::overlong(b"scope=%c0%af")]
#[case::surrogate(b"scope=%ed%a0%80")]
#[case::cut_off(b"scope=%c3")]
#[case::two_halves_of_one_character(b"scope=%c3&%a9=x")]
#[case::bad_name(b"%ff=x")]
#[case::nul(b"scope=a%00b")]
#[case::raw_nul(b"scope=a\0b")]
#[case::nul_in_a_name(b"sco%00pe=a")]
#[case::nul_in_an_unknown(b"whatever=%00")]
#[case::stray_percent(b"scope=100%")]
#[case::bad_escape(b"scope=%zz")]
#[case::bad_escape_in_a_name(b"%zz=1")]
fn http_13_what_is_not_text_is_invalid_request(#[case] body: &[u8]) {
    assert_eq!(refused(body).code, ErrorCode::InvalidRequest);
}

#[test]
fn caps_hold_exactly() {
    let many = |count: usize| (0..count).map(|n| format!("p{n}=v")).collect::<Vec<_>>().join("&");
    assert_eq!(read(&many(MAX_PARAMETERS)).get("p63"), Some("v"));
    assert_eq!(refused(many(MAX_PARAMETERS + 1)).code, ErrorCode::InvalidRequest);

    let name = "n".repeat(MAX_NAME);
    assert_eq!(read(&format!("{name}=v")).get(&name), Some("v"));
    assert_eq!(refused(format!("{name}n=v")).code, ErrorCode::InvalidRequest);

    let value = "%41".repeat(MAX_VALUE);
    assert_eq!(read(&format!("state={value}")).get("state").unwrap().len(), MAX_VALUE);
    assert_eq!(refused(format!("state={value}A")).code, ErrorCode::InvalidRequest);
}

#[test]
fn tok_27_a_scope_beyond_the_cap_is_invalid_scope() {
    let scope = (0..10_000).map(|n| format!("s{n}")).collect::<Vec<_>>().join("+");
    assert_eq!(refused(format!("scope={scope}")).code, ErrorCode::InvalidScope);
    assert_eq!(refused(format!("resource={}", "a".repeat(MAX_VALUE + 1))).code, ErrorCode::InvalidTarget);
}

#[test]
fn r17_debug_shows_neither_values_nor_made_up_names() {
    let params = read("client_id=alice&client_secret=hunter2&hunter3=x");
    let debug = format!("{params:?}");
    assert_eq!(debug, r#"Params ["client_id", "client_secret"]"#);
    assert_eq!(format!("{:?}", params.secret("client_secret").unwrap()), "Secret(…)");
    assert_eq!(params.secret("client_secret").unwrap().expose(), "hunter2");
}

#[rstest]
#[case("client_secret=x")]
#[case("client_secret=")]
#[case("client_assertion=x")]
#[case("grant_type=client_credentials")]
#[case("audience=a")]
#[case("utm=1&client%5fid=x")]
fn tok_10_known_parameters_in_the_query_are_invalid_request(#[case] query: &str) {
    let error = read("grant_type=client_credentials").check_query(query).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    assert!(error.description.ends_with("belongs in the request body"), "{error}");
}

#[test]
fn tok_13_one_in_the_query_and_one_in_the_body_are_two() {
    let params = read("made_up=1");
    assert_eq!(params.check_query("made_up=2").unwrap_err().code, ErrorCode::InvalidRequest);
    assert_eq!(params.check_query("a=1&a=2").unwrap_err().code, ErrorCode::InvalidRequest);
    assert_eq!(params.check_query("a=%ff").unwrap_err().code, ErrorCode::InvalidRequest);
    assert_eq!(params.check_query("utm_source=docs"), Ok(()));
    assert_eq!(params.check_query(""), Ok(()));
}

proptest! {
    #[test]
    fn what_a_browser_encodes_is_read_back(values in prop::collection::vec("[^\0]{1,30}", 1..8)) {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (at, value) in values.iter().enumerate() {
            body.append_pair(&format!("p{at}"), value);
        }
        let params = read(&body.finish());
        for (at, value) in values.iter().enumerate() {
            prop_assert_eq!(params.get(&format!("p{at}")), Some(value.as_str()));
        }
    }

    #[test]
    fn awkward_values_are_read_back(value in "[:%+ &=é\u{10FFFF}]{1,20}") {
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let params = read(&format!("state={encoded}"));
        prop_assert_eq!(params.get("state"), Some(value.as_str()));
    }

    #[test]
    fn any_body_is_read_as_a_browser_would_or_refused(body in "[a-c=&%+0-9é]{0,40}") {
        if let Ok(params) = Params::from_form(body.as_bytes()) {
            for (name, value) in form_urlencoded::parse(body.as_bytes()) {
                prop_assert_eq!(params.get(&name).unwrap_or(""), value);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(body: Vec<u8>) {
        if let Err(error) = Params::from_form(&body) {
            prop_assert_eq!(error.code.status(), 400);
        }
    }
}
