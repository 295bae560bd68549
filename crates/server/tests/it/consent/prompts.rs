//! `prompt`, `max_age` and `id_token_hint`: what the user must, or must not, be shown.

use std::time::Duration;

use tokenry_jose::base64url;
use tokenry_testkit::Engine::Sqlite;
use tokenry_testkit::{Browser, Page, claims_of};

use super::{Rig, asks, code_of, decide, error_of};

#[tokio::test]
async fn az_21_prompt_none_shows_nothing() {
    let rig = Rig::on(Sqlite).await;
    let none = [("prompt", "none")];
    let mut stranger = rig.app.browser();
    assert_eq!(error_of(&stranger.open(&rig.request(&rig.web, &none)).await), "login_required");
    let mut browser = rig.signed_in(&rig.ann).await;
    code_of(&browser.open(&rig.request(&rig.web, &none)).await);
    assert_eq!(error_of(&browser.open(&rig.request(&rig.partner, &none)).await), "consent_required");
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    code_of(&decide(&mut browser, &page, "allow").await);
    code_of(&browser.open(&rig.request(&rig.partner, &none)).await);
    let old = [("prompt", "none"), ("max_age", "0")];
    assert_eq!(error_of(&browser.open(&rig.request(&rig.web, &old)).await), "login_required");
}

/// Signs in once more at the page, and yields when the user of the tokens did so.
async fn signs_in_again(rig: &Rig, browser: &mut Browser, page: &Page) -> i64 {
    assert_eq!(page.url.path(), "/login", "{page:?}");
    let page = rig.ann.fill_in(browser, page).await;
    let claims = claims_of(&rig.tokens(&rig.web, &code_of(&page)).await.token());
    claims["auth_time"].as_i64().unwrap()
}

#[tokio::test]
async fn az_22_a_sign_in_that_is_asked_for_is_newer_than_the_request() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let code = code_of(&browser.open(&rig.request(&rig.web, &[("max_age", "60")])).await);
    let mut before = claims_of(&rig.tokens(&rig.web, &code).await.token())["auth_time"].as_i64().unwrap();
    for wish in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0"), ("max_age", "1")] {
        rig.app.clock.advance(Duration::from_secs(2));
        let page = browser.open(&rig.request(&rig.web, &[wish])).await;
        let now = signs_in_again(&rig, &mut browser, &page).await;
        assert!(now > before, "{wish:?}");
        before = now;
    }
}

#[tokio::test]
async fn az_22_who_does_not_sign_in_again_gets_no_code_and_stays_who_they_were() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.web, &[("prompt", "login")])).await;
    let flow = page.form("/login").value("flow").unwrap().to_owned();
    let around = browser.open(&format!("/consent?flow={flow}")).await;
    assert_eq!(around.url.path(), "/login", "there is no way round");
    let wrong = page.form("/login").with("username", "bob@acme.example").with("password", "wrong");
    assert_eq!(browser.submit(&wrong).await.answer.status, 403);
    assert_eq!(rig.codes().await, 0);
    let account = browser.open("/account").await;
    assert!(account.texts("main").concat().contains("ann@acme.example"), "{account:?}");
    rig.must_work(&mut browser).await;
}

#[tokio::test]
async fn az_22_who_chooses_an_account_is_not_asked_for_the_one_from_before() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let hint = ("login_hint", "bob@acme.example");
    for (wish, heading, name) in [
        (&[("prompt", "login")][..], "Confirm that it is you", "ann@acme.example"),
        (&[("prompt", "login"), hint], "Confirm that it is you", "ann@acme.example"),
        (&[("prompt", "select_account")], "Sign in", ""),
        (&[("prompt", "login select_account")], "Sign in", ""),
        (&[("prompt", "select_account"), hint], "Sign in", "bob@acme.example"),
    ] {
        let page = browser.open(&rig.request(&rig.web, wish)).await;
        assert_eq!((page.url.path(), page.texts("h1")), ("/login", vec![heading.to_owned()]), "{wish:?}");
        assert_eq!(page.form("/login").value("username"), Some(name), "{wish:?}");
        let focus = if name.is_empty() { "username" } else { "password" };
        assert_eq!(page.attributes("input[autofocus]", "name"), [focus], "{wish:?}");
    }
    assert_eq!(rig.codes().await, 0);
}

#[tokio::test]
async fn az_22_whoever_signs_in_is_who_the_code_is_for() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.web, &[("prompt", "select_account")])).await;
    let page = rig.bob.fill_in(&mut browser, &page).await;
    let claims = claims_of(&rig.tokens(&rig.web, &code_of(&page)).await.token());
    assert_eq!(claims["sub"], rig.bob.id.as_str());
}

/// An ID token that names somebody.
async fn id_token(rig: &Rig, browser: &mut Browser) -> String {
    let page = browser.open(&rig.request(&rig.web, &[("scope", "openid")])).await;
    let answer = rig.tokens(&rig.web, &code_of(&page)).await;
    answer.json()["id_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn az_24_a_hint_never_switches_the_account() {
    let rig = Rig::on(Sqlite).await;
    let (mut ann, mut bob) = (rig.signed_in(&rig.ann).await, rig.signed_in(&rig.bob).await);
    let (of_ann, of_bob) = (id_token(&rig, &mut ann).await, id_token(&rig, &mut bob).await);
    let forged = {
        let payload = of_bob.split('.').nth(1).unwrap();
        format!("{}.{payload}.", base64url::encode(b"{\"alg\":\"none\"}"))
    };
    let silent = |hint: &str| rig.request(&rig.web, &[("prompt", "none"), ("id_token_hint", hint)]);
    let code = code_of(&ann.open(&silent(&of_ann)).await);
    assert_eq!(claims_of(&rig.tokens(&rig.web, &code).await.token())["sub"], rig.ann.id.as_str());
    for other in [of_bob.as_str(), forged.as_str(), "a.b.c"] {
        assert_eq!(error_of(&ann.open(&silent(other)).await), "login_required");
    }
    let page = ann.open(&rig.request(&rig.web, &[("id_token_hint", &of_bob)])).await;
    assert_eq!(page.url.path(), "/login", "bob is meant: {page:?}");
    rig.app.clock.advance(Duration::from_secs(1));
    assert_eq!(error_of(&rig.ann.fill_in(&mut ann, &page).await), "login_required", "and ann came");
    let page = ann.open(&rig.request(&rig.partner, &[("id_token_hint", &of_bob)])).await;
    asks(&page);
    assert!(page.texts("main").concat().contains("ann@acme.example"), "another client's hint is none");
}
