//! Mint quotas through the front door: what they let through, what they say, and what a client in a loop costs.

use tokenry_engine::manage::UpdateClient;
use tokenry_model::{ErrorStyle, MintQuota};

use super::*;
use crate::token::support::{break_audit, mend_audit};

const QUOTA: MintQuota = MintQuota { per_hour: Some(10), per_day: Some(25) };
/// The tests' clocks begin on the hour, at eight in the morning.
const HOUR: Duration = Duration::from_secs(3_600);

async fn limited(database: Engine) -> TestApp {
    let signing_alg = Algorithm::EdDsa;
    TestApp::with(Options { database, signing_alg, quota: QUOTA, ..Options::default() }).await
}

/// How many tokens in a row a client gets at these servers, in turns, and the answer that ends it.
async fn mint(app: &TestApp, servers: &[&str], client: &DemoClient) -> (u32, Answer) {
    let mut minted = 0;
    for server in servers.iter().cycle() {
        let answer = Answer::to(request(&app.http, server, client)).await;
        if answer.status != 200 {
            return (minted, answer);
        }
        minted += 1;
        assert!(minted < 1_000, "there is no end to it");
    }
    panic!("no server");
}

#[track_caller]
fn is_used_up(answer: &Answer, wait: u64) {
    answer.must_be_error(429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), wait.to_string(), "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), "", "{answer:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_a_client_gets_what_its_quota_says_and_is_told_when_to_come_back(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = limited(engine).await;
    let (cron, other) = (&app.demo.cron, &app.demo.globex_client);
    let (minted, end) = mint(&app, &[&app.issuer], cron).await;
    assert_eq!(minted, 10);
    is_used_up(&end, 3_600);
    for quiet in ["x-ratelimit-limit", "x-ratelimit-reset", "auth0-client-quota-limit", "ratelimit"] {
        assert_eq!(end.header(quiet), "", "Retry-After is all that is standard");
    }
    assert_eq!(ask(&app, &app.http, other).await.status, 200, "another client has a quota of its own");
    ask(&app, &app.http, &guess(cron)).await.must_be_error(401, "invalid_client");
    app.clock.advance(HOUR);
    assert_eq!(mint(&app, &[&app.issuer], cron).await.0, 10);
    app.clock.advance(HOUR);
    let (minted, end) = mint(&app, &[&app.issuer], cron).await;
    assert_eq!(minted, 5, "the day has no more");
    is_used_up(&end, 14 * 3_600);
    app.clock.advance(HOUR * 14);
    assert_eq!(mint(&app, &[&app.issuer], cron).await.0, 10);
}

/// Only what is issued is counted: a wrong secret and a refused scope cost nothing.
#[tokio::test]
async fn r104_what_is_refused_uses_nothing_up() {
    let app = limited(Sqlite).await;
    for _ in 0..30 {
        ask(&app, &app.http, &guess(&app.demo.cron)).await.must_be_error(401, "invalid_client");
        let refused = app.ask(&app.demo.cron, &[("audience", AUDIENCE), ("scope", "undefined")]).await;
        refused.must_be_error(400, "invalid_scope");
    }
    assert_eq!(mint(&app, &[&app.issuer], &app.demo.cron).await.0, 10);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_db_09_replicas_share_a_quota(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = limited(engine).await;
    let replica = app.replica().await;
    let servers = [app.issuer.clone(), replica];
    let all = servers.each_ref().map(|server| server.as_str());
    let at_once: Vec<_> = (0..40)
        .map(|n| {
            let request = request(&app.http, all[n % 2], &app.demo.cron);
            tokio::spawn(async move { Answer::to(request).await.status.as_u16() })
        })
        .collect();
    let mut minted = 0;
    for one in at_once {
        match one.await.unwrap() {
            200 => minted += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(minted, 10, "blocks of one are lost to nobody");
    let issued = app.audit().await.into_iter().filter(|record| record.event == "token.issued").count();
    assert_eq!(issued, 10);
}

#[tokio::test]
async fn r104_a_client_may_have_a_quota_of_its_own_and_changes_hold_at_once() {
    let app = limited(Sqlite).await;
    let cron = &app.demo.cron;
    let update = async |per_hour| {
        let change = UpdateClient { tokens_per_hour: Some(per_hour), ..UpdateClient::default() };
        app.manager.update_client(&cron.id, change).await.unwrap();
    };
    update(Some(3)).await;
    assert_eq!(mint(&app, &[&app.issuer], cron).await.0, 3);
    update(Some(5)).await;
    assert_eq!(mint(&app, &[&app.issuer], cron).await.0, 2);
    update(None).await;
    assert_eq!(mint(&app, &[&app.issuer], cron).await.0, 5, "as configured");
    update(Some(0)).await;
    let (minted, end) = mint(&app, &[&app.issuer], cron).await;
    assert_eq!(minted, 15, "any number in an hour, and the day still has an end");
    is_used_up(&end, 16 * 3_600);
}

#[tokio::test]
async fn r104_who_asks_in_vain_is_recorded_as_itself_and_counted() {
    let app = limited(Sqlite).await;
    let cron = &app.demo.cron;
    mint(&app, &[&app.issuer], cron).await;
    for _ in 0..299 {
        is_used_up(&ask(&app, &app.http, cron).await, 3_600);
    }
    let refused = app.counted(300, |it| it.outcome == "quota_exceeded").await;
    let own = |it: &tokenry_store::StoredRecord| it.actor_id.as_deref() == Some(&*cron.id);
    assert!(refused.iter().all(|it| it.actor_kind == "client" && own(it)), "{refused:?}");
    assert!(refused.len() < 100, "{} records", refused.len());
}

#[rstest]
#[tokio::test]
async fn auth0s_clients_are_told_of_their_quota_in_auth0s_fields(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = limited(engine).await;
    let client = app.demo.cron.clone();
    let (style, id) = (ErrorStyle::Auth0, &client.id);
    app.database.execute(&format!("UPDATE clients SET error_style = '{style}' WHERE id = '{id}'"));
    app.clock.advance(Duration::from_secs(60));
    for left in (0..10).rev() {
        let answer = ask(&app, &app.http, &client).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let told = format!("b=per_hour;q=10;r={left};t=3540,b=per_day;q=25;r={};t=57540", left + 15);
        assert_eq!(answer.header("auth0-client-quota-limit"), told);
        assert_eq!(answer.header("x-ratelimit-limit"), "");
    }
    let end = ask(&app, &app.http, &client).await;
    assert_eq!((end.status.as_u16(), end.header("retry-after")), (429, "3540"), "{end:?}");
    let told =
        ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"].map(|name| end.header(name));
    let reset = (app.clock.now().as_secs() + 3_540).to_string();
    assert_eq!(told, ["10", "0", &reset]);
    let quota = end.header("auth0-client-quota-limit");
    assert!(quota.starts_with("b=per_hour;q=10;r=0;t=3540,b=per_day;q=25;r=15;t="), "{quota}");
    let unlimited = UpdateClient {
        tokens_per_hour: Some(Some(0)),
        tokens_per_day: Some(Some(0)),
        ..UpdateClient::default()
    };
    app.manager.update_client(&client.id, unlimited).await.unwrap();
    assert_eq!(ask(&app, &app.http, &client).await.header("auth0-client-quota-limit"), "");
}

/// A token that could not be recorded was not issued, and costs nothing of the quota.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r104_leak_06_tokens_that_cannot_be_recorded_use_nothing_up(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = limited(engine).await;
    let cron = &app.demo.cron;
    assert_eq!(ask(&app, &app.http, cron).await.status, 200);
    break_audit(&app.database, engine);
    for _retry in 0..12 {
        let answer = ask(&app, &app.http, cron).await;
        assert!(answer.status.is_server_error(), "{answer:?}");
    }
    mend_audit(&app.database, engine);
    let (minted, end) = mint(&app, &[&app.issuer], cron).await;
    assert_eq!(minted, 9);
    is_used_up(&end, 3_600);
}
