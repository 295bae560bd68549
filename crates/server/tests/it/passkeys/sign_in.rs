//! Where a passkey leads: as the first factor, as the second, at a pending request, and for whom it does not.

use std::time::Duration;

use rstest::rstest;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, TestApp};

use super::{Said, ann_with_a_passkey, sign_in, start, using};
use crate::people::{SID, is_account_of, is_signed_out, sessions};

/// How the only session of a server was proven.
async fn methods(app: &TestApp) -> Vec<&'static str> {
    let sessions = app.store.list_sessions(None, None, 9).await.unwrap();
    let last = sessions.iter().max_by_key(|session| (session.auth_time, session.id.to_string())).unwrap();
    last.amr.iter().map(|method| method.as_str()).collect()
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn log_07_a_passkey_is_a_second_factor_after_the_password(#[case] database: Engine) {
    let app = start(database).await;
    let (ann, mut device, codes) = ann_with_a_passkey(&app).await;
    app.clock.advance(Duration::from_secs(60));
    let mut browser = app.browser();
    let page = ann.sign_in(&mut browser).await;
    assert_eq!((page.answer.status.as_u16(), browser.cookie(SID)), (200, None), "half a proof: {page:?}");
    assert_eq!(page.texts("h1"), ["Show your second factor"]);
    is_signed_out(&mut browser).await;
    let none = browser.send(&page.form("/login/code").with("code", "000000")).await;
    assert_eq!((none.answer.status.as_u16(), browser.cookie(SID)), (403, None));
    let form = using(&none, &mut device, Said { user_handle: None, ..Said::default() }).await;
    is_account_of(&browser.submit(&form).await, &ann.username);
    assert_eq!(methods(&app).await, ["pwd", "pop", "user", "mfa"]);

    let mut browser = app.browser();
    let page = ann.sign_in(&mut browser).await;
    is_account_of(&browser.submit(&page.form("/login/code").with("code", &codes[0])).await, &ann.username);
}

#[tokio::test]
async fn a_passkey_alone_proves_two_factors_and_leads_on() {
    let app = start(Sqlite).await;
    let (_ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    app.clock.advance(Duration::from_secs(60));
    let mut browser = app.browser();
    let page = browser.open("/login?next=/account/apps").await;
    let form = using(&page, &mut device, Said::default()).await;
    assert_eq!(browser.submit(&form).await.url.path(), "/account/apps");
    assert_eq!(methods(&app).await, ["pop", "user", "mfa"]);
    let open = browser.open("/login/passkey").await;
    assert_eq!(open.url.path(), "/account", "by its address alone it is nothing");
}

#[tokio::test]
async fn ses_01_a_passkey_renews_the_session_of_its_user() {
    let app = start(Sqlite).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let before = sessions(&app).await;
    let mut browser = app.browser();
    sign_in(&mut browser, &mut device).await;
    let cookie = browser.cookie(SID).unwrap().to_owned();
    app.clock.advance(Duration::from_secs(1_800));
    let page = browser.open("/login?next=/account/security").await;
    assert_eq!(page.texts("h1"), ["Confirm that it is you"]);
    let form = using(&page, &mut device, Said::default()).await;
    assert_eq!(browser.submit(&form).await.url.path(), "/account/security");
    assert_eq!(sessions(&app).await, before + 1);
    assert_ne!(browser.cookie(SID).unwrap(), cookie);
    is_account_of(&browser.open("/account").await, &ann.username);
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn log_05_who_is_disabled_signs_in_by_no_passkey(#[case] database: Engine) {
    let app = start(database).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let mut browser = app.browser();
    drop(app.manager.disable_user(&ann.username).await.unwrap());
    let page = sign_in(&mut browser, &mut device).await;
    assert_eq!((page.answer.status.as_u16(), browser.cookie(SID)), (403, None), "{page:?}");
    is_signed_out(&mut browser).await;
    drop(app.manager.enable_user(&ann.username).await.unwrap());
    is_account_of(&sign_in(&mut browser, &mut device).await, &ann.username);
    drop(app.manager.delete_user(&ann.username).await.unwrap());
    assert_eq!(sign_in(&mut app.browser(), &mut device).await.answer.status, 403);
}

#[tokio::test]
async fn log_08_a_reset_takes_a_young_passkey_and_leaves_an_old_one() {
    for (age, stays) in [(Duration::from_secs(86_400), false), (Duration::from_secs(4 * 86_400), true)] {
        let app = start(Sqlite).await;
        let (mut ann, mut device, _codes) = ann_with_a_passkey(&app).await;
        app.clock.advance(age);
        let mut browser = app.browser();
        let form = browser.open("/reset").await.form("/reset").with("username", &ann.username);
        browser.submit(&form).await;
        app.engine.settle_mail().await;
        let link = reset_link(&app).await;
        let page = browser.open(&link).await;
        "a fourth row of lanterns, out".clone_into(&mut ann.password);
        let form = page.form("/reset/password").with("password", &ann.password);
        assert_eq!(browser.submit(&form).await.answer.status, 200);
        let by_passkey = sign_in(&mut app.browser(), &mut device).await;
        assert_eq!(by_passkey.answer.status, if stays { 200 } else { 403 });
        let by_password = ann.sign_in(&mut app.browser()).await;
        let asked = by_password.forms().iter().any(|form| form.action.path() == "/login/code");
        assert_eq!(asked, stays, "{by_password:?}");
    }
}

/// The link in the newest mail.
async fn reset_link(app: &TestApp) -> String {
    let mails = app.engine.mailbox().await.unwrap();
    let newest = mails.iter().find(|mail| mail.about == Some(About::Reset)).unwrap();
    let opened = app.engine.open_mail(&newest.id).await.unwrap().unwrap();
    opened.mail.letter.link.unwrap().expose().to_owned()
}

#[tokio::test]
async fn r31_a_passkey_that_one_server_asked_for_another_takes() {
    let app = start(Sqlite).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let replica = app.replica().await;
    let mut browser = app.browser();
    let page = browser.open("/login").await;
    let form = using(&page, &mut device, Said::default()).await;
    let there = at(&form, &replica);
    let mut other = browser.at_replica(&replica);
    let page = other.send(&there).await;
    assert_eq!(page.answer.status, 303, "{page:?}");
    is_account_of(&other.open("/account").await, &ann.username);
    let again = browser.send(&form).await;
    assert_eq!(again.answer.status, 403, "it was answered at the other: {again:?}");
    is_signed_out(&mut browser).await;
}

/// The same form, sent to another server.
fn at(form: &tokenry_testkit::Form, replica: &str) -> tokenry_testkit::Form {
    let mut form = form.clone();
    form.action = format!("{replica}{}", form.action.path()).parse().unwrap();
    form
}

#[tokio::test]
async fn log_16_a_passkey_signs_in_the_browser_that_was_asked_alone() {
    let app = start(Sqlite).await;
    let (ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let (mut anns, mut eves): (Browser, Browser) = (app.browser(), app.browser());
    let form = using(&anns.open("/login").await, &mut device, Said::default()).await;
    let own = eves.open("/login").await.form("/login/passkey");
    let stolen = form.clone().with("csrf", own.value("csrf").unwrap());
    for form in [&form, &stolen] {
        let page = eves.send(form).await;
        assert_eq!((page.answer.status.as_u16(), eves.cookie(SID)), (403, None), "{page:?}");
    }
    is_account_of(&anns.submit(&form).await, &ann.username);
}
