//! `/manage/v1/users/me/secret`: what its owner sees and does, and that nobody else sees or does anything there.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use rstest::rstest;
use serde_json::{Value, json};
use tokenry_clock::Clock as _;
use tokenry_engine::Reveal;
use tokenry_jose::Algorithm;
use tokenry_server::Headless;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Options, Person, TestApp};

use super::{events, kept};
use crate::app::basic;
use crate::session::{API, SID, UI, Ui, app_on, employee, introspected, problem};

pub(super) const SECRET: &str = "/manage/v1/users/me/secret";

/// A server, ann of Acme who may do all there and is a developer, and her browser.
pub(super) async fn with_ann(engine: Engine) -> (TestApp, Person, Ui) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    let ui = Ui::signed_in(&app, &ann).await;
    (app, ann, ui)
}

/// Sends what is answered with a value, which no other answer may hold: the status, the value and the rest.
pub(super) async fn value(request: RequestBuilder) -> (u16, String, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(response.headers()["cache-control"], "no-store");
    let mut body: Value = response.json().await.unwrap();
    let Some(Value::String(value)) = body.as_object_mut().unwrap().remove("account_secret") else {
        panic!("no value: {status} {body}")
    };
    (status, value, body)
}

pub(super) fn post(app: &TestApp, ui: &Ui, verb: &str) -> RequestBuilder {
    ui.proven(app, Method::POST, &format!("{SECRET}/{verb}"))
}

pub(super) async fn shown(app: &TestApp, ui: &Ui) -> Value {
    let answer = ui.get(app, SECRET).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    answer.json()
}

#[rstest]
#[tokio::test]
async fn a15_it_is_masked_and_revealed_to_who_has_just_shown_who_they_are(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, mut ui) = with_ann(engine).await;
    let masked = shown(&app, &ui).await;
    let (status, secret, rest) = value(post(&app, &ui, "reveal")).await;
    assert_eq!((status, rest), (200, json!({})));
    assert!(secret.starts_with("tokenry_as_") && secret.len() == 60, "{}", secret.len());
    let now = app.clock.now().to_string();
    let expected = json!({
        "prefix": "tokenry_as_", "developer_since": now,
        "current": {
            "id": masked["current"]["id"], "last4": secret[56..], "created_at": now, "revealable": true,
        },
    });
    assert_eq!(masked, expected);
    assert_eq!(shown(&app, &ui).await["current"]["revealed_at"], now);
    assert_eq!(introspected(&app, &app.demo.api, &secret).await["sub"], ann.id.as_str());
    assert_eq!(value(post(&app, &ui, "reveal")).await.1, secret, "as often as one likes");

    app.clock.advance(Duration::from_secs(601));
    let before = kept(&app);
    for verb in ["reveal", "rotate"] {
        let answer = Answer::to(post(&app, &ui, verb)).await;
        assert_eq!(problem(&answer), (403, "reauthentication_required".to_owned()), "{verb}");
    }
    assert_eq!(kept(&app), before);
    assert_eq!(shown(&app, &ui).await["current"]["last4"], secret[56..], "looking needs none");
    assert_eq!(ui.sign_in(&app, &ann, json!({})).await.status, 200);
    assert_eq!(value(post(&app, &ui, "reveal")).await.1, secret);
    app.clock.advance(Duration::from_secs(601));
    assert_eq!(Answer::to(post(&app, &ui, "revoke")).await.status, 200, "nor does revoking");
    assert_eq!(introspected(&app, &app.demo.api, &secret).await, json!({"active": false}));
}

#[rstest]
#[tokio::test]
async fn a15_shown_once_it_is_kept_nowhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let headless = Headless { origins: vec![UI.to_owned()], ..Headless::default() };
    let options = Options {
        database: engine,
        reveal: Reveal::Once,
        headless,
        signing_alg: Algorithm::EdDsa,
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let ann = employee(&app, "ann").await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    let ui = Ui::signed_in(&app, &ann).await;
    assert_eq!(shown(&app, &ui).await["current"]["revealable"], false);
    let before = kept(&app);
    let answer = Answer::to(post(&app, &ui, "reveal")).await;
    assert_eq!(problem(&answer), (409, "secret_not_kept".to_owned()));
    app.manager.reveal_account_secret(ann.id.as_str()).await.unwrap_err();
    // Nobody would be shown what an operator rotates it to.
    app.manager.rotate_account_secret(ann.id.as_str(), None).await.unwrap_err();
    assert_eq!((kept(&app), events(&app).await), (before, vec!["account_secret.assigned".to_owned()]));
    let (_status, secret, _rest) = value(post(&app, &ui, "rotate")).await;
    assert_eq!(introspected(&app, &app.demo.api, &secret).await["active"], true);
    let answer = Answer::to(post(&app, &ui, "reveal")).await;
    assert_eq!(problem(&answer), (409, "secret_not_kept".to_owned()));
    let wrapped = app.store.list_account_secrets(&ann.id).await.unwrap();
    assert!(wrapped.len() == 1 && wrapped[0].sealed.is_none(), "its digest alone");
    // What was sealed before that was decided is not shown either.
    let bob = employee(&app, "bob").await;
    app.manager.clone().with_reveal(Reveal::Reauth).make_developer(bob.id.as_str()).await.unwrap();
    let bobs = Ui::signed_in(&app, &bob).await;
    assert_eq!(shown(&app, &bobs).await["current"]["revealable"], false);
    let answer = Answer::to(post(&app, &bobs, "reveal")).await;
    assert_eq!(problem(&answer), (409, "secret_not_kept".to_owned()));
    app.manager.reveal_account_secret(bob.id.as_str()).await.unwrap_err();
}

