//! What pages offer and say: a name that an application hints at, buttons that name what they do, when to come back.

use std::collections::BTreeSet;
use std::time::Duration;

use tokenry_engine::GuessLimits;
use tokenry_jose::{base64url, sha256};
use tokenry_model::ClientType;
use tokenry_testkit::Engine::Sqlite;
use tokenry_testkit::{CALLBACK, DemoClient, Options, Page, TestApp, VERIFIER};

use super::second_factor::enrolled;
use super::{is_account_of, is_signed_out};

/// A request of `client` for somebody whom it hints at.
fn request(client: &DemoClient, more: &[(&str, &str)]) -> String {
    let challenge = base64url::encode(&sha256(VERIFIER.as_bytes()));
    let mut query = url::form_urlencoded::Serializer::new(String::from("/authorize?"));
    query.extend_pairs([
        ("response_type", "code"),
        ("client_id", &client.id),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    query.extend_pairs(more);
    query.finish()
}

#[tokio::test]
async fn login_hint_fills_in_the_name_and_nothing_more() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let web = app.application(ClientType::Web, "Web", &[]).await;
    for hint in ["ann@acme.example", "nobody@acme.example", "\"><script>alert(1)</script>"] {
        let mut browser = app.browser();
        let page = browser.open(&request(&web, &[("login_hint", hint)])).await;
        assert_eq!(page.form("/login").value("username"), Some(hint));
        assert!(!page.answer.body.contains("<script"), "{page:?}");
        assert_eq!(page.attributes("input[autofocus]", "name"), ["password"]);
        is_signed_out(&mut browser).await;
    }
    let mut browser = app.browser();
    let page = browser.open(&request(&web, &[])).await;
    assert_eq!(page.form("/login").value("username"), Some(""));
    assert_eq!(page.attributes("input[autofocus]", "name"), ["username"]);
    is_account_of(&ann.sign_in(&mut browser).await, &ann.username);
    app.clock.advance(Duration::from_secs(1));
    let again = request(&web, &[("login_hint", "bob@acme.example"), ("prompt", "login")]);
    let page = browser.open(&again).await;
    assert_eq!(page.form("/login").value("username"), Some(&*ann.username), "who is there");
}

#[tokio::test]
async fn each_page_of_a_sign_in_names_the_application_that_waits() {
    const NAME: &str = "Hours <b>&</b> \"more\"";
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let web = app.application(ClientType::Web, NAME, &[]).await;
    let (mut old, _key, recovery) = enrolled(&app, &ann).await;
    let names = |page: &Page| {
        assert!(!page.answer.body.contains("<b>"), "{page:?}");
        page.texts("main strong")
    };
    let mut browser = app.browser();
    let page = browser.open(&request(&web, &[])).await;
    assert_eq!((page.url.path(), names(&page)), ("/login", vec![NAME.to_owned()]), "{page:?}");
    let wrong = page.form("/login").with("username", &ann.username).with("password", "wrong");
    let page = browser.send(&wrong).await;
    assert_eq!((page.answer.status.as_u16(), names(&page)), (403, vec![NAME.to_owned()]), "{page:?}");
    let page = ann.fill_in(&mut browser, &page).await;
    assert_eq!((page.texts("h1"), names(&page)), (vec!["Enter your code".to_owned()], vec![NAME.to_owned()]));
    let page = browser.send(&page.form("/login/code").with("code", "000000")).await;
    assert_eq!((page.answer.status.as_u16(), names(&page)), (403, vec![NAME.to_owned()]), "{page:?}");
    let page = browser.submit(&page.form("/login/code").with("code", &recovery[0])).await;
    assert_eq!(page.url.path(), "/consent", "and on it goes: {page:?}");

    let page = old.open(&request(&web, &[("prompt", "login")])).await;
    assert_eq!(names(&page), [NAME], "also who is signed in already");
    let page = app.browser().open("/login").await;
    assert!(!page.texts("main").concat().contains("continue to"), "nobody waits: {page:?}");
}

#[tokio::test]
async fn every_button_that_signs_out_says_which_session() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut app.browser()).await;
    app.clock.advance(Duration::from_secs(60));
    ann.sign_in(&mut browser).await;
    let page = browser.open("/account/sessions").await;
    let labels = page.attributes("li button", "aria-label");
    let (devices, buttons) = (page.texts("li strong"), page.texts("li button"));
    assert_eq!((labels.len(), labels.iter().collect::<BTreeSet<_>>().len()), (2, 2), "{labels:?}");
    for ((label, device), button) in labels.iter().zip(&devices).zip(&buttons) {
        assert!(label.starts_with(button) && label.contains(device.as_str()), "{label}: {button} {device}");
    }
}

#[tokio::test]
async fn log_09_who_tries_too_many_old_passwords_is_told_when_to_come_back() {
    let guesses = GuessLimits { failures_per_client: 3, ..GuessLimits::NONE };
    let app = TestApp::with(Options { guesses, ..Options::default() }).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let page = browser.open("/account/security").await;
    let form = page.form_with("/account/security", "action", "password");
    let form = form.with("new-password", "seven brass owls at noon");
    for _time in 0..3 {
        let page = browser.send(&form.clone().with("current-password", "wrong")).await;
        assert_eq!((page.answer.status.as_u16(), page.answer.header("retry-after")), (403, ""), "{page:?}");
    }
    let right = form.with("current-password", &ann.password);
    let page = browser.send(&right).await;
    assert_eq!(page.answer.status, 429, "{page:?}");
    assert!(page.alert().starts_with("Too many attempts have failed. Try again in "), "{page:?}");
    let wait: u64 = page.answer.header("retry-after").parse().unwrap();
    app.clock.advance(Duration::from_secs(wait));
    assert_eq!(browser.send(&right).await.answer.status, 303);
    is_account_of(&browser.open("/account").await, &ann.username);
}
