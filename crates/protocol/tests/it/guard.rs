//! The wire types of `/guard/v1`.

use serde_json::json;
use tokenry_protocol::guard::Snapshot;

#[test]
fn a_snapshot_is_written_and_read_back() {
    let snapshot = Snapshot {
        audience: "https://timesheets.example.com".to_owned(),
        issued_at: 1_795_000_000_123,
        corporations: [("group".to_owned(), vec!["acme".to_owned(), "acme_labs".to_owned()])].into(),
    };
    let json = json!({
        "audience": "https://timesheets.example.com",
        "issued_at": 1_795_000_000_123_i64,
        "corporations": {"group": ["acme", "acme_labs"]},
    });
    assert_eq!(serde_json::to_value(&snapshot).unwrap(), json);
    assert_eq!(serde_json::from_value::<Snapshot>(json).unwrap(), snapshot);
}

#[test]
fn an_older_guard_understands_a_newer_server() {
    let json = json!({"audience": "a", "issued_at": 1, "corporations": {}, "revocations": [1, 2]});
    assert_eq!(serde_json::from_value::<Snapshot>(json).unwrap().issued_at, 1);
}

#[test]
fn a_snapshot_without_corporations_is_none() {
    let json = json!({"audience": "a", "issued_at": 1});
    assert!(
        serde_json::from_value::<Snapshot>(json).is_err(),
        "an empty directory must be said, not assumed"
    );
}
