//! Who may ask: somebody who is signed in and has lately shown that it is them, for themselves, by the interactive cookie.

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_model::ClientType;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, CALLBACK};

use super::*;
use crate::app::basic;
use crate::session::{API, SID, introspected, problem};

/// Every door, of a token that there is.
fn doors(id: &str) -> [(Method, String); 5] {
    let one = format!("{TOKENS}/{id}");
    [
        (Method::GET, TOKENS.to_owned()),
        (Method::POST, TOKENS.to_owned()),
        (Method::POST, format!("{one}/refresh")),
        (Method::POST, format!("{one}/roll")),
        (Method::DELETE, one),
    ]
}

#[rstest]
#[tokio::test]
async fn pat_05_pat_06_what_works_elsewhere_does_not_open_this(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    let cron = app.token(&app.demo.cron).await;
    let audience = json!({"audience": AUDIENCE});
    let traded = Answer::to(ui.proven(&app, Method::POST, "/session/token").json(&audience)).await.token();
    let web = app.application(ClientType::Web, "web", &[]).await;
    let own = app.member("dora").await;
    let code = app.code(&own, &web, "read:timesheets").await;
    let users = app.redeem(&web, &code, &[]).await.token();
    let before = pats(&app);
    let cases = [
        ("authorization", format!("Bearer {}", issued.token)),
        ("authorization", format!("bearer {cron}")),
        ("authorization", format!("Bearer {users}")),
        ("authorization", format!("Bearer {traded}")),
        ("authorization", basic(&app.demo.cron.id, &app.demo.cron.secret)),
        ("authorization", basic(&app.demo.api.id, &app.demo.api.secret)),
        ("cookie", format!("{API}={}", ui.cookie(API))),
    ];
    for (n, (field, value)) in cases.iter().enumerate() {
        for (method, path) in doors(issued.id()) {
            let request = app.http.request(method.clone(), app.url(&path)).header(*field, value);
            let answer = Answer::to(request.header("x-csrf-token", &ui.csrf).json(&wish("more"))).await;
            let expected = (403, "interactive_session_required".to_owned());
            assert_eq!(problem(&answer), expected, "case {n}: {method} {path}");
        }
    }
    assert_eq!(pats(&app), before);
    assert_eq!(introspected(&app, &app.demo.api, &issued.token).await["active"], true);
    create(&app, &ui, &wish("more")).await;
}

/// A token makes nobody its user where accounts are changed: every page and path is as to who is not signed in at all, or refuses.
#[rstest]
#[tokio::test]
async fn pat_06_it_does_nothing_about_the_account(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, ui) = with_ann(engine).await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    let web = app.application(ClientType::Web, "web", &[]).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    let before = app.database.contents();
    let (password, client) = (ann.password.as_str(), web.id.as_str());
    let pages = [
        ("/account", &[("nickname", "Eve")][..]),
        ("/account/address", &[("action", "ask"), ("address", "eve@evil.example")]),
        ("/account/apps", &[("client", client)]),
        ("/account/data", &[("action", "export")]),
        ("/account/developer", &[("action", "create"), ("name", "more"), ("expires", "7")]),
        ("/account/developer", &[("action", "refresh"), ("id", issued.id())]),
        ("/account/developer", &[("action", "revoke"), ("id", issued.id())]),
        ("/account/developer", &[("action", "reveal-secret")]),
        ("/account/developer", &[("action", "rotate-secret"), ("overlap", "0")]),
        ("/account/data", &[("action", "delete"), ("username", &ann.username)]),
        (
            "/account/security",
            &[
                ("action", "password"),
                ("current-password", password),
                ("new-password", "other lanterns at a louder harbour"),
            ],
        ),
        ("/account/security", &[("action", "enrol")]),
        ("/account/security", &[("action", "confirm"), ("code", "000000")]),
        ("/account/security", &[("action", "codes"), ("code", "000000")]),
        ("/account/sessions", &[("action", "everywhere")]),
        ("/consent", &[("decision", "allow"), ("client_id", client)]),
    ];
    for (path, fields) in pages {
        let request = app.http.post(app.url(path)).bearer_auth(&issued.token).form(fields);
        let answer = Answer::to(request.header("sec-fetch-site", "same-origin")).await;
        let to = answer.header("location");
        let asks_who = answer.status == 303 && to.starts_with("/login");
        assert!(asks_who || [400, 403].contains(&answer.status.as_u16()), "{path} {fields:?}: {answer:?}");
    }
    let request = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("scope", "read:timesheets"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(request).finish();
    let authorize = app.http.get(app.url(&format!("/authorize?{query}"))).bearer_auth(&issued.token);
    let answer = Answer::to(authorize).await;
    assert!(!answer.header("location").contains("code=") && answer.status != 200, "{answer:?}");
    let secret = "/manage/v1/users/me/secret";
    for (method, verb) in
        [(Method::GET, ""), (Method::POST, "/reveal"), (Method::POST, "/rotate"), (Method::POST, "/revoke")]
    {
        let request = app.http.request(method.clone(), app.url(&format!("{secret}{verb}")));
        let answer = Answer::to(request.bearer_auth(&issued.token)).await;
        assert_eq!(problem(&answer), (403, "interactive_session_required".to_owned()), "{method} {verb}");
    }
    let after = app.database.contents();
    for (table, rows) in &before {
        assert_eq!(&after[table], rows, "{table}");
    }
    assert_eq!(introspected(&app, &app.demo.api, &issued.token).await["active"], true);
    assert_eq!(Ui::default().sign_in(&app, &ann, json!({})).await.status, 200, "the password is the same");
    create(&app, &ui, &wish("more")).await;
}

