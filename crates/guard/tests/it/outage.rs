//! Keys and snapshot over HTTP: loading, outages, floods of unknown keys (group KEY of the negative cases).

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_guard::testing::{AUDIENCE, NAMESPACE, TestIssuer};
use tokenry_guard::{Guard, TenantClaim};

use crate::remote::{Remote, builder, eventually, ok, refused};
use crate::server::{Fault, Server};
use crate::support::{Api, app};

#[tokio::test]
async fn keys_and_companies_come_from_the_issuer() {
    let companies = vec!["acme".to_owned(), "acme_labs".to_owned()];
    let remote = Remote::start_with(|shared| {
        shared.snapshot.lock().corporations.insert("acme_group".to_owned(), companies);
    });
    let remote = remote.await.ready().await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
    let group = remote.token().corporation("acme_group");
    assert_eq!(remote.api.get("/timesheets", &group).await.body, "acme acme_labs");
}

#[tokio::test]
async fn without_keys_it_is_503_and_over_once_they_are_there() {
    let down = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, String::new());
    let remote = Remote::start_with(|shared| *shared.key_set_fault.lock() = Some(down)).await;
    let answer = remote.api.get("/whoami", &remote.token()).await;
    assert_eq!(answer.refusal(), refused(503, "keys_unavailable"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(answer.header("www-authenticate").is_none());
    assert!(!remote.api.guard.is_ready());
    *remote.server.shared.key_set_fault.lock() = None;
    let remote = remote.ready().await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
}

#[tokio::test]
async fn without_a_snapshot_ever_it_is_503() {
    let down = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, String::new());
    let remote = Remote::start_with(|shared| *shared.snapshot_fault.lock() = Some(down)).await;
    eventually("keys are there", async || {
        remote.whoami(&remote.token()).await == refused(503, "snapshot_unavailable")
    })
    .await;
    *remote.server.shared.snapshot_fault.lock() = None;
    let remote = remote.ready().await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
}

#[rstest]
#[case::error(Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, String::new()))]
#[case::html(Fault::Answer(StatusCode::OK, "<html>maintenance</html>".to_owned()))]
#[case::empty(Fault::Answer(StatusCode::OK, r#"{"keys":[]}"#.to_owned()))]
#[case::huge(Fault::Answer(StatusCode::OK, " ".repeat(300_000)))]
#[case::private(Fault::Answer(StatusCode::OK, r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#.to_owned()))]
#[case::redirect(Fault::Redirect("https://evil.example/jwks".to_owned()))]
#[tokio::test]
async fn key_07_key_08_the_last_good_keys_stay(#[case] fault: Fault) {
    let remote = Remote::start().await.ready().await;
    *remote.server.shared.key_set_fault.lock() = Some(fault);
    assert_eq!(remote.whoami(&remote.token().unknown_key()).await, refused(401, "invalid_token"));
    assert_eq!(remote.server.key_set_requests(), 2, "it did look");
    assert_eq!(remote.whoami(&remote.token()).await, ok());
}

#[tokio::test]
async fn key_07_a_flood_of_unknown_keys_is_one_request_in_thirty_seconds() {
    let remote = Remote::start().await.ready().await;
    let flood = async || {
        let token = remote.token();
        let tokens = (0..50).map(|n| token.clone().header("kid", format!("unknown-{n}"))).collect::<Vec<_>>();
        for answer in join_all(tokens.iter().map(|token| remote.whoami(token))).await {
            assert_eq!(answer, refused(401, "invalid_token"));
        }
    };
    flood().await;
    flood().await;
    assert_eq!(remote.server.key_set_requests(), 2);
    remote.api.issuer.clock().advance(Duration::from_secs(30));
    flood().await;
    assert_eq!(remote.server.key_set_requests(), 3);
}

#[tokio::test]
async fn key_02_a_new_key_is_found_by_the_first_token_that_names_it() {
    let remote = Remote::start().await.ready().await;
    let old = remote.token();
    assert_eq!(remote.whoami(&old).await, ok());
    let before = remote.api.issuer.key_set();
    remote.api.issuer.replace_key();
    let after = remote.api.issuer.key_set();
    *remote.server.shared.key_set.lock() = joined(&before, &after);
    let new = remote.token();
    let several = join_all((0..8).map(|_| remote.whoami(&new))).await;
    assert!(several.iter().all(|answer| *answer == ok()), "{several:?}");
    assert_eq!(remote.server.key_set_requests(), 2);
    assert_eq!(remote.whoami(&old).await, ok());

    // A cache between, or a server that lags, answers with an older set. The stream would have said that the key is gone.
    *remote.server.shared.key_set.lock() = before;
    remote.api.issuer.clock().advance(Duration::from_secs(30));
    assert_eq!(remote.whoami(&remote.token().unknown_key()).await, refused(401, "invalid_token"));
    assert_eq!(remote.server.key_set_requests(), 3, "it did look");
    assert_eq!(remote.whoami(&new).await, ok());

    let jwks: Value = serde_json::from_str(&after).unwrap();
    remote.server.shared.happen(json!({ "kind": "keys", "jwks": jwks }));
    let gone = refused(401, "invalid_token");
    eventually("the old key is gone", async || remote.whoami(&old).await == gone).await;
    assert_eq!(remote.whoami(&new).await, ok());
}

