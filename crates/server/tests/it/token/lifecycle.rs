//! What ends holds for the next request, to the millisecond, whoever ended it (TOK-20, R18, SEC-07's like).

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::manage::NewSecret;
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, Engine, Refusal, Refusals, TestApp};

use super::support::{add_secret, another_job, only_grant};

const HOUR: Duration = Duration::from_secs(3_600);
const MILLISECOND: Duration = Duration::from_millis(1);

#[rstest]
#[tokio::test]
async fn tok_20_a_secret_ends_at_the_millisecond_that_it_expires(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let expiring = NewSecret { expires_in: Some(HOUR), ..NewSecret::default() };
    let (job, _) = add_secret(&app, &app.demo.cron, expiring).await;
    app.clock.advance(HOUR - MILLISECOND);
    app.token(&job).await;
    app.clock.advance(MILLISECOND);
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&job);
    let refusal = || Refusal::of_claimed(&job, 401, "invalid_client", "secret_ended");
    refusals.expect(app.request(&job, &[]), refusal()).await;
    app.clock.advance(HOUR * 24 * 365 * 100);
    refusals.expect(app.request(&job, &[]), refusal()).await;
    refusals.end().await;
    app.token(&app.demo.cron).await;
}

#[rstest]
#[tokio::test]
async fn r18_during_the_overlap_both_secrets_work_and_then_the_new_one(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let old = another_job(&app).await;
    let rotated = NewSecret { overlap: Some(HOUR), ..NewSecret::default() };
    let (new, _) = add_secret(&app, &old, rotated).await;
    app.clock.advance(HOUR - MILLISECOND);
    app.token(&old).await;
    app.token(&new).await;
    app.clock.advance(MILLISECOND);
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&old);
    let refusal = Refusal::of_claimed(&old, 401, "invalid_client", "secret_ended");
    refusals.expect(app.request(&old, &[]), refusal).await;
    refusals.end().await;
    app.token(&new).await;
}

#[rstest]
#[tokio::test]
async fn tok_20_a_revoked_secret_is_refused_at_once_and_the_others_are_not(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let kept = another_job(&app).await;
    let (revoked, id) = add_secret(&app, &kept, NewSecret::default()).await;
    app.token(&revoked).await;
    app.manager.revoke_client_secret(&kept.id, &id).await.unwrap();
    app.clock.set(app.clock.now().plus(MILLISECOND));
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&revoked);
    let refusal = Refusal::of_claimed(&revoked, 401, "invalid_client", "secret_ended");
    refusals.expect(app.request(&revoked, &[]), refusal).await;
    refusals.end().await;
    app.token(&kept).await;
}

/// DB-10: a clock that is set back revives nothing that was revoked.
#[tokio::test]
async fn db_10_a_revoked_secret_stays_revoked_when_the_clock_goes_back() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let job = another_job(&app).await;
    let (revoked, id) = add_secret(&app, &job, NewSecret::default()).await;
    app.manager.revoke_client_secret(&job.id, &id).await.unwrap();
    let now = app.clock.now();
    for seconds in [now.as_secs() - 3_600, 0, now.as_secs() + 3_600] {
        app.clock.set(tokenry_clock::Timestamp::from_secs(seconds));
        app.ask(&revoked, &[]).await.must_be_error(401, "invalid_client");
    }
}

/// The operator's command line works on the same database while servers run on it: what it did holds at once.
#[rstest]
#[tokio::test]
async fn what_another_process_did_holds_for_the_next_request(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let operator = app.operator().await;
    let replica = app.replica().await;
    let everywhere = async |client: &DemoClient, status: u16| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &*client.id),
            ("client_secret", &client.secret),
            ("audience", AUDIENCE),
        ];
        for address in [&app.issuer, &replica] {
            let request = app.http.post(format!("{address}/oauth/token")).form(&form);
            let answer = Answer::to(request).await;
            assert_eq!(answer.status, status, "at {address}: {answer:?}");
        }
    };
    let job = another_job(&app).await;
    everywhere(&job, 200).await;

    let (stored, secret) = operator.add_client_secret(&job.id, NewSecret::default()).await.unwrap();
    let second = DemoClient { id: job.id.clone(), secret: secret.expose().to_owned() };
    everywhere(&second, 200).await;
    operator.revoke_client_secret(&job.id, stored.id.as_str()).await.unwrap();
    everywhere(&second, 401).await;
    everywhere(&job, 200).await;

    operator.delete_grant(&only_grant(&app, &job).await).await.unwrap();
    everywhere(&job, 400).await;
    operator.create_grant(&job.id, AUDIENCE, &["read:timesheets".to_owned()]).await.unwrap();
    let answer = app.ask(&job, &[]).await;
    assert_eq!(answer.json()["scope"], "read:timesheets", "{answer:?}");
    everywhere(&job, 200).await;

    operator.delete_client(&job.id).await.unwrap();
    everywhere(&job, 401).await;
}

#[rstest]
#[tokio::test]
async fn tok_20_a_deleted_client_is_an_unknown_one(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let job = another_job(&app).await;
    app.token(&job).await;
    let grant = only_grant(&app, &job).await;
    app.manager.delete_client(&job.id).await.unwrap();
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&job);
    let refusal = Refusal::of_stranger(401, "invalid_client", "unknown_client");
    let deleted = refusals.expect(app.request(&job, &[]), refusal.clone()).await;
    let never = DemoClient { id: "nobody".to_owned(), secret: job.secret.clone() };
    let never = refusals.expect(app.request(&never, &[]), refusal).await;
    assert_eq!(deleted.body, never.body);
    refusals.end().await;
    let contents = app.database.contents();
    for table in ["clients", "client_secrets", "client_grants", "token_handles"] {
        assert!(!contents[table].contains(&job.id) && !contents[table].contains(&grant), "{table}");
    }
}
