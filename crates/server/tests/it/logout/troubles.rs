//! What befalls logout tokens on their way: applications that are down, slow, say no, or are where nobody may connect to.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::manage::{NewClient, UpdateClient};
use tokenry_model::{ClientType, LogoutOutcome};
use tokenry_store::ListedLogout;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Options, TestApp, claims_of};

use super::{LogoutReceiver, World};

/// Acceptance 3: down for a minute is late by no more than that.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn out_07_an_application_that_was_down_is_told_when_it_is_back(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::on(engine).await;
    let gone = LogoutReceiver::start().await;
    let (uri, address) = (gone.uri.clone(), gone.address);
    drop(gone);
    let (_client, id_token) = world.signed_in_at("Web", &uri).await;
    world.sign_out(&id_token).await;
    assert_eq!(world.tried(1).await.logout.last_answer.as_deref(), Some("unreachable"));
    world.app.clock.advance(Duration::from_secs(5));
    world.tried(2).await;
    let receiver = LogoutReceiver::at(address).await;
    receiver.answers(503);
    world.app.clock.advance(Duration::from_secs(60));
    assert_eq!(world.tried(3).await.logout.last_answer.as_deref(), Some("503"));
    receiver.answers(200);
    world.app.clock.advance(Duration::from_secs(20));
    let tokens = receiver.tokens(2).await;
    world.ended(1, LogoutOutcome::Delivered).await;
    let [first, second] = [claims_of(&tokens[0]), claims_of(&tokens[1])];
    assert_eq!(first["jti"], second["jti"], "the same one, as far as the application is concerned");
    assert_eq!(
        second["iat"].as_i64().unwrap() - first["iat"].as_i64().unwrap(),
        20,
        "signed when it is sent"
    );
    assert_eq!(world.recorded("logout.delivered").await[0]["attempts"], 4);
}

