//! Which scopes a token carries: requested, granted and defined (TOK-17, R67, R68, A10).

use rstest::rstest;
use serde_json::Value;
use tokenry_testkit::{AUDIENCE, Engine, Refusal, Refusals, SCOPES, TestApp};

use super::support::{acme, another_job, api, client, new_api, verified};

/// The scope of the answer, which must be that of the token.
async fn granted(app: &TestApp, client: &tokenry_testkit::DemoClient, more: &[(&str, &str)]) -> Value {
    let answer = app.ask(client, more).await;
    let claims = verified(app, &answer.token(), AUDIENCE).await;
    assert_eq!(claims["scope"], answer.json()["scope"]);
    claims["scope"].clone()
}

#[rstest]
#[tokio::test]
async fn r67_a10_what_is_asked_and_allowed_is_granted_and_said(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let (cron, readonly) = (&app.demo.cron, &app.demo.readonly);
    let scope = |scope| [("scope", scope)];
    assert_eq!(granted(&app, cron, &[]).await, SCOPES.join(" "));
    assert_eq!(granted(&app, readonly, &[]).await, "read:timesheets");
    assert_eq!(granted(&app, cron, &scope("read:timesheets")).await, "read:timesheets");
    let both = "create:timesheets read:timesheets";
    assert_eq!(granted(&app, cron, &scope(both)).await, both);
    assert_eq!(granted(&app, cron, &scope("read:timesheets create:timesheets")).await, both, "a set");
    assert_eq!(granted(&app, cron, &scope("read:timesheets read:timesheets")).await, "read:timesheets");
    assert_eq!(granted(&app, readonly, &scope(both)).await, "read:timesheets", "the allowed part");
    for scope in SCOPES {
        assert_eq!(granted(&app, cron, &[("scope", scope)]).await, scope, "R73: none implies another");
    }
}

#[rstest]
#[tokio::test]
async fn tok_17_r68_what_is_undefined_or_not_granted_is_refused(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    // TEN-09: another API's names mean nothing here, not even to a client that was granted them.
    api(&app, new_api("https://payroll.example.com", &["read:payroll"])).await;
    let two = client(&app, acme(&app, "Two APIs"), &[AUDIENCE, "https://payroll.example.com"]).await;
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&two);
    let undefined = [
        "read",
        "read:timesheets.x",
        "READ:timesheets",
        "ead:timesheets",
        "openid",
        "offline_access",
        "admin",
        "*",
        "read:timesheets admin",
        "read:timesheets create:timesheets delete:timesheets approve:timesheets read:payroll",
        "read:payroll",
    ];
    for scope in undefined {
        let refusal = Refusal::of_client(&two, 400, "invalid_scope", "scope_undefined");
        let more = [("audience", AUDIENCE), ("scope", scope)];
        refusals.expect(app.request(&two, &more), refusal).await;
    }
    for scope in ["create:timesheets", "create:timesheets delete:timesheets approve:timesheets"] {
        let refusal = Refusal::of_client(&app.demo.readonly, 400, "invalid_scope", "scope_not_granted");
        refusals.expect(app.request(&app.demo.readonly, &[("scope", scope)]), refusal).await;
    }
    refusals.end().await;
}

/// An API that drops a scope drops it from every token, whatever was granted before.
#[rstest]
#[tokio::test]
async fn r68_what_an_api_defines_no_more_is_granted_no_more(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let job = another_job(&app).await;
    assert_eq!(granted(&app, &job, &[]).await, SCOPES.join(" "));
    let other = api(&app, new_api("https://one.example.com", &["read:timesheets"])).await;
    app.database.execute(&format!(
        "UPDATE resource_servers SET version = version + 1, \
         scopes = (SELECT scopes FROM resource_servers WHERE id = '{}') WHERE audience = '{AUDIENCE}'",
        other.id
    ));
    assert_eq!(granted(&app, &job, &[]).await, "read:timesheets");
    let answer = app.ask(&job, &[("scope", "create:timesheets")]).await;
    answer.must_be_error(400, "invalid_scope");
}
