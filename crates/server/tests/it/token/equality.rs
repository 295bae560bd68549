//! What a stranger can tell from an answer: nothing (TOK-02, TOK-03, PEER-20).

use reqwest::header::{DATE, HeaderMap};
use rstest::rstest;
use tokenry_engine::manage::NewSecret;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::{Answer, DemoClient, Engine, Log, TestApp};

use super::support::{add_secret, basic, strange_secret};

/// What an answer shows, and what it cost.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    work: Vec<String>,
}

/// Same status, same header fields but for the request's id, same body; same statements and slow hashes in the same
/// order. Time itself is not asserted: it would fail on a busy machine and pass on a quiet one.
#[rstest]
#[tokio::test]
async fn tok_03_a_wrong_secret_and_an_unknown_client_look_and_cost_alike(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Form::Header, Form::Body)] form: Form,
    #[values("random", "short", "broken")] guess: &str,
) {
    let app = TestApp::quick(engine).await;
    let short = NewSecret { imported: Some(Secret::new("correct horse".to_owned())), ..NewSecret::default() };
    add_secret(&app, &app.demo.globex_client, short).await;
    let guess = match guess {
        "random" => strange_secret(),
        "short" => "wrong horse".to_owned(),
        _ => "tokenry_cs_broken".to_owned(),
    };
    let (log, _guard) = Log::start();
    let unknown = seen(&app, form, "an-unknown-client", &guess, &log).await;
    assert_eq!(unknown.status, 401, "{unknown:?}");
    assert!(!unknown.work.is_empty(), "the work was not seen");
    // One client whose secrets are digests, one that also has a slow hash.
    for known in [&app.demo.cron, &app.demo.globex_client] {
        assert_eq!(seen(&app, form, &known.id, &guess, &log).await, unknown);
    }
    let hashes = unknown.work.iter().filter(|work| *work == "slow hash").count();
    assert_eq!(hashes, usize::from(guess == "wrong horse"), "{unknown:?}");
}

/// Two slow hashes would tell that there is such a client, so a second short secret is refused; and one that has ended
/// is not compared with.
#[tokio::test]
async fn tok_03_peer_20_a_client_with_short_secrets_costs_no_more_than_an_unknown_one() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let id = app.demo.cron.id.as_str();
    let short =
        |text: &str| NewSecret { imported: Some(Secret::new(text.to_owned())), ..NewSecret::default() };
    let (first, _shown) = app.manager.add_client_secret(id, short("correct horse")).await.unwrap();
    app.manager.add_client_secret(id, short("battery staple")).await.unwrap_err();
    app.manager.revoke_client_secret(id, first.id.as_str()).await.unwrap();
    app.manager.add_client_secret(id, short("battery staple")).await.unwrap();
    let (log, _guard) = Log::start();
    let unknown = seen(&app, Form::Body, "an-unknown-client", "wrong horse", &log).await;
    assert_eq!(seen(&app, Form::Body, &app.demo.cron.id, "wrong horse", &log).await, unknown);
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Body,
    Header,
}

async fn seen(app: &TestApp, form: Form, id: &str, secret: &str, log: &Log) -> Seen {
    let request = match form {
        Form::Body => app.request(&DemoClient { id: id.to_owned(), secret: secret.to_owned() }, &[]),
        Form::Header => app
            .token_request()
            .header("authorization", basic(id, secret))
            .form(&[("grant_type", "client_credentials")]),
    };
    let _before = log.take_work();
    let answer = Answer::to(request).await;
    let work = log.take_work_of_requests();
    Seen { status: answer.status.as_u16(), headers: fields(&answer.headers), body: answer.body, work }
}

/// The header fields, but for the time and the id that every request has for itself.
fn fields(headers: &HeaderMap) -> Vec<(String, String)> {
    let own = [DATE.as_str(), "x-request-id"];
    let kept = headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    kept.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}
