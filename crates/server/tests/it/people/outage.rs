//! A database that does not answer: every page is there again shortly, and says so; nothing has changed (DB-03, DB-05, DB-07).

use std::collections::BTreeSet;

use reqwest::StatusCode;
use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_server::pages;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Form, Page, Person, TestApp, totp};

use super::is_account_of;
use super::second_factor::enrolled;

const SECURITY: &str = "/account/security";
const DATA: &str = "/account/data";

/// Pages that without a link or a client ask for nothing that is stored.
const SERVED: [&str; 17] = [
    "/address/done",
    "/address/waiting",
    "/authorize",
    "/dev/mailbox",
    "/dev/mailbox/{id}",
    "/dev/mailbox/{id}/html",
    "/login/code",
    "/login/passkey",
    "/oidc/logout",
    "/reset",
    "/reset/done",
    "/reset/password",
    "/reset/sent",
    "/signup",
    "/signup/sent",
    "/verify",
    "/verify/done",
];

#[track_caller]
fn is_back_shortly(page: &Page, what: &str) {
    assert_eq!(page.answer.status, StatusCode::SERVICE_UNAVAILABLE, "{what}: {page:?}");
    assert!(page.answer.header("retry-after").parse::<u32>().is_ok_and(|wait| wait > 0), "{what}");
}

#[rstest]
#[tokio::test]
async fn db_05_a_page_that_needs_the_database_is_there_again_shortly(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    app.store.db().close().await;
    let mut served = BTreeSet::new();
    for path in pages() {
        let page = browser.get(&path.replace("{id}", "1")).await;
        if page.answer.status.is_server_error() {
            is_back_shortly(&page, path);
            assert_eq!(page.texts("h1"), ["Try again shortly"], "{path}");
        } else {
            served.insert(path);
        }
    }
    assert_eq!(served, BTreeSet::from(SERVED));
}

/// Forms that each change something, out of the browsers of three people.
async fn forms(app: &TestApp) -> Vec<(&'static str, Browser, Form)> {
    let mut forms = Vec::new();
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    let login = browser.open("/login").await.form("/login");
    let login = login.with("username", &ann.username).with("password", &ann.password);
    forms.push(("sign-in", browser.clone(), login.clone()));
    is_account_of(&browser.submit(&login).await, &ann.username);
    let mut of_ann = |what, form: Form| forms.push((what, browser.clone(), form));
    let mut looking = browser.clone();
    let profile = looking.open("/account").await;
    of_ann("profile", profile.form("/account").with("nickname", "Annie"));
    let security = looking.open(SECURITY).await;
    let password = security.form_with(SECURITY, "action", "password");
    let password = password.with("current-password", &ann.password);
    of_ann("password", password.with("new-password", "seven brass owls at noon"));
    let enrol = security.form_with(SECURITY, "action", "enrol");
    of_ann("another authenticator", enrol.clone());
    of_ann("one passkey less", enrol.clone().with("action", "remove-passkey").with("passkey", "1"));
    let proposed = looking.submit(&enrol).await;
    let code = totp(&proposed.texts("code")[0], app.clock.now());
    of_ann("its first code", proposed.form_with(SECURITY, "action", "confirm").with("code", &code));
    let address = looking.open("/account/address").await;
    let address = address.form_with("/account/address", "action", "ask").with("address", "ann@new.example");
    of_ann("another address", address.clone());
    of_ann("no other address", address.with("action", "call-off"));
    let data = looking.open(DATA).await;
    of_ann("a copy", data.form_with(DATA, "action", "export"));
    of_ann("deletion", data.form_with(DATA, "action", "delete").with("username", &ann.username));
    let sessions = looking.open("/account/sessions").await.form("/account/sessions");
    of_ann("signing out everywhere", sessions.with("session", "all"));
    of_ann("signing out", looking.open("/logout").await.form("/logout"));

    let bob = app.person("bob").await;
    let (mut browser, key, codes) = enrolled(app, &bob).await;
    let security = browser.open(SECURITY).await;
    for (what, action, code) in
        [("other recovery codes", "codes", &codes[0]), ("no second factor", "remove", &codes[1])]
    {
        let form = security.form_with(SECURITY, "code", "").with("action", action).with("code", code);
        forms.push((what, browser.clone(), form));
    }
    let mut half = app.browser();
    let page = bob.sign_in(&mut half).await;
    let code = totp(&key, app.clock.now());
    forms.push(("the second factor", half, page.form("/login/code").with("code", &code)));

    let carl = app.person("carl").await;
    let (browser, page) = leaving(app, &carl).await;
    for (what, action) in [("keeping an account", "keep"), ("signing out of one that is deleted", "sign-out")]
    {
        forms.push((what, browser.clone(), page.form("/account/leaving").with("action", action)));
    }
    forms
}

/// A browser of somebody who has deleted their account, at the one page that they have.
async fn leaving(app: &TestApp, person: &Person) -> (Browser, Page) {
    let mut browser = app.browser();
    person.sign_in(&mut browser).await;
    let form = browser.open(DATA).await.form_with(DATA, "action", "delete");
    browser.submit(&form.with("username", &person.username)).await;
    let page = person.sign_in(&mut browser).await;
    assert_eq!(page.url.path(), "/account/leaving", "{page:?}");
    (browser, page)
}

/// Another process holds SQLite's only right to write: all that is asked comes as far as to the change itself.
#[tokio::test(flavor = "multi_thread")]
async fn db_07_a_form_that_changes_something_while_nobody_can_write_changes_nothing() {
    let app = TestApp::quick(Sqlite).await;
    let forms = forms(&app).await;
    app.engine.settle_mail().await;
    let before = app.database.contents();
    let other = app.database.connection().unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sent = forms.iter().map(|(what, browser, form)| {
        let (what, mut browser, form) = (*what, browser.clone(), form.clone());
        tokio::spawn(async move { (what, browser.send(&form).await) })
    });
    for sent in sent.collect::<Vec<_>>() {
        let (what, page) = sent.await.unwrap();
        is_back_shortly(&page, what);
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(app.database.contents(), before);
    let (_what, mut browser, form) = forms.into_iter().find(|(what, ..)| *what == "profile").unwrap();
    assert_eq!(browser.send(&form).await.answer.status, StatusCode::SEE_OTHER);
}
