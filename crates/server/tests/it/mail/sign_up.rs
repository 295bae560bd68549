//! `/signup`: off unless somebody says otherwise; then everybody is told the same, and an account begins with a proven address.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::GuessLimits;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Options, Page, TestApp};

use super::links::{PASSWORD, choose, must_be_dead, open, signs_in};
use super::reset::look;
use super::{ANN, mails, newest_link, user};

const NEW: &str = "dora@acme.example";
const OTHER: &str = "seven brass owls at noon";

async fn app(database: Engine) -> TestApp {
    TestApp::with(Options { database, sign_up: true, ..Options::default() }).await
}

async fn ask(browser: &mut Browser, username: &str) -> Page {
    let page = browser.open("/signup").await;
    browser.send(&page.form("/signup").with("username", username)).await
}

async fn users(app: &TestApp) -> usize {
    app.store.list_users(None, 99).await.unwrap().len()
}

#[tokio::test]
async fn nobody_makes_an_account_where_nobody_may() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    assert!(!browser.open("/login").await.answer.body.contains("/signup"));
    let page = browser.open("/signup").await;
    assert_eq!(page.answer.status, 404);
    assert_eq!(page.texts("h1"), ["Accounts are not made here"]);
    assert_eq!(browser.open("/signup/sent").await.answer.status, 404);
    let form = browser.open("/reset").await.form("/reset").with("username", NEW);
    let mut elsewhere = form.clone();
    elsewhere.action.set_path("/signup");
    assert_eq!(browser.send(&elsewhere).await.answer.status, 404);
    assert!(mails(&app).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn log_08_a_proven_address_and_a_password_make_an_account_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = app(engine).await;
    let (before, seq) = (users(&app).await, app.audit().await.last().map_or(0, |record| record.seq));
    let mut browser = app.browser();
    let page = browser.open("/login").await;
    assert!(page.answer.body.contains("href=\"/signup\""));
    let sent = ask(&mut browser, " Dora@Acme.Example ").await;
    assert_eq!(sent.redirect().unwrap().path(), "/signup/sent");
    assert_eq!(browser.open("/signup/sent").await.texts("h1"), ["Look into your mail"]);
    assert_eq!(mails(&app).await, [(NEW.to_owned(), About::SignUp)]);
    assert_eq!(users(&app).await, before, "nobody is stored before the address is proven");

    let link = newest_link(&app).await;
    let (mut late, late_page) = open(&app, &link).await;
    let (mut browser, page) = open(&app, &link).await;
    assert_eq!((page.url.path(), page.url.query()), ("/reset/password", None), "the address tells nothing");
    assert_eq!(page.texts("h1"), ["Choose your password"]);
    assert_eq!(page.form("/reset/password").value("username"), Some(NEW));
    let unfit = choose(&mut browser, &page, "dora@acme.example").await;
    assert_eq!(unfit.answer.status, 400, "her own name is no password: {}", unfit.alert());
    let done = choose(&mut browser, &unfit, PASSWORD).await;
    assert_eq!(done.texts("h1"), ["Your password is set"]);
    assert!(browser.cookie("__Host-tokenry_sid").is_none(), "nobody is signed in by a link");
    assert!(signs_in(&app, NEW, PASSWORD).await);
    let dora = app.store.find_user_by_username(NEW).await.unwrap().unwrap();
    assert!(dora.email_verified_at.is_some());

    must_be_dead(&open(&app, &link).await.1);
    must_be_dead(&choose(&mut late, &late_page, OTHER).await);
    assert!(signs_in(&app, NEW, PASSWORD).await && !signs_in(&app, NEW, OTHER).await);
    assert_eq!(users(&app).await, before + 1);
    let events: Vec<_> = app.audit_after(seq).await.into_iter().map(|record| record.event).collect();
    assert_eq!(events, ["user.signed_up"], "strangers fill no trail");
}

#[rstest]
#[tokio::test]
async fn log_02_peer_21_everybody_who_wants_an_account_is_told_the_same(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = app(engine).await;
    user(&app, ANN).await;
    let off = user(&app, "off@acme.example").await;
    app.database.execute(&format!("UPDATE users SET disabled_at = 1 WHERE id = '{off}'"));
    let mut looks = Vec::new();
    for name in [ANN, NEW, "off@acme.example"] {
        let mut browser = Browser::at(&app.issuer);
        let sent = ask(&mut browser, name).await;
        let after = browser.open("/signup/sent").await;
        looks.push((look(&sent), look(&after)));
    }
    assert_eq!(looks[0], looks[1]);
    assert_eq!(looks[0], looks[2]);
    let mut told = mails(&app).await;
    told.sort();
    let mail = |to: &str, about| (to.to_owned(), about);
    assert_eq!(told, [mail(ANN, About::Reset), mail(NEW, About::SignUp)]);
}

