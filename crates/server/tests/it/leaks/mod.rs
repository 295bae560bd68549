//! `POST /leaks`: what leaked is dead, alone, and nobody who asks can tell whether it was anything.

mod bounds;
mod ends;
mod github;
mod told;

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::manage::NewSecret;
use tokenry_jose::{Algorithm, SigningKey};
use tokenry_model::ClientType;
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_store::StoredRecord;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{DemoClient, Member, TestApp, new_pat};

use crate::app::{Answer, Server};
use crate::introspect::{introspect, is_active, is_inactive, opaque_token};

const LINE: &str = "POST /leaks";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const SCOPE: &str = "openid offline_access read:timesheets";

/// Says that a token leaked.
async fn report(server: &Server, token: &str) -> Answer {
    server.ask(LINE, &[JSON], serde_json::json!({ "token": token }).to_string()).await
}

/// The same, and waits until it was looked at.
async fn reported(server: &Server, token: &str) {
    let answer = report(server, token).await;
    is_taken(&answer);
    server.engine.settle_leaks().await;
}

/// The one answer.
#[track_caller]
fn is_taken(answer: &Answer) {
    assert_eq!((answer.status, &*answer.body), (202, ""), "{answer:?}");
    assert_eq!(
        (answer.field("content-length"), answer.field("cache-control")),
        ("0", "no-store"),
        "{answer:?}"
    );
    assert_eq!((answer.field("access-control-allow-origin"), answer.field("x-request-id").len()), ("", 22));
}

/// What the audit trail has of leaks.
async fn leaks(app: &TestApp) -> Vec<StoredRecord> {
    app.audit().await.into_iter().filter(|record| record.event == "credential.leaked").collect()
}

fn detail(record: &StoredRecord) -> serde_json::Value {
    serde_json::from_str(&record.detail).unwrap()
}

/// Everything but what the server writes about its own running.
fn contents(app: &TestApp) -> std::collections::BTreeMap<String, String> {
    let mut contents = app.database.contents();
    for table in ["audit", "audit_checkpoints", "auth_failures", "guard_streams"] {
        contents.remove(table);
    }
    contents
}

