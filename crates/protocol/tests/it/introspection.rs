//! Introspection requests and answers.

use serde_json::json;
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::introspection::{Active, Asker, Credential, Request, Response, UsedBy};
use tokenry_protocol::{ErrorCode, Params, Scope};

fn active() -> Active {
    Active {
        iss: "https://id.example.com".to_owned(),
        sub: "cron".to_owned(),
        aud: vec!["https://timesheets.example.com".to_owned()],
        client_id: Some("cron".to_owned()),
        credential: None,
        allowed_addresses: Vec::new(),
        scope: Scope::parse("read:timesheets").unwrap(),
        iat: 1_763_700_000,
        exp: 1_763_786_400,
        jti: Some("0123456789Aabcdefghijklmnopqrstu".to_owned()),
        session: None,
        own: Some((
            Namespace::parse("https://auth.example.com/metadata").unwrap(),
            json!({"companyId": "acme"}),
        )),
    }
}

fn text(response: &Response) -> String {
    String::from_utf8(response.to_json()).unwrap()
}

#[test]
fn int_04_inactive_is_one_text() {
    assert_eq!(text(&Response::Inactive), r#"{"active":false}"#);
}

#[test]
fn peer_36_active_says_who_issued_it_and_everything_else_that_a_jwt_would() {
    let expected = concat!(
        r#"{"active":true,"token_type":"Bearer","iss":"https://id.example.com","sub":"cron","#,
        r#""aud":"https://timesheets.example.com","client_id":"cron","scope":"read:timesheets","#,
        r#""iat":1763700000,"exp":1763786400,"jti":"0123456789Aabcdefghijklmnopqrstu","#,
        r#""https://auth.example.com/metadata":{"companyId":"acme"}}"#,
    );
    assert_eq!(text(&Response::Active(Box::new(active()))), expected);
}

#[test]
fn what_a_token_does_not_have_is_left_out() {
    let bare = Active { scope: Scope::empty(), own: None, ..active() };
    let text = text(&Response::Active(Box::new(bare)));
    assert!(!text.contains("scope") && !text.contains("metadata") && !text.contains("null"), "{text}");
}

#[test]
fn a_request_is_read() {
    let params = Params::from_form(b"token=a.b.c&token_type_hint=x").unwrap();
    let request = Request::parse(Some(b"Basic Y3JvbjpzM2NyZXQ="), &params).unwrap();
    let Asker::Client(client) = &request.caller else { panic!("{request:?}") };
    assert_eq!((client.client_id(), request.token.expose()), (Some("cron"), "a.b.c"));
    let params = Params::from_form(b"token_type_hint=x").unwrap();
    assert_eq!(Request::parse(None, &params).unwrap_err().code, ErrorCode::InvalidRequest);
}

#[test]
fn an_account_secret_asks_alone() {
    let read = |header: &str, form: &str| {
        Request::parse(Some(header.as_bytes()), &Params::from_form(form.as_bytes()).unwrap())
    };
    let request = read("sEcReT tokenry_as_x", "token=t").unwrap();
    assert!(matches!(&request.caller, Asker::Account(secret) if secret.expose() == "tokenry_as_x"));
    assert!(!format!("{request:?}").contains("tokenry_as_x"));
    for more in ["client_id=a", "client_secret=b", "client_assertion=c", "client_assertion_type=d"] {
        let refused = read("Secret tokenry_as_x", &format!("token=t&{more}")).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{more}");
    }
    for header in ["Secret", "Secret ", "Secret  x", "Secret\tx", "Secret x y", "Bearer x"] {
        assert_eq!(read(header, "token=t").unwrap_err().code, ErrorCode::InvalidClient, "{header:?}");
    }
}

#[test]
fn an_account_secret_is_no_bearer_token() {
    let own = Active { client_id: None, credential: Some(Credential::AccountSecret), ..active() };
    let text = text(&Response::Active(Box::new(own)));
    assert!(
        text.contains(r#""token_type":"Secret""#) && text.contains(r#""credential":"account_secret""#),
        "{text}"
    );
}

#[test]
fn a_users_own_credential_has_no_client_and_says_what_it_is() {
    let own = Active {
        client_id: None,
        credential: Some(Credential::PersonalAccessToken),
        allowed_addresses: vec!["192.0.2.0/24".to_owned(), "2001:db8::/32".to_owned()],
        own: None,
        ..active()
    };
    let expected = concat!(
        r#"{"active":true,"token_type":"Bearer","iss":"https://id.example.com","sub":"cron","#,
        r#""aud":"https://timesheets.example.com","credential":"personal_access_token","#,
        r#""allowed_addresses":["192.0.2.0/24","2001:db8::/32"],"scope":"read:timesheets","#,
        r#""iat":1763700000,"exp":1763786400,"jti":"0123456789Aabcdefghijklmnopqrstu"}"#,
    );
    assert_eq!(text(&Response::Active(Box::new(own))), expected);
}

#[test]
fn who_uses_it_is_cut_to_size_and_never_an_error() {
    let read = |form: &str| {
        Request::parse(None, &Params::from_form(form.as_bytes()).unwrap()).map(|request| request.used_by)
    };
    let client = "client_id=a&client_secret=b&token=t";
    assert_eq!(read(client).unwrap(), UsedBy::default());
    let used_by = read(&format!("{client}&client_address=192.0.2.7&client_user_agent=curl%2F8")).unwrap();
    assert_eq!(
        (used_by.address.as_deref(), used_by.user_agent.as_deref()),
        (Some("192.0.2.7"), Some("curl/8"))
    );
    let long = "\u{e9}".repeat(300);
    let used_by = read(&format!("{client}&client_address={long}&client_user_agent={long}")).unwrap();
    assert_eq!((used_by.address, used_by.user_agent), (None, Some("\u{e9}".repeat(200))));
}
