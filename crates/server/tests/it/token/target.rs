//! Which API a token is for (R35, TOK-30, PEER-11).

use rstest::rstest;
use tokenry_testkit::{AUDIENCE, Engine, Refusal, Refusals, TestApp};

use super::support::{acme, api, client, new_api, only_grant, verified};

const PAYROLL: &str = "https://payroll.example.com";

#[rstest]
#[tokio::test]
async fn r35_unknown_and_not_granted_answer_alike(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    api(&app, new_api(PAYROLL, &["read:payroll"])).await;
    let cron = &app.demo.cron;
    let mut refusals = Refusals::of(&app).await;
    let mut bodies = Vec::new();
    for name in ["audience", "resource"] {
        for target in [PAYROLL, "https://nothing.example.com"] {
            let refusal = Refusal::of_client(cron, 400, "invalid_target", "api_not_granted");
            bodies.push(refusals.expect(app.request(cron, &[(name, target)]), refusal).await.body);
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    refusals.end().await;
}

#[tokio::test]
async fn r35_tok_30_an_audience_is_compared_exactly() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let cron = &app.demo.cron;
    let mut refusals = Refusals::of(&app).await;
    let near = [
        "https://timesheets.example.com/",
        "https://timesheets.example.com:443",
        "https://Timesheets.example.com",
        "HTTPS://timesheets.example.com",
        "http://timesheets.example.com",
        "https://timesheets.example.com ",
        "https://timesheets.example.com.",
        "https://timesheets.example.com?x=1",
        "timesheets.example.com",
        "timesheets",
        &app.demo.api.id,
        &app.issuer,
    ];
    for target in near {
        let refusal = Refusal::of_client(cron, 400, "invalid_target", "api_not_granted");
        refusals.expect(app.request(cron, &[("audience", target)]), refusal).await;
    }
    for target in [
        "timesheets",
        "/timesheets",
        "//timesheets.example.com",
        "https://timesheets.example.com#x",
        "https://a b",
    ] {
        let refusal = Refusal::of_stranger(400, "invalid_target", "invalid_target");
        refusals.expect(app.request(cron, &[("resource", target)]), refusal).await;
    }
    refusals.end().await;
}

#[tokio::test]
async fn tok_30_one_token_is_for_one_api() {
    let app = TestApp::quick(Engine::Sqlite).await;
    api(&app, new_api(PAYROLL, &["read:payroll"])).await;
    let two = client(&app, acme(&app, "Two APIs"), &[AUDIENCE, PAYROLL]).await;
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&two);
    let pairs = [("audience", "resource"), ("audience", "audience"), ("resource", "resource")];
    for (one, other) in pairs {
        let refusal = Refusal::of_stranger(400, "invalid_target", "invalid_target");
        refusals.expect(app.request(&two, &[(one, AUDIENCE), (other, PAYROLL)]), refusal).await;
    }
    let refusal = Refusal::of_client(&two, 400, "invalid_target", "several_apis");
    refusals.expect(app.request(&two, &[]), refusal).await;
    refusals.end().await;
    for (target, scope) in [(AUDIENCE, "read:timesheets"), (PAYROLL, "read:payroll")] {
        for name in ["audience", "resource"] {
            let answer = app.ask(&two, &[(name, target), ("scope", scope)]).await;
            let claims = verified(&app, &answer.token(), target).await;
            assert_eq!((&claims["aud"], &claims["scope"]), (&target.into(), &scope.into()));
        }
    }
    let both = app.ask(&two, &[("audience", PAYROLL), ("resource", PAYROLL)]).await;
    assert_eq!(verified(&app, &both.token(), PAYROLL).await["aud"], PAYROLL);
}

#[rstest]
#[tokio::test]
async fn r35_a_client_without_a_grant_gets_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let job = client(&app, acme(&app, "Job"), &[]).await;
    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&job);
    for more in [&[][..], &[("audience", AUDIENCE)]] {
        let refusal = Refusal::of_client(&job, 400, "invalid_target", "api_not_granted");
        refusals.expect(app.request(&job, more), refusal).await;
    }
    refusals.end().await;
    // With a grant: the one API that it has needs no name.
    app.manager.create_grant(&job.id, AUDIENCE, &[]).await.unwrap();
    assert_eq!(verified(&app, &app.ask(&job, &[]).await.token(), AUDIENCE).await["aud"], AUDIENCE);
    app.manager.delete_grant(&only_grant(&app, &job).await).await.unwrap();
    app.ask(&job, &[]).await.must_be_error(400, "invalid_target");
}
