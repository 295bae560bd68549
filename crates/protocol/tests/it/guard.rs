//! The wire types of `/guard/v1`.

use serde_json::{Value, json};
use tokenry_protocol::guard::{
    Ack, Change, Event, HOST_API_COOKIE, Revoked, RevokedKind, SessionCheck, SessionChecked, Snapshot,
};
use tokenry_protocol::introspection::Response;
use tokenry_protocol::secret::Secret;

#[test]
fn a_snapshot_is_written_and_read_back() {
    let snapshot = Snapshot {
        audience: "https://timesheets.example.com".to_owned(),
        issued_at: 1_795_000_000_123,
        seq: 12,
        tag: "t".to_owned(),
        jwks: json!({"keys": []}),
        corporations: [("group".to_owned(), vec!["acme".to_owned(), "acme_labs".to_owned()])].into(),
        disabled_companies: vec!["globex".to_owned()],
        revoked: vec![Revoked { what: RevokedKind::Token, value: "j".to_owned(), expires_at: 1_795_000_900 }],
    };
    let json = json!({
        "audience": "https://timesheets.example.com",
        "issued_at": 1_795_000_000_123_i64,
        "seq": 12,
        "tag": "t",
        "jwks": {"keys": []},
        "corporations": {"group": ["acme", "acme_labs"]},
        "disabled_companies": ["globex"],
        "revoked": [{"what": "token", "value": "j", "expires_at": 1_795_000_900}],
    });
    assert_eq!(serde_json::to_value(&snapshot).unwrap(), json);
    assert_eq!(serde_json::from_value::<Snapshot>(json).unwrap(), snapshot);
}

#[test]
fn an_older_guard_understands_a_newer_server() {
    let mut json = serde_json::to_value(Snapshot { issued_at: 1, ..Snapshot::default() }).unwrap();
    json["weather"] = json!([1, 2]);
    assert_eq!(serde_json::from_value::<Snapshot>(json).unwrap().issued_at, 1);
    let event = json!({"seq": 8, "kind": "weather", "rain": true});
    assert_eq!(
        serde_json::from_value::<Event>(event).unwrap(),
        Event { seq: 8, tag: String::new(), change: Change::Unknown }
    );
    let newer =
        json!({"seq": 9, "kind": "revoked", "what": "planet", "value": "x", "expires_at": 1, "more": []});
    let event: Event = serde_json::from_value(newer).unwrap();
    let Change::Revoked(revoked) = event.change else { panic!("not revoked") };
    assert_eq!(revoked.what, RevokedKind::Unknown);
}

#[test]
fn what_a_guard_must_know_is_said_and_not_assumed() {
    let whole = serde_json::to_value(Snapshot::default()).unwrap();
    for member in ["corporations", "disabled_companies", "jwks", "revoked", "seq"] {
        let mut json = whole.clone();
        json.as_object_mut().unwrap().remove(member);
        assert!(serde_json::from_value::<Snapshot>(json).is_err(), "{member}");
    }
}

#[test]
fn events_are_flat() {
    let both_ways = |change: Change, json: Value| {
        let event = Event { seq: 7, tag: "t".to_owned(), change };
        assert_eq!(serde_json::to_value(&event).unwrap(), json);
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    };
    both_ways(
        Change::Revoked(Revoked { what: RevokedKind::Handle, value: "h".to_owned(), expires_at: 9 }),
        json!({"seq": 7, "tag": "t", "kind": "revoked", "what": "handle", "value": "h", "expires_at": 9}),
    );
    both_ways(
        Change::CompanyLeft { corporation: "g".to_owned(), company: "a".to_owned() },
        json!({"seq": 7, "tag": "t", "kind": "company_left", "corporation": "g", "company": "a"}),
    );
    both_ways(
        Change::Keys { jwks: json!({"keys": []}) },
        json!({"seq": 7, "tag": "t", "kind": "keys", "jwks": {"keys": []}}),
    );
    both_ways(
        Change::SubjectChanged { subject: Some("usr_1".to_owned()) },
        json!({"seq": 7, "tag": "t", "kind": "subject_changed", "subject": "usr_1"}),
    );
    both_ways(
        Change::SubjectChanged { subject: None },
        json!({"seq": 7, "tag": "t", "kind": "subject_changed"}),
    );
}

#[test]
fn an_ack_says_no_more_than_it_must() {
    let ack = Ack { stream: "s".to_owned(), seq: 3, tag: None, signed_off: false };
    assert_eq!(serde_json::to_value(&ack).unwrap(), json!({"stream": "s", "seq": 3}));
}

#[test]
fn a_cookie_is_asked_about_and_never_shown() {
    let check = SessionCheck {
        cookie: Secret::new("v1.abc".to_owned()),
        name: Some(HOST_API_COOKIE.to_owned()),
        client_address: Some("192.0.2.7".to_owned()),
    };
    let json = check.to_json();
    assert_eq!(
        serde_json::from_slice::<Value>(&json).unwrap(),
        json!({"cookie": "v1.abc", "name": "__Host-tokenry_api", "client_address": "192.0.2.7"})
    );
    let read = SessionCheck::from_json(&json).unwrap();
    assert_eq!((read.cookie.expose(), read.client_address.as_deref()), ("v1.abc", Some("192.0.2.7")));
    assert_eq!(read.name.as_deref(), Some(HOST_API_COOKIE));
    assert!(!format!("{read:?}").contains("abc"));
    let bare = SessionCheck::from_json(br#"{"cookie":"c","later":1}"#).unwrap();
    assert_eq!((bare.cookie.expose(), bare.name, bare.client_address), ("c", None, None));
    for wrong in ["", "{}", r#"{"cookie":7}"#, r#""cookie""#, r#"{"cookie":"7","name":7}"#] {
        let error = SessionCheck::from_json(wrong.as_bytes()).unwrap_err();
        assert!(!error.to_string().contains('7'), "{error}");
    }
}

#[test]
fn a_session_is_answered_as_a_token_is() {
    let none = SessionChecked { said: Response::Inactive, csrf_sha256: None };
    assert_eq!(serde_json::to_value(&none).unwrap(), json!({"active": false}));
    let proof = SessionChecked { csrf_sha256: Some("x".to_owned()), ..none };
    assert_eq!(serde_json::to_value(&proof).unwrap(), json!({"active": false, "csrf_sha256": "x"}));
}
