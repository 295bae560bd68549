//! The published keys, and the keyring that opens them (KEY-01 to 05, DB-13).

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::Value;
use tokenry_clock::{MockClock, Timestamp};
use tokenry_engine::OpenError;
use tokenry_engine::keyring::{KeyringError, MasterKeys};
use tokenry_engine::manage::NewApi;
use tokenry_jose::Algorithm;
use tokenry_model::SystemRng;
use tokenry_store::migrate::migrate;
use tokenry_testkit::{Answer, Database, Engine, TestApp, header_of, open_engine, settings};

use super::support::{acme, api, client, new_api, published};

const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

#[rstest]
#[case(Algorithm::EdDsa, "OKP")]
#[case(Algorithm::Es256, "EC")]
#[case(Algorithm::Ps256, "RSA")]
#[case(Algorithm::Rs256, "RSA")]
#[tokio::test]
async fn key_01_key_02_the_next_key_is_published_and_no_private_one(
    #[case] algorithm: Algorithm,
    #[case] kty: &str,
) {
    let app = TestApp::with(tokenry_testkit::Options {
        signing_alg: algorithm,
        ..tokenry_testkit::Options::default()
    })
    .await;
    let keys = published(&app).await;
    assert_eq!(keys.len(), 2, "one that signs, and the next: {keys:?}");
    let mut kids = BTreeSet::new();
    for key in &keys {
        assert!(PRIVATE.iter().all(|member| key.get(*member).is_none()), "{key}");
        assert_eq!((&key["kty"], &key["use"]), (&kty.into(), &"sig".into()));
        assert_eq!(key["alg"], algorithm.as_str());
        if kty == "RSA" {
            let modulus = tokenry_jose::base64url::decode(key["n"].as_str().unwrap()).unwrap();
            assert!(modulus.len() >= 256, "{} bits", modulus.len() * 8);
        }
        assert!(kids.insert(key["kid"].as_str().unwrap().to_owned()), "KEY-03: {kids:?}");
    }
    let mut used = BTreeSet::new();
    for client in [&app.demo.cron, &app.demo.group, &app.demo.cron] {
        let token = app.token(client).await;
        used.insert(header_of(&token)["kid"].as_str().unwrap().to_owned());
    }
    assert_eq!(used.len(), 1, "the next one has signed nothing");
    assert!(used.is_subset(&kids));
}

/// KEY-03: a key stays what it is across restarts and replicas.
#[rstest]
#[tokio::test]
async fn key_03_a_restart_publishes_the_same_keys(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let replica = app.replica().await;
    let here = Answer::to(app.http.get(app.url("/.well-known/jwks.json"))).await;
    let there = Answer::to(app.http.get(format!("{replica}/.well-known/jwks.json"))).await;
    assert_eq!((here.status, &here.body), (there.status, &there.body));
}

/// An algorithm that an API asks for first is made on the spot, by one of two servers that need it at once, and both
/// publish what both sign with.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_04_a_new_algorithm_has_one_key_set_everywhere(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let replica = app.replica().await;
    let audience = "https://es256.example.com";
    api(&app, NewApi { signing_alg: Some(Algorithm::Es256), ..new_api(audience, &["read:x"]) }).await;
    let job = client(&app, acme(&app, "Job"), &[audience]).await;
    let form =
        [("grant_type", "client_credentials"), ("client_id", &*job.id), ("client_secret", &job.secret)];
    let requests = (0..8).map(|n| {
        let address = if n % 2 == 0 { &app.issuer } else { &replica };
        tokio::spawn(Answer::to(app.http.post(format!("{address}/oauth/token")).form(&form)))
    });
    let answers = join_all(requests).await;
    let kids: BTreeSet<_> =
        answers.into_iter().map(|answer| header_of(&answer.unwrap().token())["kid"].to_string()).collect();
    assert_eq!(kids.len(), 1, "{kids:?}");
    for address in [&app.issuer, &replica] {
        let keys = published_at(&app, address).await;
        let es256: BTreeSet<_> =
            keys.iter().filter(|key| key["alg"] == "ES256").map(|key| key["kid"].to_string()).collect();
        assert_eq!(es256.len(), 2, "{keys:?}");
        assert!(kids.is_subset(&es256));
    }
}

