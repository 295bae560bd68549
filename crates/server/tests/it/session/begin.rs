//! `POST /session`: as `/login` hears it, with one answer for whatever is wrong.

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::GuessLimits;
use tokenry_engine::session::DEVICE_COOKIE;
use tokenry_model::{About, CompanyId, Event, Membership, UserState};
use tokenry_server::Headless;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Options, SCOPES, TestApp, totp};

use super::*;
use crate::mail::BROWSER;
use crate::people::second_factor::enrolled;

#[rstest]
#[tokio::test]
async fn r87_r88_a_separate_page_signs_people_in_and_asks_who_they_are(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    assert_eq!(problem(&Ui::default().get(&app, "/session").await), (401, "session_required".to_owned()));

    let mut ui = Ui::default();
    let answer = ui.sign_in(&app, &ann, json!({"code": null, "company_id": null, "theme": 7})).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    let mut permissions: Vec<_> = SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    permissions.sort();
    let user = json!({"id": ann.id.as_str(), "username": ann.username, "permissions": permissions});
    assert_eq!(body["user"], user);
    assert_eq!(body["company"]["id"], app.demo.acme.as_str());
    assert_eq!(body["expires_at"], "2026-12-20T08:00:00.000Z");
    assert_eq!(body["csrf_token"].as_str().unwrap().len(), 43);
    assert!(!ui.cookie(SID).is_empty() && !ui.cookie(API).is_empty());

    let shown = ui.get(&app, "/session").await;
    assert_eq!((shown.json(), shown.header("set-cookie")), (body.clone(), ""));
    assert_eq!(ui.get(&app, "/session/csrf").await.json(), json!({"csrf_token": body["csrf_token"]}));

    let before = ui.clone();
    let out = Answer::to(ui.proven(&app, Method::DELETE, "/session")).await;
    ui.keep(&out);
    assert_eq!((out.status.as_u16(), out.body.as_str(), ui.jar.contains_key(SID)), (204, "", false));
    assert!(!ui.jar.contains_key(API));
    for path in ["/session", "/session/csrf"] {
        assert_eq!(problem(&before.get(&app, path).await), (401, "session_required".to_owned()), "SES-07");
    }
    let again = Answer::to(before.proven(&app, Method::DELETE, "/session")).await;
    assert_eq!((again.status.as_u16(), sessions(&app).await), (204, 1), "the one that employing leaves");
    let events: Vec<_> = app.audit().await.iter().map(|row| row.event.clone()).collect();
    let seen = |event: Event| events.iter().filter(|seen| *seen == event.as_str()).count();
    assert_eq!((seen(Event::SessionStarted), seen(Event::SessionEnded)), (1, 1));
}

#[tokio::test]
async fn log_01_whatever_is_wrong_has_one_answer() {
    let app = app_on(Sqlite).await;
    let (ann, bob) = (employee(&app, "ann").await, employee(&app, "bob").await);
    let off = UserState::Disabled { at: app.clock.now() };
    app.store.set_user_state(&bob.id, off, app.clock.now(), &[], None).await.unwrap();
    let leaving = employee(&app, "leo").await;
    let due = UserState::Leaving { due_at: app.clock.now().plus(Duration::from_secs(86_400)) };
    app.store.set_user_state(&leaving.id, due, app.clock.now(), &[], None).await.unwrap();
    let wrong = Person { password: "not it, and long enough".to_owned(), ..ann.clone() };
    let nobody = Person { username: "nobody@acme.example".to_owned(), ..ann.clone() };
    let mut bodies = Vec::new();
    for person in [&wrong, &nobody, &bob, &leaving] {
        let mut ui = Ui::default();
        let answer = ui.sign_in(&app, person, json!({})).await;
        assert_eq!(problem(&answer), (401, "invalid_credentials".to_owned()));
        assert_eq!((answer.header("www-authenticate"), ui.jar.len()), ("Session", 0));
        let mut body = answer.json();
        body.as_object_mut().unwrap().remove("request_id");
        bodies.push(body);
    }
    bodies.dedup();
    assert_eq!((bodies.len(), sessions(&app).await), (1, 1), "the one that employing leaves of ann");
    Ui::signed_in(&app, &ann).await;
}

