//! Guessing through the front door: who is turned away, who is not, and until when (R104, INT-07, HTTP-18).

mod names;
mod quotas;
mod replicas;
mod tokens;

use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::GuessLimits;
use tokenry_engine::manage::NewSecret;
use tokenry_jose::Algorithm;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, Options, TestApp};

use crate::token::support::{basic, strange_secret, with_secret};

/// How often a name may fail in these tests.
const LIMIT: u32 = 5;
const LIMITS: GuessLimits =
    GuessLimits { failures_per_client: LIMIT, names_per_address: 4, refused_per_address: 10 };

async fn start(database: Engine, guesses: GuessLimits) -> TestApp {
    let signing_alg = Algorithm::EdDsa;
    TestApp::with(Options { database, guesses, signing_alg, ..Options::default() }).await
}

/// A client of HTTP with another address of this host, as Linux gives them all to loopback.
fn from(address: [u8; 4]) -> Client {
    Client::builder().local_address(IpAddr::from(address)).build().unwrap()
}

fn elsewhere() -> Client {
    from([127, 0, 0, 2])
}

/// A token request at `issuer` from where `http` is.
fn request(http: &Client, issuer: &str, client: &DemoClient) -> RequestBuilder {
    let form = [
        ("grant_type", "client_credentials"),
        ("audience", AUDIENCE),
        ("client_id", &client.id),
        ("client_secret", &client.secret),
    ];
    http.post(format!("{issuer}/oauth/token")).form(&form)
}

async fn ask(app: &TestApp, http: &Client, client: &DemoClient) -> Answer {
    Answer::to(request(http, &app.issuer, client)).await
}

fn guess(client: &DemoClient) -> DemoClient {
    with_secret(client, &strange_secret())
}

fn nobody(id: &str) -> DemoClient {
    DemoClient { id: id.to_owned(), secret: strange_secret() }
}

/// Fails as often as one may.
async fn use_up(app: &TestApp, client: &DemoClient) {
    for _ in 0..LIMIT {
        ask(app, &app.http, &guess(client)).await.must_be_error(401, "invalid_client");
    }
}

