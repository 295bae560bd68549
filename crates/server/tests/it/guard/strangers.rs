//! Two APIs of different audiences: neither learns anything of the other's.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, DemoClient, Events, TestApp};

use super::{WEATHER, another_api, counter, happen, listen, snapshot};

/// A client of its own for `audience`, that has fetched a token.
async fn client(app: &TestApp, audience: &str) -> (DemoClient, String) {
    let new = tokenry_engine::manage::NewClient {
        company: Some(app.demo.acme.clone()),
        ..tokenry_engine::manage::NewClient::new(tokenry_model::ClientType::M2m, "Job")
    };
    let created = app.manager.create_client(new).await.unwrap();
    let id = created.client.id.to_string();
    app.manager.create_grant(&id, audience, &[]).await.unwrap();
    let client = DemoClient { id, secret: created.secret.unwrap().expose().to_owned() };
    let token = app.ask(&client, &[("audience", audience)]).await.token();
    (client, token)
}

#[rstest]
#[tokio::test]
async fn neither_learns_anything_of_the_others(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let weather = another_api(&app, true).await;
    let timesheets = app.demo.api.clone();
    app.numbered().await;
    let sides = [(&timesheets, AUDIENCE, &weather), (&weather, WEATHER, &timesheets)];
    for (_own, audience, other) in sides {
        let (client, token) = client(&app, audience).await;
        let (another, _token) = self::client(&app, audience).await;
        let before = snapshot(&app, other).await.body;
        let seq = snapshot(&app, other).await.json()["seq"].as_i64().unwrap();
        let mut events = Events::open(&app.issuer, other, seq, "other").await;
        // A single token, a secret, a client: each concerns one audience.
        let form = [("token", token.as_str())];
        let revoke = app.http.post(app.url("/oauth/revoke")).form(&form);
        let revoked = revoke.basic_auth(&client.id, Some(&client.secret)).send().await.unwrap();
        assert_eq!(revoked.status(), 200);
        app.manager.disable_client(&client.id).await.unwrap();
        app.manager.delete_client(&another.id).await.unwrap();
        app.numbered().await;
        assert_eq!(snapshot(&app, other).await.body, before, "byte for byte");
        // Three times over: what was vouched for at first may have been read before.
        for _ in 0..3 {
            let (changes, complete) = events.complete_to(seq).await;
            assert_eq!((changes, &complete["seq"]), (vec![], &seq.into()));
        }
    }
}

#[rstest]
#[tokio::test]
async fn an_api_of_no_company_learns_nothing_of_companies(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let plain = another_api(&app, false).await;
    let before = snapshot(&app, &plain).await.body;
    let mut events = Events::open(&app.issuer, &plain, 0, "plain").await;
    happen(&app, 1).await;
    app.manager.disable_company(&app.demo.globex).await.unwrap();
    assert_eq!(counter(&app).await, 2);
    listen(&app, 0).await.changes_to(2).await;
    assert_eq!(snapshot(&app, &plain).await.body, before, "byte for byte");
    for _ in 0..3 {
        assert_eq!(events.complete_to(0).await.0, []);
    }
}

#[rstest]
#[tokio::test]
async fn an_apis_secret_that_is_revoked_ends_its_stream(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let (added, secret) = app.manager.add_api_secret(AUDIENCE, Default::default()).await.unwrap();
    let second = DemoClient { id: app.demo.api.id.clone(), secret: secret.expose().to_owned() };
    let mut ending = Events::open(&app.issuer, &second, 0, "ending").await;
    let mut staying = listen(&app, 0).await;
    ending.complete_to(0).await;
    app.operator().await.revoke_api_secret(AUDIENCE, added.id.as_str()).await.unwrap();
    ending.ended().await;
    assert_eq!(Events::ask(&app.issuer, &second, "after=0").await.unwrap_err().status, 401);
    assert_eq!(ending.ack(0).await, 401);
    happen(&app, 1).await;
    assert_eq!(staying.change().await.id, Some(1));
}
