//! `/account/security`: what matters needs a fresh proof, and a new password ends every other way in.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_model::About;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Form, Page, Person, TestApp, totp};

use super::{SID, is_account_of, is_signed_out, sessions};

const HERE: &str = "/account/security";
const NEW: &str = "other lanterns at a louder harbour";

async fn password_form(browser: &mut Browser, old: &str, new: &str) -> Form {
    let form = browser.open(HERE).await.form_with(HERE, "action", "password");
    form.with("current-password", old).with("new-password", new)
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn log_09_a_new_password_signs_out_everywhere_else(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let mut ann = app.person("ann").await;
    let (mut browser, mut other) = (app.browser(), app.browser());
    ann.sign_in(&mut browser).await;
    ann.sign_in(&mut other).await;
    let before = browser.cookie(SID).unwrap().to_owned();

    let form = password_form(&mut browser, &ann.password, NEW).await;
    let page = browser.submit(&form).await;
    assert_eq!((page.answer.status.as_u16(), page.url.path()), (200, HERE), "{page:?}");
    assert!(page.texts("[role=\"status\"]")[0].starts_with("Your password is changed."), "{page:?}");
    is_signed_out(&mut other).await;
    let mut old = app.browser();
    old.put_cookie(SID, Some(&before));
    is_signed_out(&mut old).await;
    assert_eq!(sessions(&app).await, 1);
    assert_eq!(told(&app).await, [About::PasswordChanged]);

    assert_eq!(ann.sign_in(&mut other).await.answer.status, 403, "the old one is none any more");
    NEW.clone_into(&mut ann.password);
    is_account_of(&ann.sign_in(&mut other).await, &ann.username);

    // Whoever has learned the password does not keep the links dead that the owner is sent.
    let form = password_form(&mut other, NEW, "a third row of lanterns, dim").await;
    let page = other.submit(&form).await;
    assert_eq!(page.answer.status, 409, "{page:?}");
    assert!(page.alert().contains("less than 60 minutes ago"), "{page:?}");
    app.clock.advance(Duration::from_secs(3_600));
    let page = other.open("/login?next=/account/security").await;
    ann.fill_in(&mut other, &page).await;
    let form = password_form(&mut other, NEW, "a third row of lanterns, dim").await;
    assert_eq!(other.submit(&form).await.answer.status, 200);
}

/// What the owner is told by mail of what was changed, the newest first.
async fn told(app: &TestApp) -> Vec<About> {
    let about = app.engine.mailbox().await.unwrap().into_iter().filter_map(|mail| mail.about);
    about.filter(|about| *about != About::NewDevice).collect()
}

#[rstest]
#[case::wrong("wrong", NEW, 403, "Your current password is another one.")]
#[case::no_old("", NEW, 403, "Your current password is another one.")]
#[case::short("", "short", 400, "at least 15 characters")]
#[case::guessable("", "passwordpassword", 400, "among the first that are guessed")]
#[case::own_name("", "ann@acme.example1", 400, "among the first that are guessed")]
#[tokio::test]
async fn log_09_log_10_what_cannot_be_taken_changes_nothing(
    #[case] old: &str,
    #[case] new: &str,
    #[case] status: u16,
    #[case] text: &str,
) {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let (mut browser, mut other) = (app.browser(), app.browser());
    ann.sign_in(&mut browser).await;
    ann.sign_in(&mut other).await;
    let old = if status == 400 { &ann.password } else { old };
    let form = password_form(&mut browser, old, new).await;
    let page = browser.send(&form).await;
    assert_eq!(page.answer.status.as_u16(), status, "{page:?}");
    assert!(page.alert().contains(text), "{page:?}");
    assert!(!page.answer.body.contains(&format!("\"{new}\"")), "{page:?}");
    is_account_of(&other.open("/account").await, &ann.username);
    is_account_of(&browser.open("/account").await, &ann.username);
    is_account_of(&ann.sign_in(&mut app.browser()).await, &ann.username);
}

#[tokio::test]
async fn ses_14_what_matters_needs_a_fresh_proof() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let page = browser.open(HERE).await;
    let forms = [
        page.form_with(HERE, "action", "password").with("current-password", &ann.password),
        page.form_with(HERE, "action", "enrol"),
    ];
    app.clock.advance(Duration::from_secs(600));
    let page = browser.open(HERE).await;
    assert!(page.forms().is_empty(), "{page:?}");
    for form in forms {
        let page = browser.send(&form.with("new-password", NEW)).await;
        let to = page.redirect().unwrap();
        assert_eq!((to.path(), to.query()), ("/login", Some("next=/account/security")), "{page:?}");
    }
    assert!(!app.engine.own_factors(&ann.id).await.unwrap().second_factor);
    assert!(app.store.find_totp_seed(&ann.id).await.unwrap().is_none());
    let page = browser.open("/login?next=/account/security").await;
    let page = ann.fill_in(&mut browser, &page).await;
    let form = page.form_with(HERE, "action", "password");
    let form = form.with("current-password", &ann.password).with("new-password", NEW);
    assert_eq!(browser.submit(&form).await.answer.status, 200);
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn ann_adds_an_authenticator_gets_codes_and_removes_it(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let enrol = browser.open(HERE).await.form_with(HERE, "action", "enrol");
    let page = browser.submit(&enrol).await;
    let key = page.texts("code").remove(0);
    let link = page.attributes("a[href^=\"otpauth:\"]", "href").remove(0);
    assert!(link.starts_with("otpauth://totp/") && link.contains(&key), "{link}");
    let confirm = page.form_with(HERE, "action", "confirm");
    let wrong = browser.send(&confirm.clone().with("code", "000000")).await;
    assert_eq!((wrong.answer.status.as_u16(), wrong.texts("code")), (403, vec![key.clone()]), "{wrong:?}");
    assert_eq!(wrong.attributes("a[href^=\"otpauth:\"]", "href"), [link]);
    assert_eq!(picture(&wrong), picture(&page), "the same picture to scan");
    assert!(wrong.alert().starts_with("That is not the code that counts now."), "{wrong:?}");
    let confirm = wrong.form_with(HERE, "action", "confirm");
    // Unconfirmed, it is asked for by nobody.
    is_account_of(&ann.sign_in(&mut app.browser()).await, &ann.username);

    let page = browser.submit(&confirm.with("code", &totp(&key, app.clock.now()))).await;
    let first = page.texts(".codes li");
    assert_eq!(first.len(), 10, "{page:?}");
    assert_left(&app, &ann, 10).await;
    let page = browser.submit(&enrol).await;
    assert_eq!((page.url.path(), page.texts("svg").len()), (HERE, 0), "there is one already");
    let factor = |page: &Page, action| {
        let form = page.forms().into_iter().find(|form| form.value("code").is_some()).unwrap();
        form.with("action", action)
    };
    let renew = factor(&page, "codes");
    for wrong in ["", "000000"] {
        let page = browser.submit(&renew.clone().with("code", wrong)).await;
        assert_eq!((page.answer.status.as_u16(), page.texts(".codes li").len()), (403, 0), "{page:?}");
    }
    assert_left(&app, &ann, 10).await;
    app.clock.advance(Duration::from_secs(30));
    let renew = renew.with("code", &totp(&key, app.clock.now()));
    let second = browser.submit(&renew).await.texts(".codes li");
    assert!(second.len() == 10 && second.iter().all(|code| !first.contains(code)));

    let remove = factor(&browser.open(HERE).await, "remove");
    for wrong in ["", "000000", &first[0]] {
        let page = browser.submit(&remove.clone().with("code", wrong)).await;
        assert_eq!(page.answer.status, 403, "{page:?}");
        assert!(page.alert().contains("not the code that counts"), "{page:?}");
    }
    assert_left(&app, &ann, 10).await;
    let remove = remove.with("code", &second[0]);
    let page = browser.submit(&remove).await;
    assert_eq!(page.texts("[role=\"status\"]"), ["The second factor is removed."]);
    assert_eq!(browser.submit(&remove).await.url.path(), HERE, "it is gone already");
    is_account_of(&ann.sign_in(&mut app.browser()).await, &ann.username);
    let mut about = told(&app).await;
    about.sort();
    assert_eq!(
        about,
        [
            About::RecoveryCodeUsed,
            About::RecoveryCodesMade,
            About::SecondFactorAdded,
            About::SecondFactorRemoved,
        ]
    );
}

/// What of a page is to be scanned.
fn picture(page: &Page) -> &str {
    let body = &page.answer.body;
    &body[body.find("<svg").unwrap()..body.find("</svg>").unwrap()]
}

async fn assert_left(app: &TestApp, person: &Person, codes: i64) {
    let factors = app.engine.own_factors(&person.id).await.unwrap();
    assert_eq!((factors.second_factor, factors.recovery_codes), (true, codes));
}
