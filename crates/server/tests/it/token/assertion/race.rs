//! One use of an assertion, whichever replica it reaches and however many try (TOK-24).

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::manage::UpdateClient;
use tokenry_jose::Algorithm::EdDsa;
use tokenry_testkit::{Answer, Engine, Refusals, TestApp};

use super::support::{ENDPOINTS, GRANT, TYPE, ask, at, signer};

#[rstest]
#[tokio::test]
async fn tok_24_an_assertion_is_used_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let signer = signer(&app, EdDsa).await;
    let assertions: Vec<_> = ENDPOINTS.iter().map(|path| (path, signer.assertion(&app))).collect();
    for (path, assertion) in &assertions {
        assert_eq!(Answer::to(at(&app, path, assertion, &[])).await.status, 200, "{path}");
    }
    let mut refusals = Refusals::of(&app).await;
    for (_, assertion) in &assertions {
        for path in ENDPOINTS {
            refusals.expect(at(&app, path, assertion, &[]), signer.refusal("assertion_replayed")).await;
        }
    }
    refusals.end().await;
    assert_eq!(signer.issued(&app).await, 1);
    // A request that is refused for another reason has used its assertion all the same.
    let assertion = signer.assertion(&app);
    let undefined = ask(&app, &assertion, &[("scope", "nonsense")]);
    Answer::to(undefined).await.must_be_error(400, "invalid_scope");
    Answer::to(ask(&app, &assertion, &[])).await.must_be_error(401, "invalid_client");
    signer.token(&app).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tok_24_of_fifty_at_once_one_succeeds(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let replica = app.replica().await;
    let signer = signer(&app, EdDsa).await;
    for round in 1..=3 {
        let assertion = signer.assertion(&app);
        let requests: Vec<_> = (0..50)
            .map(|n| {
                let address = if n % 2 == 0 { &app.issuer } else { &replica };
                let form = [GRANT, TYPE, ("client_assertion", &assertion)];
                tokio::spawn(Answer::to(app.http.post(format!("{address}/oauth/token")).form(&form)))
            })
            .collect();
        let mut issued = 0;
        for request in requests {
            let answer = request.await.unwrap();
            match answer.status.as_u16() {
                200 => issued += 1,
                503 => answer.must_be_error(503, "temporarily_unavailable"),
                _ => answer.must_be_error(401, "invalid_client"),
            }
        }
        assert_eq!(issued, 1);
        assert_eq!(signer.issued(&app).await, round);
    }
    signer.token(&app).await;
}

/// A request that is decided anew because its client changed meanwhile does not take its own assertion for a replay.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tok_24_a_request_that_is_decided_anew_is_no_replay(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let (signer, operator) = (signer(&app, EdDsa).await, app.operator().await);
    signer.token(&app).await;
    let id = signer.client.id.clone();
    let changing = tokio::spawn(async move {
        for n in 0..60 {
            let update = UpdateClient { name: Some(format!("Job {n}")), ..UpdateClient::default() };
            operator.update_client(&id, update).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let mut served = 0;
    while !changing.is_finished() {
        let requests: Vec<_> = (0..4).map(|_| tokio::spawn(Answer::to(signer.request(&app)))).collect();
        for request in requests {
            let answer = request.await.unwrap();
            match answer.status.as_u16() {
                503 => answer.must_be_error(503, "temporarily_unavailable"),
                _ => drop(answer.token()),
            }
            served += 1;
        }
    }
    changing.await.unwrap();
    assert!(served > 20, "the race was one: {served}");
}