#[track_caller]
fn is_limited(answer: &Answer) {
    answer.must_be_error(429, "temporarily_unavailable");
    let wait = answer.header("retry-after").parse::<u32>();
    assert!(wait.is_ok_and(|wait| (1..=60).contains(&wait)), "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), "", "{answer:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_after_twenty_failures_a_client_is_429_from_there_only(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = start(engine, GuessLimits::default()).await;
    let (cron, other) = (&app.demo.cron, &app.demo.globex_client);
    for _ in 0..20 {
        ask(&app, &app.http, &guess(cron)).await.must_be_error(401, "invalid_client");
    }
    let wrong = ask(&app, &app.http, &guess(cron)).await;
    let right = ask(&app, &app.http, cron).await;
    is_limited(&wrong);
    assert_eq!((wrong.status, &wrong.body), (right.status, &right.body), "a guesser learns nothing");
    assert_eq!(wrong.header("retry-after"), right.header("retry-after"));
    assert_eq!(ask(&app, &app.http, other).await.status, 200, "another client");
    assert_eq!(ask(&app, &elsewhere(), cron).await.status, 200, "another address");
    app.clock.advance(Duration::from_millis(59_999));
    is_limited(&ask(&app, &app.http, cron).await);
    app.clock.advance(Duration::from_millis(1));
    assert_eq!(ask(&app, &app.http, cron).await.status, 200);
}

#[tokio::test]
async fn r104_whatever_way_a_client_fails_counts_alike() {
    let app = start(Sqlite, GuessLimits::default()).await;
    let cron = &app.demo.cron;
    let checksum = format!("{}0", &cron.secret[..cron.secret.len() - 1]);
    let checksum =
        if checksum == cron.secret { format!("{}1", &checksum[..checksum.len() - 1]) } else { checksum };
    let ways = [checksum, app.demo.api.secret.clone(), "short".to_owned(), "x".repeat(40), strange_secret()];
    for n in 0..20 {
        let wrong = with_secret(cron, &ways[n % ways.len()]);
        let form = request(&app.http, &app.issuer, &wrong);
        let header = app
            .token_request()
            .header("authorization", basic(&wrong.id, &wrong.secret))
            .form(&[("grant_type", "client_credentials")]);
        let answer = Answer::to(if n % 2 == 0 { form } else { header }).await;
        answer.must_be_error(401, "invalid_client");
    }
    is_limited(&ask(&app, &app.http, cron).await);
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        let door = app.http.post(app.url(path)).header("authorization", basic(&cron.id, &cron.secret));
        is_limited(&Answer::to(door.form(&[("token", "x")])).await);
    }
}

/// Byte for byte, from the first failure to the end of the limit.
#[tokio::test]
async fn tok_03_r104_limits_do_not_tell_known_clients_from_unknown_ones() {
    let app = start(Sqlite, LIMITS).await;
    let seen = async |client: DemoClient| {
        let mut seen = Vec::new();
        for _ in 0..LIMIT + 3 {
            let answer = ask(&app, &app.http, &client).await;
            let fields = ["www-authenticate", "retry-after", "content-length", "cache-control"];
            let fields = fields.map(|name| answer.header(name).to_owned());
            seen.push((answer.status, fields, answer.body));
        }
        seen
    };
    let known = seen(guess(&app.demo.cron)).await;
    assert_eq!(known, seen(nobody("nobody")).await);
    assert_eq!(known.iter().filter(|(status, ..)| *status == 429).count(), 3);
    let ends = known.last().unwrap();
    app.manager.disable_client(&app.demo.globex_client.id).await.unwrap();
    let disabled = seen(app.demo.globex_client.clone()).await;
    assert_eq!(disabled.last().unwrap(), ends, "nor does the right secret of a disabled one");
}

/// All at once: only so many are told that they are wrong, and the right secret among them may be told nothing.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_guesses_at_once_learn_no_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, LIMITS).await;
    let (stored, short) = (app.demo.cron.clone(), Secret::new("hunter22".to_owned()));
    let import = NewSecret { imported: Some(short), ..NewSecret::default() };
    app.manager.add_client_secret(&stored.id, import).await.unwrap();
    let guesses: Vec<_> = (0..60)
        .map(|n| {
            let wrong = if n % 2 == 0 { strange_secret() } else { format!("hunter{n}x") };
            let request = request(&app.http, &app.issuer, &with_secret(&stored, &wrong));
            tokio::spawn(async move { Answer::to(request).await.status.as_u16() })
        })
        .collect();
    let mut told = 0;
    for guess in guesses {
        match guess.await.unwrap() {
            401 => told += 1,
            status => assert!([429, 503].contains(&status), "{status}"),
        }
    }
    assert_eq!(told, LIMIT);
    is_limited(&ask(&app, &app.http, &stored).await);
}

#[tokio::test]
async fn r104_a_clock_that_is_set_frees_nobody_and_blocks_nobody_for_long() {
    let app = start(Sqlite, LIMITS).await;
    let cron = &app.demo.cron;
    use_up(&app, cron).await;
    let then = app.clock.now();
    app.clock.set(then.minus(Duration::from_secs(36_000)));
    is_limited(&ask(&app, &app.http, cron).await);
    app.clock.advance(Duration::from_secs(59));
    is_limited(&ask(&app, &app.http, cron).await);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(ask(&app, &app.http, cron).await.status, 200);
}

#[tokio::test]
async fn r104_an_api_is_limited_at_its_own_doors() {
    let app = start(Sqlite, LIMITS).await;
    let api = &app.demo.api;
    let wrong = with_secret(
        api,
        &crate::token::support::strange(tokenry_protocol::secret::SecretKind::ResourceServerSecret),
    );
    let snapshot =
        |api: &DemoClient| app.http.get(app.url("/guard/v1/snapshot")).basic_auth(&api.id, Some(&api.secret));
    let introspect = |api: &DemoClient| {
        let request = app.http.post(app.url("/oauth/introspect")).basic_auth(&api.id, Some(&api.secret));
        request.form(&[("token", "x")])
    };
    for n in 0..LIMIT {
        let request = if n % 2 == 0 { snapshot(&wrong) } else { introspect(&wrong) };
        assert_eq!(Answer::to(request).await.status, 401);
    }
    is_limited(&Answer::to(introspect(api)).await);
    let answer = Answer::to(snapshot(api)).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (429, "application/problem+json"));
    assert_ne!(answer.header("retry-after"), "");
    assert_eq!(ask(&app, &app.http, &app.demo.cron).await.status, 200);
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(Answer::to(snapshot(api)).await.status, 200);
}

/// Who is turned away is counted together, and costs no record of its own.
#[tokio::test]
async fn r104_refusals_by_a_limit_are_counted_not_recorded() {
    let app = start(Sqlite, LIMITS).await;
    use_up(&app, &app.demo.cron).await;
    for _ in 0..300 {
        is_limited(&ask(&app, &app.http, &app.demo.cron).await);
    }
    let limited = app.counted(300, |it| it.outcome == "rate_limited").await;
    assert!(limited.iter().all(|record| record.actor_kind == "anonymous" && record.subject_id.is_none()));
    assert!(limited.len() < 100, "{} records", limited.len());
}

#[tokio::test]
async fn r104_zero_switches_limits_off() {
    let app = start(Sqlite, GuessLimits::NONE).await;
    for n in 0..60 {
        ask(&app, &app.http, &guess(&app.demo.cron)).await.must_be_error(401, "invalid_client");
        ask(&app, &app.http, &nobody(&format!("n{n}"))).await.must_be_error(401, "invalid_client");
    }
    assert_eq!(ask(&app, &app.http, &app.demo.cron).await.status, 200);
}
