//! Problem details.

use serde_json::{Value, json};
use tokenry_protocol::problem::{CONTENT_TYPE, Problem};

#[test]
fn the_least_and_the_most_that_it_can_say() {
    assert_eq!(CONTENT_TYPE, "application/problem+json");
    let least = Problem::new(404, "not_found", "Not found");
    let expected = r#"{"type":"about:blank","title":"Not found","status":404,"code":"not_found"}"#;
    assert_eq!(String::from_utf8(least.to_json()).unwrap(), expected);

    let most = Problem::new(403, "insufficient_scope", "The token lacks a scope")
        .with_type("https://id.example.com/docs/errors#insufficient_scope")
        .with_detail("This route needs create:timesheets")
        .with_request_id("req-1")
        .with("required", "create:timesheets")
        .with("granted", json!(["read:timesheets"]));
    assert_eq!(
        serde_json::from_slice::<Value>(&most.to_json()).unwrap(),
        json!({
            "type": "https://id.example.com/docs/errors#insufficient_scope",
            "title": "The token lacks a scope",
            "status": 403,
            "detail": "This route needs create:timesheets",
            "code": "insufficient_scope",
            "request_id": "req-1",
            "required": "create:timesheets",
            "granted": ["read:timesheets"],
        })
    );
}

#[test]
fn a_further_member_cannot_stand_for_one_of_ours() {
    let mut problem = Problem::new(400, "invalid_request", "Bad request").with("why", 1);
    for name in ["type", "title", "status", "detail", "instance", "code", "request_id"] {
        problem = problem.with(name, "mine");
        assert_eq!(problem.extra(name), None);
    }
    assert_eq!(problem.extra("why"), Some(&json!(1)));
    assert!(!String::from_utf8(problem.to_json()).unwrap().contains("mine"));
}
