//! `GET /guard/v1/events`: what happens is heard, whoever did it.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_clock::Clock as _;
use tokenry_engine::keys::Outgoing;
use tokenry_engine::manage::UpdateCompany;
use tokenry_jose::Algorithm;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Events, TestApp, claims_of};

use super::{another_api, get, happen, listen};

/// The `jti` of a new token of the demo's `cron`.
async fn jti(app: &TestApp) -> String {
    claims_of(&app.token(&app.demo.cron).await)["jti"].as_str().unwrap().to_owned()
}

/// What happened, without its number.
fn change(said: &tokenry_testkit::Said) -> Value {
    let mut data = said.data.clone();
    assert_eq!(data["seq"].as_i64(), said.id);
    let members = data.as_object_mut().unwrap();
    members.remove("seq");
    assert_eq!(members.remove("tag").unwrap().as_str().unwrap().len(), 11);
    data
}

#[rstest]
#[tokio::test]
async fn what_happens_is_heard_in_order(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    let mut events = listen(&app, 0).await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    assert_eq!((events.header("cache-control"), events.header("x-accel-buffering")), ("no-store", "no"));
    let now = app.clock.now().as_secs();
    let day = 86_400;

    let first = jti(&app).await;
    app.manager.disable_client(&demo.cron.id).await.unwrap();
    let handle =
        json!({"kind": "revoked", "what": "handle", "value": first[..11], "expires_at": now + day + 60});
    assert_eq!(change(&events.change().await), handle);

    app.manager.enable_client(&demo.cron.id).await.unwrap();
    let second = jti(&app).await;
    assert_ne!(second[..11], first[..11], "enabled again, it has another handle");
    let token = app.token(&demo.cron).await;
    let form = [("token", token.as_str())];
    let revoke = app.http.post(app.url("/oauth/revoke")).form(&form);
    revoke.basic_auth(&demo.cron.id, Some(&demo.cron.secret)).send().await.unwrap();
    let single = json!({
        "kind": "revoked", "what": "token", "value": claims_of(&token)["jti"], "expires_at": now + day,
    });
    assert_eq!(change(&events.change().await), single);

    app.manager.disable_company(&demo.acme).await.unwrap();
    let ended = change(&events.change().await);
    assert_eq!((&ended["what"], &ended["value"]), (&"handle".into(), &second[..11].into()));
    assert_eq!(change(&events.change().await), json!({"kind": "company_disabled", "company": demo.acme}));
    let left = json!({"kind": "company_left", "corporation": demo.acme_group, "company": demo.acme});
    assert_eq!(change(&events.change().await), left);
    app.manager.enable_company(&demo.acme).await.unwrap();
    assert_eq!(change(&events.change().await), json!({"kind": "company_enabled", "company": demo.acme}));
    let joined = json!({"kind": "company_joined", "corporation": demo.acme_group, "company": demo.acme});
    assert_eq!(change(&events.change().await), joined);

    let third = jti(&app).await;
    let secrets = app.manager.client_secrets(&demo.cron.id).await.unwrap();
    app.manager.revoke_client_secret(&demo.cron.id, secrets[0].id.as_str()).await.unwrap();
    assert_eq!(change(&events.change().await)["value"], third[..11]);

    let (_changes, complete) = events.complete_to(8).await;
    assert_eq!((&complete["seq"], &complete["at"]), (&8.into(), &app.clock.now().as_millis().into()));
}

