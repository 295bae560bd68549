//! Adding and removing passkeys at `/account/security`: what is taken, what is not, and what stays when one goes.

use std::time::Duration;

use rstest::rstest;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Form, Page, TestApp, totp};

use super::device::base64url;
use super::{Device, HERE, add, adding, ann_with_a_passkey, asked, sign_in, start};
use crate::people::second_factor::enrolled;
use crate::people::{SID, is_account_of, is_signed_out};
use tokenry_clock::Clock as _;

/// What the owner is told by mail of what was changed, in the order of the alphabet.
async fn told(app: &TestApp) -> Vec<About> {
    let about = app.engine.mailbox().await.unwrap().into_iter().filter_map(|mail| mail.about);
    let mut about: Vec<_> = about.filter(|about| *about != About::NewDevice).collect();
    about.sort();
    about
}

/// The form that removes the passkey of that name.
fn removing(page: &Page, name: &str) -> Form {
    let names = page.texts(".rows strong");
    let place = names.iter().position(|it| it == name).unwrap();
    let forms = page.forms().into_iter().filter(|form| form.value("passkey").is_some());
    forms.skip(place).map(|form| form.with("action", "remove-passkey")).next().unwrap()
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn passkeys_come_and_go_and_the_password_stays(#[case] database: Engine) {
    let app = start(database).await;
    let (ann, mut phone, codes) = ann_with_a_passkey(&app).await;
    let mut browser = app.browser();
    is_account_of(&sign_in(&mut browser, &mut phone).await, &ann.username);
    app.clock.advance(Duration::from_secs(1));
    let (mut key, page) = add(&mut browser, "Blue <b>key</b>").await;
    assert_eq!(page.texts("[role=\"status\"]"), ["The passkey is added."]);
    assert_eq!(page.texts(".rows strong"), ["Phone", "Blue <b>key</b>"], "names are text (PEER-04)");
    is_account_of(&sign_in(&mut app.browser(), &mut key).await, &ann.username);
    let factors = app.engine.own_factors(&ann.id).await.unwrap();
    assert_eq!((factors.passkeys, factors.second_factor, factors.recovery_codes), (2, true, 10));

    let form = removing(&browser.open(HERE).await, "Phone");
    let page = browser.submit(&form).await;
    assert!(page.texts("[role=\"status\"]")[0].starts_with("The passkey is removed."), "{page:?}");
    assert_eq!(browser.submit(&form).await.url.path(), HERE, "it is gone already");
    let mut other = app.browser();
    assert_eq!(sign_in(&mut other, &mut phone).await.answer.status, 403);
    is_signed_out(&mut other).await;
    let page = ann.sign_in(&mut other).await;
    assert_eq!((page.answer.status.as_u16(), other.cookie(SID)), (200, None), "one factor is left");
    is_account_of(&other.submit(&page.form("/login/code").with("code", &codes[0])).await, &ann.username);

    let page = browser.submit(&removing(&browser.clone().open(HERE).await, "Blue <b>key</b>")).await;
    assert_eq!(page.texts(".rows strong").len(), 0);
    assert_eq!(sign_in(&mut app.browser(), &mut key).await.answer.status, 403);
    is_account_of(&ann.sign_in(&mut app.browser()).await, &ann.username);
    assert_eq!(app.engine.own_factors(&ann.id).await.unwrap().recovery_codes, 0);
    let events: Vec<_> = app.audit().await.into_iter().map(|it| it.event).collect();
    for (event, times) in [("user.passkey_added", 2), ("user.passkey_removed", 2)] {
        assert_eq!(events.iter().filter(|it| *it == event).count(), times, "{event}");
    }
    assert_eq!(
        told(&app).await,
        [
            About::PasskeyAdded,
            About::PasskeyAdded,
            About::PasskeyRemoved,
            About::PasskeyRemoved,
            About::RecoveryCodeUsed,
        ]
    );
}

#[tokio::test]
async fn an_authenticator_and_a_passkey_are_factors_side_by_side() {
    let app = start(Sqlite).await;
    let ann = app.person("ann").await;
    let (mut browser, key, _codes) = enrolled(&app, &ann).await;
    let (mut device, page) = add(&mut browser, "Phone").await;
    assert_eq!(page.texts(".codes li").len(), 0, "the codes of before count");
    let page = browser.open(HERE).await;
    assert!(page.texts("p").iter().any(|text| text.contains("or one of your passkeys. 10 recovery codes")));
    let form = page.forms().into_iter().find(|form| form.value("code").is_some()).unwrap();
    let form = form.with("code", &totp(&key, app.clock.now())).with("action", "remove");
    assert_eq!(browser.submit(&form).await.answer.status, 200);
    let page = ann.sign_in(&mut app.browser()).await;
    assert_eq!(page.texts("label"), ["Recovery code"], "{page:?}");
    let mut other = app.browser();
    is_account_of(&sign_in(&mut other, &mut device).await, &ann.username);
    let reset = app.manager.reset_second_factor(&ann.username).await;
    assert!(reset.is_ok(), "an operator takes both");
    assert_eq!(sign_in(&mut app.browser(), &mut device).await.answer.status, 403);
    is_signed_out(&mut other).await;
    is_account_of(&ann.sign_in(&mut app.browser()).await, &ann.username);
}

#[tokio::test]
async fn ses_14_a_passkey_needs_a_fresh_proof() {
    let app = start(Sqlite).await;
    let (_ann, mut device, _codes) = ann_with_a_passkey(&app).await;
    let mut browser = app.browser();
    sign_in(&mut browser, &mut device).await;
    let page = browser.open(HERE).await;
    let remove = removing(&page, "Phone");
    let (_other, form) = adding(&page, "Key").await;
    app.clock.advance(Duration::from_secs(600));
    let page = browser.open(HERE).await;
    assert!(page.forms().is_empty() && page.texts(".rows strong") == ["Phone"], "{page:?}");
    assert_eq!(page.attributes("script", "src").len(), 0);
    for form in [remove, form] {
        let to = browser.send(&form).await.redirect().unwrap();
        assert_eq!((to.path(), to.query()), ("/login", Some("next=/account/security")));
    }
    let names = browser.open(HERE).await.texts(".rows strong");
    assert_eq!(names, ["Phone"]);
    // A passkey is proof enough, and leads back.
    let page = browser.open("/login?next=/account/security").await;
    let form = super::using(&page, &mut device, super::Said::default()).await;
    let page = browser.submit(&form).await;
    assert_eq!(page.url.path(), HERE);
    assert_eq!(browser.submit(&removing(&page, "Phone")).await.answer.status, 200);
}

/// Sends a form that must add nothing, and shows that the next honest one does.
async fn adds_nothing(browser: &mut Browser, form: &Form, text: &str) {
    let page = browser.submit(form).await;
    assert_eq!(page.answer.status, 400, "{text}: {page:?}");
    assert!(page.alert().contains(text), "{text}: {page:?}");
    assert_eq!(page.texts(".rows strong").len(), 0, "{text}");
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn what_no_authenticator_made_adds_nothing(#[case] database: Engine) {
    let app = start(database).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let (mut browser, mut bobs) = (app.browser(), app.browser());
    ann.sign_in(&mut browser).await;
    bob.sign_in(&mut bobs).await;
    let page = browser.open(HERE).await;
    let (mut device, form) = adding(&page, "Phone").await;
    for name in ["", "  ", "a\u{202e}b", &"a".repeat(61)] {
        adds_nothing(&mut browser, &form.clone().with("name", name), "on one line").await;
    }
    for answer in ["", "{}", "null", "[]", "{\"id\":1}", &"[".repeat(10_000), &"x".repeat(20_000)] {
        adds_nothing(&mut browser, &form.clone().with("credential", answer), "has not made a passkey").await;
    }
    let answer = form.value("credential").unwrap().to_owned();
    for (from, to) in [(app.issuer.as_str(), "https://evil.example"), ("webauthn.create", "webauthn.get")] {
        let changed = answer.replace(&client_data(&answer), &forged(&answer, from, to));
        assert_ne!(changed, answer);
        let form = form.clone().with("credential", &changed);
        adds_nothing(&mut browser, &form, "has not made a passkey").await;
    }
    let (_other, unverified) = Device::new(&page, &asked(&page), false).await;
    adds_nothing(&mut browser, &form.clone().with("credential", &unverified), "has not made").await;
    // What was asked in one session is nothing to another.
    let own = bobs.open(HERE).await.form_with(HERE, "action", "add-passkey");
    let stolen = own.clone().with("challenge", form.value("challenge").unwrap());
    let stolen = stolen.with("name", "Phone").with("credential", &answer);
    adds_nothing(&mut bobs, &stolen, "asked too long ago").await;
    adds_nothing(&mut bobs, &own.with("name", "Phone").with("credential", &answer), "has not made").await;

    assert_eq!(browser.submit(&form).await.texts(".codes li").len(), 10);
    is_account_of(&sign_in(&mut app.browser(), &mut device).await, &ann.username);
    let remove = removing(&browser.open(HERE).await, "Phone");
    assert_eq!(browser.submit(&remove).await.answer.status, 200);
    adds_nothing(&mut browser, &form, "answered before").await;
    assert!(app.engine.passkeys_of(&bob.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_asked_an_hour_ago_adds_nothing() {
    let app = start(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let (_device, form) = adding(&browser.open(HERE).await, "Phone").await;
    app.clock.advance(Duration::from_secs(3_600));
    let page = browser.open("/login?next=/account/security").await;
    ann.fill_in(&mut browser, &page).await;
    adds_nothing(&mut browser, &form, "asked too long ago").await;
    add(&mut browser, "Phone").await;
}

/// The client data of an answer, as it is in it.
fn client_data(answer: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    answer["response"]["clientDataJSON"].as_str().unwrap().to_owned()
}

/// It with something else in it. Nobody signs the client data of a new key: the server reads it.
fn forged(answer: &str, from: &str, to: &str) -> String {
    use base64::Engine as _;
    let data = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(client_data(answer)).unwrap();
    base64url(String::from_utf8(data).unwrap().replace(from, to).as_bytes())
}
