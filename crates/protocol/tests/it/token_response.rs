//! Token responses.

use std::collections::BTreeSet;

use tokenry_protocol::token::Response;
use tokenry_protocol::{Dialect, Scope, Secret};

fn response(scope: Scope) -> Response {
    Response {
        access_token: Secret::new("eyJ.eyJ.sig".to_owned()),
        expires_in: 86_400,
        refresh_token: None,
        id_token: None,
        scope,
        dialect: Dialect::Rfc,
    }
}

#[test]
fn r39_the_members_of_rfc_6749() {
    let json = response(Scope::parse("read:timesheets create:timesheets").unwrap()).to_json();
    let expected = r#"{"access_token":"eyJ.eyJ.sig","token_type":"Bearer","expires_in":86400,"scope":"create:timesheets read:timesheets"}"#;
    assert_eq!(str::from_utf8(&json).unwrap(), expected);
}

#[test]
fn an_empty_scope_is_left_out() {
    let json = response(Scope::empty()).to_json();
    let expected = r#"{"access_token":"eyJ.eyJ.sig","token_type":"Bearer","expires_in":86400}"#;
    assert_eq!(str::from_utf8(&json).unwrap(), expected);
}

#[test]
fn a2_the_auth0_dialect_has_an_order_of_its_own() {
    for (scope, expected) in [
        ("a b", r#"{"access_token":"eyJ.eyJ.sig","scope":"a b","expires_in":86400,"token_type":"Bearer"}"#),
        ("", r#"{"access_token":"eyJ.eyJ.sig","expires_in":86400,"token_type":"Bearer"}"#),
    ] {
        let scope = Scope::parse(scope).unwrap_or_default();
        let json = Response { dialect: Dialect::Auth0, ..response(scope) }.to_json();
        assert_eq!(str::from_utf8(&json).unwrap(), expected);
    }
}

#[test]
fn r39_refresh_token_and_id_token_stand_beside_the_access_token() {
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    for (dialect, expected) in [
        (
            Dialect::Rfc,
            r#"{"access_token":"eyJ.eyJ.sig","token_type":"Bearer","expires_in":86400,"refresh_token":"rt","scope":"a","id_token":"id"}"#,
        ),
        (
            Dialect::Auth0,
            r#"{"access_token":"eyJ.eyJ.sig","refresh_token":"rt","id_token":"id","scope":"a","expires_in":86400,"token_type":"Bearer"}"#,
        ),
    ] {
        let whole = Response {
            dialect,
            refresh_token: secret("rt"),
            id_token: secret("id"),
            ..response(Scope::parse("a").unwrap())
        };
        assert_eq!(str::from_utf8(&whole.to_json()).unwrap(), expected);
        assert!(!format!("{whole:?}").contains("rt\""));
    }
}

#[test]
fn tok_18_nothing_else_is_in_it() {
    let json = response(Scope::parse("a").unwrap()).to_json();
    let members: serde_json::Map<_, _> = serde_json::from_slice(&json).unwrap();
    // Sorted: another crate of the workspace may have serde_json keep the order of members.
    let names: BTreeSet<_> = members.keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["access_token", "expires_in", "scope", "token_type"]));
}

#[test]
fn r17_debug_hides_the_token() {
    assert!(!format!("{:?}", response(Scope::empty())).contains("eyJ"));
}
