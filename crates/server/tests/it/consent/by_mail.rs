//! The request that waits while its user goes the way of a mail: on in the same browser, and nowhere else.

use std::time::Duration;

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Options, Page, TestApp};

use super::{Rig, code_of};
use crate::mail::{newest_link, postman};

const PASSWORD: &str = "quiet plum ladder forty two";
const COOKIE: &str = "__Host-tokenry_flow";

/// The link of a page that leads to that path.
fn link_to(page: &Page, path: &str) -> String {
    let all = page.attributes("a", "href");
    let to = all.iter().find(|href| href.split('?').next() == Some(path));
    to.unwrap_or_else(|| panic!("{all:?}")).clone()
}

/// Has a mail sent to somebody, who signs in for an application and cannot.
async fn ask(rig: &Rig, browser: &mut Browser, path: &str, username: &str) {
    let login = browser.open(&rig.request(&rig.web, &[])).await;
    assert_eq!(login.url.path(), "/login", "{login:?}");
    let page = browser.open(&link_to(&login, path)).await;
    assert!(link_to(&page, "/login").contains("?flow="), "and back");
    let unfit = browser.submit(&page.form(path).with("username", "nobody")).await;
    assert_eq!(unfit.answer.status, 400);
    assert!(browser.cookie(COOKIE).is_none(), "nothing was asked for");
    let sent = browser.submit(&unfit.form(path).with("username", username)).await;
    assert_eq!(sent.url.path(), format!("{path}/sent"));
}

async fn choose(browser: &mut Browser, link: &str) -> Page {
    let page = browser.open(link).await;
    let done = browser.submit(&page.form("/reset/password").with("password", PASSWORD)).await;
    assert_eq!((done.url.path(), done.texts("h1")), ("/reset/done", vec!["Your password is set".to_owned()]));
    done
}

/// Signs in where the end of the way leads to.
async fn sign_in(browser: &mut Browser, done: &Page, username: &str) -> Page {
    let login = browser.open(&link_to(done, "/login")).await;
    browser.submit(&login.form("/login").with("username", username).with("password", PASSWORD)).await
}

#[rstest]
#[tokio::test]
async fn az_who_chooses_another_password_goes_on_with_what_waits(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.app.browser();
    ask(&rig, &mut browser, "/reset", &rig.ann.username).await;
    let flow = browser.cookie(COOKIE).unwrap().to_owned();
    let id = rig.app.engine.mailbox().await.unwrap().remove(0).id;
    let letter = rig.app.engine.open_mail(&id).await.unwrap().unwrap().mail.letter;
    let link = letter.link.as_ref().unwrap().expose().to_owned();
    assert!(!link.contains("flow") && !format!("{letter:?} {link}").contains(&flow), "nothing in the mail");

    let done = choose(&mut browser, &link).await;
    assert!(browser.cookie(COOKIE).is_none(), "it is taken back");
    let login = browser.open(&link_to(&done, "/login")).await;
    assert!(login.texts("strong").contains(&"Timesheets".to_owned()), "it says who waits: {login:?}");
    let answer = sign_in(&mut browser, &done, &rig.ann.username).await;
    rig.tokens(&rig.web, &code_of(&answer)).await;
}

#[tokio::test]
async fn az_whoever_opens_the_mail_elsewhere_learns_of_no_application() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.app.browser();
    ask(&rig, &mut browser, "/reset", &rig.ann.username).await;
    let mut elsewhere = rig.app.browser();
    let done = choose(&mut elsewhere, &newest_link(&rig.app).await).await;
    assert_eq!((link_to(&done, "/login"), done.url.query()), ("/login".to_owned(), None));
    assert_eq!(sign_in(&mut elsewhere, &done, &rig.ann.username).await.url.path(), "/account");

    // The browser that asked signs in where it was, and keeps nothing after.
    let login = browser.open(&rig.request(&rig.web, &[])).await;
    assert!(browser.cookie(COOKIE).is_some());
    let form = login.form("/login").with("username", &rig.ann.username).with("password", PASSWORD);
    code_of(&browser.submit(&form).await);
    assert!(browser.cookie(COOKIE).is_none());
}

#[tokio::test]
async fn az_what_has_ended_or_is_none_of_ours_waits_for_nobody() {
    let rig = Rig::on(Sqlite).await;
    for (planted, hours) in [(None, 2), (Some("nonsense"), 0)] {
        let mut browser = rig.app.browser();
        ask(&rig, &mut browser, "/reset", "nobody@acme.example").await;
        assert!(browser.cookie(COOKIE).is_some(), "also for whom there is none (LOG-02)");
        if planted.is_some() {
            browser.put_cookie(COOKIE, planted);
        }
        // A second more, so that the mail of this go is the newest.
        rig.app.clock.advance(Duration::from_secs(hours * 3_600 + 1));
        rig.app.database.execute(&format!("DELETE FROM passwords WHERE user_id = '{}'", rig.bob.id));
        postman(&rig.app).await.invite(rig.bob.id.as_str()).await.unwrap();
        let done = choose(&mut browser, &newest_link(&rig.app).await).await;
        assert_eq!((link_to(&done, "/login"), done.url.query()), ("/login".to_owned(), None), "{planted:?}");
        assert!(browser.cookie(COOKIE).is_none());
        rig.app
            .database
            .execute(&format!("UPDATE users SET email_verified_at = NULL WHERE id = '{}'", rig.bob.id));
    }
    let mut browser = rig.app.browser();
    let page = browser.open("/reset?flow=nonsense").await;
    assert_eq!((page.answer.status.as_u16(), link_to(&page, "/login")), (200, "/login".to_owned()));
    assert_eq!(page.form("/reset").value("flow"), None);
}

#[tokio::test]
async fn az_who_makes_an_account_goes_on_with_what_waits() {
    let app = TestApp::with(Options { sign_up: true, ..Options::default() }).await;
    let rig = Rig::of(app).await;
    let mut browser = rig.app.browser();
    ask(&rig, &mut browser, "/signup", "dora@acme.example").await;
    let done = choose(&mut browser, &newest_link(&rig.app).await).await;
    assert!(browser.cookie(COOKIE).is_none());
    let answer = sign_in(&mut browser, &done, "dora@acme.example").await;
    assert_ne!(answer.url.path(), "/account", "on with what waits");
    let asked = browser.open(&rig.request(&rig.web, &[("audience", ""), ("scope", "openid")])).await;
    code_of(&asked);
}
