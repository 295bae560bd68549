//! Ways back to an account that somebody else had for a while: by the link to the old address, and by a password chosen anew.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::mail::{About, Letter};
use tokenry_model::UserState;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Options, Page, TestApp};

use super::address::{CHANGED, NEW, ann, change, link, signs_in, username};
use super::links::{PASSWORD, choose, open};
use super::{ANN, mails, newest_link};
use crate::consent::{Rig, code_of, decide};

const DAY: Duration = Duration::from_secs(86_400);
const RESTORED: About = About::AddressRestored;
const FORMER: About = About::FormerAccountLeaving;

/// Opens the link that leads back, presses the button, and chooses a password.
async fn take_back(app: &TestApp, link: &str) -> Page {
    let (mut browser, page) = open(app, link).await;
    let page = browser.submit(&page.form("/address")).await;
    assert_eq!(page.url.path(), "/reset/password", "{page:?}");
    choose(&mut browser, &page, PASSWORD).await
}

async fn told(app: &TestApp, about: About) -> Vec<String> {
    let mut told: Vec<_> =
        mails(app).await.into_iter().filter(|(_to, of)| *of == about).map(|(to, _)| to).collect();
    told.sort();
    told
}

/// The newest mail about that.
async fn letter(app: &TestApp, about: About) -> Letter {
    let listed = app.engine.mailbox().await.unwrap();
    let found = listed.iter().find(|mail| mail.about == Some(about)).unwrap();
    app.engine.open_mail(&found.id).await.unwrap().unwrap().mail.letter
}

#[rstest]
#[tokio::test]
async fn undoing_the_older_of_two_changes_tells_both_addresses_since(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    const THIRD: &str = "ann@third.example";
    let app = TestApp::quick(engine).await;
    let (ann, mut browser) = ann(&app).await;
    change(&app, &mut browser, &ann.username, NEW).await;
    let back = link(&app, &ann.username, CHANGED).await;
    app.clock.advance(Duration::from_secs(60));
    change(&app, &mut browser, NEW, THIRD).await;
    app.clock.advance(Duration::from_secs(60));
    take_back(&app, &back).await;
    assert_eq!(username(&app).await, ann.username);
    assert_eq!(told(&app, RESTORED).await, [NEW, THIRD]);
    let records = app.audit().await;
    let restored = records.iter().find(|it| it.event == "user.address_restored").unwrap();
    let detail: serde_json::Value = serde_json::from_str(&restored.detail).unwrap();
    assert_eq!((&detail["username"], &detail["username_before"]), (&ann.username.into(), &THIRD.into()));
}

/// Whoever took the address deletes the account, too, where that would take a day.
#[rstest]
#[tokio::test]
async fn a_way_back_is_worth_its_week_though_the_account_is_deleted(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let options = Options { database: engine, deletion_grace: Some(DAY), ..Options::default() };
    let app = TestApp::with(options).await;
    let (ann, mut thief) = ann(&app).await;
    change(&app, &mut thief, &ann.username, NEW).await;
    let (back, ends_at) = (link(&app, &ann.username, CHANGED).await, app.clock.now().plus(7 * DAY));
    let page = thief.open("/account/data").await;
    let form = page.form_with("/account/data", "action", "delete").with("username", NEW);
    assert_eq!(thief.submit(&form).await.texts("h1"), ["Your account will be deleted"]);
    let state = async || app.store.find_user(&ann.id).await.unwrap().map(|user| user.state);
    assert_eq!(state().await, Some(UserState::Leaving { due_at: ends_at }));
    assert_eq!(letter(&app, About::DeletionRequested).await.ends_at, Some(ends_at));
    assert_eq!(told(&app, FORMER).await, [ann.username.as_str()]);
    assert_eq!(letter(&app, FORMER).await.ends_at, Some(ends_at));

    app.clock.advance(6 * DAY);
    app.engine.sweep().await.unwrap();
    take_back(&app, &back).await;
    assert_eq!(state().await, Some(UserState::Enabled));
    app.clock.advance(9 * DAY);
    app.engine.sweep().await.unwrap();
    assert_eq!(state().await, Some(UserState::Enabled), "the owner has it for good");
    assert!(signs_in(&app, &ann.username, PASSWORD).await);
    let events: Vec<_> = app.audit().await.into_iter().map(|record| record.event).collect();
    assert!(events.contains(&"user.deletion_taken_back".to_owned()));
}

#[tokio::test]
async fn without_a_way_back_a_deletion_takes_its_grace() {
    let app = TestApp::with(Options { deletion_grace: Some(DAY), ..Options::default() }).await;
    let (ann, mut browser) = ann(&app).await;
    change(&app, &mut browser, &ann.username, NEW).await;
    app.clock.advance(7 * DAY);
    let login = browser.open("/login?next=/account/data").await;
    let form = login.form("/login").with("username", NEW).with("password", &ann.password);
    let page = browser.submit(&form).await;
    let form = page.form_with("/account/data", "action", "delete").with("username", NEW);
    browser.submit(&form).await;
    let state = app.store.find_user(&ann.id).await.unwrap().unwrap().state;
    assert_eq!(state, UserState::Leaving { due_at: app.clock.now().plus(DAY) });
    assert!(told(&app, FORMER).await.is_empty());
}

/// Asks for a link and chooses a password by it.
async fn reset(app: &TestApp, username: &str) {
    let mut asking = app.browser();
    let page = asking.open("/reset").await;
    asking.submit(&page.form("/reset").with("username", username)).await;
    app.engine.settle_mail().await;
    let (mut browser, page): (Browser, Page) = open(app, &newest_link(app).await).await;
    assert_eq!(choose(&mut browser, &page, PASSWORD).await.texts("h1"), ["Your password is set"]);
}

#[rstest]
#[case::lately(DAY, true)]
#[case::long_ago(4 * DAY, false)]
#[tokio::test(flavor = "multi_thread")]
async fn log_08_a_reset_takes_back_what_applications_were_let_do_lately(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] age: Duration,
    #[case] goes: bool,
) {
    let rig = Rig::on(engine).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let scope = "openid offline_access read:timesheets";
    let page = browser.open(&rig.request(&rig.partner, &[("scope", scope)])).await;
    let code = code_of(&decide(&mut browser, &page, "allow").await);
    let tokens = rig.tokens(&rig.partner, &code).await;
    rig.app.clock.advance(age);
    reset(&rig.app, &rig.ann.username).await;
    assert_eq!(rig.app.store.list_consents(&rig.ann.id).await.unwrap().is_empty(), goes);
    let revoked = rig.app.audit().await.into_iter().filter(|it| it.event == "consent.revoked");
    let revoked: Vec<_> = revoked.map(|record| record.subject_id.unwrap()).collect();
    assert_eq!(revoked, if goes { vec![rig.partner.id.clone()] } else { Vec::new() });
    let token = tokens.json()["refresh_token"].as_str().unwrap().to_owned();
    let refreshed =
        rig.grant(&rig.partner, &[("grant_type", "refresh_token"), ("refresh_token", &token)]).await;
    assert_eq!(refreshed.status, 400, "what was issued has ended in either case");
}

#[tokio::test]
async fn whoever_has_no_second_factor_is_told_of_none() {
    let app = TestApp::quick(Sqlite).await;
    let (_ann, _browser) = ann(&app).await;
    reset(&app, ANN).await;
    let factors = letter(&app, About::PasswordChanged).await.factors;
    assert_eq!((factors.passkeys, factors.authenticators), (0, 0));
}
