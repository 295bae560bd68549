//! `/account/sessions` and `/logout`: people see where they are signed in, and end it.

use std::time::Duration;

use rstest::rstest;
use tokenry_model::ClientType;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Page, Person, TestApp};

use super::{SID, is_account_of, is_signed_out, sessions};

const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const PHONE: &str = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36";

async fn browser_of(app: &TestApp, person: &Person, user_agent: &str) -> Browser {
    let mut browser = app.browser();
    user_agent.clone_into(&mut browser.user_agent);
    person.sign_in(&mut browser).await;
    browser
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn ses_13_people_see_and_end_their_sessions_and_no_others(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut desk = browser_of(&app, &ann, LINUX).await;
    app.clock.advance(Duration::from_secs(120));
    let mut phone = browser_of(&app, &ann, PHONE).await;
    let mut bobs = browser_of(&app, &bob, LINUX).await;

    let page = phone.open("/account/sessions").await;
    assert_eq!(page.texts("li strong"), ["Chrome on Android", "Firefox on Linux"]);
    assert_eq!(page.texts("li .mark"), ["this browser"]);
    assert!(
        page.texts("li p")[0].starts_with("127.0.0.1, last used 20 November 2026 at 08:02 UTC"),
        "{page:?}"
    );
    let forms = ends(&page);
    assert_eq!(forms.len(), 3, "two, and all");

    // Bob's is not Ann's to end, nor is one that there is not.
    let id = app.store.list_sessions(Some(&bob.id), None, 10).await.unwrap().remove(0).id;
    for other in [id.as_str(), "nonsense", ""] {
        let page = phone.submit(&forms[0].clone().with("session", other)).await;
        assert_eq!((page.answer.status.as_u16(), page.url.path()), (200, "/account/sessions"));
    }
    is_account_of(&bobs.open("/account").await, &bob.username);
    assert_eq!(sessions(&app).await, 3);

    phone.submit(&forms[1]).await;
    is_signed_out(&mut desk).await;
    is_account_of(&phone.open("/account").await, &ann.username);

    ann.sign_in(&mut desk).await;
    let page = phone.submit(&forms[2]).await;
    assert_eq!((page.url.path(), phone.cookie(SID)), ("/logout", None));
    is_signed_out(&mut desk).await;
    is_signed_out(&mut phone).await;
    is_account_of(&bobs.open("/account").await, &bob.username);
}

/// A laptop is stolen whose browser was last used days ago; its application has a refresh token since then.
#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn ses_07_rt_08_signing_out_everywhere_ends_what_sessions_of_before_have_granted(
    #[case] database: Engine,
) {
    let app = TestApp::quick(database).await;
    let ann = app.person("ann").await;
    let client = app.application(ClientType::Native, "Laptop", &[]).await;
    let (member, bob) = (app.employ(&ann.id).await, app.member("bob").await);
    let mut tokens = Vec::new();
    for person in [&member, &bob] {
        let code = app.code(person, &client, "openid offline_access create:timesheets").await;
        let answer = app.redeem(&client, &code, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        tokens.push(answer.json()["refresh_token"].as_str().unwrap().to_owned());
    }
    app.clock.advance(Duration::from_secs(4 * 86_400));
    let mut phone = browser_of(&app, &ann, PHONE).await;
    let page = phone.open("/account/sessions").await;
    assert_eq!(page.texts("li strong"), ["Chrome on Android"], "the laptop's is over");
    let all = ends(&page).pop().unwrap();
    phone.submit(&all).await;
    is_signed_out(&mut phone).await;
    let refused = app.refresh(&client, &tokens[0], &[]).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]), (400, &"invalid_grant".into()));
    assert_eq!(app.refresh(&client, &tokens[1], &[]).await.status, 200, "others go on");
    let ended: Vec<_> = app.audit().await.into_iter().filter(|it| it.event == "user.signed_out").collect();
    assert_eq!(ended.len(), 1, "{ended:?}");
}

fn ends(page: &Page) -> Vec<tokenry_testkit::Form> {
    page.forms().into_iter().filter(|form| form.value("session").is_some()).collect()
}

#[tokio::test]
async fn a_stranger_chooses_no_words_of_the_page() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = browser_of(&app, &ann, "<script>alert(1)</script> call 555 at once").await;
    let page = browser.open("/account/sessions").await;
    assert_eq!(page.texts("li strong"), ["Unknown device"]);
    assert!(!page.answer.body.contains("alert(1)") && !page.answer.body.contains("555"), "{page:?}");
}

#[tokio::test]
async fn ses_18_signing_out_asks_once_and_leaves_nothing_behind() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = browser_of(&app, &ann, LINUX).await;
    let page = browser.open("/logout").await;
    assert!(page.texts("p").iter().any(|text| text.contains(&ann.username)), "{page:?}");
    is_account_of(&browser.open("/account").await, &ann.username);
    // Its first form, without a button's value.
    let out = browser.send(&page.forms()[0]).await;
    assert_eq!(out.answer.status, 303);
    assert_eq!(out.answer.header("clear-site-data"), "\"cache\"");
    assert_eq!(browser.cookie(SID), None);
    let after = browser.open("/logout").await;
    assert_eq!((after.texts("h1"), after.forms().len()), (vec!["You are signed out".to_owned()], 0));
    is_signed_out(&mut browser).await;
    assert_eq!(sessions(&app).await, 0);
}

#[tokio::test]
async fn http_20_con_04_every_page_has_its_header_fields() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = browser_of(&app, &ann, LINUX).await;
    for target in [
        "/account",
        "/account/data",
        "/account/developer",
        "/account/developer/new",
        "/account/developer/secret?do=revoke",
        "/account/developer/token?id=none&do=revoke",
        "/account/security",
        "/account/sessions",
        "/account/nothing",
        "/login?next=/account",
        "/login?flow=nonsense",
        "/logout",
    ] {
        let page = browser.get(target).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(page.answer.header(name), value, "{name} of {target}");
        }
        let policy = page.answer.header("content-security-policy");
        for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{part} of {target}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        let body = &page.answer.body;
        assert!(!body.contains(" style=") && !body.contains("<script"), "{body}");
    }
}
