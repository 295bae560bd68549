//! Making tokens, and seeing what there is of them.

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_model::{CompanyId, Membership};
use tokenry_testkit::AUDIENCE;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::*;
use crate::session::{introspected, problem};

const DAY: Duration = Duration::from_secs(86_400);

#[rstest]
#[tokio::test]
async fn r77_r78_a_token_is_made_used_seen_and_revoked(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, ui) = with_ann(engine).await;
    assert_eq!(listed(&app, &ui).await, Vec::<Value>::new());
    let wanted = json!({
        "name": " Backup ", "expires_in": 86_400, "note": "cellar", "apis": [AUDIENCE],
        "scopes": ["read:timesheets"], "allowed_addresses": ["192.0.2.7"], "company_id": app.demo.acme,
    });
    let issued = create(&app, &ui, &wanted).await;
    assert_eq!(issued.header("cache-control"), "no-store");
    assert!(issued.token.starts_with("tokenry_pat_") && issued.token.ends_with(text(&issued.body, "last4")));
    let now = app.clock.now();
    let mut expected = json!({
        "id": issued.id(), "name": "Backup", "note": "cellar", "company_id": app.demo.acme,
        "apis": [AUDIENCE], "scopes": ["read:timesheets"], "allowed_addresses": ["192.0.2.7/32"],
        "expires_in": 86_400, "prefix": "tokenry_pat_", "last4": issued.body["last4"], "state": "works",
        "created_at": now.to_string(), "issued_at": now.to_string(),
        "expires_at": now.plus(DAY).to_string(),
    });
    assert_eq!(issued.body, expected);
    assert_eq!(listed(&app, &ui).await, [expected.clone()]);

    let said = introspected(&app, &app.demo.api, &issued.token).await;
    assert_eq!((&said["active"], &said["sub"]), (&json!(true), &json!(ann.id.as_str())));
    assert_eq!((&said["scope"], said.get("client_id")), (&json!("read:timesheets"), None));

    app.clock.advance(Duration::from_secs(60));
    let answer = act(&app, &ui, Method::DELETE, issued.id(), "").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
    assert_eq!(introspected(&app, &app.demo.api, &issued.token).await, json!({"active": false}));
    expected["state"] = json!("revoked");
    expected["revoked_at"] = json!(app.clock.now().to_string());
    assert_eq!(listed(&app, &ui).await[0]["state"], "revoked");
    assert_eq!(listed(&app, &ui).await[0]["revoked_at"], expected["revoked_at"]);
    assert_eq!(act(&app, &ui, Method::DELETE, issued.id(), "").await.status, 204, "again changes nothing");
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap()
}

#[tokio::test]
async fn what_is_left_out_is_everything_and_the_newest_is_first() {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let first = create(&app, &ui, &wish("one")).await;
    app.clock.advance(Duration::from_secs(1));
    let null = json!({"name": "two", "expires_in": 60, "apis": null, "scopes": null, "note": null});
    let second = create(&app, &ui, &null).await;
    for issued in [&first, &second] {
        assert_eq!((issued.body.get("apis"), issued.body.get("scopes")), (None, None), "all that ann may do");
        assert_eq!(issued.body["allowed_addresses"], json!([]));
        let said = introspected(&app, &app.demo.api, &issued.token).await;
        assert_eq!(said["scope"].as_str().unwrap().split(' ').count(), 4);
    }
    let ids: Vec<_> = listed(&app, &ui).await.iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, [second.body["id"].clone(), first.body["id"].clone()]);
}

#[tokio::test]
async fn pat_08_one_that_has_expired_is_refused_and_seen() {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let issued = create(&app, &ui, &json!({"name": "short", "expires_in": 60})).await;
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(introspected(&app, &app.demo.api, &issued.token).await, json!({"active": false}));
    assert_eq!(listed(&app, &ui).await[0]["state"], "expired");
    let again = Issued::to(refresh(&app, &ui, issued.id())).await;
    assert_eq!(introspected(&app, &app.demo.api, &again.token).await["active"], true);
}