/// Whatever is said, the answer is the same, and what is none changes nothing.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_tell_by_the_answer(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let ann = server.member("ann").await;
    let pat = server.pat(&ann, new_pat("CI")).await;
    let expired = server.token(&server.demo.cron).await;
    server.clock.advance(Duration::from_secs(86_401));
    let live = server.token(&server.demo.readonly).await;
    let before = contents(&server);
    let unknown = SecretKind::ALL.map(|kind| issue(&Brand::default(), kind, &[7; 32]).expose().to_owned());
    let (cut, long) = (&pat.token.expose()[1..], "x".repeat(20_000));
    let wrong = ["", " ", "hello", "tokenry_pat_", "é\u{0}\r\n", cut, &long, "eyJ.eyJ.x", &expired];
    for text in unknown.iter().map(String::as_str).chain(wrong) {
        reported(&server, text).await;
    }
    assert!(leaks(&server).await.is_empty());
    assert_eq!(contents(&server), before);
    is_active(&introspect(&server, &server.demo.api, pat.token.expose()).await);
    for real in [pat.token.expose(), &live] {
        reported(&server, real).await;
    }
    assert_eq!(leaks(&server).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_14_what_is_no_report_is_a_problem() {
    let server = Server::start().await;
    let of = |body: &str| body.as_bytes().to_vec();
    for (fields, body, status, code) in [
        (&[JSON][..], of("{"), 400, "invalid_request"),
        (&[JSON], of("[]"), 400, "invalid_request"),
        (&[JSON], of("{}"), 400, "invalid_request"),
        (&[JSON], of(r#"{"token":null}"#), 400, "invalid_request"),
        (&[JSON], of(r#"{"token":["a"]}"#), 400, "invalid_request"),
        (&[JSON], of(r#"{"token":"a","token":"b"}"#), 400, "invalid_request"),
        (&[JSON], b"{\"token\":\"\xff\"}".to_vec(), 400, "invalid_request"),
        (&[], of(r#"{"token":"a"}"#), 400, "invalid_request"),
        (&[("Content-Type", "text/plain")], of(r#"{"token":"a"}"#), 400, "invalid_request"),
        (&[("Content-Type", "application/x-www-form-urlencoded")], of("token=a"), 400, "invalid_request"),
        (&[JSON, ("Content-Encoding", "gzip")], of(r#"{"token":"a"}"#), 400, "invalid_request"),
        (&[JSON], of(&format!("{{\"token\":\"{}\"}}", "a".repeat(70_000))), 413, "body_too_large"),
    ] {
        let answer = server.ask(LINE, fields, body).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{answer:?}");
        assert_eq!(answer.field("content-type"), "application/problem+json");
        assert_eq!(answer.json()["request_id"].as_str(), Some(answer.field("x-request-id")));
    }
    for line in ["GET /leaks", "OPTIONS /leaks", "DELETE /leaks"] {
        let preflight = [("Origin", "https://a.example"), ("Access-Control-Request-Method", "POST")];
        let answer = server.ask(line, &preflight, "").await;
        assert_eq!((answer.status, answer.field("allow")), (405, "POST"), "{answer:?}");
        assert_eq!(answer.field("access-control-allow-origin"), "");
    }
    let github = server.ask("POST /leaks/github", &[JSON], "[]").await;
    assert_eq!(
        (github.status, github.json()["code"].as_str()),
        (404, Some("not_found")),
        "nobody wants it here"
    );
    is_taken(&report(&server, "a").await);
}

/// Of one client's twenty die in an hour: more may be somebody who wants the client gone.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn above_twenty_of_a_client_in_an_hour_its_owner_decides(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let cron = server.demo.cron.clone();
    let mut tokens = Vec::new();
    for _ in 0..23 {
        tokens.push(server.token(&cron).await);
    }
    let bystander = server.token(&server.demo.readonly).await;
    for token in &tokens {
        reported(&server, token).await;
    }
    let mut alive = 0;
    for token in &tokens {
        let answer = introspect(&server, &server.demo.api, token).await;
        alive += usize::from(answer.json()["active"] == true);
    }
    let told = leaks(&server).await.into_iter().filter(|it| detail(it)["revoked"] == false).count();
    assert_eq!((alive, told), (3, 3));
    reported(&server, &bystander).await;
    is_inactive(&introspect(&server, &server.demo.api, &bystander).await);
    // Once more tells nobody again, and an hour later there is room for others.
    reported(&server, &tokens[22]).await;
    assert_eq!(leaks(&server).await.len(), 24);
    server.clock.advance(Duration::from_secs(3_601));
    let next = server.token(&cron).await;
    for token in [&next, &tokens[22]] {
        reported(&server, token).await;
        is_inactive(&introspect(&server, &server.demo.api, token).await);
    }
}

/// Else its thief would report twenty tokens, and the secret would live.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r21_a_clients_secret_dies_however_many_of_its_tokens_leaked(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let cron = server.demo.cron.clone();
    for _ in 0..21 {
        let token = server.token(&cron).await;
        reported(&server, &token).await;
    }
    let last = server.token(&cron).await;
    reported(&server, &cron.secret).await;
    let refused = server.request(&cron, &[]).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    is_inactive(&introspect(&server, &server.demo.api, &last).await);
}

/// Whoever has an account of their own would spend what all users of the application have.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r21_one_users_tokens_spend_five_and_anothers_still_die(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let [ann, bob] = [server.member("ann").await, server.member("bob").await];
    let web = server.application(ClientType::Web, "Web", &[]).await;
    let token = async |of: &Member| {
        let code = server.code(of, &web, SCOPE).await;
        server.redeem(&web, &code, &[]).await.token()
    };
    let mut alive = 0;
    for _ in 0..7 {
        let bobs = token(&bob).await;
        reported(&server, &bobs).await;
        alive += usize::from(introspect(&server, &server.demo.api, &bobs).await.json()["active"] == true);
    }
    assert_eq!(alive, 2);
    let anns = token(&ann).await;
    reported(&server, &anns).await;
    is_inactive(&introspect(&server, &server.demo.api, &anns).await);
}

/// A token of a user's own harms nobody else: all of them die.
#[tokio::test(flavor = "multi_thread")]
async fn personal_access_tokens_are_not_counted() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let mut tokens = Vec::new();
    for n in 0..22 {
        tokens.push(server.pat(&ann, new_pat(&format!("CI {n}"))).await.token);
    }
    for token in &tokens {
        reported(&server, token.expose()).await;
    }
    for token in &tokens {
        is_inactive(&introspect(&server, &server.demo.api, token.expose()).await);
    }
}

/// A disabled user's token would come back with its user.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_rests_is_ended_too() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let pat = server.pat(&ann, new_pat("CI")).await;
    server.manager.disable_user("usr_ann").await.unwrap();
    reported(&server, pat.token.expose()).await;
    server.manager.enable_user("usr_ann").await.unwrap();
    is_inactive(&introspect(&server, &server.demo.api, pat.token.expose()).await);
}