#[rstest]
#[tokio::test]
async fn ten_06_a_company_that_moves_is_lost_and_gained(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let demo = &app.demo;
    let mut events = listen(&app, 0).await;
    let other = app.manager.create_corporation("Others", None).await.unwrap().id.to_string();
    let to = |corporation: Option<&str>| UpdateCompany {
        corporation: Some(corporation.map(str::to_owned)),
        ..UpdateCompany::default()
    };
    let operator = app.operator().await;
    operator.update_company(&demo.acme_labs, to(Some(&other))).await.unwrap();
    let left = json!({"kind": "company_left", "corporation": demo.acme_group, "company": demo.acme_labs});
    assert_eq!(change(&events.change().await), left);
    let joined = json!({"kind": "company_joined", "corporation": other, "company": demo.acme_labs});
    assert_eq!(change(&events.change().await), joined);
    operator.update_company(&demo.acme_labs, to(None)).await.unwrap();
    assert_eq!(change(&events.change().await)["kind"], "company_left");
    let renamed = UpdateCompany { name: Some("Labs".to_owned()), ..UpdateCompany::default() };
    let (company, announced) = operator.update_company(&demo.acme_labs, renamed).await.unwrap();
    assert!(announced.is_empty() && company.corporation_id.is_none() && company.name == "Labs");
    // The home of clients that are bound to the corporation stays in it.
    assert!(operator.update_company(&demo.acme, to(None)).await.is_err());
    events.complete_to(3).await;
}

#[rstest]
#[tokio::test]
async fn key_05_a_key_event_carries_the_set_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let plain = another_api(&app, false).await;
    let replica = app.replica().await;
    let mut here = listen(&app, 0).await;
    let mut there = Events::open(&replica, &plain, 0, "weather").await;
    let keyholder = app.keyholder().await;
    let rotated = keyholder.rotate(Algorithm::EdDsa, Outgoing::Revoke, app.clock.now()).await.unwrap();
    for events in [&mut here, &mut there] {
        let revoked = change(&events.change().await);
        assert_eq!(
            (&revoked["what"], &revoked["value"]),
            (&"key".into(), &rotated.outgoing.kid.as_str().into())
        );
        let keys = change(&events.change().await);
        assert_eq!(keys["kind"], "keys");
        let set = keys["jwks"]["keys"].as_array().unwrap();
        let kids: Vec<_> = set.iter().map(|key| key["kid"].as_str().unwrap()).collect();
        assert!(kids.contains(&&*rotated.active.kid) && kids.contains(&&*rotated.pending.kid), "{kids:?}");
        assert!(!kids.contains(&&*rotated.outgoing.kid), "{kids:?}");
    }
}

#[rstest]
#[tokio::test]
async fn what_one_server_writes_is_heard_at_another(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let replica = app.replica().await;
    let mut events = Events::open(&replica, &app.demo.api, 0, "pod-1").await;
    let token = app.token(&app.demo.cron).await;
    let form = [("token", token.as_str())];
    let revoke = app.http.post(app.url("/oauth/revoke")).form(&form);
    revoke.basic_auth(&app.demo.cron.id, Some(&app.demo.cron.secret)).send().await.unwrap();
    assert_eq!(events.change().await.data["value"], claims_of(&token)["jti"]);
    assert_eq!(events.ack(1).await, 204, "whichever server is asked");
}

#[tokio::test]
async fn a_stream_lives_over_http_2_and_longer_than_idle_connections_may() {
    let limits = tokenry_server::serve::Limits {
        head_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(400),
        write_timeout: Duration::from_millis(400),
        ..Default::default()
    };
    let options = tokenry_testkit::Options { limits, signing_alg: Algorithm::EdDsa, ..Default::default() };
    let app = TestApp::with(options).await;
    let http2 = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let mut new = Events::ask_over(http2, &app.issuer, &app.demo.api, "after=0&guard=new").await.unwrap();
    let mut old = Events::open(&app.issuer, &app.demo.api, 0, "old").await;
    for seq in 1..4 {
        for events in [&mut new, &mut old] {
            events.complete_to(0).await;
        }
        happen(&app, 1).await;
        assert_eq!((new.change().await.id, old.change().await.id), (Some(seq), Some(seq)));
    }
}

#[tokio::test]
async fn a_guard_without_a_name_is_given_one() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut events = Events::ask(&app.issuer, &app.demo.api, "after=0").await.unwrap();
    assert!(!events.guard.is_empty() && events.guard == events.stream);
    events.complete_to(0).await;
    let answer =
        get(&app, &app.demo.api, "/guard/v1/events?after=0&guard=named&later=1").send().await.unwrap();
    assert_eq!(answer.status(), 200, "what a later guard may ask for is passed over");
}
