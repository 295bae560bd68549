//! `GET /guard/v1/snapshot`: each API sees its own audience, with its own credential.

use std::time::Duration;

use reqwest::RequestBuilder;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_clock::Clock as _;
use tokenry_engine::manage::NewSecret;
use tokenry_protocol::secret::SecretKind;
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, Engine, Refusal, Refusals, TestApp};

use super::support::{api, basic, document, new_api, strange, with_secret};

fn poll(app: &TestApp, owner: &DemoClient) -> RequestBuilder {
    app.http.get(app.url("/guard/v1/snapshot")).header("authorization", basic(&owner.id, &owner.secret))
}

/// Another API, with a credential of its own.
async fn another_api(app: &TestApp, new: tokenry_engine::manage::NewApi) -> DemoClient {
    let id = api(app, new).await.id.to_string();
    let (_stored, secret) = app.manager.add_api_secret(&id, NewSecret::default()).await.unwrap();
    DemoClient { id, secret: secret.expose().to_owned() }
}

async fn snapshot(app: &TestApp, owner: &DemoClient) -> Value {
    let answer = Answer::to(poll(app, owner)).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.must_be_ours();
    answer.json()
}

#[rstest]
#[tokio::test]
async fn an_api_sees_the_directory_and_its_own_audience(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    let mut companies = [demo.acme.as_str(), &demo.acme_labs];
    companies.sort_unstable();
    let expected = json!({
        "audience": AUDIENCE,
        "issued_at": app.clock.now().as_millis(),
        "seq": 0,
        "tag": "",
        "jwks": document(&app, "/.well-known/jwks.json").await,
        "corporations": { &demo.acme_group: companies },
        "disabled_companies": [],
        "revoked": [],
    });
    assert_eq!(snapshot(&app, &demo.api).await, expected);
    let weather = another_api(&app, new_api("https://weather.example.com", &["read:weather"])).await;
    let seen = snapshot(&app, &weather).await;
    assert_eq!(
        (&seen["audience"], &seen["corporations"]),
        (&"https://weather.example.com".into(), &json!({})),
        "an API of no company has no business with companies"
    );
    // What another process added is in the next answer.
    let added = app.operator().await.create_company("Late", None, Some(&demo.acme_group)).await.unwrap();
    let seen = snapshot(&app, &demo.api).await;
    let listed = seen["corporations"][&demo.acme_group].as_array().unwrap();
    assert!(listed.contains(&added.id.as_str().into()) && listed.len() == 3, "{seen}");
}

#[rstest]
#[tokio::test]
async fn only_an_apis_own_secret_opens_it(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    let other = another_api(&app, new_api("https://weather.example.com", &["read:weather"])).await;
    let strange = strange(SecretKind::ResourceServerSecret);
    let mut broken = demo.api.secret.clone();
    broken.pop();
    let named = |id: &str, secret: &str| DemoClient { id: id.to_owned(), secret: secret.to_owned() };
    let cases = [
        (demo.cron.clone(), "malformed_api_secret"),
        (with_secret(&demo.api, &demo.cron.secret), "malformed_api_secret"),
        (with_secret(&demo.api, &broken), "malformed_api_secret"),
        (with_secret(&demo.api, "x"), "malformed_api_secret"),
        (named(&demo.cron.id, &demo.api.secret), "unknown_api"),
        (named("nothing", &demo.api.secret), "unknown_api"),
        (named("not an id", &demo.api.secret), "unknown_api"),
        (named(AUDIENCE, &demo.api.secret), "unknown_api"),
        (with_secret(&demo.api, &strange), "wrong_api_secret"),
        (with_secret(&demo.api, &other.secret), "wrong_api_secret"),
        (with_secret(&other, &demo.api.secret), "wrong_api_secret"),
    ];
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&other);
    let mut seen = Vec::new();
    for (owner, reason) in cases {
        let refusal = Refusal::of_stranger(401, "invalid_client", reason);
        let answer = refusals.expect_problem(poll(&app, &owner), refusal).await;
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"127.0.0.1\"");
        let mut json = answer.json();
        json["request_id"] = Value::Null;
        seen.push(json);
    }
    assert!(seen.iter().all(|json| *json == seen[0]), "nothing tells why: {seen:?}");
    refusals.end().await;
    snapshot(&app, &demo.api).await;
}

#[tokio::test]
async fn nothing_but_basic_opens_it() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let token = app.token(&app.demo.cron).await;
    let mut refusals = Refusals::of(&app).await;
    let address = app.url("/guard/v1/snapshot");
    let values = [
        format!("Bearer {token}"),
        format!("Secret {}", app.demo.api.secret),
        "Basic".into(),
        "Basic x".into(),
    ];
    for value in values {
        let refusal = Refusal::of_stranger(401, "invalid_client", "invalid_client");
        let request = app.http.get(&address).header("authorization", value);
        refusals.expect_problem(request, refusal).await;
    }
    let api = &app.demo.api;
    for query in ["", &format!("?client_id={}&client_secret={}", api.id, api.secret), "?access_token=x"] {
        let refusal = Refusal::of_stranger(401, "invalid_client", "invalid_client");
        refusals.expect_problem(app.http.get(format!("{address}{query}")), refusal).await;
    }
    let twice = poll(&app, api).header("authorization", basic(&api.id, &api.secret));
    let refusal = Refusal::of_stranger(400, "invalid_request", "invalid_request");
    refusals.expect_problem(twice, refusal).await;
    let posted = app.http.post(&address).header("authorization", basic(&api.id, &api.secret));
    refusals.expect_problem(posted, Refusal::unheard(405, "method_not_allowed")).await;
    refusals.end().await;
}

#[rstest]
#[tokio::test]
async fn an_apis_secret_ends_at_the_millisecond_that_it_expires(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let hour = Duration::from_secs(3_600);
    let expiring = NewSecret { expires_in: Some(hour), ..NewSecret::default() };
    let (_stored, secret) = app.manager.add_api_secret(AUDIENCE, expiring).await.unwrap();
    let expiring = with_secret(&app.demo.api, secret.expose());
    app.clock.advance(hour - Duration::from_millis(1));
    snapshot(&app, &expiring).await;
    app.clock.advance(Duration::from_millis(1));
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&expiring);
    let refusal = Refusal::of_stranger(401, "invalid_client", "secret_ended");
    refusals.expect_problem(poll(&app, &expiring), refusal).await;
    refusals.end().await;
    snapshot(&app, &app.demo.api).await;
}
