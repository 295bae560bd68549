//! Every page in every language.

use std::collections::BTreeSet;
use std::path::Path;

use rstest::rstest;
use tokenry_server::pages;
use tokenry_testkit::Engine::Sqlite;
use tokenry_testkit::{Options, Page, TestApp};

use super::is_in;
use crate::consent::Rig;
use crate::people::second_factor::enrolled;

/// For each page what is opened there, and the message that is its first heading.
const BEFORE_SIGN_IN: [(&str, &str, &str); 21] = [
    ("/address", "/address", "link-dead-title"),
    ("/address/done", "/address/done", "address-done-title"),
    ("/address/waiting", "/address/waiting", "address-thanks-title"),
    ("/authorize", "/authorize?client_id=nobody", "error-title-refused"),
    ("/consent", "/consent", "error-title-refused"),
    // Elsewhere than on one's own machine there is none.
    ("/dev/mailbox", "/dev/mailbox", "error-title-not-found"),
    ("/dev/mailbox/{id}", "/dev/mailbox/1", "error-title-not-found"),
    ("/dev/mailbox/{id}/html", "/dev/mailbox/1/html", "error-title-not-found"),
    ("/login", "/login", "login-heading"),
    // Nothing is half proven by whoever comes by the address.
    ("/login/code", "/login/code", "login-heading"),
    ("/login/passkey", "/login/passkey", "login-heading"),
    ("/logout", "/logout", "logout-done"),
    ("/oidc/logout", "/oidc/logout", "logout-done"),
    ("/reset", "/reset", "reset-heading"),
    ("/reset/done", "/reset/done", "reset-done-title"),
    ("/reset/password", "/reset/password", "link-dead-title"),
    ("/reset/sent", "/reset/sent", "link-look-into-mail"),
    ("/signup", "/signup", "sign-up-title"),
    ("/signup/sent", "/signup/sent", "link-look-into-mail"),
    ("/verify", "/verify", "link-dead-title"),
    ("/verify/done", "/verify/done", "verify-done-title"),
];

const SIGNED_IN: [(&str, &str); 8] = [
    ("/account", "profile-title"),
    ("/account/address", "address-title"),
    ("/account/apps", "apps-heading"),
    ("/account/data", "account-data"),
    ("/account/developer", "developer-title"),
    ("/account/developer/new", "developer-new"),
    ("/account/security", "security-heading"),
    ("/account/sessions", "sessions-heading"),
];

/// The page before something is done to a token, which one must have.
const TOKEN: &str = "/account/developer/token";

/// The page before something is done to the secret of a developer's account.
const SECRET: &str = "/account/developer/secret";

/// The page of whoever has deleted their account.
const LEAVING: &str = "/account/leaving";

#[test]
fn http_17_no_page_is_left_out() {
    let opened = BEFORE_SIGN_IN.iter().map(|(page, ..)| *page).chain(SIGNED_IN.iter().map(|(page, _)| *page));
    let opened: BTreeSet<_> = opened.chain([LEAVING, SECRET, TOKEN]).collect();
    assert_eq!(opened, pages().collect::<BTreeSet<_>>(), "what is opened here, and what there is");
}

/// A message as the catalogue of a language has it.
fn message(language: &str, key: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language);
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let text: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let found = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    let found = found.unwrap_or_else(|| panic!("{language} has no {key}"));
    // As tests read what a page says: French writes spaces of another width.
    found.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(page: &Page, language: &str, heading: &str) {
    is_in(page, language);
    assert_eq!(page.texts("h1"), [heading], "{}", page.url);
}

#[rstest]
#[tokio::test]
async fn http_17_every_page_is_there_in_every_language(
    #[values("de", "en", "es", "fr")] language: &'static str,
) {
    let app = TestApp::with(Options { sign_up: true, ..Options::default() }).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    browser.reads = language;
    for (_page, target, heading) in BEFORE_SIGN_IN {
        says(&browser.open(target).await, language, &message(language, heading));
    }
    ann.sign_in(&mut browser).await;
    for (path, heading) in SIGNED_IN {
        says(&browser.open(path).await, language, &message(language, heading));
    }
    let made = browser.open("/account/developer/new").await.form("/account/developer/new").with("name", "CI");
    let review = browser.submit(&made).await;
    says(&review, language, &message(language, "developer-review-title"));
    let made = browser.submit(&review.form("/account/developer").with("action", "create")).await;
    let id = made.attributes(".tokens > li", "id").remove(0);
    for verb in ["refresh", "roll", "revoke"] {
        let heading = message(language, &format!("developer-{verb}-title")).replace("{ $name }", "CI");
        says(&browser.open(&format!("{TOKEN}?id={id}&do={verb}")).await, language, &heading);
    }
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    for verb in ["reveal", "rotate", "revoke"] {
        let heading = message(language, &format!("developer-secret-{verb}-title"));
        says(&browser.open(&format!("{SECRET}?do={verb}")).await, language, &heading);
    }
    says(&browser.open("/logout").await, language, &message(language, "logout-heading"));
    says(&browser.open("/account/nothing").await, language, &message(language, "error-title-not-found"));

    let data = browser.open("/account/data").await;
    let delete = data.form_with("/account/data", "action", "delete").with("username", &ann.username);
    says(&browser.submit(&delete).await, language, &message(language, "leaving-title"));
    let page = ann.sign_in(&mut browser).await;
    assert_eq!(page.url.path(), LEAVING);
    says(&page, language, &message(language, "leaving-title"));
}

/// Those that show only on the way to somewhere.
#[rstest]
#[tokio::test]
async fn http_17_what_stands_between_is_there_in_every_language(
    #[values("de", "en", "es", "fr")] language: &'static str,
) {
    let rig = Rig::on(Sqlite).await;
    enrolled(&rig.app, &rig.bob).await;
    let mut browser = rig.app.browser();
    browser.reads = language;
    let mut other = browser.clone();
    says(&rig.bob.sign_in(&mut browser).await, language, &message(language, "code-heading"));

    rig.ann.sign_in(&mut other).await;
    let question = other.open(&rig.request(&rig.partner, &[])).await;
    let heading = message(language, "consent-title").replace("{ $app }", "Hours of Globex");
    says(&question, language, &heading);
}

/// What programs read is English, whoever asks.
#[tokio::test]
async fn programs_are_answered_in_english() {
    let app = TestApp::start().await;
    for path in ["/oauth/token", "/nothing"] {
        let request = app.http.get(app.url(path)).header("accept-language", "de");
        let answer = tokenry_testkit::Answer::to(request).await;
        assert!(answer.header("content-language").is_empty(), "{answer:?}");
        assert!(["This path", "There is"].iter().any(|said| answer.body.contains(said)), "{answer:?}");
    }
}
