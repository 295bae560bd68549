//! Who is let in: an API with its own secret, in the one header, from no browser.

use rstest::rstest;
use serde_json::json;
use tokenry_testkit::{Answer, DemoClient, Engine, Events, Refusal, Refusals, TestApp};

use super::{another_api, get, problem};

const DOORS: [&str; 3] = ["/guard/v1/snapshot", "/guard/v1/events?after=0", "/guard/v1/ack"];

/// A request at a door that would be granted to the demo's API.
fn knock(app: &TestApp, door: &str, api: &DemoClient) -> reqwest::RequestBuilder {
    let request = match door {
        "/guard/v1/ack" => app.http.post(app.url(door)).json(&json!({"stream": "none", "seq": 0})),
        _ => app.http.get(app.url(door)),
    };
    request.basic_auth(&api.id, Some(&api.secret))
}

#[rstest]
#[tokio::test]
async fn an_apis_own_secret_alone_opens_each_door(
    #[values("/guard/v1/snapshot", "/guard/v1/events?after=0", "/guard/v1/ack")] door: &str,
) {
    let app = TestApp::quick(Engine::Sqlite).await;
    let other = another_api(&app, true).await;
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&other);
    let named = |id: &str, secret: &str| DemoClient { id: id.to_owned(), secret: secret.to_owned() };
    let cases = [
        (named(&app.demo.api.id, "x"), "malformed_api_secret"),
        (app.demo.cron.clone(), "malformed_api_secret"),
        (named(&app.demo.api.id, &other.secret), "wrong_api_secret"),
        (named("nobody", &app.demo.api.secret), "unknown_api"),
    ];
    for (api, reason) in cases {
        let refusal = Refusal::of_stranger(401, "invalid_client", reason);
        let answer = refusals.expect_problem(knock(&app, door, &api), refusal).await;
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"127.0.0.1\"");
    }
    let bare = |request: reqwest::RequestBuilder| {
        let mut request = request.build().unwrap();
        request.headers_mut().remove("authorization");
        reqwest::RequestBuilder::from_parts(app.http.clone(), request)
    };
    let refusal = Refusal::of_stranger(401, "invalid_client", "invalid_client");
    refusals.expect_problem(bare(knock(&app, door, &app.demo.api)), refusal).await;
    let token = app.token(&app.demo.cron).await;
    let refusal = Refusal::of_stranger(401, "invalid_client", "invalid_client");
    refusals.expect_problem(bare(knock(&app, door, &app.demo.api)).bearer_auth(token), refusal).await;
    let twice = knock(&app, door, &app.demo.api).header("authorization", "Basic eDp5");
    let refusal = Refusal::of_stranger(400, "invalid_request", "invalid_request");
    refusals.expect_problem(twice, refusal).await;
    for (name, value) in [("origin", "https://app.example.com"), ("sec-fetch-site", "same-origin")] {
        let from_page = knock(&app, door, &app.demo.api).header(name, value);
        let refusal = Refusal::of_stranger(400, "invalid_request", "secret_from_browser");
        refusals.expect_problem(from_page, refusal).await;
    }
    refusals.end().await;
    let answer = knock(&app, door, &app.demo.api).send().await.unwrap();
    assert_eq!(answer.status(), if door == "/guard/v1/ack" { 404 } else { 200 });
}

#[tokio::test]
async fn other_methods_are_405() {
    let app = TestApp::quick(Engine::Sqlite).await;
    for (door, allowed) in DOORS.into_iter().zip(["GET,HEAD", "GET,HEAD", "POST"]) {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            if allowed.contains(method) {
                continue;
            }
            let request = app.http.request(method.parse().unwrap(), app.url(door));
            let answer = Answer::to(request).await;
            assert_eq!(problem(&answer), (405, "method_not_allowed".into()), "{method} {door}");
            assert_eq!(answer.header("allow"), allowed);
        }
    }
}

#[rstest]
#[case::nothing("")]
#[case::empty("?after=")]
#[case::negative("?after=-1")]
#[case::text("?after=latest")]
#[case::too_big("?after=9223372036854775808")]
#[case::twice("?after=0&after=0")]
#[case::blank_name("?after=0&guard=a%20b")]
#[case::foreign_name("?after=0&guard=%C3%A9")]
#[tokio::test]
async fn a_query_that_says_nothing_certain_is_400(#[case] query: &str) {
    let app = TestApp::quick(Engine::Sqlite).await;
    let answer = Answer::to(get(&app, &app.demo.api, &format!("/guard/v1/events{query}"))).await;
    assert_eq!(problem(&answer), (400, "invalid_request".into()), "{answer:?}");
    let long = format!("after=0&guard={}", "g".repeat(129));
    let answer = Events::ask(&app.issuer, &app.demo.api, &long).await.unwrap_err();
    assert_eq!(problem(&answer).0, 400);
    let events = Events::ask(&app.issuer, &app.demo.api, &long[..long.len() - 1]).await.unwrap();
    assert_eq!(events.guard, "g".repeat(128));
}
