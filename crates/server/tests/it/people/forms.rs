//! Forms that were not made by our page for this browser change nothing (SES-16, LOG-16, CON-01).

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use tokenry_testkit::Engine::Sqlite;
use tokenry_testkit::{Browser, Form, Page, Person, TestApp};

use super::{PRE, SID, is_account_of, is_signed_out, sessions};

async fn signed_in() -> (TestApp, Person, Browser) {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    (app, ann, browser)
}

#[tokio::test]
async fn log_16_nobody_is_signed_in_by_somebody_elses_form() {
    let app = TestApp::quick(Sqlite).await;
    let (ann, eve) = (app.person("ann").await, app.person("eve").await);
    let page = app.browser().open("/login").await;
    let eves = page.form("/login").with("username", &eve.username).with("password", &eve.password);

    let mut fresh = app.browser();
    let mut victim = app.browser();
    victim.open("/login").await;
    for browser in [&mut fresh, &mut victim] {
        for form in [eves.clone(), eves.clone().without("csrf"), eves.clone().with("csrf", "nonsense")] {
            let page = browser.send(&form).await;
            assert_eq!((page.answer.status.as_u16(), browser.cookie(SID)), (403, None), "{page:?}");
            assert!(!page.answer.body.contains(&eve.password), "{page:?}");
        }
        browser.site = "cross-site";
        let page = browser.send(&eves).await;
        assert_eq!((page.answer.status.as_u16(), browser.cookie(SID)), (403, None), "{page:?}");
        browser.site = "same-origin";
        is_signed_out(browser).await;
    }
    assert_eq!(sessions(&app).await, 0);
    is_account_of(&ann.sign_in(&mut victim).await, &ann.username);
}

#[rstest]
#[case::cross_site("cross-site")]
#[case::sibling("same-site")]
#[tokio::test]
async fn ses_16_other_sites_change_nothing(#[case] site: &'static str) {
    let (app, ann, mut browser) = signed_in().await;
    let before = sessions_of(&app, &ann).await;
    let forms = [
        browser.open("/logout").await.form("/logout"),
        browser.open("/account/sessions").await.form_with("/account/sessions", "session", "all"),
        browser.open("/account/security").await.form_with("/account/security", "action", "enrol"),
    ];
    browser.site = site;
    for form in &forms {
        assert_eq!(browser.send(form).await.answer.status, 403, "{form:?}");
    }
    browser.site = "same-origin";
    unchanged(&app, &ann, &mut browser, &before).await;
    assert_eq!(browser.submit(&forms[0]).await.url.path(), "/logout");
    is_signed_out(&mut browser).await;
}

#[tokio::test]
async fn con_01_a_form_counts_in_its_own_session_and_whole() {
    let (app, ann, mut browser) = signed_in().await;
    let bob = app.person("bob").await;
    let mut other = app.browser();
    bob.sign_in(&mut other).await;
    let mut second = app.browser();
    ann.sign_in(&mut second).await;
    let before = sessions_of(&app, &ann).await;
    assert_eq!(before.len(), 2);
    let own = browser.open("/logout").await.form("/logout");
    let bobs = other.open("/logout").await.form("/logout");
    let anns_other = second.open("/logout").await.form("/logout");
    let login = app.browser().open("/login").await.form("/login");
    let csrf = |form: &Form| form.value("csrf").unwrap().to_owned();
    let pre = browser.cookie(PRE).unwrap().to_owned();
    let sid = browser.cookie(SID).unwrap().to_owned();
    let wrong = [
        own.clone().without("csrf"),
        own.clone().with("csrf", ""),
        own.clone().with("csrf", &csrf(&bobs)),
        own.clone().with("csrf", &csrf(&anns_other)),
        own.clone().with("csrf", &csrf(&login)),
        own.clone().with("csrf", &pre),
        own.clone().with("csrf", &sid),
        own.clone().with("csrf", &csrf(&own)[1..]),
    ];
    for form in &wrong {
        assert_eq!(browser.send(form).await.answer.status, 403, "{form:?}");
    }
    app.clock.advance(Duration::from_secs(6 * 3_600));
    is_account_of(&browser.open("/account").await, &ann.username);
    app.clock.advance(Duration::from_secs(6 * 3_600));
    assert_eq!(browser.send(&own).await.answer.status, 403, "it is too old");
    unchanged(&app, &ann, &mut browser, &before).await;
}

#[tokio::test]
async fn ses_16_get_and_other_methods_and_types_change_nothing() {
    let (app, ann, mut browser) = signed_in().await;
    let before = sessions_of(&app, &ann).await;
    let form = browser.open("/account/sessions").await.form_with("/account/sessions", "session", "all");
    let csrf = form.value("csrf").unwrap().to_owned();
    for target in [
        format!("/account/sessions?csrf={csrf}&session=all"),
        format!("/logout?csrf={csrf}"),
        format!("/logout?csrf={csrf}&_method=POST"),
        format!("/account/security?csrf={csrf}&action=enrol"),
    ] {
        let page: Page = browser.get(&target).await;
        assert_eq!(page.answer.status, 200, "{target}");
    }
    unchanged(&app, &ann, &mut browser, &before).await;
    let cookie = format!("{SID}={}", browser.cookie(SID).unwrap());
    let post = |content_type: &str, body: String| {
        let request = app.http.post(app.url("/logout")).header("cookie", &cookie);
        request.header("sec-fetch-site", "same-origin").header("content-type", content_type).body(body)
    };
    for (content_type, body) in [
        ("text/plain", format!("csrf={csrf}")),
        ("application/json", format!("{{\"csrf\":\"{csrf}\"}}")),
        ("multipart/form-data; boundary=x", format!("--x\r\n\r\n{csrf}\r\n--x--")),
    ] {
        let answer = post(content_type, body).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{content_type}");
    }
    let put = app.http.put(app.url("/logout")).header("cookie", &cookie).body(format!("csrf={csrf}"));
    assert_eq!(put.send().await.unwrap().status(), 405);
    unchanged(&app, &ann, &mut browser, &before).await;
}

/// The sessions of a person.
async fn sessions_of(app: &TestApp, person: &Person) -> BTreeSet<String> {
    let live = app.store.list_sessions(Some(&person.id), None, 100).await.unwrap();
    live.into_iter().map(|session| session.id.to_string()).collect()
}

/// That somebody has the sessions from before, and nothing else has changed.
async fn unchanged(app: &TestApp, ann: &Person, browser: &mut Browser, before: &BTreeSet<String>) {
    is_account_of(&browser.open("/account").await, &ann.username);
    assert_eq!(sessions_of(app, ann).await, *before);
    assert!(!app.engine.own_factors(&ann.id).await.unwrap().second_factor);
}
