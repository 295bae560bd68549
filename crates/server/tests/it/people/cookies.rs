//! The cookies as browsers get them: what they say changes with what they may do, and whatever is wrong with one is absent.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::keys::Outgoing;
use tokenry_model::{Actor, UserState};
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Page, Person, TestApp, until};

use super::{PRE, SID, is_account_of, is_signed_out, sessions};

const DAY: Duration = Duration::from_secs(86_400);

async fn signed_in(database: Engine) -> (TestApp, Person, Browser) {
    let app = TestApp::quick(database).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    (app, ann, browser)
}

fn sid(browser: &Browser) -> String {
    browser.cookie(SID).unwrap().to_owned()
}

/// A browser with nothing but that cookie.
fn with_cookie(app: &TestApp, value: &str) -> Browser {
    let mut browser = app.browser();
    browser.put_cookie(SID, Some(value));
    browser
}

/// What a page takes back.
fn taken_back(page: &Page) -> bool {
    let gone = format!("{SID}=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
    page.answer.headers.get_all("set-cookie").iter().any(|set| set == gone.as_str())
}

#[tokio::test]
async fn ses_03_cookies_are_bound_to_host_and_https_and_have_an_exact_end() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    let set = |page: &Page, name: &str| {
        let all = page.answer.headers.get_all("set-cookie").iter();
        let all = all.map(|set| set.to_str().unwrap().to_owned());
        let mut of = all.filter(|set| set.starts_with(&format!("{name}=")));
        let set = of.next().unwrap();
        assert!(of.next().is_none(), "{page:?}");
        set.split_once(';').unwrap().1.to_owned()
    };
    assert_eq!(set(&page, PRE), " HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=43200");
    let form = page.form("/login").with("username", &ann.username).with("password", &ann.password);
    let page = browser.send(&form).await;
    assert_eq!(set(&page, SID), " HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000");
    assert!(SID.len() + sid(&browser).len() < 4_096, "SES-09");
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn ses_01_each_proof_gives_another_cookie_and_the_old_one_is_dead(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    browser.open("/login").await;
    let before = browser.cookie(PRE).unwrap().to_owned();
    ann.sign_in(&mut browser).await;
    let first = sid(&browser);
    assert_ne!(before, first);
    let began = app.store.list_sessions(None, None, 10).await.unwrap().remove(0);

    app.clock.advance(Duration::from_secs(700));
    let page = browser.open("/login?next=/account/security").await;
    assert_eq!(page.texts("h1"), ["Confirm that it is you"]);
    ann.fill_in(&mut browser, &page).await;
    let second = sid(&browser);
    assert_ne!(first, second);
    is_signed_out(&mut with_cookie(&app, &first)).await;
    is_account_of(&browser.open("/account").await, &ann.username);
    let goes_on = app.store.list_sessions(None, None, 10).await.unwrap().remove(0);
    assert_eq!((sessions(&app).await, &goes_on.id), (1, &began.id), "sid stays");
    assert_eq!(goes_on.auth_time, app.clock.now());
    assert_eq!(goes_on.expires_at, began.expires_at, "no proof makes it live longer");
}

#[tokio::test]
async fn ses_02_what_somebody_planted_opens_nothing() {
    let (app, ann, mut anns) = signed_in(Sqlite).await;
    let mut eves = app.browser();
    eves.open("/login").await;
    let planted = eves.cookie(PRE).unwrap().to_owned();
    let mut victim = app.browser();
    victim.put_cookie(PRE, Some(&planted));
    victim.put_cookie(SID, Some("planted"));
    is_account_of(&ann.sign_in(&mut victim).await, &ann.username);
    assert_ne!(victim.cookie(SID), Some("planted"));
    is_signed_out(&mut eves).await;
    is_signed_out(&mut with_cookie(&app, &planted)).await;
    is_account_of(&anns.open("/account").await, &ann.username);
}

#[tokio::test]
async fn ses_04_ses_15_a_damaged_cookie_is_absent_and_taken_back() {
    let (_app, ann, mut browser) = signed_in(Sqlite).await;
    let whole = sid(&browser);
    let mut damaged: Vec<String> = (0..whole.len()).map(|at| flipped(&whole, at)).collect();
    let (front, back) = whole.split_at(whole.len() / 2);
    damaged.extend([front.to_owned(), back.to_owned(), format!("{back}{front}"), format!("{whole}A")]);
    damaged.extend([format!("{whole}="), "A".repeat(5_000), String::new(), "\"".to_owned()]);
    for value in &damaged {
        let mut other = browser.clone();
        for (target, status) in [("/account", 303), ("/login", 200)] {
            other.put_cookie(SID, Some(value));
            let page = other.get(target).await;
            assert_eq!(page.answer.status, status, "{value}");
            assert!(taken_back(&page), "{value}: {page:?}");
        }
    }
    is_account_of(&browser.open("/account").await, &ann.username);
}

/// The text with one character changed so that its value differs in a bit that counts.
fn flipped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'g' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn ses_06_ses_11_other_values_and_two_of_one_name_open_nothing() {
    let (app, ann, mut browser) = signed_in(Sqlite).await;
    let csrf = browser.open("/logout").await.form("/logout").value("csrf").unwrap().to_owned();
    for other in [csrf, browser.cookie(PRE).unwrap().to_owned()] {
        is_signed_out(&mut with_cookie(&app, &other)).await;
    }
    let twice = format!("{SID}={0}; {SID}={0}", sid(&browser));
    let answer = app.http.get(app.url("/account")).header("cookie", twice).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    is_account_of(&browser.open("/account").await, &ann.username);
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn ses_07_a_cookie_is_dead_with_its_session(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let old = sid(&browser);
    let form = browser.open("/logout").await.form("/logout");
    browser.submit(&form).await;
    is_signed_out(&mut with_cookie(&app, &old)).await;

    ann.sign_in(&mut browser).await;
    let operator = app.operator().await;
    let id = app.store.list_sessions(Some(&ann.id), None, 10).await.unwrap().remove(0).id;
    operator.revoke_session(id.as_str()).await.unwrap();
    is_signed_out(&mut browser).await;

    ann.sign_in(&mut browser).await;
    let (password, context) = (Secret::new("other lanterns at a louder harbour".to_owned()), app.context());
    app.engine.set_password(&ann.id, &password, Actor::Operator, &context).await.unwrap();
    is_signed_out(&mut browser).await;

    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    let off = UserState::Disabled { at: app.clock.now() };
    app.store.set_user_state(&bob.id, off, app.clock.now(), &[]).await.unwrap();
    is_signed_out(&mut bobs).await;
    app.store.set_user_state(&bob.id, UserState::Enabled, app.clock.now(), &[]).await.unwrap();
    is_signed_out(&mut bobs).await;
    bob.sign_in(&mut bobs).await;
    app.store.delete_user(&bob.id, app.clock.now(), &[]).await.unwrap();
    is_signed_out(&mut bobs).await;
    assert_eq!(sessions(&app).await, 0);
}

#[tokio::test]
async fn ses_08_sessions_end_by_our_own_clock() {
    let (app, ann, mut browser) = signed_in(Sqlite).await;
    let (mut idle, first) = (browser.clone(), sid(&browser));
    // Used twice a day, it lives for thirty days.
    for _half_day in 0..59 {
        app.clock.advance(DAY / 2 - Duration::from_secs(60));
        is_account_of(&browser.open("/account").await, &ann.username);
        assert_eq!(sid(&browser), first, "nothing but a proof changes it");
    }
    app.clock.advance(DAY);
    // Whatever the browser kept.
    is_signed_out(&mut idle).await;
    is_signed_out(&mut with_cookie(&app, &first)).await;
    app.engine.sweep().await.unwrap();

    ann.sign_in(&mut browser).await;
    app.clock.advance(DAY / 2);
    is_signed_out(&mut browser).await;
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn r95_nobody_is_signed_out_by_a_rotation_unless_the_key_leaked(#[case] database: Engine) {
    let (app, ann, mut browser) = signed_in(database).await;
    let keyholder = app.keyholder().await;
    let mut second = app.browser();
    for _rotation in 0..2 {
        let before = sid(&browser);
        keyholder.rotate_session_key(Outgoing::Retire, app.clock.now()).await.unwrap();
        app.clock.advance(Duration::from_secs(60));
        is_account_of(&browser.open("/account").await, &ann.username);
        until("the next key seals", async || {
            second = app.browser();
            is_account_of(&ann.sign_in(&mut second).await, &ann.username);
            made_by_another_key(&sid(&second), &before)
        })
        .await;
        is_account_of(&browser.open("/account").await, &ann.username);
        browser = second.clone();
    }
    keyholder.rotate_session_key(Outgoing::Revoke, app.clock.now()).await.unwrap();
    until("the key is gone", async || second.open("/account").await.url.path() == "/login").await;
    is_account_of(&ann.sign_in(&mut second).await, &ann.username);
}

/// Of two values, whether they were sealed by different keys: a key's id follows the version.
fn made_by_another_key(one: &str, other: &str) -> bool {
    one[..8] != other[..8]
}
