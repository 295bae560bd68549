//! What was barred between sign-in and code: the user, the company, the client, the redirect URI.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_model::UserState;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::{Rig, asks, code_of, decide, error_of};

#[rstest]
#[tokio::test]
async fn az_30_a_user_or_company_that_was_barred_meanwhile_gets_no_code(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    asks(&page);
    rig.app.manager.disable_company(&rig.app.demo.acme).await.unwrap();
    assert_eq!(error_of(&decide(&mut browser, &page, "allow").await), "access_denied");
    rig.app.manager.enable_company(&rig.app.demo.acme).await.unwrap();

    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    let now = rig.app.clock.now();
    let disabled = UserState::Disabled { at: now };
    rig.app.store.set_user_state(&rig.ann.id, disabled, now, &[], None).await.unwrap();
    let page = decide(&mut browser, &page, "allow").await;
    assert_eq!(page.url.path(), "/login", "{page:?}");
    let silent = browser.open(&rig.request(&rig.web, &[("prompt", "none")])).await;
    assert_eq!(error_of(&silent), "login_required");
    assert_eq!(rig.codes().await, 0);
    let mut other = rig.signed_in(&rig.bob).await;
    rig.must_work(&mut other).await;
}

#[tokio::test]
async fn peer_25_the_client_and_its_redirect_uri_are_judged_again_at_the_end() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    let form = page.form("/consent");
    rig.app.manager.disable_client(&rig.partner.id).await.unwrap();
    for decision in ["allow", "deny"] {
        let answer = browser.send(&form.clone().with("decision", decision)).await;
        assert_eq!((answer.answer.status.as_u16(), answer.redirect()), (400, None), "{answer:?}");
    }
    rig.app.manager.enable_client(&rig.partner.id).await.unwrap();
    let moved = "UPDATE clients SET redirect_uris = '[\"https://app.example.com/cb\"]' WHERE id = ";
    rig.app.database.execute(&format!("{moved}'{}'", rig.partner.id));
    for decision in ["allow", "deny"] {
        let answer = browser.send(&form.clone().with("decision", decision)).await;
        assert_eq!((answer.answer.status.as_u16(), answer.redirect()), (400, None), "{answer:?}");
    }
    assert_eq!(rig.codes().await, 0);
    rig.must_work(&mut browser).await;
}

#[tokio::test]
async fn a_request_ends_after_an_hour() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    rig.app.clock.advance(Duration::from_secs(3_599));
    let page = browser.open(page.url.as_str()).await;
    asks(&page);
    rig.app.clock.advance(Duration::from_secs(1));
    let late = decide(&mut browser, &page, "allow").await;
    assert_eq!(late.answer.status, 400, "{late:?}");
    assert!(late.alert().contains("too old"), "{late:?}");
    assert_eq!(rig.codes().await, 0);
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    code_of(&decide(&mut browser, &page, "allow").await);
}
