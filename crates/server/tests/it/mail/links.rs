//! Links in mails, opened in a browser: each does one thing, once, for one user, in its time, and shows its value nowhere.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::SignIn;
use tokenry_model::About;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Page, TestApp};

use super::{ANN, context, mails, newest_link, postman, user};

pub(super) const PASSWORD: &str = "quiet plum ladder forty two";
const OTHER: &str = "seven brass owls at noon";

/// What a link leads to, opened in a fresh browser.
pub(super) async fn open(app: &TestApp, link: &str) -> (Browser, Page) {
    let mut browser = Browser::at(&app.issuer);
    let page = browser.open(link).await;
    (browser, page)
}

/// Chooses a password on the page that a link has led to.
pub(super) async fn choose(browser: &mut Browser, page: &Page, password: &str) -> Page {
    browser.submit(&page.form("/reset/password").with("password", password)).await
}

/// Whether somebody signs in with that password.
pub(super) async fn signs_in(app: &TestApp, username: &str, password: &str) -> bool {
    let password = Secret::new(password.to_owned());
    matches!(app.engine.sign_in(username, &password, &context(app)).await, Ok(SignIn::Proven(_)))
}

pub(super) fn must_be_dead(page: &Page) {
    assert_eq!(page.answer.status, 410, "{page:?}");
    assert_eq!(page.texts("h1"), ["This link does not work any more"]);
    assert!(page.forms().is_empty());
}

#[rstest]
#[tokio::test]
async fn log_17_an_invitation_sets_the_first_password_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let ann = user(&app, ANN).await;
    postman(&app).await.invite(ann.as_str()).await.unwrap();
    let link = newest_link(&app).await;
    let (mut late, late_page) = open(&app, &link).await;
    let (mut browser, page) = open(&app, &link).await;
    assert_eq!((page.url.path(), page.url.query()), ("/reset/password", None), "the address tells nothing");
    assert_eq!(page.texts("h1"), ["Choose your password"]);
    assert_eq!(page.form("/reset/password").value("username"), Some(ANN));

    let unfit = choose(&mut browser, &page, "too short").await;
    assert_eq!((unfit.answer.status.as_u16(), unfit.url.path()), (400, "/reset/password"));
    assert!(unfit.alert().contains("at least 15 characters"), "{}", unfit.alert());
    assert!(!unfit.answer.body.contains("too short"), "what was typed is not shown");
    let done = choose(&mut browser, &unfit, PASSWORD).await;
    assert_eq!(done.texts("h1"), ["Your password is set"]);
    assert!(done.answer.body.contains("Sign in with it"), "{done:?}");
    assert!(signs_in(&app, ANN, PASSWORD).await);
    assert!(app.store.find_user(&ann).await.unwrap().unwrap().email_verified_at.is_some());

    must_be_dead(&open(&app, &link).await.1);
    must_be_dead(&choose(&mut late, &late_page, OTHER).await);
    must_be_dead(&browser.open("/reset/password").await);
    assert!(signs_in(&app, ANN, PASSWORD).await && !signs_in(&app, ANN, OTHER).await);
    assert_eq!(mails(&app).await.len(), 1, "nobody is told of a first password");
    let events: Vec<_> = app.audit().await.into_iter().map(|record| record.event).collect();
    assert_eq!(events.iter().filter(|event| *event == "user.invitation_accepted").count(), 1);
}

#[rstest]
#[tokio::test]
async fn log_08_a_reset_signs_out_everywhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let (mut anns, mut bobs) = (app.browser(), app.browser());
    ann.sign_in(&mut anns).await;
    bob.sign_in(&mut bobs).await;
    assert_eq!(anns.open("/account").await.url.path(), "/account");
    app.clock.advance(Duration::from_secs(1));
    let mut asking = app.browser();
    let page = asking.open("/reset").await;
    asking.submit(&page.form("/reset").with("username", &ann.username)).await;
    let (mut browser, page) = open(&app, &newest_link(&app).await).await;
    assert_eq!(page.texts("h1"), ["Choose a new password"]);
    app.clock.advance(Duration::from_secs(1));
    choose(&mut browser, &page, PASSWORD).await;

    assert_eq!(anns.open("/account").await.url.path(), "/login");
    assert_eq!(bobs.open("/account").await.url.path(), "/account", "others stay");
    assert!(signs_in(&app, &ann.username, PASSWORD).await);
    assert!(!signs_in(&app, &ann.username, &ann.password).await);
    assert_eq!(mails(&app).await[0], (ann.username.clone(), About::PasswordChanged));
    assert!(browser.cookie("__Host-tokenry_sid").is_none(), "nobody is signed in by a link");
}

