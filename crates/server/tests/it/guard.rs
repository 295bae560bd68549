//! `GET /guard/v1/snapshot`.

use std::time::Duration;

use rstest::rstest;

use tokenry_testkit::AUDIENCE;

use crate::app::{Answer, Server, basic};

const LINE: &str = "GET /guard/v1/snapshot";

async fn poll(server: &Server, tag: &str) -> Answer {
    let authorization = basic(&server.demo.api.id, &server.demo.api.secret);
    server.ask(LINE, &[("Authorization", &authorization), ("If-None-Match", tag)], "").await
}

#[tokio::test]
async fn a_snapshot_is_sent_when_it_is_new() {
    let server = Server::start().await;
    let first = poll(&server, "\"\"").await;
    assert_eq!((first.status, &first.json()["audience"]), (200, &AUDIENCE.into()), "{first:?}");
    assert_eq!(first.field("cache-control"), "private, no-cache");

    server.clock.advance(Duration::from_secs(60));
    let again = poll(&server, first.field("etag")).await;
    assert_eq!(
        (again.status, &*again.body, again.field("etag")),
        (304, "", first.field("etag")),
        "{again:?}"
    );

    let group = server.manager.create_corporation("Acme Group", None).await.unwrap();
    server.manager.create_company("Acme Labs", None, Some(group.id.as_str())).await.unwrap();
    let changed = poll(&server, first.field("etag")).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["corporations"][group.id.as_str()].as_array().unwrap().len(), 1);
    assert_ne!(changed.field("etag"), first.field("etag"));
}

#[rstest]
#[case::nothing(None)]
#[case::wrong_secret(Some("Basic YTpi"))]
#[case::no_base64(Some("Basic ???"))]
#[case::bearer(Some("Bearer abc"))]
#[tokio::test]
async fn who_is_no_api_is_refused(#[case] authorization: Option<&str>) {
    let server = Server::start().await;
    let fields: Vec<_> = authorization.map(|value| ("Authorization", value)).into_iter().collect();
    refused(&server.ask(LINE, &fields, "").await);
}

#[tokio::test]
async fn a_client_is_no_api() {
    let server = Server::start().await;
    refused(&server.ask(LINE, &[("Authorization", &server.basic())], "").await);
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.field("content-type")),
        (401, "application/problem+json"),
        "{answer:?}"
    );
    assert_eq!(answer.field("www-authenticate"), "Basic realm=\"127.0.0.1\"");
    assert_eq!(answer.json()["code"], "invalid_client");
    assert_eq!(answer.json()["request_id"], answer.field("x-request-id"));
}

#[tokio::test]
async fn two_credentials_are_refused() {
    let server = Server::start().await;
    let authorization = basic(&server.demo.api.id, &server.demo.api.secret);
    let fields = [("Authorization", &*authorization), ("Authorization", &*authorization)];
    let answer = server.ask(LINE, &fields, "").await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &"invalid_request".into()));
}
