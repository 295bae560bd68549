//! The contractors' client with requests made by hand: what it may never get, and what ends when a user takes it back.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokenry_testkit::Browser;
use url::Url;

use super::world::{CONTRACTORS_CALLBACK, World};

// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// How soon what was taken back is refused by APIs.
const PROMISE: Duration = Duration::from_secs(2);
/// How often a busy machine may be too slow to see that.
const TRIES: usize = 3;

/// What the contractors' client gets for `user` when it asks for `scope`.
async fn authorize(world: &World, browser: &mut Browser, user: &str, scope: &str) -> Value {
    let id = world.told("/clients/contractors/client_id");
    let mut target = Url::parse(&format!("{}/authorize", world.told("/issuer"))).unwrap();
    target.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &id),
        ("redirect_uri", CONTRACTORS_CALLBACK),
        ("scope", scope),
        ("audience", &world.told("/audience")),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let back = world.sign_in(browser, target.as_str(), user).await;
    let code = back.query_pairs().find(|(name, _)| name == "code");
    let code = code.unwrap_or_else(|| panic!("no code: {back}")).1.into_owned();
    let answer = Client::new()
        .post(format!("{}/oauth/token", world.told("/issuer")))
        .basic_auth(&id, Some(world.told("/clients/contractors/client_secret")))
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CONTRACTORS_CALLBACK),
            ("code_verifier", VERIFIER),
        ])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

fn token(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

#[tokio::test]
async fn r74_asking_for_more_by_hand_gives_carl_no_more() {
    let world = World::start();
    let scope = "read:timesheets create:timesheets approve:timesheets delete:timesheets";
    let tokens = authorize(&world, &mut world.browser(), "carl", scope).await;
    assert_eq!(tokens["scope"], "create:timesheets read:timesheets");
    let company = world.told("/companies/globex");
    let sheets = format!("/companies/{company}/timesheets");
    let body = serde_json::json!({"employee": "carl", "week": "2026-W47", "hours": 12});
    let created =
        Client::new().post(world.told("/api_url") + &sheets).bearer_auth(token(&tokens)).json(&body);
    let created: Value = created.send().await.unwrap().json().await.unwrap();
    let path = format!("/timesheets/{}/approve", created["id"].as_str().unwrap());
    let (status, told) = world.call(token(&tokens), Method::POST, &path).await;
    assert_eq!((status, told["title"].is_string()), (403, true), "{told}");
    let (status, sheets) = world.call(token(&tokens), Method::GET, "/timesheets").await;
    assert_eq!((status, &sheets[0]["approved_at"]), (200, &Value::Null), "nothing was approved: {sheets}");
}

#[tokio::test]
async fn r76_ann_takes_it_back_and_its_calls_are_refused_within_two_seconds() {
    let world = World::start();
    let mut browser = world.browser();
    for attempt in 1..=TRIES {
        let tokens = authorize(&world, &mut browser, "ann", "read:timesheets").await;
        assert_eq!(world.call(token(&tokens), Method::GET, "/timesheets").await.0, 200);
        let apps = browser.open("/account/apps").await;
        browser.submit(&apps.form("/account/apps")).await;
        let taken_back = Instant::now();
        while world.call(token(&tokens), Method::GET, "/timesheets").await.0 != 401 {
            assert!(taken_back.elapsed() < PROMISE * 20, "it is never refused");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if taken_back.elapsed() < PROMISE {
            return;
        }
        assert!(attempt < TRIES, "it passed for {:?}", taken_back.elapsed());
    }
}
