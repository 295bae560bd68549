//! `GET /guard/v1/snapshot`: the state, and the number of the last event that is surely in it.

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::keys::Outgoing;
use tokenry_jose::Algorithm;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{TestApp, claims_of};

use super::{another_api, counter, get, happen, listen, snapshot};

#[rstest]
#[tokio::test]
async fn a_snapshot_has_what_the_events_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    let token = app.token(&demo.cron).await;
    let jti = claims_of(&token)["jti"].as_str().unwrap().to_owned();
    app.manager.disable_client(&demo.cron.id).await.unwrap();
    app.manager.disable_company(&demo.acme_labs).await.unwrap();
    assert_eq!(counter(&app).await, 3);
    let seen = snapshot(&app, &demo.api).await.json();
    let expires_at = app.clock.now().as_secs() + 86_400 + 60;
    let handle = json!([{"what": "handle", "value": jti[..11], "expires_at": expires_at}]);
    assert_eq!((&seen["seq"], &seen["revoked"]), (&3.into(), &handle));
    assert_eq!(seen["disabled_companies"], json!([demo.acme_labs]));
    assert_eq!(seen["corporations"], json!({&demo.acme_group: [demo.acme]}));
    let heard: Vec<_> = listen(&app, 0).await.changes_to(3).await.into_iter().map(|said| said.data).collect();
    assert_eq!(
        (&heard[0]["value"], &heard[1]["company"]),
        (&jti[..11].into(), &demo.acme_labs.as_str().into())
    );
}

#[rstest]
#[tokio::test]
async fn key_05_a_server_with_older_keys_sends_the_new_set(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    for _ in 0..3 {
        let now = app.clock.now();
        let rotated = app.keyholder().await.rotate(Algorithm::EdDsa, Outgoing::Retire, now).await.unwrap();
        let seen = snapshot(&app, &app.demo.api).await.json();
        let keys = seen["jwks"]["keys"].as_array().unwrap();
        assert!(keys.iter().any(|key| key["kid"] == *rotated.pending.kid), "{seen}");
    }
}

/// As if so many handles of the demo's API had ended.
fn revoke(app: &TestApp, handles: usize) {
    app.database.execute(&format!(
        "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
         SELECT '{}', 'revoked/handle', 'h' || (1000000000 + i), 0, {} FROM \
         (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {handles}) SELECT i FROM n) m",
        app.demo.api.id,
        app.clock.now().plus(Duration::from_secs(3_600)).as_millis(),
    ));
}

#[rstest]
#[tokio::test]
async fn twenty_thousand_entries_come_whole_and_piece_by_piece(#[values(Sqlite, Postgres)] engine: Engine) {
    const ENTRIES: usize = 20_000;
    let app = TestApp::quick(engine).await;
    revoke(&app, ENTRIES);
    let mut answer = get(&app, &app.demo.api, "/guard/v1/snapshot").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.content_length()), (200, None));
    let (mut body, mut pieces) = (Vec::new(), 0);
    while let Some(piece) = answer.chunk().await.unwrap() {
        body.extend_from_slice(&piece);
        pieces += 1;
    }
    assert!(pieces > 10, "{pieces} pieces");
    let seen: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let revoked = seen["revoked"].as_array().unwrap();
    let values: BTreeSet<_> = revoked.iter().map(|entry| entry["value"].as_str().unwrap()).collect();
    assert_eq!((revoked.len(), values.len()), (ENTRIES, ENTRIES));
    assert!(values.contains("h1000000001") && values.contains("h1000020000"));
    // They all get their numbers meanwhile, and a guard that follows hears each.
    let heard = listen(&app, 0).await.changes_to(i64::try_from(ENTRIES).unwrap()).await;
    assert_eq!(heard.len(), ENTRIES);
}

#[tokio::test]
async fn a_snapshot_that_breaks_off_is_no_snapshot() {
    let app = TestApp::quick(Sqlite).await;
    revoke(&app, 200_000);
    let mut answer = get(&app, &app.demo.api, "/guard/v1/snapshot").send().await.unwrap();
    let mut body = answer.chunk().await.unwrap().unwrap().to_vec();
    app.store.db().close().await;
    let broken = loop {
        match answer.chunk().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken && serde_json::from_slice::<serde_json::Value>(&body).is_err());
}

#[tokio::test]
async fn an_api_of_no_company_sees_none() {
    let app = TestApp::quick(Sqlite).await;
    let plain = another_api(&app, false).await;
    happen(&app, 1).await;
    app.manager.disable_company(&app.demo.globex).await.unwrap();
    let seen = snapshot(&app, &plain).await.json();
    assert_eq!((&seen["corporations"], &seen["disabled_companies"]), (&json!({}), &json!([])));
}
