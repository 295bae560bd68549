//! Notices of what people did not do here: a sign-in with a browser that is new, and what operators changed.

use std::time::Duration;

use rstest::rstest;
use tokenry_model::About;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Person, TestApp};

use super::links::{PASSWORD, choose, open};
use super::{ANN, BROWSER, newest_link};

const DEVICE: &str = "__Host-tokenry_device";
const NEW: About = About::NewDevice;

/// To whom mail about that went.
async fn told(app: &TestApp, about: About) -> Vec<String> {
    let listed = app.engine.mailbox().await.unwrap();
    listed.into_iter().filter(|mail| mail.about == Some(about)).map(|mail| mail.recipient).collect()
}

async fn sign_in_and_out(person: &Person, browser: &mut Browser) {
    let page = person.sign_in(browser).await;
    assert_eq!(page.url.path(), "/account", "{page:?}");
    let page = browser.open("/logout").await;
    browser.submit(&page.form("/logout")).await;
}

#[rstest]
#[tokio::test]
async fn a_sign_in_with_a_new_browser_is_told_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let (mut home, mut away) = (app.browser(), app.browser());
    away.user_agent = BROWSER.to_owned();
    for _time in 0..2 {
        sign_in_and_out(&ann, &mut home).await;
        assert!(told(&app, NEW).await.is_empty(), "the first browser is theirs, and known from then on");
    }
    let known = home.cookie(DEVICE).unwrap().to_owned();
    assert_eq!(known.len(), 43);

    for _time in 0..2 {
        sign_in_and_out(&ann, &mut away).await;
        assert_eq!(told(&app, NEW).await, [ANN], "once");
    }
    let listed = app.engine.mailbox().await.unwrap();
    let letter = app.engine.open_mail(&listed[0].id).await.unwrap().unwrap().mail.letter;
    assert_eq!(letter.browser.as_deref(), Some("Firefox on Linux"));
    assert_eq!(letter.address.as_deref(), Some("127.0.0.1"));
    let page = format!("{}/account/sessions#", app.issuer);
    let link = letter.link.as_ref().unwrap().expose();
    assert!(
        link.strip_prefix(&page).is_some_and(|row| row.len() > 10),
        "{link}: the session's row, and no more"
    );

    // Who else signs in there has browsers of their own.
    sign_in_and_out(&bob, &mut home).await;
    assert_eq!(told(&app, NEW).await, [ANN]);
    assert_eq!(home.cookie(DEVICE), Some(known.as_str()));
    let mut other = app.browser();
    other.put_cookie(DEVICE, Some("not one of ours"));
    sign_in_and_out(&bob, &mut other).await;
    assert_eq!(told(&app, NEW).await.len(), 2);
    assert_eq!(other.cookie(DEVICE).unwrap().len(), 43);
}

#[tokio::test]
async fn ses_03_what_a_browser_is_known_by_has_every_attribute_and_opens_nothing() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    let page = browser.open("/login").await;
    let form = page.form("/login").with("username", &ann.username).with("password", &ann.password);
    let answer = browser.send(&form).await.answer;
    let set: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
    let device = set.iter().find(|it| it.starts_with(DEVICE)).unwrap();
    let rest = device.split_once("; ").unwrap().1;
    assert_eq!(rest, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000");
    let mut thief = app.browser();
    thief.put_cookie(DEVICE, browser.cookie(DEVICE));
    assert_eq!(thief.open("/account").await.url.path(), "/login");
}

#[tokio::test]
async fn showing_once_more_who_one_is_is_no_new_sign_in() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    // As after an upgrade: there is a session, and no browser is known.
    app.database.execute("DELETE FROM known_devices");
    browser.put_cookie(DEVICE, None);
    let page = browser.open("/login?next=/account/security").await;
    assert_eq!(page.url.path(), "/login", "{page:?}");
    ann.fill_in(&mut browser, &page).await;
    let page = browser.open("/logout").await;
    browser.submit(&page.form("/logout")).await;
    sign_in_and_out(&ann, &mut browser).await;
    assert!(told(&app, NEW).await.is_empty());
    sign_in_and_out(&ann, &mut app.browser()).await;
    assert_eq!(told(&app, NEW).await, [ANN], "the other one was known by then");
}

#[tokio::test]
async fn after_another_password_the_first_browser_is_theirs_and_all_others_are_new() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut thief = app.browser();
    sign_in_and_out(&ann, &mut thief).await;
    let mut browser = app.browser();
    let page = browser.open("/reset").await;
    browser.submit(&page.form("/reset").with("username", ANN)).await;
    app.engine.settle_mail().await;
    let (mut browser, page) = open(&app, &newest_link(&app).await).await;
    choose(&mut browser, &page, PASSWORD).await;
    let ann = Person { password: PASSWORD.to_owned(), ..ann };
    sign_in_and_out(&ann, &mut browser).await;
    assert!(told(&app, NEW).await.is_empty(), "{:?}", told(&app, NEW).await);
    sign_in_and_out(&ann, &mut thief).await;
    assert_eq!(told(&app, NEW).await, [ANN]);
}

#[tokio::test]
async fn peer_17_who_has_a_password_fills_no_mailbox() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    for _browser in 0..8 {
        sign_in_and_out(&ann, &mut app.browser()).await;
    }
    // The first of the hour is the one that is known.
    assert_eq!(told(&app, NEW).await.len(), 4);
    app.clock.advance(Duration::from_secs(3_600));
    sign_in_and_out(&ann, &mut app.browser()).await;
    assert_eq!(told(&app, NEW).await.len(), 5);
}

#[rstest]
#[tokio::test]
async fn what_an_operator_changes_is_told_if_there_was_something_before(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    const CHANGED: About = About::PasswordSetByOperator;
    let app = TestApp::quick(engine).await;
    let ann = super::user(&app, ANN).await;
    let set = async |password: &str| {
        let password = Secret::new(password.to_owned());
        drop(app.manager.set_user_password(ann.as_str(), &password).await.unwrap());
    };
    set(PASSWORD).await;
    assert!(told(&app, CHANGED).await.is_empty(), "a first password is none that was changed");
    set("seven brass owls at noon").await;
    assert_eq!(told(&app, CHANGED).await, [ANN]);
    let listed = app.engine.mailbox().await.unwrap();
    let letter = app.engine.open_mail(&listed[0].id).await.unwrap().unwrap().mail.letter;
    assert!(letter.link.is_none() && letter.browser.is_none());
}