#[tokio::test]
async fn log_08_a_link_makes_no_account_after_its_time_nor_in_the_place_of_another() {
    let app = app(Sqlite).await;
    let mut browser = app.browser();
    ask(&mut browser, NEW).await;
    let link = newest_link(&app).await;
    let (mut browser, page) = open(&app, &link).await;
    app.clock.advance(Duration::from_secs(30 * 60 - 1));
    assert_eq!(open(&app, &link).await.1.texts("h1"), ["Choose your password"]);
    app.clock.advance(Duration::from_secs(1));
    must_be_dead(&open(&app, &link).await.1);
    must_be_dead(&choose(&mut browser, &page, PASSWORD).await);
    assert!(app.store.find_user_by_username(NEW).await.unwrap().is_none());

    ask(&mut browser, NEW).await;
    let link = newest_link(&app).await;
    let verify = link.replace("/reset/password", "/verify");
    must_be_dead(&open(&app, &verify).await.1);
    let (mut browser, page) = open(&app, &link).await;
    user(&app, NEW).await;
    must_be_dead(&choose(&mut browser, &page, PASSWORD).await);
    must_be_dead(&open(&app, &link).await.1);
    assert!(!signs_in(&app, NEW, PASSWORD).await, "an operator was faster");
}

/// The answer of `/signup` waits for nothing that differs either.
#[tokio::test]
async fn log_02_peer_21_who_wants_an_account_waits_for_no_database() {
    let app = app(Sqlite).await;
    let mut browser = app.browser();
    let form = browser.open("/signup").await.form("/signup").with("username", NEW);
    let writer = app.database.connection().unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(browser.send(&form).await.answer.status, 303, "while nobody can write");
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(mails(&app).await.len(), 1);
}

/// The link works as long as there is no account: after half an hour, for who is disabled, and while a page is open.
#[tokio::test]
async fn log_05_who_was_disabled_makes_no_account_anew() {
    let app = app(Sqlite).await;
    let mut browser = app.browser();
    ask(&mut browser, NEW).await;
    let link = newest_link(&app).await;
    let (mut browser, page) = open(&app, &link).await;
    choose(&mut browser, &page, PASSWORD).await;
    app.manager.disable_user(NEW).await.unwrap();
    must_be_dead(&open(&app, &link).await.1);
    app.manager.delete_user(NEW).await.unwrap();
    let (_browser, page) = open(&app, &link).await;
    assert_eq!(page.texts("h1"), ["Choose your password"], "removing is not barring");
}

#[tokio::test]
async fn who_comes_with_a_dead_link_can_ask_for_another_there_and_then() {
    let app = app(Sqlite).await;
    let page = app.browser().open("/reset/password?token=nothing").await;
    must_be_dead(&page);
    assert!(page.attributes("main a", "href").contains(&"/signup".to_owned()), "{page:?}");
    let page = app.browser().open("/reset/password?token=a&token=b").await;
    assert_eq!(
        (page.answer.status.as_u16(), page.texts("h1").len()),
        (400, 1),
        "a page for people: {page:?}"
    );
}

#[tokio::test]
async fn ses_04_no_byte_of_a_link_can_be_changed() {
    let app = app(Sqlite).await;
    let mut browser = app.browser();
    ask(&mut browser, NEW).await;
    let link = newest_link(&app).await;
    let (path, token) = link.split_once("token=").unwrap();
    for at in (0..token.len()).step_by(7) {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        must_be_dead(&open(&app, &format!("{path}token={changed}")).await.1);
    }
    assert_eq!(open(&app, &link).await.1.texts("h1"), ["Choose your password"]);
}

#[tokio::test]
async fn log_16_a_form_that_is_not_of_this_browser_makes_no_account() {
    let app = app(Sqlite).await;
    let mut browser = app.browser();
    let form = browser.open("/signup").await.form("/signup").with("username", NEW);
    let mut crossing = browser.clone();
    crossing.site = "cross-site";
    for page in [
        Browser::at(&app.issuer).send(&form).await,
        crossing.send(&form).await,
        browser.send(&form.clone().without("csrf")).await,
    ] {
        assert_eq!(page.answer.status, 403, "{page:?}");
    }
    assert!(mails(&app).await.is_empty());
    assert_eq!(browser.send(&form).await.answer.status, 303);
    assert_eq!(mails(&app).await.len(), 1);
}

#[tokio::test]
async fn peer_17_who_asks_too_often_for_an_account_waits() {
    let guesses = GuessLimits { failures_per_client: 3, names_per_address: 5, ..GuessLimits::NONE };
    let app = TestApp::with(Options { guesses, sign_up: true, ..Options::default() }).await;
    let mut browser = app.browser();
    for _time in 0..3 {
        assert_eq!(ask(&mut browser, NEW).await.answer.status, 303);
    }
    let page = ask(&mut browser, NEW).await;
    assert_eq!(page.answer.status, 429);
    assert!(page.alert().starts_with("Too many links were asked for."), "{}", page.alert());
    assert_eq!(mails(&app).await.len(), 1);
    for n in 0..9 {
        ask(&mut browser, &format!("n{n}@acme.example")).await;
    }
    assert_eq!(mails(&app).await.len(), 6, "strangers' mailboxes are not filled from here");
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(ask(&mut browser, "late@acme.example").await.answer.status, 303);
    assert_eq!(mails(&app).await.len(), 7);
}

#[tokio::test]
async fn what_is_no_address_is_said_to_be_none() {
    let app = app(Sqlite).await;
    let mut browser = app.browser();
    for bad in ["", "dora", "dora@", "a@b@c.example", "dora@acme.example\nBcc: x@evil.example"] {
        let page = ask(&mut browser, bad).await;
        assert_eq!(
            (page.answer.status.as_u16(), page.alert()),
            (400, "Enter your e-mail address.".to_owned())
        );
    }
    assert!(mails(&app).await.is_empty());
}
