//! Leaving: people delete their own account, may take that back for a while, and are gone then.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_model::{About, Event, UserState};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Browser, Form, Options, TestApp};

use super::{SID, is_account_of, is_signed_out, sessions};
use crate::consent::taken_back::active;
use crate::consent::{Rig, code_of, decide, error_of};
use crate::mail::mails;

const HERE: &str = "/account/data";
const LEAVING: &str = "/account/leaving";
const DAY: Duration = Duration::from_secs(86_400);
const SCOPE: &str = "openid offline_access read:timesheets";

async fn delete_form(browser: &mut Browser, typed: &str) -> Form {
    browser.open(HERE).await.form_with(HERE, "action", "delete").with("username", typed)
}

/// Ann, in a browser, with an application that she has let act for her, and its tokens.
async fn world(database: Engine) -> (Rig, Browser, Answer) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[("scope", SCOPE)])).await;
    let code = code_of(&decide(&mut browser, &page, "allow").await);
    let tokens = rig.tokens(&rig.partner, &code).await;
    (rig, browser, tokens)
}

async fn refresh(rig: &Rig, tokens: &Answer) -> Answer {
    let token = tokens.json()["refresh_token"].as_str().unwrap().to_owned();
    rig.grant(&rig.partner, &[("grant_type", "refresh_token"), ("refresh_token", &token)]).await
}

async fn ask(rig: &Rig, browser: &mut Browser) {
    let form = delete_form(browser, &rig.ann.username).await;
    let page = browser.submit(&form).await;
    assert_eq!((page.answer.status.as_u16(), page.url.path()), (200, HERE), "{page:?}");
    assert_eq!(page.texts("h1"), ["Your account will be deleted"]);
    assert_eq!(page.answer.header("clear-site-data"), "\"cache\"");
}

async fn state(app: &TestApp, id: &tokenry_model::UserId) -> Option<UserState> {
    app.store.find_user(id).await.unwrap().map(|user| user.state)
}

