//! `/login/code`: half a proof opens nothing, and each code counts once.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_model::{Digest, DigestDomain};
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Page, Person, TestApp, totp};

use super::{SID, is_account_of, is_signed_out, sessions};

/// A browser that is signed in, and what its user enrols there: the key, and the recovery codes.
pub(crate) async fn enrolled(app: &TestApp, person: &Person) -> (Browser, String, Vec<String>) {
    let mut browser = app.browser();
    person.sign_in(&mut browser).await;
    let form = browser.open("/account/security").await.form_with("/account/security", "action", "enrol");
    let page = browser.submit(&form).await;
    let key = page.texts("code").remove(0);
    assert!(page.answer.body.contains("<svg"), "{page:?}");
    let code = totp(&key, app.clock.now());
    let form = page.form_with("/account/security", "action", "confirm").with("code", &code);
    let page = browser.submit(&form).await;
    let codes = page.texts(".codes li");
    assert_eq!(codes.len(), 10, "{page:?}");
    // The step of that code is spent.
    app.clock.advance(Duration::from_secs(30));
    (browser, key, codes)
}

/// The page that asks for the code, after the password.
async fn password_shown(browser: &mut Browser, person: &Person) -> Page {
    let page = browser.open("/login").await;
    let page = person.fill_in(browser, &page).await;
    assert_eq!((page.answer.status.as_u16(), browser.cookie(SID)), (200, None), "{page:?}");
    page
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn log_06_log_07_a_code_completes_a_sign_in_once(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let ann = app.person("ann").await;
    let (_enrolled, key, recovery) = enrolled(&app, &ann).await;
    let mut browser = app.browser();
    let page = password_shown(&mut browser, &ann).await;
    is_signed_out(&mut browser).await;
    let fields = page.attributes("input[name=\"code\"]", "autocomplete");
    assert_eq!(fields, ["one-time-code"]);

    let code = totp(&key, app.clock.now());
    let form = page.form("/login/code");
    let wrong = browser.send(&form.clone().with("code", "000000")).await;
    assert_eq!((wrong.answer.status.as_u16(), browser.cookie(SID)), (403, None));
    is_account_of(&browser.submit(&wrong.form("/login/code").with("code", &code)).await, &ann.username);

    let mut second = app.browser();
    let page = password_shown(&mut second, &ann).await;
    let again = second.send(&page.form("/login/code").with("code", &code)).await;
    assert_eq!((again.answer.status.as_u16(), second.cookie(SID)), (403, None), "it is spent");
    let spoken = recovery[1].replace('-', " ").to_uppercase();
    is_account_of(&second.submit(&page.form("/login/code").with("code", &spoken)).await, &ann.username);
    let mut third = app.browser();
    let page = password_shown(&mut third, &ann).await;
    let again = third.send(&page.form("/login/code").with("code", &recovery[1])).await;
    assert_eq!((again.answer.status.as_u16(), third.cookie(SID)), (403, None), "it is spent");
}

#[tokio::test]
async fn no_letter_of_a_recovery_code_looks_like_another_and_those_from_before_count() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let (_enrolled, _key, recovery) = enrolled(&app, &ann).await;
    for code in &recovery {
        let groups: Vec<_> = code.split('-').map(str::len).collect();
        assert_eq!(groups, [4; 5], "{code}");
        assert!(!code.contains(['0', 'o', '1', 'i', 'l']), "{code}");
        assert!(code.chars().all(|c| matches!(c, '-' | 'a'..='z' | '2'..='9')), "{code}");
    }
    let before = Digest::of(DigestDomain::RecoveryCode, &Secret::new("0OIl1aBcDeFgHiJk".to_owned()));
    let hex = hex::encode(before.as_bytes());
    let (table, id) = ("recovery_codes (user_id, digest)", ann.id.as_str());
    app.database.execute(&format!("INSERT INTO {table} VALUES ('{id}', x'{hex}')"));
    let mut browser = app.browser();
    let page = password_shown(&mut browser, &ann).await;
    let other = browser.send(&page.form("/login/code").with("code", "0oil-1abc-defg-hijk")).await;
    assert_eq!((other.answer.status.as_u16(), browser.cookie(SID)), (403, None), "{other:?}");
    let form = other.form("/login/code").with("code", "0OIl-1aBc-DeFg-HiJk");
    is_account_of(&browser.submit(&form).await, &ann.username);
}

#[tokio::test]
async fn log_06_half_a_proof_counts_in_its_own_browser_and_for_a_while() {
    let app = TestApp::quick(Sqlite).await;
    let (ann, eve) = (app.person("ann").await, app.person("eve").await);
    let (_enrolled, key, _recovery) = enrolled(&app, &ann).await;
    let mut anns = app.browser();
    let page = password_shown(&mut anns, &ann).await;
    let before = sessions(&app).await;

    let mut eves = app.browser();
    let own = eves.open("/login").await.form("/login");
    let code = totp(&key, app.clock.now());
    let stolen = page.form("/login/code").with("code", &code).with("csrf", own.value("csrf").unwrap());
    let refused = eves.send(&stolen).await;
    assert_eq!((refused.answer.status.as_u16(), eves.cookie(SID)), (403, None), "{refused:?}");
    let made_up = stolen.clone().with("factor", "nonsense");
    assert_eq!(eves.send(&made_up).await.answer.status, 403);
    is_account_of(&eve.sign_in(&mut eves).await, &eve.username);

    app.clock.advance(Duration::from_secs(601));
    let late = anns.send(&page.form("/login/code").with("code", &totp(&key, app.clock.now()))).await;
    assert_eq!((late.answer.status.as_u16(), anns.cookie(SID)), (403, None), "{late:?}");
    assert!(late.alert().contains("took too long"), "{late:?}");
    assert_eq!(sessions(&app).await, before + 1);
    let page = ann.fill_in(&mut anns, &late).await;
    let form = page.form("/login/code").with("code", &totp(&key, app.clock.now()));
    is_account_of(&anns.submit(&form).await, &ann.username);
}

#[tokio::test]
async fn log_07_nothing_leads_around_the_second_factor() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let (_enrolled, _key, _recovery) = enrolled(&app, &ann).await;
    let mut browser = app.browser();
    let page = password_shown(&mut browser, &ann).await;
    let half = page.form("/login/code").value("factor").unwrap().to_owned();
    for target in ["/account", "/account/security", "/account/sessions", "/login/code"] {
        assert_eq!(browser.open(target).await.url.path(), "/login", "{target}");
    }
    browser.put_cookie(SID, Some(&half));
    is_signed_out(&mut browser).await;
    let none = browser.open("/login").await.form("/login").with("username", &ann.username);
    let form = none.with("password", &ann.password).with("factor", &half).with("code", "000000");
    let page = browser.send(&form).await;
    assert_eq!((page.answer.status.as_u16(), browser.cookie(SID)), (200, None), "{page:?}");
}