#[tokio::test]
async fn log_08_a_link_does_one_thing_in_its_time_and_no_page_is_reached_without_one() {
    let app = TestApp::quick(Sqlite).await;
    let ann = user(&app, ANN).await;
    for path in ["/reset/password", "/verify"] {
        must_be_dead(&Browser::at(&app.issuer).open(path).await);
        must_be_dead(&Browser::at(&app.issuer).open(&format!("{path}?token={}", "A".repeat(43))).await);
        let page = Browser::at(&app.issuer).open(&format!("{path}?token=%00")).await;
        assert_eq!((page.answer.status.as_u16(), page.forms().len()), (400, 0), "{page:?}");
    }
    postman(&app).await.send_verification(ann.as_str()).await.unwrap();
    let verification = newest_link(&app).await;
    must_be_dead(&open(&app, &verification.replace("/verify", "/reset/password")).await.1);
    app.clock.advance(Duration::from_secs(1));
    postman(&app).await.invite(ann.as_str()).await.unwrap();
    let invitation = newest_link(&app).await;
    must_be_dead(&open(&app, &invitation.replace("/reset/password", "/verify")).await.1);

    let (mut browser, page) = open(&app, &invitation).await;
    app.clock.advance(Duration::from_secs(30 * 60));
    must_be_dead(&choose(&mut browser, &page, PASSWORD).await);
    app.clock.advance(Duration::from_secs(7 * 86_400 - 30 * 60 - 1));
    let (mut browser, page) = open(&app, &invitation).await;
    app.clock.advance(Duration::from_secs(1));
    must_be_dead(&choose(&mut browser, &page, PASSWORD).await);
    must_be_dead(&open(&app, &invitation).await.1);
    assert!(!signs_in(&app, ANN, PASSWORD).await);
}

#[tokio::test]
async fn log_08_a_page_uses_the_link_that_it_shows_and_no_other() {
    const EVE: &str = "eve@globex.example";
    let app = TestApp::quick(Sqlite).await;
    let (ann, eve) = (user(&app, ANN).await, user(&app, EVE).await);
    postman(&app).await.invite(ann.as_str()).await.unwrap();
    let anns = newest_link(&app).await;
    app.clock.advance(Duration::from_secs(1));
    postman(&app).await.invite(eve.as_str()).await.unwrap();
    let eves = newest_link(&app).await;
    let (mut browser, page) = open(&app, &anns).await;
    browser.open(&eves).await;
    let refused = choose(&mut browser, &page, PASSWORD).await;
    assert_eq!((refused.answer.status.as_u16(), refused.texts("h1").len()), (409, 1), "{refused:?}");
    assert!(!signs_in(&app, ANN, PASSWORD).await && !signs_in(&app, EVE, PASSWORD).await);
    let page = browser.open(&anns).await;
    assert_eq!(choose(&mut browser, &page, PASSWORD).await.texts("h1"), ["Your password is set"]);
    assert!(signs_in(&app, ANN, PASSWORD).await && !signs_in(&app, EVE, PASSWORD).await);

    app.clock.advance(Duration::from_secs(1));
    postman(&app).await.send_verification(eve.as_str()).await.unwrap();
    let eves = newest_link(&app).await;
    app.clock.advance(Duration::from_secs(1));
    let bob = user(&app, "bob@acme.example").await;
    postman(&app).await.send_verification(bob.as_str()).await.unwrap();
    let (mut browser, page) = open(&app, &newest_link(&app).await).await;
    browser.open(&eves).await;
    assert_eq!(browser.submit(&page.form("/verify")).await.answer.status, 409);
    for id in [&eve, &bob] {
        assert_eq!(app.store.find_user(id).await.unwrap().unwrap().email_verified_at, None);
    }
    let page = browser.open(&eves).await;
    assert_eq!(browser.submit(&page.form("/verify")).await.texts("h1"), ["Your address is confirmed"]);
}

#[tokio::test]
async fn an_address_is_confirmed_by_a_button_and_not_by_opening_the_mail() {
    let app = TestApp::quick(Sqlite).await;
    let ann = user(&app, ANN).await;
    postman(&app).await.send_verification(ann.as_str()).await.unwrap();
    let link = newest_link(&app).await;
    let (mut browser, page) = open(&app, &link).await;
    assert_eq!((page.url.path(), page.url.query()), ("/verify", None));
    assert!(page.texts("strong").contains(&ANN.to_owned()));
    let verified_at = || async { app.store.find_user(&ann).await.unwrap().unwrap().email_verified_at };
    assert_eq!(verified_at().await, None);
    let done = browser.submit(&page.form("/verify")).await;
    assert_eq!(done.texts("h1"), ["Your address is confirmed"]);
    assert_eq!(verified_at().await, Some(app.clock.now()));
    must_be_dead(&open(&app, &link).await.1);
}

#[tokio::test]
async fn log_08_what_a_link_says_is_in_no_page_and_no_header_field() {
    let app = TestApp::quick(Sqlite).await;
    let ann = user(&app, ANN).await;
    postman(&app).await.invite(ann.as_str()).await.unwrap();
    let link = newest_link(&app).await;
    let token = link.split_once("token=").unwrap().1.to_owned();
    let mut browser = Browser::at(&app.issuer);
    let first = browser.get(&link).await;
    assert_eq!(first.answer.status, 303);
    for page in [first, browser.open("/reset/password").await] {
        assert_eq!(page.answer.header("referrer-policy"), "no-referrer");
        assert_eq!(page.answer.header("cache-control"), "no-store");
        assert!(!format!("{:?}{}", page.answer.headers, page.answer.body).contains(&token));
    }
    assert!(!browser.cookie("__Host-tokenry_link").unwrap().contains(&token));
}
