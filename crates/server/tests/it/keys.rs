//! The life of signing keys, as those see it who ask for tokens and those who verify them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rstest::rstest;
use tokenry_clock::{Clock, MockClock, Timestamp};
use tokenry_engine::backup::{Tokens, take_over};
use tokenry_engine::keys::{KeysError, Outgoing, Rotated};
use tokenry_engine::manage::NewApi;
use tokenry_jose::{Algorithm, Expectations, JwkSet, Unverified, VerifyingKey};
use tokenry_model::{KeyState, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_store::archive::Manifest;
use tokenry_store::db::Kind;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, Options, TestApp, header_of, open_engine, settings};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

async fn start(database: Engine) -> TestApp {
    TestApp::with(Options { database, signing_alg: Algorithm::EdDsa, ..Options::default() }).await
}

async fn rotate(app: &TestApp, outgoing: Outgoing) -> Rotated {
    app.keyholder().await.rotate(Algorithm::EdDsa, outgoing, app.clock.now()).await.unwrap()
}

async fn jwks(app: &TestApp) -> JwkSet {
    let answer = app.http.get(app.url("/.well-known/jwks.json")).send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "public, max-age=300");
    JwkSet::parse(&answer.bytes().await.unwrap()).unwrap()
}

fn kid(token: &str) -> String {
    header_of(token)["kid"].as_str().unwrap().to_owned()
}

fn verifies(token: &str, set: &JwkSet) -> bool {
    let Some(jwk) = set.find(&kid(token)) else { return false };
    let expectations = Expectations { algorithms: &[Algorithm::EdDsa], typ: &["at+jwt"] };
    let unverified = Unverified::parse(token, 8_192).unwrap();
    unverified.verify(&VerifyingKey::from_jwk(jwk).unwrap(), &expectations).is_ok()
}

/// Waits for what the background work does by itself, every half second.
async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: not within ten seconds");
}

/// Whether Tokenry itself holds the token for good.
async fn is_active(app: &TestApp, token: &str) -> bool {
    let asked = app.http.post(app.url("/oauth/introspect")).form(&[("token", token)]);
    let answer = asked.basic_auth(&app.demo.api.id, Some(&app.demo.api.secret)).send().await.unwrap();
    let body: serde_json::Value = answer.json().await.unwrap();
    body["active"].as_bool().unwrap()
}

