//! The link to a new address: for whoever wished for it and nobody else, however they come by it, and not sent there without end.

use std::time::Duration;

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Page, TestApp};

use super::address::{ALLOW, CLAIM, NEW, agree, ann, ask, claim, link, username};
use super::links::{must_be_dead, open};
use super::mails;

const SIGN_IN: &str = "Sign in first";
const ANOTHER: &str = "Another account is signed in here";

/// Whether the page has nothing to press that would use the link, and names nobody.
#[track_caller]
fn must_be_nobodys(page: &Page, heading: &str, names: &[&str]) {
    assert_eq!(page.texts("h1"), [heading], "{page:?}");
    assert!(page.forms().iter().all(|form| form.value("purpose").is_none()), "{page:?}");
    let said = page.texts("main").concat();
    assert!(names.iter().all(|name| !said.contains(name)), "{said}");
}

#[rstest]
#[tokio::test]
async fn log_08_whoever_presses_a_button_gives_no_strangers_account_their_address(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let (eve, mut eves) = ann(&app).await;
    let bob = app.person("bob").await;
    ask(&mut eves, NEW).await;
    agree(&app, &link(&app, &eve.username, ALLOW).await).await;
    let (names, sent) = ([eve.username.as_str(), bob.username.as_str()], link(&app, NEW, CLAIM).await);

    // Who reads mail there, and is nobody here.
    let (mut browser, page) = open(&app, &sent).await;
    assert_eq!((page.answer.status.as_u16(), page.url.query()), (200, None));
    must_be_nobodys(&page, SIGN_IN, &names);
    assert_eq!(page.attributes("main a", "href"), ["/login?next=/address"]);
    assert!(page.forms().is_empty());
    // Or has an account of their own: signing in leads back to the link, which is not for them.
    let login = browser.open("/login?next=/address").await;
    let page = bob.fill_in(&mut browser, &login).await;
    assert_eq!(page.url.path(), "/address", "{page:?}");
    must_be_nobodys(&page, ANOTHER, &names);
    // A page from before does not do it either.
    let mut hers = eves.clone();
    let shown = hers.open(&sent).await.form("/address");
    let out = hers.open("/logout").await;
    hers.submit(&out.form("/logout")).await;
    let refused = hers.send(&shown).await;
    assert_eq!(refused.answer.status, 403);
    must_be_nobodys(&refused, SIGN_IN, &names);
    let login = hers.open("/login").await;
    bob.fill_in(&mut hers, &login).await;
    let refused = hers.send(&shown).await;
    assert_eq!(refused.answer.status, 403);
    must_be_nobodys(&refused, ANOTHER, &names);
    assert_eq!(username(&app).await, eve.username);
    let confirmed = app.audit().await.into_iter().filter(|it| it.event == "user.address_confirmed").count();
    assert_eq!(confirmed, 1, "by the old mailbox alone");

    // Whose link it is signs out whoever is there, signs in, and the browser has kept it.
    let page = browser.submit(&page.form_with("/address", "action", "sign-out")).await;
    assert_eq!((page.url.path(), page.texts("h1")), ("/address", vec![SIGN_IN.to_owned()]), "{page:?}");
    assert_eq!(browser.open("/account").await.url.path(), "/login");
    let login = browser.open("/login?next=/address").await;
    let page = eve.fill_in(&mut browser, &login).await;
    assert_eq!(page.texts("h1"), ["Is this your address?"]);
    let done = browser.submit(&page.form("/address")).await;
    assert_eq!(done.url.path(), "/address/done", "{done:?}");
    assert_eq!(username(&app).await, NEW);
}

#[tokio::test]
async fn ses_16_nobody_is_signed_out_by_another_sites_form_or_with_a_link_for_everybody() {
    let app = TestApp::quick(Sqlite).await;
    let (_ann, mut anns) = ann(&app).await;
    let bob = app.person("bob").await;
    ask(&mut anns, NEW).await;
    let mut browser = app.browser();
    bob.sign_in(&mut browser).await;
    let page = browser.open(&link(&app, NEW, CLAIM).await).await;
    let form = page.form_with("/address", "action", "sign-out");
    browser.site = "cross-site";
    assert_eq!(browser.send(&form).await.answer.status, 403);
    browser.site = "same-origin";
    assert_eq!(browser.send(&form.clone().without("csrf")).await.answer.status, 403);
    assert_eq!(browser.open("/account").await.url.path(), "/account");
    browser.submit(&form).await;
    assert_eq!(browser.open("/account").await.url.path(), "/login");
}

#[tokio::test]
async fn what_is_no_link_about_an_address_leads_to_where_one_is_asked_for() {
    let app = TestApp::quick(Sqlite).await;
    for query in ["?token=nonsense", "?token=", "", &format!("?token={}", "A".repeat(43))] {
        let page = Browser::at(&app.issuer).open(&format!("/address{query}")).await;
        must_be_dead(&page);
        assert_eq!(page.attributes("main a", "href"), ["/account/address"], "{query}");
    }
    let page = Browser::at(&app.issuer).open("/verify?token=nonsense").await;
    must_be_dead(&page);
    assert_eq!(page.attributes("main a", "href"), ["/reset"]);
}

#[rstest]
#[tokio::test]
async fn peer_17_one_address_gets_five_mails_a_day_whoever_wishes(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let (_ann, mut anns) = ann(&app).await;
    for _wish in 0..5 {
        app.clock.advance(Duration::from_secs(1));
        ask(&mut anns, NEW).await;
    }
    let sent = async || mails(&app).await.into_iter().filter(|(to, _about)| to == NEW).count();
    assert_eq!(sent().await, 5);
    let bob = app.person("bob").await;
    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    let told = ask(&mut bobs, NEW).await;
    assert_eq!(sent().await, 5);
    let elsewhere = ask(&mut bobs, "bob@new.example").await;
    assert_eq!(told.answer.status, elsewhere.answer.status);
    let (told, elsewhere) = (told.texts("main p, main li"), elsewhere.texts("main p, main li"));
    let told: Vec<_> = told.iter().map(|text| text.replace(NEW, "bob@new.example")).collect();
    assert_eq!(told, elsewhere, "the page tells nobody");
    app.clock.advance(Duration::from_secs(86_400));
    let login = bobs.open("/login?next=/account/address").await;
    bob.fill_in(&mut bobs, &login).await;
    ask(&mut bobs, NEW).await;
    assert_eq!(sent().await, 6);
    agree(&app, &link(&app, &bob.username, ALLOW).await).await;
    assert_eq!(claim(&mut bobs, &link(&app, NEW, CLAIM).await).await.url.path(), "/address/done");
}
