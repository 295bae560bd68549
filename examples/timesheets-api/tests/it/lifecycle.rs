//! A timesheet's life: created once, approved once, deleted for good; a restart forgets nothing.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{ALL, Api, answer, sheet};

const PATH: &str = "/companies/acme/timesheets";

#[tokio::test]
async fn a_timesheet_is_created_shown_listed_approved_and_deleted() {
    let api = Api::start().await;
    let token = api.token("acme", ALL);
    let created = api.send("POST", PATH, &token, sheet("Élodie \u{1f600}")).await;
    let id = created.body["id"].as_str().unwrap();
    let mut expected = json!({
        "id": id, "company_id": "acme", "employee": "Élodie \u{1f600}", "week": "2026-W47", "hours": 38.5,
        "approved_at": null,
    });
    assert_eq!((created.status, &created.body), (201, &expected));
    assert_eq!(created.headers["location"].to_str().unwrap(), format!("/timesheets/{id}"));
    let path = format!("/timesheets/{id}");
    assert_eq!(api.get(&path, &token).await.body, expected);
    assert_eq!(api.get("/timesheets", &token).await.body, json!([expected]));

    let approved = api.send("POST", &format!("{path}/approve"), &token, Value::Null).await;
    expected["approved_at"] = "2026-11-21T02:34:56.000Z".into();
    assert_eq!((approved.status, &approved.body), (200, &expected));

    let deleted = api.send("DELETE", &path, &token, Value::Null).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    assert_eq!(api.get(&path, &token).await.status, 404);
    assert_eq!(api.send("DELETE", &path, &token, Value::Null).await.code(), "not_found");
}

#[tokio::test]
async fn approving_twice_keeps_the_first_instant() {
    let api = Api::start().await;
    let id = api.create("acme", "Ann").await;
    let (path, token) = (format!("/timesheets/{id}/approve"), api.token("acme", ALL));
    let first = api.send("POST", &path, &token, Value::Null).await;
    api.issuer.clock().advance(Duration::from_secs(60));
    let second = api.send("POST", &path, &token, Value::Null).await;
    assert_eq!((second.status, second.body), (200, first.body));
}

#[tokio::test]
async fn a_second_timesheet_of_a_week_is_409_with_the_id_of_the_first() {
    let api = Api::start().await;
    let id = api.create("acme", "Ann").await;
    let token = api.token("acme", ALL);
    let mut other_hours = sheet("Ann");
    other_hours["hours"] = 12.into();
    for body in [sheet("Ann"), other_hours] {
        let refused = api.send("POST", PATH, &token, body).await;
        assert_eq!((refused.status, refused.code()), (409, "timesheet_exists"), "{refused:?}");
        assert_eq!(refused.body["id"], id);
    }
    assert_eq!(api.get(&format!("/timesheets/{id}"), &token).await.body["hours"], 38.5);
    // Another company's employee of that name is somebody else.
    api.create("globex", "Ann").await;
    let deleted = api.send("DELETE", &format!("/timesheets/{id}"), &token, Value::Null).await;
    assert_eq!(deleted.status, 204);
    assert_ne!(api.create("acme", "Ann").await, id, "a deleted id comes back for nothing");
}

#[tokio::test]
async fn a_restart_keeps_the_timesheets() {
    let api = Api::start().await;
    let id = api.create("acme", "Ann").await;
    let token = api.token("acme", ALL);
    let before = api.send("POST", &format!("/timesheets/{id}/approve"), &token, Value::Null).await.body;
    let api = api.restart().await;
    assert_eq!(api.get("/timesheets", &token).await.body, json!([before]));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let api = Api::start().await;
    let token = api.token("acme", ALL);
    assert_eq!(api.get("/nowhere", &token).await.code(), "not_found");
    let refused = answer(api.request("PUT", "/timesheets")).await;
    assert_eq!((refused.status, refused.code()), (405, "method_not_allowed"));
}