#[tokio::test]
async fn log_03_failures_count_as_at_the_page() {
    let headless = Headless { origins: vec![UI.to_owned()], ..Headless::default() };
    let guesses = GuessLimits { failures_per_client: 3, ..GuessLimits::NONE };
    let app = TestApp::with(Options { headless, guesses, ..Options::default() }).await;
    let ann = employee(&app, "ann").await;
    let wrong = Person { password: "not it, and long enough".to_owned(), ..ann.clone() };
    for _failure in 0..3 {
        let answer = Ui::default().sign_in(&app, &wrong, json!({})).await;
        assert_eq!(problem(&answer).1, "invalid_credentials");
    }
    let answer = Ui::default().sign_in(&app, &ann, json!({})).await;
    assert_eq!(problem(&answer), (429, "temporarily_unavailable".to_owned()));
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    app.clock.advance(Duration::from_secs(61));
    Ui::signed_in(&app, &ann).await;
}

#[rstest]
#[tokio::test]
async fn r108_a_sign_in_here_with_a_new_device_is_told_with_time_address_and_device(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    let told = async || {
        let listed = app.engine.mailbox().await.unwrap();
        let of_devices = listed.into_iter().filter(|mail| mail.about == Some(About::NewDevice));
        of_devices.map(|mail| (mail.id, mail.recipient)).collect::<Vec<_>>()
    };
    let mut home = Ui::signed_in(&app, &ann).await;
    assert_eq!(home.sign_in(&app, &ann, json!({})).await.status, 200);
    assert_eq!(told().await.len(), 0, "the first one is theirs, and known from then on");
    app.clock.advance(Duration::from_secs(3_600));
    let at = app.clock.now();
    let mut away = Ui::default();
    for _time in 0..2 {
        let body = json!({"username": ann.username, "password": ann.password});
        let request = away.request(&app, Method::POST, "/session").header("user-agent", BROWSER);
        let answer = Answer::to(request.json(&body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        away.keep(&answer);
        away = Ui::default().with(DEVICE_COOKIE, away.cookie(DEVICE_COOKIE));
    }
    let mails = told().await;
    assert_eq!((mails.len(), &mails[0].1), (1, &ann.username), "once");
    let letter = app.engine.open_mail(&mails[0].0).await.unwrap().unwrap().mail.letter;
    assert_eq!(
        (letter.at, letter.address.as_deref(), letter.browser.as_deref()),
        (at, Some("127.0.0.1"), Some("Firefox on Linux"))
    );
    // Who has not got in is no new device.
    let wrong = Person { password: "not it, and long enough".to_owned(), ..ann.clone() };
    assert_eq!(Ui::default().sign_in(&app, &wrong, json!({})).await.status, 401);
    assert_eq!(told().await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn log_06_log_07_a_second_factor_is_asked_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    let (_browser, key, recovery) = enrolled(&app, &ann).await;
    let before = sessions(&app).await;
    let mut ui = Ui::default();
    let answer = ui.sign_in(&app, &ann, json!({})).await;
    assert_eq!(problem(&answer), (401, "second_factor_required".to_owned()));
    let answer = ui.sign_in(&app, &ann, json!({"code": "000000"})).await;
    assert_eq!(problem(&answer), (401, "invalid_credentials".to_owned()));
    assert_eq!((ui.jar.len(), sessions(&app).await), (0, before));
    let code = totp(&key, app.clock.now());
    assert_eq!(ui.sign_in(&app, &ann, json!({"code": code})).await.status, 200);
    let replayed = Ui::default().sign_in(&app, &ann, json!({"code": code})).await;
    assert_eq!(problem(&replayed).1, "invalid_credentials");
    let mut other = Ui::default();
    assert_eq!(other.sign_in(&app, &ann, json!({"code": recovery[0]})).await.status, 200);
    let used = Ui::default().sign_in(&app, &ann, json!({"code": recovery[0]})).await;
    assert_eq!(problem(&used).1, "invalid_credentials");
}

#[tokio::test]
async fn tok_27_a_body_that_is_none_is_refused_before_anybody_is_asked_for() {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let twice = r#"{"username":"a","username":"b","password":"x"}"#;
    for body in
        ["", "[]", "{", "\"x\"", "{}", r#"{"username":"a"}"#, r#"{"username":7,"password":"x"}"#, twice]
    {
        let request = Ui::default().request(&app, Method::POST, "/session");
        let answer = Answer::to(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(problem(&answer), (400, "invalid_request".to_owned()), "{body}");
    }
    for media in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let body = json!({"username": ann.username, "password": ann.password}).to_string();
        let mut request = Ui::default().request(&app, Method::POST, "/session").body(body);
        if !media.is_empty() {
            request = request.header("content-type", media);
        }
        assert_eq!(problem(&Answer::to(request).await).0, 400, "LOG-16: what a form can send is no body");
    }
    Ui::signed_in(&app, &ann).await;
}

#[rstest]
#[tokio::test]
async fn ses_01_another_proof_gives_other_cookies_and_the_old_ones_are_dead(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = app_on(engine).await;
    let (ann, bob) = (employee(&app, "ann").await, employee(&app, "bob").await);
    let mut ui = Ui::signed_in(&app, &ann).await;
    let (first, began) = (ui.clone(), sessions(&app).await);
    assert_eq!(checked(&app, &app.demo.api, first.cookie(API)).await["active"], true);
    app.clock.advance(Duration::from_secs(700));
    assert_eq!(ui.sign_in(&app, &ann, json!({})).await.status, 200);
    assert_eq!(sessions(&app).await, began, "the session goes on");
    assert_ne!((first.cookie(SID), first.cookie(API)), (ui.cookie(SID), ui.cookie(API)));
    assert_eq!(first.get(&app, "/session").await.status, 401);
    assert_eq!(checked(&app, &app.demo.api, first.cookie(API)).await, json!({"active": false}));
    assert_eq!(first.csrf, ui.csrf, "a page that lies open goes on");

    let second = ui.clone();
    assert_eq!(ui.sign_in(&app, &bob, json!({})).await.json()["user"]["id"], bob.id.as_str());
    assert_eq!(second.get(&app, "/session").await.status, 401, "somebody else's ends");
    assert_eq!(checked(&app, &app.demo.api, second.cookie(API)).await, json!({"active": false}));
    assert_ne!(second.csrf, ui.csrf);
}

#[tokio::test]
async fn r87_who_signs_in_at_our_own_page_has_both_cookies_too() {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let cookie = browser.cookie(API).unwrap().to_owned();
    assert_eq!(checked(&app, &app.demo.api, &cookie).await["sub"], ann.id.as_str());
    let ui = Ui::default().with(SID, browser.cookie(SID).unwrap()).with(API, &cookie);
    assert_eq!(ui.get(&app, "/session").await.json()["user"]["username"], ann.username);
    let form = browser.open("/logout").await.form("/logout");
    browser.submit(&form).await;
    assert_eq!((browser.cookie(SID), browser.cookie(API)), (None, None));
    assert_eq!(checked(&app, &app.demo.api, &cookie).await, json!({"active": false}));
}

#[rstest]
#[tokio::test]
async fn somebody_of_several_companies_says_for_which_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    let globex = CompanyId::parse(&app.demo.globex).unwrap();
    let now = app.clock.now();
    let membership =
        Membership { user_id: ann.id.clone(), company_id: globex.clone(), roles: vec![], created_at: now };
    app.store.add_membership(&membership, &[]).await.unwrap();
    let mut ui = Ui::default();
    for wanted in [json!({}), json!({"company_id": "none-of-theirs"})] {
        let answer = ui.sign_in(&app, &ann, wanted).await;
        assert_eq!(problem(&answer), (403, "company_required".to_owned()));
        let companies = answer.json()["companies"].as_array().unwrap().clone();
        let mut ids: Vec<_> = companies.iter().map(|company| company["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        let mut theirs = [app.demo.acme.as_str(), globex.as_str()];
        theirs.sort_unstable();
        assert_eq!(ids, theirs);
        assert!(companies.iter().all(|company| company["name"].as_str().is_some()));
        assert_eq!((ui.jar.len(), sessions(&app).await), (0, 1));
    }
    let answer = ui.sign_in(&app, &ann, json!({"company_id": globex.as_str()})).await;
    assert_eq!(answer.json()["company"]["id"], globex.as_str());
    assert_eq!(answer.json()["user"]["permissions"], json!([]), "the role is for another company");
    let again = ui.sign_in(&app, &ann, json!({})).await;
    assert_eq!(again.json()["company"]["id"], globex.as_str(), "the session goes on for the same one");
    let acme = ui.sign_in(&app, &ann, json!({"company_id": app.demo.acme})).await;
    assert_eq!(acme.json()["user"]["permissions"].as_array().unwrap().len(), SCOPES.len());
}
