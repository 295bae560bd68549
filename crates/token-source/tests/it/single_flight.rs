//! However many ask at once, one request goes out; and that request is the one the RFC describes.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::endpoint::{Endpoint, oauth_error};

async fn ask_at_once(endpoint: &Endpoint, callers: usize) -> Vec<Result<String, String>> {
    let source = endpoint.source();
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let source = source.clone();
        tasks.spawn(async move {
            let token = source.token().await;
            token.map(|token| token.expose().to_owned()).map_err(|error| error.to_string())
        });
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_a_hundred_concurrent_callers_cause_one_mint() {
    let endpoint = Endpoint::start().await;
    endpoint.delay(Duration::from_millis(50));
    let tokens = ask_at_once(&endpoint, 100).await;
    assert_eq!(tokens, vec![Ok("t1".to_owned()); 100]);
    assert_eq!(endpoint.mints(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_a_hundred_concurrent_callers_share_one_failure() {
    let endpoint = Endpoint::start().await;
    endpoint.delay(Duration::from_millis(50));
    endpoint.reply([oauth_error(401, "invalid_client")]);
    let tokens = ask_at_once(&endpoint, 100).await;
    assert_eq!(tokens, vec![Err("the authorization server refused: invalid_client (No.)".to_owned()); 100]);
    assert_eq!(endpoint.mints(), 1);
}

#[tokio::test]
async fn r41_a_token_is_used_until_it_is_nearly_over() {
    let endpoint = Endpoint::start().await;
    let source = endpoint.source();
    for _ in 0..1_000 {
        assert_eq!(source.token().await.unwrap().expose(), "t1");
        endpoint.clock.advance(Duration::from_secs(84));
    }
    assert_eq!(endpoint.mints(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_the_token_from_nobody() {
    let endpoint = Endpoint::start().await;
    endpoint.delay(Duration::from_millis(200));
    let source = endpoint.source();
    let impatient = tokio::time::timeout(Duration::from_millis(50), source.token()).await;
    assert!(impatient.is_err(), "it did not wait");
    assert_eq!(source.token().await.unwrap().expose(), "t1");
    assert_eq!(endpoint.mints(), 1);
}

#[test]
fn a_runtime_that_went_away_does_not_leave_the_next_one_waiting() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let endpoint = server.block_on(Endpoint::start());
    endpoint.delay(Duration::from_millis(300));
    let source = endpoint.source();
    let short = runtime();
    short.block_on(async {
        tokio::time::timeout(Duration::from_millis(50), source.token()).await.unwrap_err()
    });
    drop(short);
    assert_eq!(runtime().block_on(source.token()).unwrap().expose(), "t2");
}

#[tokio::test]
async fn r35_the_request_has_the_grant_the_audience_and_the_scope_and_no_secret_in_its_body() {
    let endpoint = Endpoint::start().await;
    let source = endpoint.builder().audience("https://timesheets.example.com").scope("create:timesheets");
    let token = source.company_id("acme").build().unwrap().token().await.unwrap();
    assert!(token.scope().contains("create:timesheets"));

    let (headers, body) = endpoint.requests().remove(0);
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    // "cron:tokenry_cs_do-not-print-me"
    assert_eq!(headers["authorization"], "Basic Y3Jvbjp0b2tlbnJ5X2NzX2RvLW5vdC1wcmludC1tZQ==");
    assert_eq!(
        body,
        "grant_type=client_credentials&audience=https%3A%2F%2Ftimesheets.example.com&company_id=acme\
         &scope=create%3Atimesheets"
    );
}
