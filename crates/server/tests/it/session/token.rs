//! `POST /session/token`: a JWT of five minutes that says what the session opens, and dies with it.

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_engine::manage::NewApi;
use tokenry_model::TokenFormat;
use tokenry_protocol::dialect::Dialect;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, NAMESPACE, claims_of, header_of};

use super::*;

async fn trade(app: &TestApp, ui: &Ui, audience: &str) -> Answer {
    let request = ui.proven(app, Method::POST, "/session/token").json(&json!({"audience": audience}));
    Answer::to(request).await
}

#[rstest]
#[tokio::test]
async fn r86_a_jwt_says_what_the_cookie_opens(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    let answer = trade(&app, &ui, AUDIENCE).await;
    let (token, body) = (answer.token(), answer.json());
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(300)));
    let said = checked(&app, &app.demo.api, ui.cookie(API)).await;
    let claims = claims_of(&token);
    for name in ["iss", "sub", "aud", "scope", "sid", "auth_time", NAMESPACE] {
        assert_eq!(claims[name], said[name], "{name}");
    }
    assert_eq!(claims["client_id"], json!(app.issuer), "no application acts");
    assert_eq!(claims["azp"], json!(app.issuer));
    assert_eq!(header_of(&token)["typ"], "at+jwt");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    assert_eq!(claims["jti"].as_str().unwrap()[..11], said["jti"].as_str().unwrap()[..11]);
    assert!(claims.get("gty").is_none() && claims.get("email").is_none());

    let told = introspected(&app, &app.demo.api, &token).await;
    assert_eq!((&told["active"], &told["sub"]), (&json!(true), &json!(ann.id.as_str())));
    let client = introspected(&app, &app.demo.cron, &token).await;
    assert_eq!(client, json!({"active": false}), "it is no client's");
    let userinfo = app.http.get(app.url("/userinfo")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(userinfo.status(), 401);
    let body = [("token", token.as_str())];
    let revoke =
        app.http.post(app.url("/oauth/revoke")).basic_auth(&app.demo.cron.id, Some(&app.demo.cron.secret));
    assert_eq!(revoke.form(&body).send().await.unwrap().status(), 200);
    assert_eq!(introspected(&app, &app.demo.api, &token).await["active"], true, "nor a client's to revoke");
    app.clock.advance(Duration::from_secs(300));
    assert_eq!(introspected(&app, &app.demo.api, &token).await, json!({"active": false}));
}

#[tokio::test]
async fn a_jwt_lives_no_longer_than_its_session() {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    for _half_day in 0..60 {
        app.clock.advance(Duration::from_secs(12 * 3_600 - 3));
        assert_eq!(ui.get(&app, "/session").await.status, 200);
    }
    app.clock.advance(Duration::from_secs(120));
    let claims = claims_of(&trade(&app, &ui, AUDIENCE).await.token());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
}

#[tokio::test]
async fn nothing_is_traded_for_what_the_user_may_not_do() {
    let app = app_on(Sqlite).await;
    let (ann, bob) = (employee(&app, "ann").await, app.person("bob").await);
    let (ui, bobs) = (Ui::signed_in(&app, &ann).await, Ui::signed_in(&app, &bob).await);
    let new = |name: &str, token_format| NewApi {
        id: None,
        name: name.to_owned(),
        audience: format!("https://{name}.example.com"),
        scopes: vec![("read:all".to_owned(), String::new())],
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format,
        tenanted: true,
    };
    app.manager.create_api(new("weather", TokenFormat::Jwt)).await.unwrap();
    app.manager.create_api(new("opaque", TokenFormat::Opaque)).await.unwrap();
    let mut bodies = Vec::new();
    for audience in
        ["https://nowhere.example.com", "https://weather.example.com", "https://opaque.example.com", ""]
    {
        let answer = trade(&app, &ui, audience).await;
        assert_eq!(problem(&answer), (400, "invalid_target".to_owned()), "{audience}");
        bodies.push(answer.json()["detail"].clone());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "unknown and not held are answered alike");
    assert_eq!(problem(&trade(&app, &bobs, AUDIENCE).await).0, 400, "of no company");
    let nobody = Ui { csrf: ui.csrf.clone(), ..Ui::default() };
    assert_eq!(problem(&trade(&app, &nobody, AUDIENCE).await), (401, "session_required".to_owned()));
    let request = ui.proven(&app, Method::POST, "/session/token").json(&json!({}));
    assert_eq!(problem(&Answer::to(request).await), (400, "invalid_request".to_owned()));
    assert_eq!(trade(&app, &ui, AUDIENCE).await.status, 200);
}
