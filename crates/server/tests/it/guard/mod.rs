//! `/guard/v1`: what a guard is told, and what it says back.

mod ack;
mod door;
mod events;
mod restored;
mod resume;
mod shutdown;
mod snapshot;
mod strangers;
mod truth;
mod unconnected;

use reqwest::RequestBuilder;
use serde_json::Value;
use tokenry_engine::manage::{NewApi, NewSecret};
use tokenry_model::TokenFormat;
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::{Answer, DemoClient, Events, TestApp};

/// The other API's audience.
const WEATHER: &str = "https://weather.example.com";

/// A request of an API at one of its own doors.
fn get(app: &TestApp, api: &DemoClient, path: &str) -> RequestBuilder {
    app.http.get(app.url(path)).basic_auth(&api.id, Some(&api.secret))
}

/// The snapshot as it is sent.
async fn snapshot(app: &TestApp, api: &DemoClient) -> Answer {
    let answer = Answer::to(get(app, api, "/guard/v1/snapshot")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// An API beside the demo's, with a credential of its own.
async fn another_api(app: &TestApp, tenanted: bool) -> DemoClient {
    let new = NewApi {
        id: None,
        name: "Weather".to_owned(),
        audience: WEATHER.to_owned(),
        scopes: vec![("read:weather".to_owned(), String::new())],
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format: TokenFormat::Jwt,
        tenanted,
    };
    let id = app.manager.create_api(new).await.unwrap().id.to_string();
    let (_stored, secret) = app.manager.add_api_secret(&id, NewSecret::default()).await.unwrap();
    DemoClient { id, secret: secret.expose().to_owned() }
}

/// A stream of the demo's API from its beginning.
async fn listen(app: &TestApp, after: i64) -> Events {
    Events::open(&app.issuer, &app.demo.api, after, "pod-1").await
}

/// Something that only the demo's API learns, `times` over: a company comes to the corporation.
async fn happen(app: &TestApp, times: usize) {
    for _ in 0..times {
        app.manager.create_company("Late", None, Some(&app.demo.acme_group)).await.unwrap();
    }
}

/// The number of the demo API's last event, once all have one.
async fn counter(app: &TestApp) -> i64 {
    app.numbered().await;
    snapshot(app, &app.demo.api).await.json()["seq"].as_i64().unwrap()
}

/// What a problem (RFC 9457) says: its status and its code.
fn problem(answer: &Answer) -> (u16, Value) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    (answer.status.as_u16(), answer.json()["code"].clone())
}
