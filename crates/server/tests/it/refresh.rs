//! `POST /oauth/token` with a refresh token: it rotates, one wins, and a reuse ends what it belongs to.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_model::{ClientType, UserId};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, DemoClient, Member, TestApp, claims_of};

const SCOPE: &str = "offline_access read:timesheets create:timesheets";
const DAY: Duration = Duration::from_secs(86_400);

async fn world(engine: Engine) -> (TestApp, Member, DemoClient) {
    let app = TestApp::quick(engine).await;
    let person = app.member("ann").await;
    let web = app.application(ClientType::Web, "Web", &[]).await;
    (app, person, web)
}

/// The refresh token of a new authorization.
async fn begin(app: &TestApp, ann: &Member, web: &DemoClient) -> String {
    refresh_token(&app.redeem(web, &app.code(ann, web, SCOPE).await, &[]).await)
}

#[track_caller]
fn refresh_token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["refresh_token"].as_str().unwrap().to_owned()
}

#[track_caller]
fn is_refused(answer: &Answer) {
    answer.must_be_error(400, "invalid_grant");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_10_every_refresh_rotates_and_rt_01_a_reuse_ends_the_family(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, web) = world(engine).await;
    let [first, bystander] = [begin(&app, &ann, &web).await, begin(&app, &ann, &web).await];
    let answer = app.refresh(&web, &first, &[]).await;
    answer.must_be_token_like();
    let second = refresh_token(&answer);
    assert_ne!(first, second);
    let claims = claims_of(&answer.token());
    assert_eq!((&claims["sub"], &claims["sid"]), (&json!(ann.id.as_str()), &json!(ann.session.as_str())));
    let third = refresh_token(&app.refresh(&web, &second, &[]).await);
    is_refused(&app.refresh(&web, &first, &[]).await);
    is_refused(&app.refresh(&web, &third, &[]).await);
    assert!(app.audit().await.iter().any(|record| record.event == "refresh_token.reused"));
    refresh_token(&app.refresh(&web, &bystander, &[]).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_01_within_the_grace_there_is_one_successor(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let first = begin(&app, &ann, &web).await;
    let second = refresh_token(&app.refresh(&web, &first, &[]).await);
    app.clock.advance(Duration::from_millis(9_999));
    assert_eq!(
        refresh_token(&app.refresh(&web, &first, &[]).await),
        second,
        "the answer was lost on the way"
    );
    app.clock.advance(Duration::from_millis(1));
    is_refused(&app.refresh(&web, &first, &[]).await);
    is_refused(&app.refresh(&web, &second, &[]).await);
}

/// A thief learns of a wrong parameter no more than of a right one.
#[rstest]
#[case::scope(("scope", "delete:timesheets"))]
#[case::target(("audience", "https://other.example.com"))]
#[tokio::test(flavor = "multi_thread")]
async fn rt_01_a_reuse_ends_the_family_whatever_else_is_wrong(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] wrong: (&str, &str),
) {
    let (app, ann, web) = world(engine).await;
    let [first, bystander] = [begin(&app, &ann, &web).await, begin(&app, &ann, &web).await];
    let second = refresh_token(&app.refresh(&web, &first, &[]).await);
    let within = app.refresh(&web, &first, &[wrong]).await;
    assert_eq!(within.status, 400, "within its grace it is the parameter that is wrong: {within:?}");
    assert_ne!(within.json()["error"], "invalid_grant");
    let third = refresh_token(&app.refresh(&web, &second, &[]).await);

    is_refused(&app.refresh(&web, &first, &[wrong]).await);
    is_refused(&app.refresh(&web, &third, &[]).await);
    let reused = |record: &tokenry_store::StoredRecord| record.event == "refresh_token.reused";
    assert_eq!(app.audit().await.into_iter().filter(reused).count(), 1);

    let spent = refresh_token(&app.refresh(&web, &bystander, &[]).await);
    app.clock.advance(Duration::from_secs(11));
    is_refused(&app.refresh(&web, &bystander, &[wrong]).await);
    is_refused(&app.refresh(&web, &spent, &[]).await);
    let honest = begin(&app, &ann, &web).await;
    refresh_token(&app.refresh(&web, &honest, &[]).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_02_of_thirty_at_two_replicas_all_get_one_successor(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let (first, replica) = (begin(&app, &ann, &web).await, app.replica().await);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &first),
        ("client_id", &web.id),
        ("client_secret", &web.secret),
    ];
    let asks = (0..30).map(|n| {
        let url = if n % 2 == 0 { app.url("/oauth/token") } else { format!("{replica}/oauth/token") };
        let host = app.address.clone();
        tokio::spawn(Answer::to(app.http.post(url).header("Host", host).form(&form)))
    });
    let mut successors = Vec::new();
    for ask in asks.collect::<Vec<_>>() {
        let answer = ask.await.unwrap();
        if answer.status != 503 {
            successors.push(refresh_token(&answer));
        }
    }
    successors.dedup();
    assert_eq!(successors.len(), 1, "never two live branches");
    refresh_token(&app.refresh(&web, &successors[0], &[]).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_04_another_server_sees_a_reuse(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let first = begin(&app, &ann, &web).await;
    let second = refresh_token(&app.refresh(&web, &first, &[]).await);
    app.clock.advance(Duration::from_secs(60));
    let replica = app.replica().await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &first),
        ("client_id", &web.id),
        ("client_secret", &web.secret),
    ];
    let host = app.address.clone();
    let reuse = app.http.post(format!("{replica}/oauth/token")).header("Host", host).form(&form);
    is_refused(&Answer::to(reuse).await);
    is_refused(&app.refresh(&web, &second, &[]).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_05_rt_06_rt_11_peer_28_strangers_change_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let tokens = app.redeem(&web, &app.code(&ann, &web, SCOPE).await, &[]).await;
    let (access, first) = (tokens.token(), refresh_token(&tokens));
    for kind in [ClientType::Web, ClientType::Spa, ClientType::ThirdParty] {
        let other = app.application(kind, &format!("Other {kind}"), &[]).await;
        is_refused(&app.refresh(&other, &first, &[]).await);
    }
    app.refresh(&app.demo.cron, &first, &[]).await.must_be_error(400, "unauthorized_client");
    app.refresh(&web, &first, &[("client_secret", "")]).await.must_be_error(401, "invalid_client");
    let code = app.code(&ann, &web, SCOPE).await;
    let changed = format!("{}{}", &first[..first.len() - 1], if first.ends_with('a') { "b" } else { "a" });
    for wrong in [&access, &code, &web.secret, &changed, &first[..30]] {
        is_refused(&app.refresh(&web, wrong, &[]).await);
    }
    refresh_token(&app.refresh(&web, &first, &[]).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_07_less_is_granted_once_and_more_never(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let first = begin(&app, &ann, &web).await;
    let wider = app.refresh(&web, &first, &[("scope", "read:timesheets delete:timesheets")]).await;
    wider.must_be_error(400, "invalid_scope");
    app.refresh(&web, &first, &[("audience", "https://other.example.com")])
        .await
        .must_be_error(400, "invalid_target");
    let narrower = app.refresh(&web, &first, &[("scope", "read:timesheets")]).await;
    assert_eq!(narrower.json()["scope"], "read:timesheets");
    assert_eq!(claims_of(&narrower.token())["scope"], "read:timesheets");
    let again = app.refresh(&web, &refresh_token(&narrower), &[]).await;
    assert_eq!(
        again.json()["scope"],
        "create:timesheets offline_access read:timesheets",
        "it keeps its scope"
    );
}

/// What is taken away by other means than the end of the family, as if that were forgotten.
#[rstest]
#[case::user_disabled("UPDATE users SET disabled_at = 1, version = version + 1")]
#[case::user_leaving("UPDATE users SET delete_at = 9999999999999, version = version + 1")]
#[case::user_gone_from_company("DELETE FROM membership_roles; DELETE FROM memberships")]
#[case::roles_lost("DELETE FROM role_permissions")]
#[case::company_disabled("UPDATE companies SET disabled_at = 1, version = version + 1")]
#[case::rt_13_grant_gone(
    "DELETE FROM client_grants WHERE client_id IN (SELECT client_id FROM token_families)"
)]
#[tokio::test(flavor = "multi_thread")]
async fn rt_08_who_may_act_no_more_gets_nothing(#[case] sql: &str) {
    let (app, ann, web) = world(Sqlite).await;
    let first = begin(&app, &ann, &web).await;
    app.database.execute(sql);
    is_refused(&app.refresh(&web, &first, &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rt_08_what_is_granted_shrinks_with_the_roles() {
    let (app, ann, web) = world(Sqlite).await;
    let first = begin(&app, &ann, &web).await;
    app.database.execute("UPDATE role_permissions SET scope = 'read:timesheets'");
    let answer = app.refresh(&web, &first, &[]).await;
    assert_eq!(answer.json()["scope"], "offline_access read:timesheets");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_26_rt_12_ending_a_session_ends_its_families_and_no_others(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, web) = world(engine).await;
    let here = begin(&app, &ann, &web).await;
    let session = app.sign_in(&UserId::parse("usr_ann").unwrap(), "sid-elsewhere");
    let there = begin(&app, &Member { session, ..ann.clone() }, &web).await;
    app.manager.revoke_session(ann.session.as_str()).await.unwrap();
    is_refused(&app.refresh(&web, &here, &[]).await);
    refresh_token(&app.refresh(&web, &there, &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rt_09_an_idle_one_ends_and_one_that_is_used_does_not() {
    let (app, ann, web) = world(Sqlite).await;
    let [idle, used] = [begin(&app, &ann, &web).await, begin(&app, &ann, &web).await];
    app.clock.advance(29 * DAY);
    let used = refresh_token(&app.refresh(&web, &used, &[]).await);
    app.clock.advance(DAY);
    is_refused(&app.refresh(&web, &idle, &[]).await);
    refresh_token(&app.refresh(&web, &used, &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn peer_31_a_family_is_refreshed_to_its_last_second_and_not_after() {
    let (app, ann, web) = world(Sqlite).await;
    let token = begin(&app, &ann, &web).await;
    let end = app.clock.now().plus(DAY).as_millis();
    app.database.execute(&format!("UPDATE token_families SET expires_at = {end}"));
    app.clock.advance(DAY - Duration::from_secs(60));
    let token = refresh_token(&app.refresh(&web, &token, &[]).await);
    app.clock.advance(Duration::from_millis(59_999));
    let token = refresh_token(&app.refresh(&web, &token, &[]).await);
    app.clock.advance(Duration::from_millis(1));
    is_refused(&app.refresh(&web, &token, &[]).await);
    app.clock.advance(Duration::from_secs(1));
    is_refused(&app.refresh(&web, &token, &[]).await);
}

/// The rotation is done whether or not anybody waits for the answer, and asking again gives its successor.
#[tokio::test(flavor = "multi_thread")]
async fn rt_02_a_caller_that_hangs_up_asks_again() {
    let (app, ann, web) = world(Sqlite).await;
    let first = begin(&app, &ann, &web).await;
    for wait in [0, 1, 2, 5, 10] {
        let asked = tokio::time::timeout(Duration::from_millis(wait), app.refresh(&web, &first, &[])).await;
        drop(asked);
    }
    let one = refresh_token(&app.refresh(&web, &first, &[]).await);
    assert_eq!(refresh_token(&app.refresh(&web, &first, &[]).await), one);
    refresh_token(&app.refresh(&web, &one, &[]).await);
}
