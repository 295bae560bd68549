//! `/userinfo`: what a user lets a client know, for as long as they do.

use reqwest::RequestBuilder;
use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::manage::UpdateUser;
use tokenry_model::{ClientType, TokenFormat};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, DemoClient, Member, TestApp};

const SCOPE: &str = "openid profile email read:timesheets";

async fn world(engine: Engine) -> (TestApp, Member, DemoClient) {
    let app = TestApp::quick(engine).await;
    let person = app.member("ann").await;
    let web = app.application(ClientType::Web, "Web", &[]).await;
    (app, person, web)
}

async fn token(app: &TestApp, ann: &Member, web: &DemoClient, scope: &str) -> String {
    app.redeem(web, &app.code(ann, web, scope).await, &[]).await.token()
}

fn get(app: &TestApp) -> RequestBuilder {
    app.http.get(app.url("/userinfo"))
}

async fn ask(app: &TestApp, token: &str) -> Answer {
    Answer::to(get(app).bearer_auth(token)).await
}

/// Asserts a refusal as RFC 6750 §3 has it.
#[track_caller]
fn is_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (status, Some(code)), "{answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with(&format!("Bearer realm=\"127.0.0.1\", error=\"{code}\"")), "{challenge}");
    answer.must_be_token_like();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r75_a_user_is_told_of_by_scope(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, web) = world(engine).await;
    let bare = token(&app, &ann, &web, "openid read:timesheets").await;
    let answer = ask(&app, &bare).await;
    answer.must_be_token_like();
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"sub": "usr_ann"})));
    let full = token(&app, &ann, &web, SCOPE).await;
    let expected = json!({
        "sub": "usr_ann", "name": "ann Example", "preferred_username": "ann@acme.example",
        "email": "ann@acme.example", "email_verified": true, "updated_at": app.clock.now().as_secs(),
    });
    assert_eq!(ask(&app, &full).await.json(), expected);
    let post = || app.http.post(app.url("/userinfo"));
    for request in [
        post().bearer_auth(&full),
        post().form(&[("access_token", &full)]),
        post().bearer_auth(&full).json(&json!({"access_token": "x"})),
        get(&app).header("authorization", format!("bearer {full}")),
    ] {
        let answer = Answer::to(request).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, expected.clone()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jwt_25_jwt_26_a_token_is_presented_in_one_way() {
    let (app, ann, web) = world(Sqlite).await;
    let token = token(&app, &ann, &web, SCOPE).await;
    for nothing in [
        get(&app),
        app.http.get(format!("{}?access_token={token}", app.url("/userinfo"))),
        app.http.post(app.url("/userinfo")),
    ] {
        let answer = Answer::to(nothing).await;
        let challenge = answer.header("www-authenticate");
        assert_eq!(
            (answer.status.as_u16(), challenge),
            (401, "Bearer realm=\"127.0.0.1\""),
            "no error (RFC 6750 §3.1)"
        );
    }
    let twice = app.http.post(app.url("/userinfo")).bearer_auth(&token).form(&[("access_token", &token)]);
    is_refused(&Answer::to(twice).await, 400, "invalid_request");
    let two = get(&app).header("authorization", format!("Bearer {token}")).bearer_auth(&token);
    is_refused(&Answer::to(two).await, 400, "invalid_request");
    for header in
        [format!("Basic {token}"), "Bearer".to_owned(), format!("Bearer  {token}"), "Bearer a b".to_owned()]
    {
        let wrong = get(&app).header("authorization", header);
        is_refused(&Answer::to(wrong).await, 401, "invalid_token");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_13_what_is_no_users_access_token_with_openid_opens_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, web) = world(engine).await;
    let tokens = app.redeem(&web, &app.code(&ann, &web, &format!("{SCOPE} offline_access")).await, &[]).await;
    let body = tokens.json();
    let own = app.token(&app.demo.cron).await;
    let without = token(&app, &ann, &web, "profile email read:timesheets").await;
    for lacking in [&own, &without] {
        let answer = ask(&app, lacking).await;
        is_refused(&answer, 403, "insufficient_scope");
        assert!(answer.header("www-authenticate").ends_with("scope=\"openid\""), "{answer:?}");
    }
    for other in ["id_token", "refresh_token"] {
        is_refused(&ask(&app, body[other].as_str().unwrap()).await, 401, "invalid_token");
    }
    let good = tokens.token();
    let changed = format!("{}{}", &good[..good.len() - 4], "AAAA");
    for garbage in ["x", "a.b.c", &changed, &web.secret] {
        is_refused(&ask(&app, garbage).await, 401, "invalid_token");
    }
    assert_eq!(ask(&app, &good).await.status, 200);
}

#[rstest]
#[case::deleted("DELETE FROM users")]
#[case::disabled("UPDATE users SET disabled_at = 1, version = version + 1")]
#[case::out_of_the_company("DELETE FROM membership_roles; DELETE FROM memberships")]
#[case::client_disabled("UPDATE clients SET disabled_at = 1, version = version + 1")]
#[case::company_disabled("UPDATE companies SET disabled_at = 1, version = version + 1")]
#[case::family_ended("DELETE FROM token_families")]
#[tokio::test(flavor = "multi_thread")]
async fn int_14_of_who_is_gone_nothing_is_told(#[case] sql: &str) {
    let (app, ann, web) = world(Sqlite).await;
    let token = token(&app, &ann, &web, SCOPE).await;
    assert_eq!(ask(&app, &token).await.status, 200);
    app.database.execute(sql);
    is_refused(&ask(&app, &token).await, 401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn int_14_what_is_told_is_what_is_so_now() {
    let (app, ann, web) = world(Sqlite).await;
    let token = token(&app, &ann, &web, SCOPE).await;
    app.database
        .execute("UPDATE users SET name = 'Ann Other', email_verified_at = NULL, version = version + 1");
    let now = ask(&app, &token).await.json();
    assert_eq!((&now["name"], &now["email_verified"]), (&json!("Ann Other"), &json!(false)));
    app.clock.advance(std::time::Duration::from_secs(900));
    is_refused(&ask(&app, &token).await, 401, "invalid_token");
}

/// OpenID Connect Core §5.1: a number, of when what is told last changed.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r75_updated_at_moves_with_the_profile_and_not_with_a_sign_in(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, web) = world(engine).await;
    let made = app.clock.now().as_secs();
    app.clock.advance(std::time::Duration::from_secs(100));
    let told = async |scope: &str| {
        let token = token(&app, &ann, &web, scope).await;
        ask(&app, &token).await.json()["updated_at"].clone()
    };
    assert_eq!(told("openid profile").await, json!(made), "signing in and consenting changes no profile");
    assert_eq!(told("openid email").await, json!(null), "it is of the scope profile");
    app.database.execute("UPDATE users SET version = version + 1");
    assert_eq!(told("openid profile").await, json!(made), "not every change is one of the profile");
    app.clock.advance(std::time::Duration::from_secs(100));
    let changed = UpdateUser { name: Some(Some("Ann Other".to_owned())), ..UpdateUser::default() };
    app.manager.update_user("usr_ann", changed).await.unwrap();
    app.clock.advance(std::time::Duration::from_secs(100));
    assert_eq!(told("openid profile").await, json!(made + 200));
    app.database.execute("UPDATE users SET updated_at = 0");
    assert_eq!(told("openid profile").await, json!(made), "a row of an older binary is no older than itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn r64_an_opaque_token_is_told_the_same() {
    let (app, ann, web) = world(Sqlite).await;
    let opaque = TokenFormat::Opaque.as_str();
    app.database
        .execute(&format!("UPDATE resource_servers SET token_format = '{opaque}', version = version + 1"));
    let full = token(&app, &ann, &web, SCOPE).await;
    assert_eq!(ask(&app, &full).await.json()["email"], "ann@acme.example");
    let without = token(&app, &ann, &web, "email read:timesheets").await;
    is_refused(&ask(&app, &without).await, 403, "insufficient_scope");
}
