//! Mails in the language of whoever reads them.

use std::time::Duration;

use rstest::rstest;
use tokenry_server::{HostPolicy, Loopback};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Options, TestApp};

use super::reads;
use crate::mail::postman;

/// One whose mail is read where it is made.
async fn dev(database: Engine) -> TestApp {
    let hosts = HostPolicy::Loopback(Loopback::new("http://127.0.0.1", None, &[] as &[&str]).unwrap());
    TestApp::with(Options { database, hosts, sign_up: true, ..Options::default() }).await
}

/// The newest mail as `dev` shows it: subject, and HTML.
async fn newest(app: &TestApp) -> (String, String) {
    let id = app.engine.mailbox().await.unwrap().remove(0).id;
    let mut browser = app.browser();
    let page = browser.open(&format!("/dev/mailbox/{id}")).await;
    let html = browser.open(&format!("/dev/mailbox/{id}/html")).await;
    (page.texts("h1").concat(), html.answer.body)
}

#[rstest]
#[tokio::test]
async fn a_german_user_gets_a_german_mail_also_from_an_english_browser(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = dev(engine).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    browser.reads = "en";
    let ask = async |browser: &mut tokenry_testkit::Browser, path: &str, address: &str| {
        let page = browser.open(path).await;
        browser.submit(&page.form(path).with("username", address)).await;
    };
    reads(&app, "usr_ann", "de-AT").await;
    ask(&mut browser, "/reset", &ann.username).await;
    let (subject, html) = newest(&app).await;
    assert_eq!(subject, "Wählen Sie ein neues Passwort");
    assert!(html.contains("<html lang=\"de\"") && html.contains("Der Link funktioniert einmal"), "{html}");

    app.clock.advance(Duration::from_secs(1));
    // Of whoever has no account only the browser is known.
    browser.reads = "fr-CA, en;q=0.5";
    ask(&mut browser, "/signup", "new@acme.example").await;
    assert_eq!(newest(&app).await.0, "Créez votre compte");
    // Another language is no reason for another mail.
    browser.reads = "es";
    ask(&mut browser, "/signup", "new@acme.example").await;
    assert_eq!(app.engine.mailbox().await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_operators_mail_is_in_the_users_language_or_else_english() {
    let app = dev(Sqlite).await;
    let ann = app.person("ann").await;
    for (locale, subject) in
        [("es", "Confirme su dirección de correo"), ("ja", "Confirm your e-mail address")]
    {
        app.clock.advance(Duration::from_secs(1));
        reads(&app, "usr_ann", locale).await;
        postman(&app).await.send_verification(ann.id.as_str()).await.unwrap();
        assert_eq!(newest(&app).await.0, subject);
    }
}
