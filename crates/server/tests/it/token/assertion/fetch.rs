//! Keys at a `jwks_uri`: rotation within the bound, poison that is ignored (KEY-08), and addresses that are not asked.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::manage::{NewClientKeys, UpdateClient};
use tokenry_jose::Algorithm::EdDsa;
use tokenry_jose::SigningKey;
use tokenry_testkit::{AUDIENCE, Answer, Engine, Options, Refusals, TestApp};

use super::publisher::{Answers, Publisher};
use super::support::{Signer, ask, jwks, new_key, sign, signing};
use crate::token::support::client;

/// One that may connect to the tests' publishers.
async fn app_on(database: Engine, networks: &[&str]) -> TestApp {
    let allowed_networks = networks.iter().map(|network| network.parse().unwrap()).collect();
    TestApp::with(Options { database, signing_alg: EdDsa, allowed_networks, ..Options::default() }).await
}

async fn app() -> TestApp {
    app_on(Engine::Sqlite, &["127.0.0.0/8"]).await
}

/// A client that publishes its keys at `uri`.
async fn publishing(app: &TestApp, uri: &str, key: SigningKey) -> Signer {
    let new = signing(app, NewClientKeys::Uri(uri.to_owned()));
    Signer { client: client(app, new, &[AUDIENCE]).await, key }
}

fn keys(keys: &[&SigningKey]) -> Answers {
    Answers::Keys(jwks(keys), "")
}

/// The status of a token request signed by `key`.
async fn status(app: &TestApp, signer: &Signer, key: &SigningKey) -> u16 {
    let answer = Answer::to(ask(app, &sign(key, "JWT", &signer.claims(app)), &[])).await;
    if answer.status != 200 {
        answer.must_be_error(401, "invalid_client");
    }
    answer.status.as_u16()
}

#[rstest]
#[tokio::test]
async fn key_08_a_rotated_key_is_taken_over_within_a_minute(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = app_on(engine, &["127.0.0.0/8"]).await;
    let (first, second) = (new_key(EdDsa), new_key(EdDsa));
    let publisher = Publisher::start(keys(&[&first])).await;
    let signer = publishing(&app, &publisher.url(), first).await;
    for _again in 0..5 {
        signer.token(&app).await;
    }
    assert_eq!(publisher.asked(), 1, "one look serves them all");

    publisher.now_answers(keys(&[&signer.key, &second]));
    assert_eq!(status(&app, &signer, &second).await, 401, "looked at a moment ago");
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(status(&app, &signer, &second).await, 200);
    assert_eq!((status(&app, &signer, &signer.key).await, publisher.asked()), (200, 2));

    publisher.now_answers(keys(&[&second]));
    app.clock.advance(Duration::from_secs(300));
    assert_eq!(status(&app, &signer, &second).await, 200);
    assert_eq!(status(&app, &signer, &signer.key).await, 401, "a key that was taken away");
}

/// Strangers choose the `kid`: whatever they send, a client's server is asked once a minute.
#[tokio::test]
async fn key_08_strangers_do_not_make_a_flood_of_it() {
    let app = app().await;
    let key = new_key(EdDsa);
    let publisher = Publisher::start(keys(&[&key])).await;
    let signer = publishing(&app, &publisher.url(), key).await;
    signer.token(&app).await;
    let mut refusals = Refusals::of(&app).await;
    for minute in 1..=2 {
        app.clock.advance(Duration::from_secs(60));
        for _stranger in 0..20 {
            let strange = sign(&new_key(EdDsa), "JWT", &signer.claims(&app));
            refusals.expect(ask(&app, &strange, &[]), signer.refusal("assertion_key_unknown")).await;
        }
        assert_eq!(publisher.asked(), 1 + minute);
    }
    refusals.end().await;
    signer.token(&app).await;
    assert_eq!(publisher.asked(), 3);
}

#[rstest]
#[case::html(|_: &str| Answers::Html)]
#[case::huge(|_: &str| Answers::Huge)]
#[case::not_found(|set: &str| Answers::Status(404, set.to_owned()))]
#[case::not_modified(|set: &str| Answers::Status(304, set.to_owned()))]
#[case::broken(|set: &str| Answers::Status(500, set.to_owned()))]
#[case::private(|set: &str| Answers::Keys(set.replace("\"kid\"", "\"d\":\"AA\",\"kid\""), ""))]
#[case::no_set(|_: &str| Answers::Keys("[]".to_owned(), ""))]
#[case::slow(|_: &str| Answers::Slow)]
#[tokio::test]
async fn key_08_poison_leaves_the_last_good_set(#[case] poison: fn(&str) -> Answers) {
    let app = app().await;
    let (key, attackers) = (new_key(EdDsa), new_key(EdDsa));
    let publisher = Publisher::start(keys(&[&key])).await;
    let signer = publishing(&app, &publisher.url(), key).await;
    signer.token(&app).await;
    publisher.now_answers(poison(&jwks(&[&attackers])));
    app.clock.advance(Duration::from_secs(301));
    assert_eq!(status(&app, &signer, &attackers).await, 401);
    assert_eq!(status(&app, &signer, &signer.key).await, 200);
    assert_eq!(publisher.asked(), 2);
    publisher.now_answers(keys(&[&signer.key]));
    app.clock.advance(Duration::from_secs(60));
    assert_eq!((status(&app, &signer, &signer.key).await, publisher.asked()), (200, 3));
}

