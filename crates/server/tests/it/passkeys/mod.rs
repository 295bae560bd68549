//! Passkeys, made and used by a software authenticator: what they open, and what nothing opens that looks like one.

mod device;
mod enrol;
mod refused;
mod sign_in;

use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Form, Options, Page, Person, TestApp};

use self::device::{Device, Said};
use crate::people::is_account_of;

/// The page where they are added.
const HERE: &str = "/account/security";

/// A server that is called by a name.
async fn start(database: Engine) -> TestApp {
    let signing_alg = Algorithm::EdDsa;
    TestApp::with(Options { database, signing_alg, host: "localhost", ..Options::default() }).await
}

/// What the form of a page asks its script to ask.
#[track_caller]
fn asked(page: &Page) -> String {
    let mut options = page.attributes("form[data-passkey]", "data-options");
    assert_eq!(options.len(), 1, "{page:?}");
    options.remove(0)
}

/// The form that adds a passkey, filled in by a new authenticator.
async fn adding(page: &Page, name: &str) -> (Device, Form) {
    let (device, answer) = Device::new(page, &asked(page), true).await;
    let form = page.form_with(HERE, "action", "add-passkey");
    (device, form.with("name", name).with("credential", &answer))
}

/// Adds a passkey in a browser whose user has just signed in.
async fn add(browser: &mut Browser, name: &str) -> (Device, Page) {
    let page = browser.open(HERE).await;
    let (device, form) = adding(&page, name).await;
    let page = browser.submit(&form).await;
    assert_eq!(page.answer.status, 200, "{page:?}");
    (device, page)
}

/// Ann, who has a passkey and the recovery codes that came with it.
async fn ann_with_a_passkey(app: &TestApp) -> (Person, Device, Vec<String>) {
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let (device, page) = add(&mut browser, "Phone").await;
    (ann, device, page.texts(".codes li"))
}

/// The sign-in form of a page, filled in by an authenticator as a browser does.
async fn using(page: &Page, device: &mut Device, said: Said) -> Form {
    let answer = device.answer(&asked(page), said).await;
    page.form("/login/passkey").with("credential", &answer)
}

/// Signs in by a passkey, up to where that leads.
async fn sign_in(browser: &mut Browser, device: &mut Device) -> Page {
    let page = browser.open("/login").await;
    let form = using(&page, device, Said::default()).await;
    browser.submit(&form).await
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn ann_adds_a_passkey_and_signs_in_by_it(#[case] database: Engine) {
    let app = start(database).await;
    let (ann, mut device, codes) = ann_with_a_passkey(&app).await;
    assert_eq!(codes.len(), 10);
    let mut browser = app.browser();
    for _ in 0..3 {
        is_account_of(&sign_in(&mut browser, &mut device).await, &ann.username);
        browser = app.browser();
    }
    is_account_of(&sign_in(&mut browser, &mut device).await, &ann.username);
    let page = browser.open(HERE).await;
    assert_eq!(page.texts(".rows strong"), ["Phone"]);
    assert!(page.texts(".rows p")[0].contains("last used 20 November 2026 at 08:00 UTC"), "{page:?}");
}

#[rstest]
#[case::by_address("127.0.0.1", false)]
#[case::by_name("localhost", true)]
#[tokio::test]
async fn where_the_issuer_is_an_address_there_are_no_passkeys(
    #[case] host: &'static str,
    #[case] offered: bool,
) {
    let signing_alg = Algorithm::EdDsa;
    let app = TestApp::with(Options { signing_alg, host, ..Options::default() }).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    let sign_in = browser.open("/login").await;
    let of_account = {
        ann.sign_in(&mut browser).await;
        browser.open(HERE).await
    };
    for page in [&sign_in, &of_account] {
        let forms = page.attributes("form[data-passkey]", "hidden");
        assert_eq!(forms.len(), usize::from(offered), "without a script nothing shows: {page:?}");
        assert_eq!(page.attributes("script", "src").len(), usize::from(offered), "{page:?}");
        let policy = page.answer.header("content-security-policy");
        assert_eq!(policy.contains("; script-src 'self';"), offered, "{policy}");
        assert!(policy.contains("form-action 'self'") && !policy.contains("unsafe"), "{policy}");
    }
    let fields = sign_in.attributes("#username", "autocomplete");
    assert_eq!(fields, [if offered { "username webauthn" } else { "username" }]);
    assert_eq!(of_account.texts("h2").contains(&"Passkeys".to_owned()), offered);
    let script = browser.get("/assets/passkeys.js").await;
    assert_eq!(script.answer.header("content-type"), "text/javascript; charset=utf-8");
}
