//! `/login`: one form, one answer to whatever is wrong, and on to where it leads.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::GuessLimits;
use tokenry_model::{ClientType, User, UserId, UserState};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{CALLBACK, Options, Page, TestApp};

use super::{SID, is_account_of, is_signed_out, sessions};

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn ann_signs_in_and_is_at_her_account(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    is_signed_out(&mut browser).await;
    let root = browser.get("/").await;
    assert_eq!((root.answer.status.as_u16(), root.redirect().unwrap().path()), (303, "/account"));

    is_account_of(&ann.sign_in(&mut browser).await, &ann.username);
    is_account_of(&browser.open("/").await, &ann.username);
    assert_eq!(sessions(&app).await, 1);
    is_account_of(&browser.open("/login").await, &ann.username);
}

#[tokio::test]
async fn password_managers_find_the_form() {
    let app = TestApp::quick(Sqlite).await;
    let page = app.browser().open("/login").await;
    let of = |css, name| page.attributes(css, name);
    assert_eq!(of("input[name=\"username\"]", "autocomplete"), ["username"]);
    assert_eq!(of("input[name=\"password\"]", "autocomplete"), ["current-password"]);
    assert_eq!(of("form", "method"), ["post"]);
    assert_eq!(of("label", "for"), ["username", "password"]);
    let well_known = app.browser().get("/.well-known/change-password").await;
    assert_eq!(well_known.redirect().unwrap().path(), "/account/security");
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn log_01_whatever_is_wrong_looks_the_same(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let ann = app.person("ann").await;
    let mut bob = app.person("bob").await;
    let off = UserState::Disabled { at: app.context().now };
    app.store.set_user_state(&bob.id, off, app.context().now, &[], None).await.unwrap();
    let known = app.store.find_user(&ann.id).await.unwrap().unwrap();
    let carl =
        User { id: UserId::parse("usr_carl").unwrap(), username: "carl@acme.example".to_owned(), ..known };
    app.store.create_user(&carl, &[]).await.unwrap();

    let right = std::mem::take(&mut bob.password);
    let mut answers = Vec::new();
    for (username, password) in [
        ("ann@acme.example", "wrong"),
        ("bob@acme.example", &*right),
        ("carl@acme.example", "anything"),
        ("nobody@acme.example", &*right),
        ("no address", "wrong"),
        ("ann@acme.example", &"x".repeat(5_000)),
    ] {
        let mut browser = app.browser();
        let page = browser.open("/login").await;
        let form = page.form("/login").with("username", username).with("password", password);
        let page = browser.send(&form).await;
        assert_eq!(browser.cookie(SID), None, "{username}");
        answers.push(without_what_differs(&page, username));
    }
    assert_eq!(answers[0].0, 403);
    assert!(answers[0].2.contains("Username or password is wrong."), "{}", answers[0].2);
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    assert_eq!(sessions(&app).await, 0);
    is_account_of(&ann.sign_in(&mut app.browser()).await, &ann.username);
}

/// Status, header fields and body, without what is another one at each request.
fn without_what_differs(page: &Page, username: &str) -> (u16, Vec<String>, String) {
    let differing = ["date", "x-request-id", "set-cookie", "content-length"];
    let fields = page.answer.headers.iter().filter(|(name, _)| !differing.contains(&name.as_str()));
    let mut fields: Vec<_> = fields.map(|(name, value)| format!("{name}: {value:?}")).collect();
    fields.sort();
    let csrf = page.form("/login").value("csrf").unwrap().to_owned();
    let body = page.answer.body.replace(&csrf, "CSRF").replace(&format!("\"{username}\""), "NAME");
    (page.answer.status.as_u16(), fields, body)
}

#[tokio::test]
async fn out_08_a_sign_in_leads_to_our_own_pages_alone() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    for next in [
        "//evil.example",
        "https://evil.example/account",
        "/%5Cevil.example",
        "%2f%2fevil.example",
        "/account/../../evil",
        "javascript:alert(1)",
        "/%09/evil.example",
        "/account%0d%0aLocation:%20https://evil.example",
    ] {
        let mut browser = app.browser();
        let page = browser.open(&format!("/login?next={next}")).await;
        is_account_of(&ann.fill_in(&mut browser, &page).await, &ann.username);
        // Nor by a form that somebody has changed.
        let page = browser.open("/login?next=/account/sessions").await;
        let form = page.form("/login").with("next", next).with("password", &ann.password);
        is_account_of(&browser.submit(&form).await, &ann.username);
    }
    let mut browser = app.browser();
    let page = browser.open("/login?next=/account/sessions").await;
    assert_eq!(ann.fill_in(&mut browser, &page).await.url.path(), "/account/sessions");
}

