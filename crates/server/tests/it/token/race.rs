//! Requests against changes at the same time: after a change returned, nothing that it forbids is issued.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::RequestBuilder;
use rstest::rstest;
use tokenry_engine::manage::NewSecret;
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, Engine, TestApp, claims_of};
use tokio::task::JoinHandle;

use super::support::{add_secret, another_job, only_grant};

/// How many ask at the same time.
const ASKERS: usize = 12;

#[derive(Clone, Copy, Debug)]
enum Ending {
    Client,
    Company,
    Grant,
    Secret,
}

/// Many ask without pause, through two servers, while a third process takes the right away.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tok_20_once_it_is_gone_nothing_is_issued(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Ending::Client, Ending::Company, Ending::Grant, Ending::Secret)] ending: Ending,
) {
    let app = TestApp::quick(engine).await;
    let (replica, operator) = (app.replica().await, app.operator().await);
    let kept = another_job(&app).await;
    let (job, secret) = add_secret(&app, &kept, NewSecret::default()).await;
    let grant = only_grant(&app, &job).await;
    app.token(&job).await;
    let (gone, issued) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let askers: Vec<_> = (0..ASKERS)
        .map(|n| {
            let address = if n % 2 == 0 { &app.issuer } else { &replica };
            ask_until_refused(request(&app, address, &job), Arc::clone(&gone), Arc::clone(&issued))
        })
        .collect();
    // However busy the machine: the race has begun when tokens are handed out.
    let begun = async {
        while issued.load(Ordering::SeqCst) <= ASKERS {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), begun).await.expect("tokens are handed out");
    match ending {
        Ending::Client => drop(operator.delete_client(&job.id).await.unwrap()),
        Ending::Company => {
            let disable = "UPDATE companies SET disabled_at = 1, version = version + 1";
            app.database.execute(&format!("{disable} WHERE id = '{}'", app.demo.acme));
        }
        Ending::Grant => drop(operator.delete_grant(&grant).await.unwrap()),
        Ending::Secret => drop(operator.revoke_client_secret(&job.id, &secret).await.unwrap()),
    }
    gone.store(true, Ordering::SeqCst);
    for asker in askers {
        asker.await.unwrap();
    }
    nothing_was_issued_after(&app, &job, issued.load(Ordering::SeqCst)).await;
}

/// Counts how many tokens were issued. Fails if one was to a request that was sent after `gone`, or if anything is
/// answered but a token or a refusal.
fn ask_until_refused(
    request: RequestBuilder,
    gone: Arc<AtomicBool>,
    issued: Arc<AtomicUsize>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut after = 0;
        while after < 3 {
            let late = gone.load(Ordering::SeqCst);
            let answer = Answer::to(request.try_clone().unwrap()).await;
            match answer.status.as_u16() {
                200 => drop(issued.fetch_add(1, Ordering::SeqCst)),
                400 | 401 => answer.must_be_token_like(),
                _ => panic!("{answer:?}"),
            }
            assert!(!(late && answer.status == 200), "issued after it was gone");
            after += usize::from(late);
        }
    })
}

fn request(app: &TestApp, address: &str, client: &DemoClient) -> RequestBuilder {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &*client.id),
        ("client_secret", &client.secret),
        ("audience", AUDIENCE),
    ];
    app.http.post(format!("{address}/oauth/token")).form(&form)
}

/// As many records as tokens; and on SQLite, where places are given in the order of commits, none after the end.
async fn nothing_was_issued_after(app: &TestApp, job: &DemoClient, issued: usize) {
    let records = app.audit().await;
    let mine = |record: &&tokenry_store::StoredRecord| {
        record.event == "token.issued" && record.actor_id.as_deref() == Some(&*job.id)
    };
    assert_eq!(records.iter().filter(mine).count(), issued + 1, "a record for each token");
    let ends = ["client.deleted", "grant.deleted", "secret.revoked"];
    let end = records.iter().rev().find(|record| ends.contains(&record.event.as_str()));
    if let (Some(end), Some(_sqlite)) = (end, app.database.folder()) {
        assert!(!records.iter().filter(mine).any(|record| record.seq > end.seq), "issued after {end:?}");
    }
}

/// DB-07: 200 at once all get a token or a clean 503, and each token has one record.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn db_07_two_hundred_at_once_are_served_or_told_to_wait(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let (job, operator) = (another_job(&app).await, app.operator().await);
    let requests: Vec<_> =
        (0..200).map(|_n| tokio::spawn(Answer::to(request(&app, &app.issuer, &job)))).collect();
    for n in 0..10 {
        operator.create_company(&format!("Company {n}"), None, None).await.unwrap();
    }
    let mut tokens = std::collections::BTreeSet::new();
    for request in requests {
        let answer = request.await.unwrap();
        if answer.status == 503 {
            answer.must_be_error(503, "temporarily_unavailable");
            assert!(!answer.header("retry-after").is_empty());
        } else {
            let jti = claims_of(&answer.token())["jti"].as_str().unwrap().to_owned();
            assert!(tokens.insert(jti), "two tokens of one jti");
        }
    }
    let records = app.audit().await;
    let issued = records
        .iter()
        .filter(|record| record.event == "token.issued" && record.actor_id.as_deref() == Some(&*job.id));
    let recorded: std::collections::BTreeSet<_> =
        issued.map(|record| record.subject_id.clone().unwrap()).collect();
    assert_eq!(recorded, tokens);
    assert!(tokens.len() >= 100, "{} of 200 were served", tokens.len());
}

/// PEER-09: who hangs up at any moment leaves nothing half done.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peer_09_who_hangs_up_leaves_nothing_half_done(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    for round in 0..60 {
        let job = if round % 6 == 0 { another_job(&app).await } else { app.demo.cron.clone() };
        let sending = tokio::spawn(Answer::to(request(&app, &app.issuer, &job)));
        tokio::time::sleep(Duration::from_micros(200 * (round % 20))).await;
        sending.abort();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    for client in [&app.demo.cron, &app.demo.globex_client] {
        app.token(client).await;
    }
    app.manager.create_company("Still writing", None, None).await.unwrap();
    assert!(app.audit().await.iter().all(tokenry_store::StoredRecord::is_intact));
}