/// A key set with the keys of both.
fn joined(one: &str, other: &str) -> String {
    let keys = |text: &str| serde_json::from_str::<Value>(text).unwrap()["keys"].clone();
    let both = [keys(one), keys(other)].map(|keys| keys.as_array().unwrap().clone()).concat();
    json!({ "keys": both }).to_string()
}

#[tokio::test]
async fn key_07_only_unknown_keys_wait_and_at_most_a_second() {
    let remote = Remote::start().await.ready().await;
    *remote.server.shared.key_set_fault.lock() = Some(Fault::Hang);
    let (unknown, known) = (remote.token().unknown_key(), remote.token());
    let start = Instant::now();
    let waiting = async {
        assert_eq!(remote.whoami(&unknown).await, refused(401, "invalid_token"));
        start.elapsed()
    };
    let passing = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(remote.whoami(&known).await, ok());
        start.elapsed()
    };
    let (waited, passed) = tokio::join!(waiting, passing);
    assert!(passed < waited, "{passed:?} {waited:?}");
    assert!(waited >= Duration::from_millis(900), "{waited:?}");
}

#[rstest]
#[case::another_issuer(|url: &str| json!({ "issuer": "https://evil.example", "jwks_uri": format!("{url}/jwks") }))]
#[case::issuer_with_slash(|url: &str| json!({ "issuer": format!("{url}/"), "jwks_uri": format!("{url}/jwks") }))]
#[case::keys_elsewhere(|url: &str| json!({ "issuer": url, "jwks_uri": "https://evil.example/jwks" }))]
#[case::keys_on_another_port(|url: &str| json!({ "issuer": url, "jwks_uri": "http://127.0.0.1:1/jwks" }))]
#[case::no_keys(|url: &str| json!({ "issuer": url }))]
#[tokio::test]
async fn jwt_12_metadata_of_someone_else_is_not_believed(#[case] metadata: fn(&str) -> Value) {
    let issuer = TestIssuer::new();
    let server = Server::start(&issuer).await;
    *server.shared.metadata.lock() = metadata(&server.url);
    server.shared.snapshot.lock().jwks = json!({ "keys": [] });
    let guard = builder(&issuer, &server, "secret").build().await.unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!guard.is_ready());
    assert_eq!(server.key_set_requests(), 0);
}

#[tokio::test]
async fn a_snapshot_for_another_api_is_not_believed() {
    let remote = Remote::start_with(|shared| {
        shared.snapshot.lock().audience = "https://payroll.example.com".to_owned();
        shared.revoke("handle", "abcdefghijk");
    });
    let remote = remote.await;
    eventually("it took a look", async || remote.server.snapshot_requests() > 1).await;
    assert!(!remote.api.guard.is_ready());
    assert_eq!(remote.api.guard.status().issuers[0].revocations, 0);
}

#[tokio::test]
async fn wrong_credentials_of_the_api_leave_it_unready() {
    let issuer = TestIssuer::new();
    let server = Server::start(&issuer).await;
    let guard = builder(&issuer, &server, "wrong").build().await.unwrap();
    eventually("it tried", async || server.snapshot_requests() > 1).await;
    assert!(!guard.is_ready());
}

#[tokio::test]
async fn ten_06_the_directory_follows_the_events_and_survives_an_outage() {
    let remote = Remote::start().await.ready().await;
    let token = remote.token().corporation("acme_group");
    let labs = "/companies/acme_labs/timesheets";
    assert_eq!(remote.api.get(labs, &token).await.status, 403);
    let change = |kind: &str| json!({ "kind": kind, "corporation": "acme_group", "company": "acme_labs" });
    remote.server.shared.happen(change("company_joined"));
    eventually("the company belongs to it", async || remote.api.get(labs, &token).await.status == 200).await;
    remote.server.cut(StatusCode::SERVICE_UNAVAILABLE);
    eventually("it is stale", async || remote.api.guard.status().issuers[0].stale).await;
    assert_eq!(remote.api.get(labs, &token).await.status, 200);
    remote.server.shared.happen(change("company_left"));
    remote.server.mend();
    eventually("the company has left", async || remote.api.get(labs, &token).await.status == 403).await;
}

#[tokio::test]
async fn a_dropped_guard_asks_no_more() {
    let Remote { api, server } = Remote::start().await.ready().await;
    drop(api);
    eventually("its stream ends", async || server.open_streams() == 0).await;
    let before = (server.streams().len(), server.snapshot_requests());
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    assert_eq!((server.streams().len(), server.snapshot_requests()), before);
}

#[tokio::test]
async fn a_program_with_its_own_guard_works_with_a_listening_test_issuer() {
    let issuer = TestIssuer::listen().await;
    issuer.corporation("acme_group", ["acme", "acme_labs"]);
    let (api_id, secret) = issuer.credentials();
    let builder = Guard::builder().issuer(issuer.issuer()).audience(AUDIENCE).credentials(api_id, secret);
    let guard = builder.tenant(TenantClaim::namespace(NAMESPACE)).build().await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), guard.ready()).await.unwrap();
    let api = Api { app: app(&guard), guard, issuer };
    assert_eq!(api.get("/timesheets", &api.token().corporation("acme_group")).await.body, "acme acme_labs");
}