async fn published_at(app: &TestApp, address: &str) -> Vec<Value> {
    let answer = Answer::to(app.http.get(format!("{address}/.well-known/jwks.json"))).await;
    answer.json()["keys"].as_array().unwrap().clone()
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_04_db_13_servers_that_start_at_once_make_one_schema_and_one_key_set(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let database = Database::empty(engine);
    let keyring = MasterKeys::generate(&SystemRng).to_string();
    let clock = MockClock::new(Timestamp::from_secs(1_795_161_600));
    let start = async || {
        let store = database.store().await;
        migrate(store.db()).await.unwrap();
        let settings = settings("https://id.example.com", Algorithm::EdDsa);
        open_engine(store, &keyring, settings, &clock).await.unwrap().jwks()
    };
    let sets = join_all((0..4).map(|_n| start())).await;
    assert!(sets.iter().all(|set| *set == sets[0]), "all publish the same");
    let keys: Value = serde_json::from_slice(&sets[0]).unwrap();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    let store = database.store().await;
    let records = store.list_audit(0, 100).await.unwrap();
    let count = |event: &str| records.iter().filter(|record| record.event == event).count();
    assert_eq!((count("keyring.created"), count("key.created")), (1, 3), "{records:?}");
}

#[rstest]
#[tokio::test]
async fn key_05_a_foreign_keyring_opens_nothing_and_changes_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let before = app.database.dump();
    let foreign = MasterKeys::generate(&SystemRng).to_string();
    let opened = open_engine(
        app.database.store().await,
        &foreign,
        settings(&app.issuer, Algorithm::EdDsa),
        &app.clock,
    )
    .await;
    assert!(matches!(opened, Err(OpenError::Keyring(KeyringError::Foreign))), "{opened:?}");
    assert_eq!(before, app.database.dump());
    // With the right key added behind it, it opens: that is how a keyring is rotated.
    let both = format!("{foreign}\n{}", app.keyring);
    let settings = settings(&app.issuer, Algorithm::EdDsa);
    let opened = open_engine(app.database.store().await, &both, settings, &app.clock).await.unwrap();
    assert_eq!(opened.jwks(), app.engine.jwks());
    app.token(&app.demo.cron).await;
}

/// KEY-05: a stored key that was changed is not signed with, and no other is made in its place.
#[rstest]
#[tokio::test]
async fn key_05_a_damaged_key_stops_the_start(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let swap = "UPDATE signing_keys SET wrapped_private = \
                (SELECT wrapped_private FROM signing_keys WHERE state = 'pending') WHERE state = 'active'";
    app.database.execute(swap);
    let before = app.database.dump();
    let settings = settings(&app.issuer, Algorithm::EdDsa);
    let opened = open_engine(app.database.store().await, &app.keyring, settings, &app.clock).await;
    assert!(matches!(opened, Err(OpenError::Keys(_))), "{opened:?}");
    assert_eq!(before, app.database.dump());
}

#[tokio::test]
async fn http_08_the_keys_are_open_to_every_origin_and_kept_for_a_while() {
    let app = TestApp::quick(Engine::Sqlite).await;
    for origin in ["https://app.example.com", "null"] {
        let request = app.http.get(app.url("/.well-known/jwks.json")).header("origin", origin);
        let answer = Answer::to(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.header("cache-control").contains("max-age"), "{answer:?}");
    }
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(published(&app).await.len(), 2);
}

/// Whoever writes to the database but holds no keyring must not add a key that verifies.
#[rstest]
#[tokio::test]
async fn key_05_a_key_that_the_keyring_did_not_seal_is_not_published(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let before = published(&app).await;
    let (foreign, _pkcs8) = tokenry_jose::SigningKey::generate(Algorithm::EdDsa).unwrap();
    let blob = if engine == Engine::Sqlite { "x'78'" } else { "'\\x78'" };
    app.database.execute(&format!(
        "INSERT INTO signing_keys (kid, algorithm, state, state_since, public_jwk, wrapped_private, data_key_id, \
         created_at) SELECT '{}', algorithm, 'retired', 1, '{}', {blob}, data_key_id, created_at \
         FROM signing_keys WHERE state = 'active'",
        foreign.kid(),
        foreign.public_jwk().to_json(),
    ));
    app.database.execute("UPDATE change_counter SET seq = seq + 1");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(published(&app).await, before);
    let store = app.database.store().await;
    let opened = open_engine(store, &app.keyring, settings(&app.issuer, Algorithm::EdDsa), &app.clock).await;
    assert!(matches!(opened, Err(OpenError::Keys(_))), "nor does a server start on it");
    app.token(&app.demo.cron).await;
}