fn matters(mails: Vec<(String, About)>) -> Vec<About> {
    mails.into_iter().map(|(_to, about)| about).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ses_07_rt_08_whoever_deletes_their_account_is_out_at_once_and_comes_back_to_one_page(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let (rig, mut browser, tokens) = world(database).await;
    let app = &rig.app;
    let (mut other, old) = (rig.signed_in(&rig.ann).await, browser.cookie(SID).unwrap().to_owned());
    let due_at = app.clock.now().plus(30 * DAY);
    ask(&rig, &mut browser).await;
    assert_eq!(browser.cookie(SID), None);
    browser.put_cookie(SID, Some(&old));
    is_signed_out(&mut browser).await;
    is_signed_out(&mut other).await;
    assert_eq!((sessions(app).await, active(&rig, &tokens.token()).await), (0, false));
    refresh(&rig, &tokens).await.must_be_error(400, "invalid_grant");
    assert_eq!(state(app, &rig.ann.id).await, Some(UserState::Leaving { due_at }));
    assert_eq!(matters(mails(app).await), [About::DeletionRequested, About::NewDevice]);

    // Signing in leads to one page, wherever it should have led, and no application gets anything.
    let mut back = app.browser();
    let page = rig.ann.sign_in(&mut back).await;
    assert_eq!((page.url.path(), page.answer.status.as_u16()), (LEAVING, 200), "{page:?}");
    assert!(page.texts("main").concat().contains("20 December 2026 at 08:00 UTC"), "{page:?}");
    for target in ["/account", "/account/security", "/account/sessions", "/account/apps", HERE, "/logout"] {
        assert_eq!(back.open(target).await.url.path(), LEAVING, "{target}");
    }
    for asked in [&[][..], &[("prompt", "login")], &[("max_age", "0")]] {
        let page = back.open(&rig.request(&rig.web, asked)).await;
        assert_eq!(page.url.path(), LEAVING, "{page:?}");
    }
    let silent = back.open(&rig.request(&rig.web, &[("prompt", "none")])).await;
    assert_eq!(error_of(&silent), "login_required");
    assert_eq!(rig.codes().await, 1);
    // Nor by a form of another page.
    let posted = back.open(LEAVING).await.form(LEAVING);
    for action in ["/account", "/account/security", "/account/sessions", "/account/apps", HERE, "/consent"] {
        let mut form = posted.clone();
        form.action = form.action.join(action).unwrap();
        let page = back.send(&form.with("session", "all").with("action", "export")).await;
        assert_eq!(page.redirect().map(|to| to.path().to_owned()).as_deref(), Some(LEAVING), "{action}");
    }
    let mut bob = rig.signed_in(&rig.bob).await;
    rig.must_work(&mut bob).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_kept_is_as_before_but_for_what_had_ended(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let (rig, mut browser, tokens) = world(database).await;
    let app = &rig.app;
    ask(&rig, &mut browser).await;
    app.clock.advance(29 * DAY);
    app.engine.sweep().await.unwrap();
    let page = rig.ann.sign_in(&mut browser).await;
    let keep = page.form(LEAVING).with("action", "keep");
    let forged = browser.send(&keep.clone().with("csrf", "nonsense")).await;
    assert_eq!(forged.answer.status, 403, "{forged:?}");
    let mut bob = rig.signed_in(&rig.bob).await;
    assert_eq!(bob.send(&keep).await.redirect().unwrap().path(), "/account", "bob leaves not");
    assert!(matches!(state(app, &rig.ann.id).await, Some(UserState::Leaving { .. })));

    let page = browser.submit(&keep).await;
    assert_eq!(page.url.path(), HERE, "{page:?}");
    assert!(page.texts("[role=\"status\"]")[0].starts_with("Your account stays."), "{page:?}");
    is_account_of(&browser.open("/account").await, &rig.ann.username);
    assert_eq!(state(app, &rig.ann.id).await, Some(UserState::Enabled));
    assert_eq!(browser.send(&keep).await.redirect().unwrap().path(), "/account", "a second time it is kept");
    assert_eq!(matters(mails(app).await)[0], About::DeletionTakenBack);
    assert!(!active(&rig, &tokens.token()).await, "what had ended stays so");
    // What she had agreed to holds again.
    code_of(&browser.open(&rig.request(&rig.partner, &[("scope", "read:timesheets")])).await);
    app.clock.advance(10 * DAY);
    app.engine.sweep().await.unwrap();
    assert_eq!(state(app, &rig.ann.id).await, Some(UserState::Enabled));
    let records = app.audit().await;
    let count = |event: Event| records.iter().filter(|it| it.event == event.as_str()).count();
    assert_eq!(count(Event::UserDeletionRequested), 1);
    assert_eq!((count(Event::UserDeletionTakenBack), count(Event::UserDeleted)), (1, 0));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whose_time_has_come_is_deleted_once_and_told_before(#[values(Sqlite, Postgres)] database: Engine) {
    let (rig, mut browser, _tokens) = world(database).await;
    let app = &rig.app;
    ask(&rig, &mut browser).await;
    let page = rig.ann.sign_in(&mut browser).await;
    let keep = page.form(LEAVING).with("action", "keep");
    app.clock.advance(30 * DAY - Duration::from_millis(1));
    app.engine.sweep().await.unwrap();
    assert!(state(app, &rig.ann.id).await.is_some(), "not a millisecond before");
    app.clock.advance(Duration::from_millis(1));
    let replica = app.other_engine().await;
    let (one, two) = tokio::join!(app.engine.sweep(), replica.engine.sweep());
    one.unwrap();
    two.unwrap();
    assert_eq!(state(app, &rig.ann.id).await, None);
    assert_eq!(matters(mails(app).await)[0], About::AccountDeleted);
    let records = app.audit().await;
    let deleted: Vec<_> = records.iter().filter(|it| it.event == "user.deleted").collect();
    assert_eq!(deleted.len(), 1, "{deleted:?}");
    assert_eq!(
        (deleted[0].actor_kind.as_str(), &deleted[0].detail[..]),
        ("system", "{\"asked_by\":\"owner\"}")
    );
    let of_deletion = records.iter().filter(|it| it.event.starts_with("user.delet"));
    assert!(of_deletion.clone().count() == 2 && of_deletion.clone().all(|it| !it.detail.contains('@')));
    assert!(app.store.list_consents(&rig.ann.id).await.unwrap().is_empty());
    is_signed_out(&mut browser).await;
    assert_eq!(browser.send(&keep).await.redirect().unwrap().path(), "/account", "too late");
    assert_eq!(rig.ann.sign_in(&mut app.browser()).await.answer.status, 403);
    // Whoever gets the address next is somebody else (TEN-04).
    let anew = app.person("ann").await;
    let page = anew.sign_in(&mut app.browser()).await;
    is_account_of(&page, &rig.ann.username);
}

#[tokio::test]
async fn ses_14_ses_16_nobody_deletes_an_account_by_the_way() {
    let rig = Rig::on(Sqlite).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    for typed in ["", "ann", "bob@acme.example", "ann@acme.example@"] {
        let form = delete_form(&mut browser, typed).await;
        let page = browser.send(&form).await;
        assert_eq!(page.answer.status, 400, "{typed}");
        assert!(page.alert().contains("That is not your username."), "{page:?}");
    }
    let form = delete_form(&mut browser, " ANN@Acme.Example ").await;
    assert_eq!(browser.send(&form.clone().with("csrf", "nonsense")).await.answer.status, 403);
    let mut bob = rig.signed_in(&rig.bob).await;
    assert_eq!(bob.send(&form).await.answer.status, 403);
    browser.get("/account/data?action=delete&username=ann@acme.example").await;
    rig.app.clock.advance(Duration::from_secs(600));
    let page = browser.send(&form).await;
    assert_eq!(page.redirect().unwrap().path(), "/login", "a browser that was left open");
    assert_eq!(state(&rig.app, &rig.ann.id).await, Some(UserState::Enabled));
    assert!(mails(&rig.app).await.is_empty());

    let page = browser.open("/login?next=/account/data").await;
    rig.ann.fill_in(&mut browser, &page).await;
    let form = delete_form(&mut browser, " ANN@Acme.Example ").await;
    assert_eq!(browser.send(&form).await.answer.status, 200, "a name however it is written");
    assert!(matches!(state(&rig.app, &rig.ann.id).await, Some(UserState::Leaving { .. })));
}

/// Signing out of the one page leaves everything as it is; so does a password that is chosen anew.
#[tokio::test]
async fn a_leaving_user_signs_out_and_finds_the_way_back_by_mail() {
    let (rig, mut browser, _tokens) = world(Sqlite).await;
    ask(&rig, &mut browser).await;
    let page = rig.ann.sign_in(&mut browser).await;
    let out = page.form(LEAVING).with("action", "sign-out");
    let strange = browser.send(&out.clone().with("action", "delete")).await;
    assert_eq!(strange.answer.status, 403, "{strange:?}");
    let page = browser.submit(&out).await;
    assert_eq!((page.url.path(), browser.cookie(SID)), ("/logout", None), "{page:?}");
    assert_eq!(sessions(&rig.app).await, 0);
    assert!(matches!(state(&rig.app, &rig.ann.id).await, Some(UserState::Leaving { .. })));
    let page = browser.open("/reset").await;
    browser.submit(&page.form("/reset").with("username", &rig.ann.username)).await;
    assert!(matters(mails(&rig.app).await).contains(&About::Reset));
}

#[tokio::test]
async fn where_people_do_not_delete_their_accounts_there_is_no_form() {
    let app = TestApp::with(Options { deletion_grace: None, ..Options::default() }).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let page = browser.open(HERE).await;
    assert!(!page.texts("main").concat().contains("Delete"), "{page:?}");
    let form = page.form_with(HERE, "action", "export");
    let form = form.with("action", "delete").with("username", &ann.username);
    assert_eq!(browser.send(&form).await.answer.status, 403);
    assert_eq!(state(&app, &ann.id).await, Some(UserState::Enabled));
}

/// An operator keeps whom they enable, and decides alone about whom they disable.
#[rstest]
#[tokio::test]
async fn an_operator_has_the_last_word(#[values(Sqlite, Postgres)] database: Engine) {
    let (rig, mut browser, _tokens) = world(database).await;
    let (app, id) = (&rig.app, rig.ann.id.as_str());
    ask(&rig, &mut browser).await;
    app.manager.enable_user(id).await.unwrap();
    assert_eq!(state(app, &rig.ann.id).await, Some(UserState::Enabled));
    rig.ann.sign_in(&mut browser).await;
    ask(&rig, &mut browser).await;
    app.manager.disable_user(id).await.unwrap();
    assert_eq!(rig.ann.sign_in(&mut browser).await.answer.status, 403);
    app.clock.advance(31 * DAY);
    app.engine.sweep().await.unwrap();
    assert!(matches!(state(app, &rig.ann.id).await, Some(UserState::Disabled { .. })));
    app.manager.enable_user(id).await.unwrap();
    app.engine.sweep().await.unwrap();
    assert_eq!(state(app, &rig.ann.id).await, Some(UserState::Enabled));
    let lines = {
        rig.ann.sign_in(&mut browser).await;
        browser.open("/account/security").await.texts("#events li")
    };
    assert!(
        lines.iter().any(|it| it.starts_with("The account was kept after all by an administrator")),
        "{lines:?}"
    );
}
