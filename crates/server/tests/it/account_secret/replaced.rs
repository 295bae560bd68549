//! Another secret: at once, or with an overlap; none; and whether guards know of it.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_clock::Clock as _;
use tokenry_model::Event;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Events, TestApp, until};

use super::owner::{post, shown, value, with_ann};
use super::{events, kept};
use crate::session::{introspected, problem};

async fn works(app: &TestApp, secret: &str) -> bool {
    introspected(app, &app.demo.api, secret).await["active"] == true
}

#[rstest]
#[tokio::test]
async fn r103_the_one_before_is_dead_at_the_next_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let first = value(post(&app, &ui, "reveal")).await.1;
    app.clock.advance(Duration::from_secs(300));
    let (status, second, rest) = value(post(&app, &ui, "rotate")).await;
    assert_eq!((status, rest), (200, json!({"propagated": true})), "no guard is connected");
    assert_ne!(first, second);
    assert!(!works(&app, &first).await && works(&app, &second).await);
    assert_eq!(value(post(&app, &ui, "reveal")).await.1, second);
    let told = shown(&app, &ui).await;
    assert_eq!((told.get("former"), &told["current"]["last4"]), (None, &json!(second[56..])));
    assert_eq!(value(post(&app, &ui, "rotate").json(&json!({}))).await.0, 200, "an empty object is as none");
}

#[rstest]
#[tokio::test]
async fn sec_07_during_an_overlap_both_work_each_with_its_own_last_use(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, ui) = with_ann(engine).await;
    let replica = app.replica().await;
    let first = value(post(&app, &ui, "reveal")).await.1;
    let before = kept(&app);
    for (body, member) in [
        (json!({"overlap": 0}), "overlap"),
        (json!({"overlap": "1d"}), "overlap"),
        (json!({"overlap": -1}), "overlap"),
        (json!({"overlap": 8 * 86_400}), "overlap"),
        (json!({"overlap": 60, "secret": "mine"}), "secret"),
    ] {
        let answer = Answer::to(post(&app, &ui, "rotate").json(&body)).await;
        assert_eq!(problem(&answer), (422, "invalid_member".to_owned()));
        assert_eq!(answer.json()["errors"][0]["member"], member);
    }
    assert_eq!(kept(&app), before);
    let second = value(post(&app, &ui, "rotate").json(&json!({"overlap": 3_600}))).await.1;
    let ends = app.clock.now().plus(Duration::from_secs(3_600));
    assert_eq!(shown(&app, &ui).await["former"]["works_until"], ends.to_string());
    let told = introspected(&app, &app.demo.api, &first).await;
    assert_eq!((&told["active"], &told["exp"]), (&json!(true), &json!(ends.as_secs())));
    app.clock.advance(Duration::from_secs(120));
    assert!(works(&app, &second).await);
    let uses = async || {
        let found = app.engine.account_secret_of(&ann.id, app.clock.now()).await.unwrap().unwrap();
        let at = |value: Option<tokenry_engine::OwnSecretValue>| Some(value?.last_use?.at);
        (at(found.former), at(found.current))
    };
    let now = app.clock.now();
    until("both uses are written", async || uses().await.1.is_some() && uses().await.0.is_some()).await;
    assert_eq!(uses().await, (Some(now.minus(Duration::from_secs(120))), Some(now)));

    app.clock.advance(Duration::from_secs(3_480));
    for issuer in [&app.issuer, &replica] {
        let request = app.http.post(format!("{issuer}/oauth/introspect"));
        let request = request.basic_auth(&app.demo.api.id, Some(&app.demo.api.secret));
        let told = Answer::to(request.form(&[("token", &first)])).await.json();
        assert_eq!(told, json!({"active": false}), "{issuer}");
    }
    assert!(works(&app, &second).await);
    assert_eq!(shown(&app, &ui).await.get("former"), None);
}

#[rstest]
#[tokio::test]
async fn r103_what_is_revoked_is_dead_and_another_can_be_made(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let first = value(post(&app, &ui, "reveal")).await.1;
    let second = value(post(&app, &ui, "rotate").json(&json!({"overlap": 600}))).await.1;
    let answer = Answer::to(post(&app, &ui, "revoke")).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"propagated": true})));
    assert!(!works(&app, &first).await && !works(&app, &second).await, "the one before, too");
    assert_eq!(shown(&app, &ui).await.get("current"), None);
    let before = kept(&app);
    for verb in ["reveal", "revoke"] {
        let answer = Answer::to(post(&app, &ui, verb)).await;
        assert_eq!(problem(&answer), (404, "no_account_secret".to_owned()), "{verb}");
    }
    assert_eq!(kept(&app), before);
    let third = value(post(&app, &ui, "rotate")).await.1;
    assert!(works(&app, &third).await);
    assert_eq!(
        events(&app).await,
        [
            "account_secret.assigned",
            "account_secret.revealed",
            "account_secret.rotated",
            "account_secret.revoked",
            "account_secret.rotated",
        ]
    );
}

/// Two pages at once: one value is shown, and it is the one that works.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r103_of_two_who_rotate_at_once_one_does(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let ask = || async { post(&app, &ui, "rotate").send().await.unwrap().json::<Value>().await.unwrap() };
    let answers: [Value; 4] = tokio::join!(ask(), ask(), ask(), ask()).into();
    let mut alive = 0;
    for answer in &answers {
        match answer.get("account_secret") {
            Some(secret) => alive += u32::from(works(&app, secret.as_str().unwrap()).await),
            None => assert_eq!(answer["code"], "conflict", "{answer}"),
        }
    }
    assert_eq!(alive, 1);
}

#[rstest]
#[tokio::test]
async fn r103_it_says_whether_every_guard_knows(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, ui) = with_ann(engine).await;
    let deaf = Events::open(&app.issuer, &app.demo.api, 0, "pod-1").await;
    assert_eq!(value(post(&app, &ui, "rotate")).await.2["propagated"], false);
    let stream = deaf.acknowledging();
    assert_eq!(value(post(&app, &ui, "rotate")).await.2["propagated"], true);
    assert_eq!(Answer::to(post(&app, &ui, "revoke")).await.json()["propagated"], true);
    stream.abort();
    let told = app.engine.recent_events(&ann.id, app.clock.now()).await.unwrap();
    assert!(told.iter().any(|it| it.event == Event::AccountSecretRevoked));
}
