//! What weighs more: what the application says, what is known of the user, what the browser says.

use tokenry_model::ClientType;
use tokenry_testkit::Engine::Sqlite;
use tokenry_testkit::{Page, TestApp};

use super::{is_in, reads};
use crate::consent::Rig;

/// The application says it once, and its user reads it on every page until they are back.
#[tokio::test]
async fn r53_the_waiting_application_weighs_most() {
    let rig = Rig::on(Sqlite).await;
    reads(&rig.app, rig.ann.id.as_str(), "es").await;
    let mut browser = rig.app.browser();
    browser.reads = "fr";
    let scopes = [("scope", "openid profile read:timesheets"), ("ui_locales", "xx de-AT en")];
    let page = browser.open(&rig.request(&rig.partner, &scopes)).await;
    assert_eq!(page.url.path(), "/login");
    is_in(&page, "de");
    let wrong = page.form("/login").with("username", &rig.ann.username).with("password", "no");
    let refused = browser.submit(&wrong).await;
    is_in(&refused, "de");
    assert_eq!(refused.alert(), "Benutzername oder Passwort ist falsch.");
    let question = rig.ann.fill_in(&mut browser, &refused).await;
    assert_eq!(question.texts("h1"), ["Zugriff für Hours of Globex erlauben?"]);
    is_in(&question, "de");
    let text = question.texts("main").concat();
    for said in
        ["Wissen, wer Sie hier sind", "Ihren Namen und Ihr Profil sehen", "Ihr Passwort sehen oder ändern"]
    {
        assert!(text.contains(said), "{said} in {text}");
    }
    is_in(&browser.open("/account").await, "es");
}

#[tokio::test]
async fn what_is_known_of_the_user_weighs_more_than_their_browser() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    browser.reads = "fr;q=0.9, de;q=0.8";
    is_in(&browser.open("/login").await, "fr");
    ann.sign_in(&mut browser).await;
    is_in(&browser.open("/account").await, "fr");
    for (locale, is) in [("es-MX", "es"), ("ja", "fr"), ("xx--", "fr"), ("en", "en")] {
        reads(&app, ann.id.as_str(), locale).await;
        is_in(&browser.open("/account").await, is);
        is_in(&browser.open("/account/nothing").await, "fr");
    }
}

/// The field in My Profile: what is chosen there holds for the very next page, and is told to applications.
#[tokio::test]
async fn r75_people_choose_their_language() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let locale = async || app.manager.user("usr_ann").await.unwrap().claims.get("locale").cloned();
    let page = browser.open("/account").await;
    assert_eq!(page.form("/account").value("locale"), Some(""));
    let chosen = browser.submit(&page.form("/account").with("locale", "de")).await;
    is_in(&chosen, "de");
    assert_eq!(
        (chosen.texts("[role=status]"), locale().await),
        (vec!["Ihr Profil ist gespeichert.".to_owned()], Some("de".into()))
    );
    let offered = |page: &Page| page.texts("option");
    assert_eq!(offered(&chosen), ["Wie im Browser eingestellt", "Deutsch", "English", "Español", "Français"]);
    browser.submit(&chosen.form("/account").with("locale", "")).await;
    assert_eq!(locale().await, None);

    reads(&app, "usr_ann", "pt-BR").await;
    let page = browser.open("/account").await;
    assert!(offered(&page).contains(&"pt-BR".to_owned()), "what an operator said stays: {page:?}");
    browser.submit(&page.form("/account").with("nickname", "Annie")).await;
    assert_eq!(locale().await, Some("pt-BR".into()));
    let page = browser.open("/account").await;
    let refused = browser.submit(&page.form("/account").with("locale", "<de>")).await;
    assert_eq!(refused.alert(), "Language cannot be saved: this is not a language.");
    assert_eq!(locale().await, Some("pt-BR".into()));
}

/// What is wrong before anybody has signed in is told in the language that the application names, too.
#[tokio::test]
async fn an_error_is_told_in_the_language_that_the_request_names() {
    let app = TestApp::start().await;
    let client = app.application(ClientType::Web, "Hours", &[]).await;
    let mut browser = app.browser();
    let redirect = "redirect_uri=https://evil.example&response_type=code&ui_locales=de";
    let page = browser.open(&format!("/authorize?client_id={}&{redirect}", client.id)).await;
    is_in(&page, "de");
    assert!(page.alert().starts_with("Die redirect_uri stimmt nicht"), "{page:?}");
    let page = browser.open(&format!("/authorize?client_id={}&{redirect}", "x".repeat(3))).await;
    is_in(&page, "de");
}
