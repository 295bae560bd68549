//! `POST /leaks/github`: only what GitHub signed is heard, and it is told what each credential was.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_engine::{GithubCall, GithubError};
use tokenry_jose::{Algorithm, sha256};
use tokenry_testkit::Engine::{Postgres, Sqlite};
use tokenry_testkit::{Engine, Options, TestApp, new_pat};
use tokio::net::TcpListener;

use super::{JSON, detail, leaks};
use crate::app::{Answer, Server};
use crate::introspect::{introspect, is_active, is_inactive};

const LINE: &str = "POST /leaks/github";

/// Where keys are published, and how often they were asked for.
struct Publisher {
    url: String,
    document: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    async fn start(document: Value) -> Self {
        let (document, asked) = (Arc::new(Mutex::new(document)), Arc::new(AtomicUsize::new(0)));
        let (shown, counted) = (Arc::clone(&document), Arc::clone(&asked));
        let answer = async move || {
            counted.fetch_add(1, Ordering::SeqCst);
            shown.lock().to_string()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let router = Router::new().route("/keys", get(answer));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, document, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn published(keys: &[(&str, &KeyPair)]) -> Value {
    let key = |(name, key): &(&str, &KeyPair)| json!({"key_identifier": name, "key": key.public_key_pem(), "is_current": true});
    json!({ "public_keys": keys.iter().map(key).collect::<Vec<_>>() })
}

/// GitHub, and a server that hears it.
struct World {
    server: Server,
    publisher: Publisher,
    key: KeyPair,
}

async fn world(database: Engine) -> World {
    let key = KeyPair::generate().unwrap();
    let publisher = Publisher::start(published(&[("one", &key)])).await;
    let options = Options {
        database,
        signing_alg: Algorithm::EdDsa,
        allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
        github_keys: Some(publisher.url.clone()),
        ..Options::default()
    };
    World { server: Server::of(TestApp::with(options).await), publisher, key }
}

fn signature(key: &KeyPair, body: &str) -> String {
    STANDARD.encode(key.sign(body.as_bytes()).unwrap())
}

fn found(tokens: &[&str]) -> String {
    let url = "https://github.com/octocat/Hello-World/blob/main/a.txt";
    let one = |token: &&str| json!({"token": token, "type": "tokenry", "url": url, "source": "content"});
    json!(tokens.iter().map(one).collect::<Vec<_>>()).to_string()
}

impl World {
    async fn call(&self, key_id: &str, signature: &str, body: &str) -> Answer {
        let fields =
            [JSON, ("Github-Public-Key-Identifier", key_id), ("Github-Public-Key-Signature", signature)];
        self.server.ask(LINE, &fields, body).await
    }

    async fn signed(&self, body: &str) -> Answer {
        self.call("one", &signature(&self.key, body), body).await
    }
}

#[track_caller]
fn is_unsigned(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (403, Some("signature_invalid")),
        "{answer:?}"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_github_found_is_dead_before_it_is_answered(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let server = &world.server;
    let ann = server.member("ann").await;
    let pat = server.pat(&ann, new_pat("CI")).await.token;
    let jwt = server.token(&server.demo.cron).await;
    let made_up = tokenry_leakscan::sample();
    let tokens = [pat.expose(), "hello", &jwt, &made_up];
    let answer = world.signed(&found(&tokens)).await;
    assert_eq!((answer.status, answer.field("content-type")), (200, "application/json"), "{answer:?}");
    let expected: Vec<_> = tokens
        .iter()
        .zip(["true_positive", "false_positive", "true_positive", "false_positive"])
        .map(|(token, label)| {
            json!({"token_hash": hex::encode(sha256(token.as_bytes())), "token_type": "tokenry", "label": label})
        })
        .collect();
    assert_eq!(answer.json(), json!(expected));
    is_inactive(&introspect(server, &server.demo.api, pat.expose()).await);
    is_inactive(&introspect(server, &server.demo.api, &jwt).await);
    let records = leaks(server).await;
    assert!(records.len() == 2 && records.iter().all(|it| detail(it)["source"] == "github"), "{records:?}");
    // What is dead was one still, and ends nothing more.
    let again = world.signed(&found(&[pat.expose()])).await;
    assert_eq!(again.json()[0]["label"], "true_positive");
    assert_eq!((leaks(server).await.len(), world.publisher.asked()), (2, 1), "the keys are asked for once");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_call_is_heard() {
    let world = world(Sqlite).await;
    let server = &world.server;
    let ann = server.member("ann").await;
    let pat = server.pat(&ann, new_pat("CI")).await.token;
    let body = found(&[pat.expose()]);
    let right = signature(&world.key, &body);
    let stranger = signature(&KeyPair::generate().unwrap(), &body);
    let raw = STANDARD.encode(world.key.der_bytes());
    for (key_id, signature, body) in [
        ("one", "", body.clone()),
        ("one", "no base64", body.clone()),
        ("one", &stranger, body.clone()),
        ("one", &raw, body.clone()),
        ("one", &right, format!("{body} ")),
        ("one", &right, found(&["other"])),
        ("two", &right, body.clone()),
        ("", &right, body.clone()),
    ] {
        is_unsigned(&world.call(key_id, signature, &body).await);
    }
    is_unsigned(&server.ask(LINE, &[JSON], &*body).await);
    let field = ("Github-Public-Key-Signature", right.as_str());
    let twice = [JSON, ("Github-Public-Key-Identifier", "one"), field, field];
    is_unsigned(&server.ask(LINE, &twice, &*body).await);
    assert!(leaks(server).await.is_empty());
    is_active(&introspect(server, &server.demo.api, pat.expose()).await);
    assert_eq!(world.signed(&body).await.status, 200);
    is_inactive(&introspect(server, &server.demo.api, pat.expose()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_call_that_says_nothing_is_a_problem() {
    let world = world(Sqlite).await;
    for body in ["", "{}", "null", "[1]", r#"[{"type":"x"}]"#, r#"[{"token":1}]"#] {
        let answer = world.signed(body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (400, Some("invalid_request")),
            "{body}: {answer:?}"
        );
    }
    let many = found(&["a"; 1_001]);
    assert_eq!(world.signed(&many).await.status, 413);
    let plain = [("Content-Type", "text/plain"), ("Github-Public-Key-Identifier", "one")];
    assert_eq!(world.server.ask(LINE, &plain, "[]").await.status, 400);
    assert_eq!(world.signed("[]").await.body, "[]");
}

/// Keys are changed within a minute, whatever strangers name; without them for a day nothing is believed.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_anew_but_seldom() {
    let world = world(Sqlite).await;
    let clock = &world.server.clock;
    assert_eq!(world.signed("[]").await.status, 200);
    for key_id in ["two", "three", "four"] {
        is_unsigned(&world.call(key_id, "AA==", "[]").await);
    }
    assert_eq!(world.publisher.asked(), 1);
    let next = KeyPair::generate().unwrap();
    *world.publisher.document.lock() = published(&[("one", &world.key), ("two", &next)]);
    let signed = signature(&next, "[]");
    is_unsigned(&world.call("two", &signed, "[]").await);
    clock.advance(Duration::from_secs(60));
    assert_eq!(world.call("two", &signed, "[]").await.status, 200);
    assert_eq!((world.signed("[]").await.status, world.publisher.asked()), (200, 2));

    // One that was taken back is not believed once they were looked at again.
    *world.publisher.document.lock() = published(&[("two", &next)]);
    clock.advance(Duration::from_secs(3_600));
    is_unsigned(&world.signed("[]").await);
    assert_eq!(world.call("two", &signed, "[]").await.status, 200);

    *world.publisher.document.lock() = json!("broken");
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(world.call("two", &signed, "[]").await.status, 200, "the last good ones, for a day");
    clock.advance(Duration::from_secs(86_400));
    let answer = world.call("two", &signed, "[]").await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (503, Some("temporarily_unavailable")),
        "{answer:?}"
    );
    assert!(leaks(&world.server).await.is_empty());
}

/// The addresses inside our own network are for nobody's keys.
#[tokio::test(flavor = "multi_thread")]
async fn keys_come_from_nowhere_inside_our_network() {
    let publisher = Publisher::start(json!({})).await;
    let github_keys = Some(publisher.url.clone());
    let options = Options { signing_alg: Algorithm::EdDsa, github_keys, ..Options::default() };
    let server = Server::of(TestApp::with(options).await);
    let answer = server.ask(LINE, &[JSON], "[]").await;
    assert_eq!((answer.status, publisher.asked()), (503, 0), "{answer:?}");
}

/// Each refusal says what it is, and none quotes what was sent.
#[tokio::test(flavor = "multi_thread")]
async fn why_a_call_is_not_heard_is_said_without_what_it_brought() {
    let (world, deaf) = (world(Sqlite).await, Server::start().await);
    let leaked = tokenry_leakscan::sample();
    let body = json!([leaked]).to_string();
    let signature = signature(&world.key, &body);
    let call = GithubCall { key_id: "one", signature: &signature, body: body.as_bytes() };
    let refused = world.server.engine.github_leaks(call, &world.server.context()).await.unwrap_err();
    assert!(matches!(refused, GithubError::Malformed { line: 1, .. }), "{refused:?}");
    let said = format!("{refused:?} {refused}");
    assert!(!said.contains(&leaked), "{said}");
    let refused = deaf.engine.github_leaks(call, &deaf.context()).await.unwrap_err();
    assert!(matches!(refused, GithubError::NotHeard), "{refused:?}");
}
