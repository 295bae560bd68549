//! `/reset`: everybody is told the same, and mail goes to whom it may concern, not too often and with a link to us.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use rstest::rstest;
use tokenry_engine::GuessLimits;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Options, Page, TestApp};

use super::{ANN, BROWSER, mails, newest_link, user};

async fn ask(browser: &mut Browser, username: &str) -> Page {
    let page = browser.open("/reset").await;
    browser.send(&page.form("/reset").with("username", username)).await
}

/// What of an answer its reader can tell apart.
pub(super) fn look(page: &Page) -> (StatusCode, BTreeSet<String>, String) {
    let changes = ["date", "x-request-id"];
    let fields = page.answer.headers.iter().filter(|(name, _)| !changes.contains(&name.as_str()));
    let fields = fields.map(|(name, value)| format!("{name}: {value:?}")).collect();
    (page.answer.status, fields, page.answer.body.clone())
}

#[rstest]
#[tokio::test]
async fn log_02_peer_21_everybody_is_told_the_same(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    user(&app, ANN).await;
    let off = user(&app, "off@acme.example").await;
    app.database.execute(&format!("UPDATE users SET disabled_at = 1 WHERE id = '{off}'"));
    let mut looks = Vec::new();
    for name in [ANN, "nobody@acme.example", "off@acme.example"] {
        let mut browser = Browser::at(&app.issuer);
        let sent = ask(&mut browser, name).await;
        assert_eq!(sent.redirect().unwrap().path(), "/reset/sent");
        let after = browser.open("/reset/sent").await;
        assert!(after.answer.body.contains("If there is an account"));
        looks.push((look(&sent), look(&after)));
    }
    assert_eq!(looks[0], looks[1]);
    assert_eq!(looks[0], looks[2]);
    assert_eq!(mails(&app).await, [(ANN.to_owned(), About::Reset)]);
    let asked = app.audit().await.into_iter().filter(|it| it.event == "password.reset_requested").count();
    assert_eq!(asked, 1, "strangers fill no disk");
}

#[tokio::test]
async fn a_name_is_found_however_it_is_written_and_a_bad_one_is_said_to_be() {
    let app = TestApp::quick(Sqlite).await;
    user(&app, ANN).await;
    let mut browser = Browser::at(&app.issuer);
    for bad in ["", "ann", "ann@", "a@b@c.example", "ann@acme.example\nBcc: x@evil.example"] {
        let page = ask(&mut browser, bad).await;
        assert_eq!(page.answer.status, 400, "{bad:?}");
        assert_eq!(page.alert(), "Enter the e-mail address that you sign in with.");
    }
    assert!(mails(&app).await.is_empty());
    ask(&mut browser, " ANN@Acme.Example ").await;
    assert_eq!(mails(&app).await.len(), 1);
}

#[tokio::test]
async fn log_08_the_link_leads_to_the_issuer_whatever_the_request_says() {
    let app = TestApp::quick(Sqlite).await;
    user(&app, ANN).await;
    let mut browser = Browser::at(&app.issuer);
    let form = browser.open("/reset").await.form("/reset").with("username", ANN);
    let cookie = format!("__Host-tokenry_pre={}", browser.cookie("__Host-tokenry_pre").unwrap());
    let request = app.http.post(form.action.clone()).form(&form.fields).header("cookie", cookie);
    let request = request
        .header("sec-fetch-site", "same-origin")
        .header("user-agent", BROWSER)
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "https")
        .header("forwarded", "host=evil.example;proto=https");
    assert_eq!(request.send().await.unwrap().status(), 303);
    let link = newest_link(&app).await;
    assert!(link.starts_with(&format!("{}/reset/password?token=", app.issuer)), "{link}");
}

#[tokio::test]
async fn log_16_a_form_that_is_not_of_this_browser_asks_for_nothing() {
    let app = TestApp::quick(Sqlite).await;
    user(&app, ANN).await;
    let mut browser = Browser::at(&app.issuer);
    let form = browser.open("/reset").await.form("/reset").with("username", ANN);
    let mut other = Browser::at(&app.issuer);
    other.open("/reset").await;
    let strangers = [other.send(&form).await, Browser::at(&app.issuer).send(&form).await];
    let mut crossing = browser.clone();
    crossing.site = "cross-site";
    for page in strangers
        .into_iter()
        .chain([crossing.send(&form).await, browser.send(&form.clone().without("csrf")).await])
    {
        assert_eq!(page.answer.status, 403, "{page:?}");
    }
    assert!(mails(&app).await.is_empty());
    assert_eq!(browser.send(&form).await.answer.status, 303);
    assert_eq!(mails(&app).await.len(), 1);
}

#[tokio::test]
async fn peer_17_who_asks_too_often_for_one_name_waits_and_others_do_not() {
    let guesses = GuessLimits { failures_per_client: 3, ..GuessLimits::NONE };
    let app = TestApp::with(Options { guesses, ..Options::default() }).await;
    for name in [ANN, "bob@acme.example"] {
        user(&app, name).await;
    }
    for name in [ANN, "nobody@acme.example"] {
        let mut browser = Browser::at(&app.issuer);
        for _time in 0..3 {
            assert_eq!(ask(&mut browser, name).await.answer.status, 303);
        }
        let page = ask(&mut browser, name).await;
        assert_eq!(page.answer.status, 429, "known or not: {name}");
        let wait = page.answer.header("retry-after").parse::<u64>().unwrap();
        assert_eq!(page.alert(), format!("Too many links were asked for. Try again in {wait} seconds."));
    }
    assert_eq!(mails(&app).await.len(), 1);
    let mut browser = Browser::at(&app.issuer);
    assert_eq!(ask(&mut browser, "bob@acme.example").await.answer.status, 303);
    assert_eq!(mails(&app).await.len(), 2);
}

/// A firm's first day, behind one address.
#[tokio::test]
async fn peer_17_who_asks_for_many_names_keeps_nobody_from_signing_in() {
    let guesses = GuessLimits { names_per_address: 3, ..GuessLimits::NONE };
    let app = TestApp::with(Options { guesses, ..Options::default() }).await;
    let ann = app.person("ann").await;
    let mut browser = Browser::at(&app.issuer);
    for n in 0..4 {
        assert_eq!(ask(&mut browser, &format!("n{n}@acme.example")).await.answer.status, 303);
    }
    assert_eq!(ask(&mut browser, "n5@acme.example").await.answer.status, 429);
    assert_eq!(ann.sign_in(&mut browser).await.answer.status, 200);
}

/// What is written of a known name takes longer than nothing: nobody waits for either.
#[tokio::test]
async fn log_02_peer_21_the_answer_waits_for_nothing_that_differs() {
    let app = TestApp::quick(Sqlite).await;
    user(&app, ANN).await;
    let mut browser = Browser::at(&app.issuer);
    let form = browser.open("/reset").await.form("/reset").with("username", ANN);
    let writer = app.database.connection().unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(browser.send(&form).await.answer.status, 303, "while nobody can write");
    assert!(app.store.list_mail(9).await.unwrap().is_empty());
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(mails(&app).await.len(), 1);
}
