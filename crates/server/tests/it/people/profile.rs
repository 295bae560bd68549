//! `/account`: what people say of themselves, and what they cannot.

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_engine::manage::UpdateUser;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Page, TestApp};

use super::is_account_of;

async fn anns(app: &TestApp) -> (Browser, Page) {
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let page = browser.open("/account").await;
    is_account_of(&page, &ann.username);
    (browser, page)
}

async fn known(app: &TestApp) -> (Option<String>, Value) {
    let ann = app.manager.user("usr_ann").await.unwrap();
    (ann.name, Value::Object(ann.claims))
}

#[rstest]
#[tokio::test]
async fn r75_people_say_of_themselves_what_applications_may_learn(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let (mut browser, page) = anns(&app).await;
    let form = page.form("/account").with("name", " Ann  Lee ").with("given_name", "Ann");
    let saved = browser
        .submit(&form.with("website", "https://ann.example").with("phone_number", "+49 30 1234"))
        .await;
    assert_eq!(saved.texts("[role=status]"), ["Your profile is saved."]);
    let claims =
        json!({"given_name": "Ann", "website": "https://ann.example", "phone_number": "+49 30 1234"});
    assert_eq!(known(&app).await, (Some("Ann  Lee".to_owned()), claims.clone()));
    let form = saved.form("/account");
    assert_eq!((form.value("name"), form.value("family_name")), (Some("Ann  Lee"), Some("")));

    let events = || async {
        let all = app.audit().await;
        all.into_iter().filter(|record| record.event == "user.updated").count()
    };
    assert_eq!(events().await, 1);
    browser.submit(&form).await;
    assert_eq!(events().await, 1, "what stays as it is is no change");
    let cleared = browser.submit(&form.with("name", "").with("website", "")).await;
    assert_eq!(cleared.texts("[role=alert]"), [""; 0]);
    assert_eq!(known(&app).await, (None, json!({"given_name": "Ann", "phone_number": "+49 30 1234"})));
}

#[tokio::test]
async fn log_13_nobody_verifies_an_own_number_or_address() {
    let app = TestApp::start().await;
    let (mut browser, _page) = anns(&app).await;
    let claims = json!({"phone_number": "+49 30 1234", "phone_number_verified": true, "locale": "de"});
    let claims = claims.as_object().unwrap().clone();
    let by_operator = UpdateUser { claims: Some(claims.clone()), ..UpdateUser::default() };
    app.manager.update_user("usr_ann", by_operator).await.unwrap();
    let page = browser.open("/account").await;
    let mut form = page.form("/account").with("nickname", "Annie");
    for (name, value) in [
        ("phone_number_verified", "true"),
        ("email_verified", "true"),
        ("email", "root@acme.example"),
        ("username", "root@acme.example"),
        ("sub", "usr_root"),
        ("gender", "none"),
        ("roles", "administrator"),
    ] {
        form.fields.push((name.to_owned(), value.to_owned()));
    }
    let page = browser.submit(&form).await;
    let mut expected = claims;
    expected.insert("nickname".to_owned(), "Annie".into());
    assert_eq!(known(&app).await.1, Value::Object(expected), "the number is the one that was verified");
    let ann = app.manager.user("usr_ann").await.unwrap();
    assert_eq!(ann.username, "ann@acme.example");

    browser.submit(&page.form("/account").with("phone_number", "+49 30 9999")).await;
    let claims = known(&app).await.1;
    assert_eq!(
        (&claims["phone_number"], &claims["phone_number_verified"]),
        (&json!("+49 30 9999"), &Value::Null)
    );
}

#[tokio::test]
async fn what_cannot_be_taken_is_said_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let (mut browser, page) = anns(&app).await;
    let long = "a".repeat(201);
    for (name, value, says) in [
        ("website", "javascript:alert(1)", "Website cannot be saved: it must begin with https://"),
        ("website", "ann.example", "Website cannot be saved"),
        ("phone_number", "call me", "Phone number cannot be saved: write it as +49 30 123456"),
        ("phone_number", "+1 234 567 890 123 456 7", "Phone number cannot be saved"),
        ("name", "Ann\u{202e}eel", "Name cannot be saved"),
        ("nickname", &long, "Nickname cannot be saved: it must be at most 200 characters"),
    ] {
        let form = page.form("/account").with("given_name", "Ann").with(name, value);
        let told = browser.submit(&form).await;
        assert_eq!(told.answer.status, 400, "{name}: {value}");
        assert!(told.alert().starts_with(says), "{}", told.alert());
        assert_eq!(told.form("/account").value("given_name"), Some("Ann"), "what was written stays");
        assert_eq!(told.form("/account").value(name), Some(value));
        assert_eq!(told.attributes("[aria-invalid]", "id"), [name]);
        assert_eq!(known(&app).await, (None, json!({})));
    }
    let markup = "<script>alert(1)</script>";
    let page = browser.submit(&page.form("/account").with("name", markup)).await;
    assert!(!page.answer.body.contains(markup), "it stays text (PEER-04)");
    assert_eq!(page.form("/account").value("name"), Some(markup));
}

#[rstest]
#[tokio::test]
async fn who_was_changed_meanwhile_is_told_and_saves_once_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let (mut browser, page) = anns(&app).await;
    let other = UpdateUser { name: Some(Some("Ann of Accounting".to_owned())), ..UpdateUser::default() };
    app.manager.update_user("usr_ann", other).await.unwrap();
    let told = browser.submit(&page.form("/account").with("nickname", "Annie")).await;
    assert_eq!(told.answer.status, 409);
    assert_eq!(known(&app).await, (Some("Ann of Accounting".to_owned()), json!({})));
    assert_eq!(told.form("/account").value("nickname"), Some("Annie"));
    browser.submit(&told.form("/account").with("name", "Ann")).await;
    assert_eq!(known(&app).await, (Some("Ann".to_owned()), json!({"nickname": "Annie"})));
}

#[tokio::test]
async fn ses_16_a_form_that_is_not_of_this_session_changes_nothing() {
    let app = TestApp::start().await;
    let (mut browser, page) = anns(&app).await;
    let form = page.form("/account").with("name", "Mallory");
    let bob = app.person("bob").await;
    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    let mut crossing = browser.clone();
    crossing.site = "cross-site";
    for page in [
        bobs.send(&form).await,
        crossing.send(&form).await,
        browser.send(&form.clone().without("csrf")).await,
        browser.send(&form.clone().without("seen")).await,
    ] {
        assert_eq!(page.answer.status, 403, "{page:?}");
    }
    assert_eq!(known(&app).await.0, None);
    assert_eq!(browser.send(&form).await.answer.status, 303);
    assert_eq!(known(&app).await.0.as_deref(), Some("Mallory"));
}
