//! Two servers of one issuer: what fails at one counts at the other within about a second, and after a restart.

use tokenry_testkit::until;

use super::*;

/// Waits until a client is turned away at a server.
async fn becomes_limited(app: &TestApp, server: &str, client: &DemoClient) {
    let is_limited = async || Answer::to(request(&app.http, server, client)).await.status == 429;
    until("the other replica learns", is_limited).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_db_09_replicas_learn_of_each_others_failures(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, LIMITS).await;
    let replica = app.replica().await;
    let (cron, other) = (&app.demo.cron, &app.demo.globex_client);
    use_up(&app, cron).await;
    becomes_limited(&app, &replica, cron).await;
    assert_eq!(Answer::to(request(&app.http, &replica, other)).await.status, 200, "another client");
    assert_eq!(Answer::to(request(&elsewhere(), &replica, cron)).await.status, 200, "another address");
    let late = app.replica().await;
    becomes_limited(&app, &late, cron).await;
    let rows = app.store.auth_failures_since(tokenry_clock::Timestamp::EPOCH, 10).await.unwrap();
    assert_eq!(rows.len(), 1, "one row a pair: {rows:?}");
    assert_eq!(rows[0].failures, i64::from(LIMIT));
    app.clock.advance(Duration::from_secs(60));
    for server in [&app.issuer, &replica, &late] {
        assert_eq!(Answer::to(request(&app.http, server, cron)).await.status, 200);
    }
}

/// A few failures at each, none of which is too many: together they are.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_db_09_failures_at_several_replicas_add_up(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, LIMITS).await;
    let replica = app.replica().await;
    let cron = &app.demo.cron;
    for server in [&app.issuer, &replica] {
        for _ in 0..LIMIT - 2 {
            let answer = Answer::to(request(&app.http, server, &guess(cron))).await;
            answer.must_be_error(401, "invalid_client");
        }
    }
    becomes_limited(&app, &app.issuer, cron).await;
    becomes_limited(&app, &replica, cron).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn counts_are_swept(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine, LIMITS).await;
    use_up(&app, &app.demo.cron).await;
    let rows =
        async || app.store.auth_failures_since(tokenry_clock::Timestamp::EPOCH, 10).await.unwrap().len();
    until("failures are written", async || rows().await > 0).await;
    app.engine.sweep().await.unwrap();
    assert_eq!(rows().await, 1, "it still counts");
    app.clock.advance(Duration::from_secs(601));
    app.engine.sweep().await.unwrap();
    assert_eq!(rows().await, 0);
}