#[tokio::test]
async fn a_sealed_request_goes_on_at_consent_and_its_redirect_is_let_through() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let client = app.application(ClientType::Web, "Web", &[]).await;
    let query = [
        ("client_id", client.id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let asked = app.http.get(app.url(&format!("/authorize?{query}"))).send().await.unwrap();
    let location = asked.headers()["location"].to_str().unwrap();
    let flow = location.split_once("flow=").unwrap_or_else(|| panic!("{location}")).1.to_owned();
    let mut browser = app.browser();
    let page = browser.get(&format!("/login?flow={flow}")).await;
    let policy = page.answer.header("content-security-policy");
    assert!(policy.contains("form-action 'self' http://127.0.0.1:8702;"), "{policy}");
    let form = page.form("/login").with("username", &ann.username).with("password", &ann.password);
    let wrong = browser.send(&form.clone().with("password", "wrong")).await;
    assert_eq!(wrong.form("/login").value("flow"), Some(&*flow));
    assert_eq!(wrong.answer.header("content-security-policy"), policy);
    let on = browser.send(&form).await;
    assert_eq!(on.answer.status, 303);
    assert_eq!(on.answer.header("location"), format!("/consent?flow={flow}"));
}

#[rstest]
#[case::nonsense("/login?flow=nonsense")]
#[case::foreign("/login?flow=https://evil.example")]
#[case::twice("/login?next=/account&next=/logout")]
#[tokio::test]
async fn whoever_would_sign_in_for_nothing_is_told_before(#[case] target: &str) {
    let app = TestApp::quick(Sqlite).await;
    let page = app.browser().open(target).await;
    assert_eq!(page.answer.status, 400);
    assert!(page.forms().is_empty() && !page.alert().is_empty(), "{page:?}");
    assert!(!page.answer.body.contains("evil"), "{page:?}");
}

#[tokio::test]
async fn log_03_whoever_fails_too_often_is_told_when_to_come_back() {
    let guesses = GuessLimits::default();
    let app = TestApp::with(Options { guesses, ..Options::default() }).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    let page = browser.open("/login").await;
    let form = page.form("/login").with("username", "ANN@acme.example").with("password", "wrong");
    let mut tried = 0;
    let page = loop {
        let page = browser.send(&form).await;
        tried += 1;
        if page.answer.status == 429 {
            break page;
        }
        assert!(page.answer.status == 403 && tried < 100, "{page:?}");
    };
    assert!(page.alert().starts_with("Too many attempts have failed. Try again in "), "{page:?}");
    let wait: u64 = page.answer.header("retry-after").parse().unwrap();
    assert!(wait > 0);
    assert_eq!(browser.send(&form.clone().with("password", &ann.password)).await.answer.status, 429);
    app.clock.advance(Duration::from_secs(wait));
    is_account_of(&ann.sign_in(&mut app.browser()).await, &ann.username);
}

#[tokio::test]
async fn a_form_from_before_is_shown_anew_and_one_sent_twice_signs_in_once_more() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    let page = browser.open("/login").await;
    let form = page.form("/login").with("username", &ann.username).with("password", &ann.password);
    is_account_of(&browser.submit(&form).await, &ann.username);
    // The back button, and the form once more: it is the same browser, and the session goes on.
    is_account_of(&browser.submit(&form).await, &ann.username);
    assert_eq!(sessions(&app).await, 1);

    let mut late = app.browser();
    let page = late.open("/login?next=/account/sessions").await;
    let form = page.form("/login").with("username", &ann.username).with("password", &ann.password);
    app.clock.advance(Duration::from_secs(13 * 3_600));
    let again = late.send(&form).await;
    assert_eq!(again.answer.status, 403);
    assert!(again.alert().contains("open for too long"), "{again:?}");
    assert_eq!(again.form("/login").value("username"), Some(&*ann.username));
    assert_eq!(ann.fill_in(&mut late, &again).await.url.path(), "/account/sessions");
}
