//! Another value: at once, or with an overlap; and whether guards know of it.

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_testkit::AUDIENCE;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::Events;

use super::*;
use crate::session::{introspected, problem};

fn refresh(app: &TestApp, ui: &Ui, id: &str) -> RequestBuilder {
    ui.proven(app, Method::POST, &format!("{TOKENS}/{id}/refresh"))
}

#[rstest]
#[tokio::test]
async fn r84_the_one_before_is_dead_at_the_next_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let wanted = json!({
        "name": "Backup", "note": "cellar", "expires_in": 86_400, "apis": [AUDIENCE],
        "scopes": ["create:timesheets", "read:timesheets"], "allowed_addresses": ["192.0.2.0/24"],
    });
    let first = create(&app, &ui, &wanted).await;
    app.clock.advance(Duration::from_secs(300));
    let second = Issued::to(refresh(&app, &ui, first.id())).await;
    assert_eq!((second.status, second.header("cache-control")), (200, "no-store"));
    assert_eq!(introspected(&app, &app.demo.api, &first.token).await, json!({"active": false}));
    assert_eq!(introspected(&app, &app.demo.api, &second.token).await["active"], true);
    assert_eq!(second.body["propagated"], true, "no guard is connected");
    let settings = [
        "id",
        "name",
        "note",
        "company_id",
        "apis",
        "scopes",
        "allowed_addresses",
        "expires_in",
        "created_at",
    ];
    for name in settings {
        assert_eq!(first.body[name], second.body[name], "{name}");
    }
    let lives = Duration::from_secs(86_400);
    assert_eq!(second.body["expires_at"], app.clock.now().plus(lives).to_string(), "as long as at first");
    assert_ne!((&first.token, &first.body["last4"]), (&second.token, &Value::Null));
    let list = listed(&app, &ui).await;
    assert_eq!((list.len(), &list[0]["expires_at"]), (1, &second.body["expires_at"]));
    // The value that is dead opens nothing here either.
    let dead = app.http.get(app.url(TOKENS)).bearer_auth(&first.token);
    assert_eq!(Answer::to(dead).await.status, 401);
}

#[rstest]
#[tokio::test]
async fn a14_with_an_overlap_both_work_for_a_while(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let first = create(&app, &ui, &wish("CI")).await;
    let roll =
        |body: Value| ui.proven(&app, Method::POST, &format!("{TOKENS}/{}/roll", first.id())).json(&body);
    let before = pats(&app);
    for (body, member) in [
        (json!({}), "overlap"),
        (json!({"overlap": "1d"}), "overlap"),
        (json!({"overlap": 0}), "overlap"),
        (json!({"overlap": -1}), "overlap"),
        (json!({"overlap": 8 * 86_400}), "overlap"),
        (json!({"overlap": 60, "name": "x"}), "name"),
    ] {
        let answer = Answer::to(roll(body)).await;
        assert_eq!(problem(&answer), (422, "invalid_member".to_owned()));
        assert_eq!(answer.json()["errors"][0]["member"], member);
    }
    assert_eq!(pats(&app), before);
    let second = Issued::to(roll(json!({"overlap": 3_600}))).await;
    assert_eq!((second.status, &second.body["propagated"]), (200, &json!(true)));
    let until = app.clock.now().plus(Duration::from_secs(3_600));
    let told = (&second.body["overlaps_until"], &second.body["id"]);
    assert_eq!(told, (&json!(until.to_string()), &first.body["id"]));
    let said = introspected(&app, &app.demo.api, &first.token).await;
    assert_eq!(said["exp"], until.as_secs(), "whoever asks hears of the nearer end");
    for issued in [&first, &second] {
        assert_eq!(introspected(&app, &app.demo.api, &issued.token).await["active"], true);
        let elsewhere = Answer::to(app.http.get(app.url(TOKENS)).bearer_auth(&issued.token)).await;
        assert_eq!(problem(&elsewhere).1, "interactive_session_required", "it works, and not here");
    }
    app.clock.advance(Duration::from_secs(3_600));
    assert_eq!(introspected(&app, &app.demo.api, &first.token).await, json!({"active": false}));
    assert_eq!(introspected(&app, &app.demo.api, &second.token).await["active"], true);
    let ended = Answer::to(app.http.get(app.url(TOKENS)).bearer_auth(&first.token)).await;
    assert_eq!(problem(&ended), (401, "session_required".to_owned()));
}

#[rstest]
#[tokio::test]
async fn r84_it_says_whether_every_guard_knows(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    let deaf = Events::open(&app.issuer, &app.demo.api, 0, "pod-1").await;
    let second = Issued::to(refresh(&app, &ui, issued.id())).await;
    assert_eq!(second.body["propagated"], false);
    let stream = deaf.acknowledging();
    let third = Issued::to(refresh(&app, &ui, issued.id())).await;
    assert_eq!(third.body["propagated"], true);
    assert_eq!(act(&app, &ui, Method::DELETE, issued.id(), "").await.status, 204);
    stream.abort();
}

#[tokio::test]
async fn what_is_revoked_has_no_other_value() {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    assert_eq!(act(&app, &ui, Method::DELETE, issued.id(), "").await.status, 204);
    let before = pats(&app);
    let answer = Answer::to(refresh(&app, &ui, issued.id())).await;
    assert_eq!(problem(&answer), (404, "not_found".to_owned()));
    assert_eq!(pats(&app), before);
}
