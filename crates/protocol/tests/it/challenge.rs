//! The WWW-Authenticate header field.

use proptest::prelude::*;
use tokenry_protocol::challenge::{Challenge, Scheme};
use tokenry_protocol::{ErrorCode, Scope};

#[test]
fn a_scheme_alone() {
    assert_eq!(Challenge::new(Scheme::Secret).to_string(), "Secret");
    assert_eq!(Challenge::new(Scheme::Basic).realm("tokenry").to_string(), "Basic realm=\"tokenry\"");
}

#[test]
fn nothing_sent() {
    let challenge = Challenge::new(Scheme::Bearer)
        .realm("timesheets")
        .resource_metadata("https://api.example.com/.well-known/oauth-protected-resource");
    assert_eq!(
        challenge.to_string(),
        "Bearer realm=\"timesheets\", \
         resource_metadata=\"https://api.example.com/.well-known/oauth-protected-resource\""
    );
}

#[test]
fn r71_lacks_scope() {
    let scope = Scope::parse("create:timesheets read:timesheets").unwrap();
    let challenge =
        Challenge::new(Scheme::Bearer).error(ErrorCode::InsufficientScope, "More is needed").scope(&scope);
    assert_eq!(
        challenge.to_string(),
        "Bearer error=\"insufficient_scope\", error_description=\"More is needed\", \
         scope=\"create:timesheets read:timesheets\""
    );
    assert_eq!(Challenge::new(Scheme::Bearer).scope(&Scope::empty()).to_string(), "Bearer");
}

#[test]
fn fresh_login_needed() {
    let challenge = Challenge::new(Scheme::Bearer)
        .error(ErrorCode::InsufficientUserAuthentication, "Sign in again")
        .acr_values("gold silver")
        .max_age(300);
    assert_eq!(
        challenge.to_string(),
        "Bearer error=\"insufficient_user_authentication\", error_description=\"Sign in again\", \
         acr_values=\"gold silver\", max_age=\"300\""
    );
}

#[test]
fn a_parameter_stands_once() {
    let challenge = Challenge::new(Scheme::Bearer).realm("first").max_age(1).realm("second");
    assert_eq!(challenge.to_string(), "Bearer realm=\"second\", max_age=\"1\"");
}

#[test]
fn http_06_a_value_cannot_leave_its_quotes() {
    let realm = "a\", error=\"x\\\r\nSet-Cookie: b\0é";
    assert_eq!(
        Challenge::new(Scheme::Bearer).realm(realm).to_string(),
        "Bearer realm=\"a\\\", error=\\\"x\\\\%0D%0ASet-Cookie: b%00%C3%A9\""
    );
    let challenge = Challenge::new(Scheme::Bearer).error(ErrorCode::InvalidToken, "say \"no\"\r\nX: y\\");
    assert_eq!(
        challenge.to_string(),
        "Bearer error=\"invalid_token\", error_description=\"say 'no'??X: y?\""
    );
}

proptest! {
    #[test]
    fn http_06_any_value_is_one_visible_quoted_string(realm: String) {
        let header = Challenge::new(Scheme::Basic).realm(realm).to_string();
        prop_assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        let inside = header.strip_prefix("Basic realm=\"").unwrap().strip_suffix('"').unwrap();
        let unescaped = inside.replace("\\\\", "").replace("\\\"", "");
        prop_assert!(!unescaped.contains(['"', '\\']));
    }
}
