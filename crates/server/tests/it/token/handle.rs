//! The first eleven characters of a `jti`: what is revoked as one, a client's secret with a grant.

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock;
use tokenry_engine::manage::{NewSecret, UpdateClient};
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, Engine, TestApp, claims_of};

use super::support::{acme, add_secret, another_job, api, client, new_api, only_grant};

async fn handle(app: &TestApp, client: &DemoClient, audience: &str) -> String {
    handle_of(&app.ask(client, &[("audience", audience)]).await.token())
}

fn handle_of(token: &str) -> String {
    claims_of(token)["jti"].as_str().unwrap()[..11].to_owned()
}

#[rstest]
#[tokio::test]
async fn a_handle_stands_for_a_secret_with_a_grant(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let payroll = "https://payroll.example.com";
    api(&app, new_api(payroll, &["read:payroll"])).await;
    let first = client(&app, acme(&app, "Two APIs"), &[AUDIENCE, payroll]).await;
    let (second, _) = add_secret(&app, &first, NewSecret::default()).await;
    let other = another_job(&app).await;
    let mut handles = BTreeSet::new();
    for (client, audience) in
        [(&first, AUDIENCE), (&first, payroll), (&second, AUDIENCE), (&second, payroll), (&other, AUDIENCE)]
    {
        let handle = handle(&app, client, audience).await;
        assert_eq!(handle, self::handle(&app, client, audience).await, "it stays");
        assert!(handles.insert(handle), "each has its own");
    }
}

#[rstest]
#[tokio::test]
async fn a_grant_made_anew_has_another_handle(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let job = another_job(&app).await;
    let before = handle(&app, &job, AUDIENCE).await;
    app.manager.delete_grant(&only_grant(&app, &job).await).await.unwrap();
    app.manager.create_grant(&job.id, AUDIENCE, &[]).await.unwrap();
    assert_ne!(before, handle(&app, &job, AUDIENCE).await, "what was revoked with the old one stays revoked");
}

/// Guards hear of a dead handle for as long as any token under it could live, not as long as the last one.
#[rstest]
#[tokio::test]
async fn a_dead_handle_is_known_as_long_as_its_longest_token(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    const HOUR: Duration = Duration::from_secs(3_600);
    let app = TestApp::quick(engine).await;
    let job = another_job(&app).await;
    let mut handles = BTreeSet::new();
    for ttl in [HOUR, 48 * HOUR, 2 * HOUR] {
        let update = UpdateClient { access_token_ttl: Some(Some(ttl)), ..UpdateClient::default() };
        app.manager.update_client(&job.id, update).await.unwrap();
        handles.insert(handle(&app, &job, AUDIENCE).await);
    }
    app.manager.disable_client(&job.id).await.unwrap();
    let (now, api) = (app.clock.now(), app.manager.api(AUDIENCE).await.unwrap());
    let revoked = app.store.revoked_after(&api.id, 0, now, 10).await.unwrap();
    let [(_place, ended)] = revoked.as_slice() else { panic!("{revoked:?}") };
    assert_eq!(BTreeSet::from([ended.value.clone()]), handles, "one for all three");
    assert_eq!(ended.expires_at, now.plus(48 * HOUR + Duration::from_secs(60)));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_first_requests_at_once_share_one_handle(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let replica = app.replica().await;
    for _round in 0..3 {
        let job = another_job(&app).await;
        let requests: Vec<_> = (0..8)
            .map(|n| {
                let address = if n % 2 == 0 { &app.issuer } else { &replica };
                let form = [
                    ("grant_type", "client_credentials"),
                    ("client_id", &*job.id),
                    ("client_secret", &job.secret),
                ];
                let request = app.http.post(format!("{address}/oauth/token")).form(&form);
                tokio::spawn(Answer::to(request))
            })
            .collect();
        let (mut handles, mut tokens) = (BTreeSet::new(), BTreeSet::new());
        for request in requests {
            let token = request.await.unwrap().token();
            handles.insert(handle_of(&token));
            tokens.insert(claims_of(&token)["jti"].to_string());
        }
        assert_eq!((handles.len(), tokens.len()), (1, 8), "{handles:?}");
    }
}