/// Easy to end, and ended by itself: by its expiry, by revoking it, by refreshing it.
#[rstest]
#[tokio::test]
async fn r107_a_token_ends_in_each_way_and_is_dead_at_the_next_question(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, _ann, ui) = with_ann(engine).await;
    let is_active =
        async |token: &str| introspected(&app, &app.demo.api, token).await["active"].as_bool().unwrap();
    let short = create(&app, &ui, &json!({"name": "short", "expires_in": 60})).await;
    let (revoked, refreshed) = (create(&app, &ui, &wish("a")).await, create(&app, &ui, &wish("b")).await);
    let kept = create(&app, &ui, &wish("kept")).await;
    for issued in [&short, &revoked, &refreshed, &kept] {
        assert!(is_active(&issued.token).await);
    }
    app.clock.advance(Duration::from_millis(59_999));
    assert!(is_active(&short.token).await, "to its last moment");
    app.clock.advance(Duration::from_millis(1));
    assert!(!is_active(&short.token).await);
    assert_eq!(act(&app, &ui, Method::DELETE, revoked.id(), "").await.status, 204);
    assert!(!is_active(&revoked.token).await);
    let next = Issued::to(refresh(&app, &ui, refreshed.id())).await;
    assert_eq!((is_active(&refreshed.token).await, is_active(&next.token).await), (false, true));
    assert!(is_active(&kept.token).await, "each by itself");
    app.clock.advance(30 * DAY);
    assert!(!is_active(&kept.token).await && !is_active(&next.token).await, "none is for ever");
}

/// Fifty who are made at once find room for half of them.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_15_the_limit_holds_for_fifty_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, ui) = with_ann(engine).await;
    for n in 0..25 {
        create(&app, &ui, &wish(&format!("{n}"))).await;
    }
    let mut making = tokio::task::JoinSet::new();
    for n in 0..50 {
        let request = ui.proven(&app, Method::POST, TOKENS).json(&wish(&format!("at once {n}")));
        making.spawn(async move {
            loop {
                // A database that is too busy says so, and nothing is made then.
                let answer = request.try_clone().unwrap().send().await.unwrap().status().as_u16();
                if answer != 503 {
                    break answer;
                }
            }
        });
    }
    let answers = making.join_all().await;
    let of = |status| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((of(201), of(409)), (25, 25), "{answers:?}");
    let pats = app.engine.pats_of(&ann.id, app.clock.now()).await.unwrap();
    assert_eq!(pats.len(), 50);
    assert_eq!(act(&app, &ui, Method::DELETE, pats[0].id.as_str(), "").await.status, 204);
    create(&app, &ui, &wish("more")).await;
}

#[rstest]
#[tokio::test]
async fn pat_15_there_are_fifty_at_the_most(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let mut last = String::new();
    for n in 0..50 {
        last = create(&app, &ui, &wish(&format!("{n}"))).await.id().to_owned();
    }
    let before = pats(&app);
    let answer = Answer::to(ui.proven(&app, Method::POST, TOKENS).json(&wish("more"))).await;
    assert_eq!(problem(&answer), (409, "too_many_tokens".to_owned()));
    assert_eq!(pats(&app), before);
    assert_eq!(act(&app, &ui, Method::DELETE, &last, "").await.status, 204);
    create(&app, &ui, &wish("more")).await;
}

#[tokio::test]
async fn somebody_of_several_companies_names_one() {
    let (app, ann, ui) = with_ann(Sqlite).await;
    let company_id = CompanyId::parse(&app.demo.globex).unwrap();
    let created_at = app.clock.now();
    let membership = Membership { user_id: ann.id.clone(), company_id, roles: vec![], created_at };
    app.store.add_membership(&membership, &[]).await.unwrap();
    let answer = Answer::to(ui.proven(&app, Method::POST, TOKENS).json(&wish("CI"))).await;
    assert_eq!(problem(&answer), (422, "invalid_member".to_owned()));
    let error = &answer.json()["errors"][0];
    assert_eq!(error["member"], "company_id");
    assert!(error["problem"].as_str().unwrap().contains(&app.demo.globex), "{error}");
    let mut wanted = wish("CI");
    wanted["company_id"] = json!(app.demo.acme);
    assert_eq!(create(&app, &ui, &wanted).await.body["company_id"], json!(app.demo.acme));
}