#[tokio::test]
async fn pat_05_nobody_and_what_works_nowhere_is_401_with_a_challenge() {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    let ended = create(&app, &ui, &wish("ended")).await;
    assert_eq!(act(&app, &ui, Method::DELETE, ended.id(), "").await.status, 204);
    let before = pats(&app);
    let cases = [
        ("accept", "*/*".to_owned()),
        ("authorization", format!("Bearer {}", ended.token)),
        ("authorization", format!("Bearer {}x", issued.token)),
        ("authorization", "Bearer a.b.c".to_owned()),
        ("authorization", basic(&app.demo.cron.id, "wrong")),
        ("authorization", "Basic !".to_owned()),
        ("authorization", "Secret tokenry_as_x".to_owned()),
        ("authorization", "nonsense".to_owned()),
        ("cookie", format!("{SID}=x")),
        ("cookie", format!("{API}=x")),
        ("cookie", format!("{SID}={}", ui.cookie(API))),
        ("cookie", format!("{SID}={}; {SID}={}", ui.cookie(SID), ui.cookie(SID))),
        ("cookie", format!("{SID}=x; {API}={}", ui.cookie(API))),
    ];
    for (n, (field, value)) in cases.iter().enumerate() {
        for (method, path) in doors(issued.id()) {
            let request = app.http.request(method.clone(), app.url(&path)).header(*field, value);
            let answer = Answer::to(request.header("x-csrf-token", &ui.csrf)).await;
            assert_eq!(problem(&answer), (401, "session_required".to_owned()), "case {n}: {method} {path}");
            assert_eq!(answer.header("www-authenticate"), "Session");
            let taken_back = answer.header("set-cookie").starts_with(&format!("{SID}=;"));
            assert_eq!(taken_back, value.starts_with(SID), "SES-04: case {n}: {answer:?}");
        }
    }
    let query = format!("{TOKENS}?access_token={}", issued.token);
    assert_eq!(Answer::to(app.http.get(app.url(&query))).await.status, 401);
    assert_eq!(pats(&app), before);
    assert_eq!(listed(&app, &ui).await.len(), 2);
}

#[tokio::test]
async fn ses_17_a_cookie_and_another_credential_are_two() {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    let before = pats(&app);
    for value in [format!("Bearer {}", issued.token), "Bearer x".to_owned(), basic("a", "b")] {
        for (method, path) in doors(issued.id()) {
            let request = ui.proven(&app, method, &path).header("authorization", &value);
            let answer = Answer::to(request.json(&wish("more"))).await;
            assert_eq!(problem(&answer), (400, "invalid_request".to_owned()), "{path}");
        }
    }
    assert_eq!(pats(&app), before);
    create(&app, &ui, &wish("more")).await;
}

#[rstest]
#[tokio::test]
async fn pat_07_a_value_takes_a_fresh_proof(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, mut ui) = with_ann(engine).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    app.clock.advance(Duration::from_secs(601));
    let before = pats(&app);
    for (method, path) in &doors(issued.id())[1..4] {
        let answer = Answer::to(ui.proven(&app, method.clone(), path).json(&wish("more"))).await;
        assert_eq!(problem(&answer), (403, "reauthentication_required".to_owned()), "{path}");
    }
    assert_eq!(pats(&app), before);
    assert_eq!(listed(&app, &ui).await.len(), 1, "looking needs none");
    assert_eq!(ui.sign_in(&app, &ann, json!({})).await.status, 200);
    create(&app, &ui, &wish("more")).await;
    app.clock.advance(Duration::from_secs(601));
    assert_eq!(act(&app, &ui, Method::DELETE, issued.id(), "").await.status, 204, "nor does revoking");
}

#[rstest]
#[tokio::test]
async fn pat_09_somebody_elses_is_as_one_that_there_is_not(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, ui) = with_ann(engine).await;
    let bob = employee(&app, "bob").await;
    let bobs = Ui::signed_in(&app, &bob).await;
    let (one, two) = (create(&app, &ui, &wish("one")).await, create(&app, &ui, &wish("two")).await);
    let before = pats(&app);
    let said = async |id: &str, method: Method, verb: &str| {
        let request = bobs.proven(&app, method, &format!("{TOKENS}/{id}{verb}"));
        let answer = Answer::to(request.json(&json!({"overlap": 60}))).await;
        assert_eq!(problem(&answer), (404, "not_found".to_owned()), "{id}{verb}");
        let mut body = answer.json();
        body.as_object_mut().unwrap().remove("request_id");
        body
    };
    for (method, verb) in [(Method::POST, "/refresh"), (Method::POST, "/roll"), (Method::DELETE, "")] {
        let anns = said(one.id(), method.clone(), verb).await;
        for unknown in ["pat_00000000000000000000000000", "x", "%00", "%ff", "..%2f..", "usr_bob"] {
            assert_eq!(said(unknown, method.clone(), verb).await, anns);
        }
    }
    for path in ["/manage/v1/users/usr_ann/tokens", "/manage/v1/users/usr_bob/tokens"] {
        assert_eq!(bobs.get(&app, path).await.status, 404);
    }
    assert_eq!(pats(&app), before);
    assert_eq!(listed(&app, &bobs).await, Vec::<Value>::new());
    assert_eq!(act(&app, &ui, Method::DELETE, one.id(), "").await.status, 204);
    assert_eq!(introspected(&app, &app.demo.api, &one.token).await, json!({"active": false}));
    assert_eq!(introspected(&app, &app.demo.api, &two.token).await["active"], true, "one of two");
}