#[tokio::test]
async fn key_08_a_redirect_is_not_followed() {
    let app = app().await;
    let (key, attackers) = (new_key(EdDsa), new_key(EdDsa));
    let evil = Publisher::start(keys(&[&attackers])).await;
    let publisher = Publisher::start(Answers::Redirect(evil.url())).await;
    let signer = publishing(&app, &publisher.url(), key).await;
    assert_eq!(status(&app, &signer, &attackers).await, 401);
    assert_eq!((publisher.asked(), evil.asked()), (1, 0));
    app.token(&app.demo.cron).await;
}

#[tokio::test]
async fn key_08_the_publisher_says_how_long_its_set_serves() {
    let app = app().await;
    let key = new_key(EdDsa);
    let publisher = Publisher::start(Answers::Keys(jwks(&[&key]), "public, max-age=1800")).await;
    let signer = publishing(&app, &publisher.url(), key).await;
    for (after, asked) in [(0, 1), (1_799, 1), (1, 2)] {
        app.clock.advance(Duration::from_secs(after));
        signer.token(&app).await;
        assert_eq!(publisher.asked(), asked);
    }
}

/// Nobody is there, or answers badly from the start: nobody gets in, and it is asked again soon.
#[tokio::test]
async fn keys_that_cannot_be_fetched_let_nobody_in() {
    let app = app().await;
    let key = new_key(EdDsa);
    let publisher = Publisher::start(Answers::Status(503, jwks(&[&key]))).await;
    let signer = publishing(&app, &publisher.url(), key).await;
    let mut refusals = Refusals::of(&app).await;
    for _again in 0..3 {
        refusals.expect(signer.request(&app), signer.refusal("client_keys_unavailable")).await;
    }
    refusals.end().await;
    assert_eq!(publisher.asked(), 1);
    publisher.now_answers(keys(&[&signer.key]));
    app.clock.advance(Duration::from_secs(10));
    signer.token(&app).await;
}

/// Inside our own network nothing is asked, by whatever name it goes, unless an operator lists it.
#[tokio::test]
async fn an_address_inside_our_network_is_not_asked() {
    let key = new_key(EdDsa);
    let publisher = Publisher::start(keys(&[&key])).await;
    let port = publisher.port;
    let names = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://[::ffff:7f00:1]:{port}/"),
    ];
    let app = app_on(Engine::Sqlite, &["10.0.0.0/8"]).await;
    let mut signer = publishing(&app, &names[0], key).await;
    let mut refusals = Refusals::of(&app).await;
    for name in &names {
        let keys = Some(NewClientKeys::Uri(name.clone()));
        let update = UpdateClient { keys, ..UpdateClient::default() };
        app.manager.update_client(&signer.client.id, update).await.unwrap();
        refusals.expect(signer.request(&app), signer.refusal("client_keys_unavailable")).await;
    }
    refusals.end().await;
    assert_eq!((publisher.asked(), signer.issued(&app).await), (0, 0));

    let listed = self::app().await;
    for name in &names[..2] {
        signer = publishing(&listed, name, signer.key).await;
        signer.token(&listed).await;
    }
    assert_eq!(publisher.asked(), 2);
}

/// Another address, or keys that the operator gives instead, hold for the next request.
#[tokio::test]
async fn changed_keys_hold_for_the_next_request() {
    let app = app().await;
    let (old, new) = (new_key(EdDsa), new_key(EdDsa));
    let publisher = Publisher::start(keys(&[&old])).await;
    let elsewhere = Publisher::start(keys(&[&new])).await;
    let signer = publishing(&app, &publisher.url(), old).await;
    signer.token(&app).await;
    let change = async |keys: NewClientKeys| {
        let update = UpdateClient { keys: Some(keys), ..UpdateClient::default() };
        app.manager.update_client(&signer.client.id, update).await.unwrap();
    };
    change(NewClientKeys::Uri(elsewhere.url())).await;
    assert_eq!(status(&app, &signer, &new).await, 200);
    assert_eq!(status(&app, &signer, &signer.key).await, 401);
    change(NewClientKeys::Inline(jwks(&[&signer.key]).into_bytes())).await;
    assert_eq!(status(&app, &signer, &signer.key).await, 200);
    assert_eq!(status(&app, &signer, &new).await, 401);
    publisher.now_answers(keys(&[&new]));
    change(NewClientKeys::Uri(publisher.url())).await;
    assert_eq!(status(&app, &signer, &new).await, 200, "nothing of before is kept");
}

/// One look for all who ask at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_cause_one_look() {
    let app = app().await;
    let key = new_key(EdDsa);
    let publisher = Publisher::start(keys(&[&key])).await;
    let signer = publishing(&app, &publisher.url(), key).await;
    let requests: Vec<_> = (0..50).map(|_| tokio::spawn(Answer::to(signer.request(&app)))).collect();
    for request in requests {
        drop(request.await.unwrap().token());
    }
    assert_eq!(publisher.asked(), 1);
}
