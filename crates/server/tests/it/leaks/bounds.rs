//! What reports cost: as many of an address as refused tokens, so many that wait, and all that were taken before the server ends.

use std::time::{Duration, Instant};

use tokenry_clock::Clock as _;
use tokenry_engine::GuessLimits;
use tokenry_jose::Algorithm;
use tokenry_testkit::{Engine, Options, TestApp, new_pat, until};

use super::{is_taken, leaks, report};
use crate::app::Server;
use crate::introspect::{introspect, is_active, is_inactive};

/// How many reports wait at the most.
const WAITING: usize = 256;

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_one_address_are_bounded_and_nobody_else_is() {
    let guesses = GuessLimits { refused_per_address: 5, ..GuessLimits::NONE };
    let options = Options { guesses, signing_alg: Algorithm::EdDsa, ..Options::default() };
    let server = Server::of(TestApp::with(options).await);
    for n in 0..5 {
        is_taken(&report(&server, &format!("tokenry_pat_{n}")).await);
    }
    let ann = server.member("ann").await;
    let pat = server.pat(&ann, new_pat("CI")).await.token;
    let refused = report(&server, pat.expose()).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("temporarily_unavailable")));
    assert!((1..=60).contains(&refused.field("retry-after").parse::<u64>().unwrap()));
    // Refused tokens are counted apart, and so are those who prove to be somebody.
    is_active(&introspect(&server, &server.demo.api, pat.expose()).await);
    is_inactive(&introspect(&server, &server.demo.api, "none").await);
    server.serves().await;
    server.clock.advance(Duration::from_secs(60));
    is_taken(&report(&server, pat.expose()).await);
    server.engine.settle_leaks().await;
    is_inactive(&introspect(&server, &server.demo.api, pat.expose()).await);
}

/// While the database does not take anything, reports are answered at once, as many as may wait; then the next is told to come
/// again, and no other request suffers. What was taken is done when it can be.
#[tokio::test(flavor = "multi_thread")]
async fn so_many_wait_and_then_the_answer_is_that() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let pat = server.pat(&ann, new_pat("CI")).await.token;
    let blocked = server.database.connection().unwrap();
    blocked.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    let mut taken = 0;
    let refused = loop {
        let answer = report(&server, pat.expose()).await;
        if answer.status != 202 {
            break answer;
        }
        taken += 1;
        assert!(taken <= WAITING, "no end");
    };
    assert_eq!((refused.status, refused.json()["code"].as_str()), (503, Some("temporarily_unavailable")));
    assert!(refused.field("retry-after").parse::<u64>().is_ok());
    assert_eq!(taken, WAITING);
    // What has not even the form of ours needs no place.
    is_taken(&report(&server, "tokenry_pat_x").await);
    is_active(&introspect(&server, &server.demo.api, pat.expose()).await);
    blocked.execute_batch("ROLLBACK").unwrap();
    until("the first is done", async || !leaks(&server).await.is_empty()).await;
    is_inactive(&introspect(&server, &server.demo.api, pat.expose()).await);
    until("there is room again", async || report(&server, pat.expose()).await.status == 202).await;
    assert_eq!(leaks(&server).await.len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

/// Who was told 202 before the server stopped is heard.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_done_before_the_server_ends() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let ann = app.member("ann").await;
    let mut tokens = Vec::new();
    for n in 0..30 {
        tokens.push(app.pat(&ann, new_pat(&format!("CI {n}"))).await.token);
    }
    let other = app.other_engine().await;
    for token in &tokens {
        other.engine.report_leak(token.clone(), &app.context()).unwrap();
    }
    other.stop().await;
    assert_eq!(leaks(&app).await.len(), 30);
    let listed = app.engine.pats_of(&ann.id, app.clock.now()).await.unwrap();
    assert!(listed.iter().all(|pat| pat.state != tokenry_engine::PatState::Works));
}