#[rstest]
#[tokio::test]
async fn r98_who_is_no_developer_has_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_on(engine).await;
    let bob = employee(&app, "bob").await;
    let ui = Ui::signed_in(&app, &bob).await;
    assert_eq!(problem(&ui.get(&app, SECRET).await), (404, "not_a_developer".to_owned()));
    let before = kept(&app);
    for verb in ["reveal", "rotate", "revoke"] {
        let answer = Answer::to(post(&app, &ui, verb)).await;
        assert_eq!(problem(&answer), (404, "not_a_developer".to_owned()), "{verb}");
    }
    assert_eq!(kept(&app), before);
    app.manager.make_developer(bob.id.as_str()).await.unwrap();
    let (_status, secret, _rest) = value(post(&app, &ui, "reveal")).await;
    app.manager.make_developer(bob.id.as_str()).await.unwrap();
    assert_eq!(value(post(&app, &ui, "reveal")).await.1, secret, "one who is one stays so");
    app.manager.end_developer(bob.id.as_str()).await.unwrap();
    assert_eq!(problem(&ui.get(&app, SECRET).await), (404, "not_a_developer".to_owned()));
    assert_eq!(introspected(&app, &app.demo.api, &secret).await, json!({"active": false}));
    app.manager.make_developer(bob.id.as_str()).await.unwrap();
    assert_ne!(value(post(&app, &ui, "reveal")).await.1, secret, "who is one again has another");
}

#[rstest]
#[tokio::test]
async fn sec_03_no_credential_but_the_interactive_cookie_opens_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, _ann, ui) = with_ann(engine).await;
    let (_status, secret, _rest) = value(post(&app, &ui, "reveal")).await;
    let before = kept(&app);
    let doors =
        [(Method::GET, ""), (Method::POST, "/reveal"), (Method::POST, "/rotate"), (Method::POST, "/revoke")];
    for (field, value, status) in [
        ("authorization", format!("Secret {secret}"), 403),
        ("authorization", format!("Bearer {}", app.token(&app.demo.cron).await), 403),
        ("authorization", basic(&app.demo.api.id, &app.demo.api.secret), 403),
        ("cookie", format!("{API}={}", ui.cookie(API)), 403),
        ("authorization", format!("Secret {secret}x"), 401),
        ("authorization", format!("Bearer {secret}"), 401),
        ("cookie", format!("{SID}=x"), 401),
        ("x-none", "-".to_owned(), 401),
    ] {
        for (method, verb) in &doors {
            let request = app.http.request(method.clone(), app.url(&format!("{SECRET}{verb}")));
            let request = request.header(field, &value).header("x-csrf-token", &ui.csrf);
            let answer = Answer::to(request).await;
            let code = if status == 403 { "interactive_session_required" } else { "session_required" };
            assert_eq!(problem(&answer), (status, code.to_owned()), "{field} {method} {verb}");
        }
    }
    // Beside the cookie it is a second credential.
    for (method, verb) in &doors {
        let request = ui.proven(&app, method.clone(), &format!("{SECRET}{verb}"));
        let answer = Answer::to(request.header("authorization", format!("Secret {secret}"))).await;
        assert_eq!(problem(&answer), (400, "invalid_request".to_owned()), "{verb}");
    }
    assert_eq!(kept(&app), before);
    assert_eq!(value(post(&app, &ui, "reveal")).await.1, secret);
}

#[rstest]
#[case::own_page(&[("sec-fetch-site", "same-origin")], true)]
#[case::listed(&[("sec-fetch-site", "cross-site"), ("origin", UI)], true)]
#[case::stranger(&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], false)]
#[case::null(&[("origin", "null")], false)]
#[tokio::test]
async fn r92_what_changes_something_needs_the_token_and_a_page_that_may(
    #[case] fields: &[(&'static str, &'static str)],
    #[case] may: bool,
) {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let before = kept(&app);
    let request = |verb: &str, token: &str| {
        let mut request = app.http.post(app.url(&format!("{SECRET}/{verb}")));
        request = request.header("cookie", format!("{SID}={}", ui.cookie(SID)));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        if token.is_empty() { request } else { request.header("x-csrf-token", token) }
    };
    let wrong = if may { vec!["", "wrong"] } else { vec!["", "wrong", &ui.csrf] };
    for verb in ["reveal", "rotate", "revoke"] {
        for token in &wrong {
            let answer = Answer::to(request(verb, token)).await;
            assert_eq!(problem(&answer), (403, "csrf_failed".to_owned()), "{verb}");
        }
    }
    assert_eq!(kept(&app), before);
    if may {
        assert_eq!(value(request("reveal", &ui.csrf)).await.0, 200);
    }
}

/// Nobody else's is there to be named.
#[tokio::test]
async fn sec_11_nobody_sees_another_ones() {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let bob = employee(&app, "bob").await;
    app.manager.make_developer(bob.id.as_str()).await.unwrap();
    let bobs = Ui::signed_in(&app, &bob).await;
    let (anns, his) = (value(post(&app, &ui, "reveal")).await.1, value(post(&app, &bobs, "reveal")).await.1);
    assert_ne!(anns, his);
    for path in ["/manage/v1/users/usr_ann/secret", "/manage/v1/users/usr_ann/secret/reveal"] {
        assert_eq!(bobs.get(&app, path).await.status, 404);
        let answer = Answer::to(bobs.proven(&app, Method::POST, path)).await;
        assert_eq!(problem(&answer), (404, "not_found".to_owned()));
    }
    assert_eq!(Answer::to(post(&app, &bobs, "revoke")).await.status, 200);
    assert_eq!(introspected(&app, &app.demo.api, &his).await["active"], false);
    assert_eq!(introspected(&app, &app.demo.api, &anns).await["active"], true);
}