/// It hangs with four at a time, five seconds each: while some of its own still wait for their turn, others are told, and people
/// sign in.
#[tokio::test(flavor = "multi_thread")]
async fn web_05_one_that_hangs_holds_no_other_up() {
    const SESSIONS: usize = 24;
    let world = World::on(Sqlite).await;
    let (slow, quick) = (LogoutReceiver::start().await, LogoutReceiver::start().await);
    slow.hangs();
    let hangs = world.application("Slow", &slow.uri).await;
    for n in 0..SESSIONS {
        let session = world.app.sign_in(&world.ann.id, &format!("sid-{n}"));
        let ann = tokenry_testkit::Member { session, ..world.ann.clone() };
        world.sign_in(&ann, &hangs).await;
    }
    let bob = world.app.member("bob").await;
    let quicks = world.application("Quick", &quick.uri).await;
    world.sign_in(&bob, &quicks).await;
    let operator = world.app.operator().await;
    operator.revoke_sessions_of(world.ann.id.as_str()).await.unwrap();
    slow.tokens(1).await;
    operator.revoke_sessions_of(bob.id.as_str()).await.unwrap();
    let told = world.ended(1, LogoutOutcome::Delivered).await;
    let carl = world.app.member("carl").await;
    assert!(!world.sign_in(&carl, &quicks).await.is_empty(), "people sign in");
    assert!(!world.app.token(&world.app.demo.cron).await.is_empty(), "and clients have tokens");
    let untried = |listed: &[ListedLogout]| {
        let untried =
            |it: &&ListedLogout| it.logout.attempts == 0 && it.logout.key.client_id.as_str() == hangs.id;
        listed.iter().filter(untried).count()
    };
    assert!(
        untried(&told) > 0 && untried(&world.listed().await) > 0,
        "all that before its last has had a turn"
    );
    let timed_out = |listed: &[ListedLogout]| {
        listed.iter().filter(|it| it.logout.last_answer.as_deref() == Some("timed_out")).count()
    };
    world.until("too slow", |listed| timed_out(listed) > 4).await;
    // One that has just hung up may not have been missed yet.
    assert!((1..=8).contains(&slow.most_at_once()), "{}", slow.most_at_once());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_says_no_is_asked_three_times() {
    let world = World::on(Sqlite).await;
    let receiver = LogoutReceiver::start().await;
    receiver.answers(400);
    let (client, id_token) = world.signed_in_at("Web", &receiver.uri).await;
    world.sign_out(&id_token).await;
    for attempts in 1..3 {
        world.tried(attempts).await;
        world.app.clock.advance(Duration::from_secs(60));
    }
    let listed = world.ended(1, LogoutOutcome::Refused).await;
    assert_eq!((listed[0].logout.attempts, listed[0].logout.last_answer.as_deref()), (3, Some("400")));
    let given_up = world.recorded("logout.given_up").await;
    assert_eq!((&given_up[0]["client"], &given_up[0]["answer"]), (&client.id.as_str().into(), &"400".into()));
    assert!(!given_up[0].to_string().contains("not shown"), "what it says is nobody's business (WEB-03)");
    receiver.answers(200);
    world.app.clock.advance(Duration::from_secs(3_600));
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(receiver.so_far().len(), 3);
}

/// Whatever comes between begins the count anew: a 400 after two failures is a first 400.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_third_no_in_a_row_is_final() {
    let world = World::on(Sqlite).await;
    let receiver = LogoutReceiver::start().await;
    let said = [
        (503, "503"),
        (503, "503"),
        (400, "400"),
        (400, "400 400"),
        (503, "503"),
        (400, "400"),
        (400, "400 400"),
        (400, "400"),
    ];
    receiver.answers(said[0].0);
    let (_client, id_token) = world.signed_in_at("Web", &receiver.uri).await;
    world.sign_out(&id_token).await;
    for (attempts, pair) in (1..).zip(said.windows(2)) {
        let tried = world.tried(attempts).await;
        assert_eq!(tried.logout.last_answer.as_deref(), Some(pair[0].1), "try {attempts}");
        assert_eq!(tried.ended, None, "try {attempts}");
        receiver.answers(pair[1].0);
        world.app.clock.advance(Duration::from_secs(400));
    }
    let listed = world.ended(1, LogoutOutcome::Refused).await;
    assert_eq!((listed[0].logout.attempts, listed[0].logout.last_answer.as_deref()), (8, Some("400")));
    assert_eq!(receiver.so_far().len(), said.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn web_01_a_redirect_is_not_followed_and_what_nobody_took_in_a_day_is_given_up() {
    let world = World::on(Sqlite).await;
    let receiver = LogoutReceiver::start().await;
    receiver.answers(307);
    let (_client, id_token) = world.signed_in_at("Web", &receiver.uri).await;
    world.sign_out(&id_token).await;
    assert_eq!(world.tried(1).await.logout.last_answer.as_deref(), Some("307"));
    assert_eq!(receiver.so_far().len(), 1);
    world.app.clock.advance(Duration::from_secs(86_401));
    world.app.engine.sweep().await.unwrap();
    let listed = world.ended(1, LogoutOutcome::GivenUp).await;
    assert_eq!((listed[0].logout.attempts, receiver.so_far().len()), (1, 1), "too old to be tried again");
    assert_eq!(world.recorded("logout.given_up").await.len(), 1);
    world.app.clock.advance(Duration::from_secs(8 * 86_400));
    world.app.engine.sweep().await.unwrap();
    assert!(world.listed().await.is_empty(), "and a week later forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn web_01_nobody_inside_our_network_is_connected_to() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let world = World { app, ann };
    let receiver = LogoutReceiver::start().await;
    let (_client, id_token) = world.signed_in_at("Web", &receiver.uri).await;
    world.sign_out(&id_token).await;
    assert_eq!(world.tried(1).await.logout.last_answer.as_deref(), Some("forbidden"));
    assert!(receiver.so_far().is_empty());
    assert!(!world.app.token(&world.app.demo.cron).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn web_01_an_address_that_nobody_may_post_to_is_not_registered() {
    let app = TestApp::with(Options::default()).await;
    let count = || async { app.store.list_clients(None, 99).await.unwrap().len() };
    let before = count().await;
    let told_at = |kind, uri: &str| NewClient {
        backchannel_logout_uri: Some(uri.to_owned()),
        ..NewClient::new(kind, "App")
    };
    // A native application, which may have redirect URIs with a scheme of its own.
    let good = "https://a.example/logout?tenant=1";
    let made = app.manager.create_client(told_at(ClientType::Native, good)).await.unwrap().client;
    assert_eq!(made.backchannel_logout_uri.as_deref(), Some(good));
    for (uri, why) in [
        ("http://a.example/logout", "it must be https; http is for loopback only"),
        ("https://u:p@a.example/", "it must not name a user"),
        ("https://a.example/#logout", "it must not have a fragment"),
        ("javascript:alert(1)", "it must be https"),
        ("com.example.app:/logout", "it must be https"),
        ("/logout", "it must be an absolute URI"),
        ("https://a.example:25/", "its port is another protocol's: 25"),
        ("http://127.0.0.1:6379/logout", "its port is another protocol's: 6379"),
    ] {
        let change =
            UpdateClient { backchannel_logout_uri: Some(Some(uri.to_owned())), ..UpdateClient::default() };
        let refused = [
            app.manager.create_client(told_at(ClientType::Native, uri)).await.unwrap_err().to_string(),
            app.manager.update_client(made.id.as_str(), change).await.unwrap_err().to_string(),
        ];
        for said in refused {
            assert!(said.contains("backchannel-logout-uri") && said.contains(why), "{uri}: {said}");
        }
    }
    assert_eq!(count().await, before + 1, "none of them was made");
    let after = app.store.find_client(&made.id).await.unwrap().unwrap();
    assert_eq!(after.backchannel_logout_uri.as_deref(), Some(good), "nor changed");
    assert!(app.manager.create_client(told_at(ClientType::Web, good)).await.is_ok());
}

/// Of several servers one sends each.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_each_token_is_sent_by_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    world.app.replica().await;
    world.app.replica().await;
    let receiver = LogoutReceiver::start().await;
    let (client, _id_token) = world.signed_in_at("Web", &receiver.uri).await;
    for n in 0..20 {
        let session = world.app.sign_in(&world.ann.id, &format!("sid-{n}"));
        let ann = tokenry_testkit::Member { session, ..world.ann.clone() };
        world.sign_in(&ann, &client).await;
    }
    world.app.operator().await.revoke_sessions_of(world.ann.id.as_str()).await.unwrap();
    world.ended(21, LogoutOutcome::Delivered).await;
    let mut jtis: Vec<_> =
        receiver.so_far().iter().map(|token| claims_of(token)["jti"].to_string()).collect();
    jtis.sort();
    jtis.dedup();
    assert_eq!((jtis.len(), receiver.so_far().len()), (21, 21));
}