async fn events(app: &TestApp, name: &str) -> Vec<String> {
    let records = app.store.list_audit(0, 10_000).await.unwrap();
    let found = records.into_iter().filter(|record| record.event == name);
    found.map(|record| record.actor_kind).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_ten_rotations_under_load_lose_no_request(#[values(Sqlite, Postgres)] database: Engine) {
    let app = Arc::new(start(database).await);
    let stop = Arc::new(AtomicBool::new(false));
    let asking: Vec<_> = (0..6)
        .map(|_| {
            let (app, stop) = (Arc::clone(&app), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut tokens = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let token = app.token(&app.demo.cron).await;
                    assert!(verifies(&token, &jwks(&app).await), "by the set of the moment");
                    tokens.push(token);
                }
                tokens
            })
        })
        .collect();
    let mut signed_by = Vec::new();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let rotated = rotate(&app, Outgoing::Retire).await;
        signed_by.push(rotated.outgoing.kid);
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    stop.store(true, Ordering::Relaxed);
    let mut tokens = Vec::new();
    for asker in asking {
        tokens.extend(asker.await.unwrap());
    }
    assert!(signed_by.iter().filter(|kid| tokens.iter().any(|token| self::kid(token) == **kid)).count() > 5);

    until("twelve keys are published", async || app.engine.jwks().len() > 1_000).await;
    let set = jwks(&app).await;
    assert!(tokens.iter().all(|token| verifies(token, &set)), "all live until they expire");
    app.clock.advance(DAY);
    assert!(tokens.iter().all(|token| verifies(token, &set)));
    app.clock.advance(MINUTE);
    until("what has expired is verified by nobody", async || {
        let set = jwks(&app).await;
        tokens.iter().filter(|token| signed_by.contains(&kid(token))).all(|token| !verifies(token, &set))
    })
    .await;
    app.clock.advance(DAY);
    until("they are removed", async || app.store.list_signing_keys().await.unwrap().len() == 2).await;
    assert_eq!(events(&app, "key.removed").await, ["system"; 10]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_the_next_key_is_published_before_it_signs(#[values(Sqlite, Postgres)] database: Engine) {
    let app = start(database).await;
    let replica = app.other_engine().await;
    let before = app.token(&app.demo.cron).await;
    let published = jwks(&app).await;
    let rotated = rotate(&app, Outgoing::Retire).await;
    assert!(!rotated.overtaken && rotated.published_for == Duration::ZERO);
    // This server has not heard of it yet: what it signs with the old key it may not hand out.
    let after = app.token(&app.demo.cron).await;
    assert_eq!((kid(&before), kid(&after)), (rotated.outgoing.kid, rotated.active.kid));
    assert!(verifies(&after, &published), "by a set from before the rotation");
    assert!(verifies(&before, &jwks(&app).await), "by a set from after it");
    assert!(is_active(&app, &before).await && is_active(&app, &after).await);
    until("the other replica publishes the same", async || replica.engine.jwks() == app.engine.jwks()).await;
    assert!(jwks(&app).await.find(&rotated.pending.kid).is_some());
    assert_eq!(events(&app, "key.retired").await, ["operator"]);
    assert_eq!(events(&app, "key.activated").await, ["operator"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_a_revoked_key_is_gone_and_never_comes_back(#[values(Sqlite, Postgres)] database: Engine) {
    let app = start(database).await;
    let replica = app.other_engine().await;
    let leaked = app.token(&app.demo.cron).await;
    assert!(is_active(&app, &leaked).await);
    let rotated = rotate(&app, Outgoing::Revoke).await;
    assert!(rotated.outgoing.state.is_revoked());
    assert!(!is_active(&app, &leaked).await, "at the next request");
    assert_ne!(kid(&app.token(&app.demo.cron).await), kid(&leaked));
    assert!(!verifies(&leaked, &jwks(&app).await), "the first token after it brought the news");
    until("nor at the other", async || {
        !String::from_utf8_lossy(&replica.engine.jwks()).contains(&rotated.outgoing.kid)
    })
    .await;
    app.clock.set(app.clock.now().minus(DAY));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!verifies(&leaked, &jwks(&app).await), "nor when the clock is set back");
    assert!(!is_active(&app, &leaked).await);
    assert!(
        !verifies(&leaked, &JwkSet::parse(&app.other_engine().await.engine.jwks()).unwrap()),
        "nor after a restart"
    );
    assert_eq!(events(&app, "key.revoked").await, ["operator"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_operators_one_rotates_and_a_revocation_is_never_lost(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let app = start(database).await;
    let mut racers = Vec::new();
    let keys = app.store.list_signing_keys().await.unwrap();
    for n in 0..8 {
        let (keyholder, now) = (app.keyholder().await, app.clock.now());
        let outgoing = if n == 5 { Outgoing::Revoke } else { Outgoing::Retire };
        racers.push(tokio::spawn(async move { keyholder.rotate(Algorithm::EdDsa, outgoing, now).await }));
    }
    let mut rotations = Vec::new();
    for racer in racers {
        rotations.push(racer.await.unwrap().unwrap());
    }
    let winners = rotations.iter().filter(|rotated| !rotated.overtaken).count();
    assert_eq!(events(&app, "key.activated").await.len(), winners, "{rotations:?}");
    assert_eq!(events(&app, "key.revoked").await.len(), 1);
    let now = app.store.list_signing_keys().await.unwrap();
    assert_eq!(now.len(), keys.len() + winners);
    assert_eq!(now.iter().filter(|key| key.state.is_revoked()).count(), 1);
    assert!(rotations[5].outgoing.state.is_revoked());
    assert_eq!(now.iter().filter(|key| matches!(key.state, KeyState::Active { .. })).count(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_has_one_winner_among_replicas(#[values(Sqlite, Postgres)] database: Engine) {
    let app = start(database).await;
    let _replicas = (app.other_engine().await, app.other_engine().await);
    let first = app.token(&app.demo.cron).await;
    app.clock.advance(DAY * 90 - MINUTE);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(kid(&app.token(&app.demo.cron).await), kid(&first), "not a minute early");
    app.clock.advance(MINUTE);
    until("the next key signs", async || kid(&app.token(&app.demo.cron).await) != kid(&first)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(events(&app, "key.activated").await, ["system"]);
    assert_eq!(app.store.list_signing_keys().await.unwrap().len(), 3);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_03_a_restart_makes_no_keys_and_does_what_is_overdue(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let app = start(database).await;
    let jwks = app.engine.jwks();
    for _ in 0..3 {
        assert_eq!(app.other_engine().await.engine.jwks(), jwks);
    }
    // Stopped for a year: one rotation, not four.
    app.clock.advance(DAY * 365);
    let restarted = app.other_engine().await;
    until("it is made up for", async || restarted.engine.jwks() != jwks).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(events(&app, "key.activated").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_wrong_for_a_while_costs_no_token() {
    let app = start(Sqlite).await;
    let begin = app.clock.now();
    let before = app.token(&app.demo.cron).await;
    app.clock.advance(DAY * 400);
    until("the schedule goes by the clock", async || kid(&app.token(&app.demo.cron).await) != kid(&before))
        .await;
    let meanwhile = app.token(&app.demo.cron).await;
    app.clock.set(begin);
    let active = async || {
        let keys = app.store.list_signing_keys().await.unwrap();
        let since = keys.iter().find_map(|key| match key.state {
            KeyState::Active { since } => Some(since),
            _ => None,
        });
        since.unwrap()
    };
    until("no date in the far future stops the schedule", async || active().await == begin).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = app.token(&app.demo.cron).await;
    let set = jwks(&app).await;
    for token in [before, meanwhile, after] {
        assert!(verifies(&token, &set));
    }
    assert_eq!(events(&app, "key.activated").await.len(), 2, "and it comes to rest");
}

/// Each sees the other's fresh keys dated far away, and must not take that for their age.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn key_02_two_clocks_that_differ_make_no_run_of_keys(#[values(Sqlite, Postgres)] database: Engine) {
    let app = start(database).await;
    let behind = MockClock::new(app.clock.now().minus(DAY * 100));
    let settings = settings(&app.issuer, Algorithm::EdDsa);
    let engine = open_engine(app.database.store().await, &app.keyring, settings, &behind).await.unwrap();
    let (_stop, stopping) = tokio::sync::watch::channel(false);
    tokio::spawn(Arc::new(engine).run(async move {
        let mut stopping = stopping;
        let _gone = stopping.wait_for(|stop| *stop).await;
    }));
    let first = app.token(&app.demo.cron).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(
        kid(&app.token(&app.demo.cron).await),
        kid(&first),
        "nobody has seen the next key for an hour"
    );
    for _ in 0..4 {
        for clock in [&app.clock, &behind] {
            clock.advance(MINUTE * 61);
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let activated = events(&app, "key.activated").await.len();
    assert!(activated <= 1, "{activated} rotations");
    assert_eq!(app.ask(&app.demo.cron, &[("audience", AUDIENCE)]).await.status, 200);
}

#[tokio::test]
async fn key_02_each_algorithm_has_room_of_its_own() {
    let app = start(Sqlite).await;
    let es256 = NewApi {
        id: None,
        name: "ES256".to_owned(),
        audience: "https://es256.example.com".to_owned(),
        scopes: vec![],
        access_token_ttl: None,
        signing_alg: Some(Algorithm::Es256),
        dialect: Dialect::Rfc,
        token_format: TokenFormat::Jwt,
        tenanted: false,
    };
    let audience = es256.audience.clone();
    app.manager.create_api(es256).await.unwrap();
    app.manager.create_grant(&app.demo.cron.id, &audience, &[]).await.unwrap();
    let issued = app.ask(&app.demo.cron, &[("audience", &audience)]).await;
    assert_eq!(issued.status, 200);
    let keyholder = app.keyholder().await;
    let rotate = async |algorithm| keyholder.rotate(algorithm, Outgoing::Retire, app.clock.now()).await;
    while rotate(Algorithm::Es256).await.is_ok() {}
    let refused = rotate(Algorithm::Es256).await;
    assert!(matches!(refused, Err(KeysError::TooMany { published: 48 })), "{refused:?}");
    let mut others = 0;
    while rotate(Algorithm::EdDsa).await.is_ok() {
        others += 1;
    }
    assert_eq!(others, 6, "as many as verifiers take in all, less the first of other algorithms");
}

#[tokio::test]
async fn verifiers_are_never_given_more_keys_than_they_take() {
    let app = start(Sqlite).await;
    let keyholder = app.keyholder().await;
    let rotate = async |outgoing| keyholder.rotate(Algorithm::EdDsa, outgoing, app.clock.now()).await;
    let refused = loop {
        if let Err(error) = rotate(Outgoing::Retire).await {
            break error;
        }
    };
    assert!(matches!(refused, KeysError::TooMany { published: 48 }), "{refused:?}");
    assert!(!rotate(Outgoing::Revoke).await.unwrap().overtaken, "a leaked key is revoked all the same");
    let none = keyholder.rotate(Algorithm::Es256, Outgoing::Retire, Timestamp::EPOCH).await;
    assert!(matches!(none, Err(KeysError::None { .. })), "{none:?}");
}

/// By a clock that is ahead a retired key is over; once it is put right, that key would verify again.
#[tokio::test]
async fn db_12_new_handles_revoke_every_key_whatever_the_clock_says() {
    let app = start(Sqlite).await;
    rotate(&app, Outgoing::Retire).await;
    let holder = app.keyholder().await;
    let before: Vec<_> = holder.list().await.unwrap().into_iter().map(|key| key.kid).collect();
    let manifest = Manifest {
        engine: Kind::Sqlite,
        schema: 0,
        oldest_compatible: 0,
        created_at: 0,
        tokenry: String::new(),
        keyring_check: None,
        clients: 0,
        audit_seq: 0,
        checkpoint: 0,
        payload: 0,
    };
    let ahead = app.clock.now().plus(DAY * 400);
    take_over(&holder, &manifest, Tokens::End, ahead).await.unwrap();
    let after = holder.list().await.unwrap();
    for kid in &before {
        let key = after.iter().find(|key| key.kid == *kid).unwrap();
        assert!(key.state.is_revoked(), "{:?}", key.state);
    }
    assert!(after.iter().any(|key| matches!(key.state, KeyState::Active { .. })), "and others sign");
}
