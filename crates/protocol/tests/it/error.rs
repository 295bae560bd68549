//! The error codes as a table, and the body that carries one.

use std::collections::HashSet;

use proptest::prelude::*;
use tokenry_protocol::{Error, ErrorCode};

/// Every code with status and source. A change here is a change of the public contract.
const TABLE: &str = "\
access_denied                      400 rfc6749#section-4.1.2.1
account_selection_required         400 openid-connect-core-1_0.html#AuthError
consent_required                   400 openid-connect-core-1_0.html#AuthError
insufficient_scope                 403 rfc6750#section-3.1
insufficient_user_authentication   401 rfc9470#section-3
interaction_required               400 openid-connect-core-1_0.html#AuthError
invalid_client                     401 rfc6749#section-5.2
invalid_grant                      400 rfc6749#section-5.2
invalid_request                    400 rfc6749#section-5.2
invalid_request_object             400 openid-connect-core-1_0.html#AuthError
invalid_request_uri                400 openid-connect-core-1_0.html#AuthError
invalid_scope                      400 rfc6749#section-5.2
invalid_target                     400 rfc8707#section-2
invalid_token                      401 rfc6750#section-3.1
login_required                     400 openid-connect-core-1_0.html#AuthError
registration_not_supported         400 openid-connect-core-1_0.html#AuthError
request_not_supported              400 openid-connect-core-1_0.html#AuthError
request_uri_not_supported          400 openid-connect-core-1_0.html#AuthError
server_error                       500 rfc6749#section-4.1.2.1
temporarily_unavailable            503 rfc6749#section-4.1.2.1
unauthorized_client                400 rfc6749#section-5.2
unsupported_grant_type             400 rfc6749#section-5.2
unsupported_response_type          400 rfc6749#section-4.1.2.1
unsupported_token_type             400 rfc7009#section-2.2.1
";

#[test]
fn every_code_has_its_status_and_its_source() {
    let row = |code: ErrorCode| {
        let source = code.reference().rsplit('/').next().unwrap();
        format!("{:34} {} {source}\n", code.as_str(), code.status())
    };
    assert_eq!(ErrorCode::ALL.into_iter().map(row).collect::<String>(), TABLE);
}

#[test]
fn g5_codes_are_distinct_and_in_the_characters_of_rfc_6749() {
    let codes: HashSet<_> = ErrorCode::ALL.into_iter().map(ErrorCode::as_str).collect();
    assert_eq!(codes.len(), ErrorCode::ALL.len());
    for code in ErrorCode::ALL {
        assert!(code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
        assert!(code.reference().starts_with("https://"), "{code}");
        assert_eq!(ErrorCode::parse(code.as_str()), Some(code));
    }
    assert_eq!(ErrorCode::parse("Invalid_Client"), None);
}

#[test]
fn the_body_has_the_form_of_rfc_6749() {
    let error = Error::new(ErrorCode::InvalidScope, "The parameter scope is malformed");
    let body = r#"{"error":"invalid_scope","error_description":"The parameter scope is malformed"}"#;
    assert_eq!(String::from_utf8(error.to_json()).unwrap(), body);
    assert_eq!(error.to_string(), "invalid_scope: The parameter scope is malformed");
}

#[test]
fn tok_01_a_challenge_is_asked_for_explicitly() {
    let error = Error::new(ErrorCode::InvalidClient, "No");
    assert!(!error.challenge);
    assert!(error.with_challenge().challenge);
}

#[test]
fn g5_a_description_is_kept_in_the_characters_of_rfc_6749() {
    let description = Error::new(ErrorCode::InvalidRequest, "a \"b\" \\ c\r\nd\té\u{7f}").description;
    assert_eq!(description, "a 'b' ? c??d???");
}

proptest! {
    #[test]
    fn g5_any_description_is_kept_in_the_characters_of_rfc_6749(text: String) {
        let description = Error::new(ErrorCode::InvalidRequest, text).description;
        prop_assert!(description.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)));
    }
}
