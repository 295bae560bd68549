//! `/account/address` and the links that it sends: an address changes when both mailboxes say so, and the old one can take it back.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::StatusCode;
use rstest::rstest;
use tokenry_engine::manage::{NewAddress, UpdateUser};
use tokenry_engine::{GuessLimits, SignIn};
use tokenry_model::About;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Log, Options, Page, Person, TestApp};

use super::links::{PASSWORD, choose, must_be_dead, open};
use super::reset::look;
use super::{context, mails};

const NEW: &str = "ann@new.example";
const ALLOW: About = About::AddressAllowance;
const CLAIM: About = About::AddressClaim;
const CHANGED: About = About::AddressChanged;

/// Ann, who has just signed in in a browser.
async fn ann(app: &TestApp) -> (Person, Browser) {
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    (ann, browser)
}

async fn ask(browser: &mut Browser, address: &str) -> Page {
    let page = browser.open("/account/address").await;
    let form = page.form_with("/account/address", "action", "ask").with("address", address);
    browser.submit(&form).await
}

/// The link in the newest mail to that address about that.
async fn link(app: &TestApp, to: &str, about: About) -> String {
    let listed = app.engine.mailbox().await.unwrap();
    let found = listed.iter().find(|mail| mail.recipient == to && mail.about == Some(about));
    let letter = app.engine.open_mail(&found.unwrap().id).await.unwrap().unwrap().mail.letter;
    letter.link.unwrap().expose().to_owned()
}

/// Opens a link in a fresh browser and presses the button there.
async fn agree(app: &TestApp, link: &str) -> Page {
    let (mut browser, page) = open(app, link).await;
    browser.submit(&page.form("/address")).await
}

async fn username(app: &TestApp) -> String {
    app.manager.user("usr_ann").await.unwrap().username
}

async fn signs_in(app: &TestApp, username: &str, password: &str) -> bool {
    let password = Secret::new(password.to_owned());
    matches!(app.engine.sign_in(username, &password, &context(app)).await, Ok(SignIn::Proven(_)))
}

async fn change(app: &TestApp, browser: &mut Browser, from: &str, to: &str) {
    ask(browser, to).await;
    agree(app, &link(app, from, ALLOW).await).await;
    let done = agree(app, &link(app, to, CLAIM).await).await;
    assert_eq!(done.texts("h1"), ["The address is changed"]);
}

#[rstest]
#[tokio::test]
async fn log_08_an_address_changes_when_both_mailboxes_agree(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] old_first: bool,
) {
    let app = TestApp::quick(engine).await;
    let (ann, mut browser) = ann(&app).await;
    let profile = browser.open("/account").await;
    assert!(profile.attributes("main a", "href").contains(&"/account/address".to_owned()));
    let asked = ask(&mut browser, " Ann@New.Example ").await;
    assert_eq!(asked.texts("[role=status]"), ["The mails are on their way. Open the link in each of them."]);
    assert_eq!(asked.texts("li").iter().filter(|it| it.contains("waiting for its link")).count(), 2);

    let (allow, claim) = (link(&app, &ann.username, ALLOW).await, link(&app, NEW, CLAIM).await);
    let (first, last) = if old_first { (&allow, &claim) } else { (&claim, &allow) };
    let (_browser, page) = open(&app, first).await;
    assert_eq!((page.url.path(), page.url.query()), ("/address", None), "the address tells nothing");
    assert_eq!(page.answer.body.contains(&ann.username), old_first, "strangers learn of nobody's account");
    assert_eq!(username(&app).await, ann.username, "opening a link does nothing");
    let waiting = agree(&app, first).await;
    assert_eq!((waiting.url.path(), waiting.texts("h1")), ("/address/waiting", vec!["Thank you".to_owned()]));
    assert_eq!(agree_is_dead(&app, first).await, 410);
    let page = browser.open("/account/address").await;
    assert_eq!(page.texts("li").iter().filter(|it| it.contains("has agreed")).count(), 1);
    let done = agree(&app, last).await;
    assert_eq!(
        (done.url.path(), done.texts("h1")),
        ("/address/done", vec!["The address is changed".to_owned()])
    );
    assert_eq!(username(&app).await, NEW);

    let page = browser.open("/account/address").await;
    assert_eq!(page.texts("dd")[0], NEW, "who was signed in is so still");
    assert_eq!(page.forms().len(), 1, "nothing waits");
    assert!(signs_in(&app, NEW, &ann.password).await && !signs_in(&app, &ann.username, &ann.password).await);
    assert!(mails(&app).await.contains(&(ann.username.clone(), CHANGED)));
    let events: Vec<_> = app.audit().await.into_iter().map(|record| record.event).collect();
    for (event, times) in
        [("user.address_wished", 1), ("user.address_confirmed", 2), ("user.address_changed", 1)]
    {
        assert_eq!(events.iter().filter(|it| *it == event).count(), times, "{event}");
    }
}

async fn agree_is_dead(app: &TestApp, link: &str) -> u16 {
    let (_browser, page) = open(app, link).await;
    must_be_dead(&page);
    page.answer.status.as_u16()
}

/// What of the page that follows its reader can tell apart, but for the address and what differs each time.
fn told_apart(page: &Page, address: &str) -> (StatusCode, BTreeSet<String>, String) {
    let (status, fields, body) = look(page);
    let fields = fields.into_iter().filter(|field| !field.starts_with("content-length")).collect();
    let sealed: BTreeSet<_> = page.attributes("input[name=\"csrf\"]", "value").into_iter().collect();
    let body = sealed.iter().fold(body.replace(address, "X"), |body, sealed| body.replace(sealed, "SEALED"));
    (status, fields, body)
}

/// The statements, in order, by which what is asked for is decided and written: what takes time, and must not tell.
fn work_on_wishes(log: &str) -> Vec<String> {
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let names = lines.filter_map(|line| line["fields"]["within"].as_str().map(str::to_owned));
    let about = |name: &String| ["WISH", "TAKEN", "PUT_MAIL"].iter().any(|part| name.contains(part));
    let mut names: Vec<_> = names.filter(about).collect();
    // A transaction that met another ran twice.
    names.split_off(names.iter().rposition(|name| name == "COUNT_WISHES").unwrap_or_default())
}

#[rstest]
#[tokio::test]
async fn log_02_whether_an_address_has_an_account_is_told_to_its_mailbox_alone(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let bob = app.person("bob").await;
    let off = app.person("off").await;
    app.manager.disable_user(&off.username).await.unwrap();
    let (ann, mut browser) = ann(&app).await;
    let (log, _guard) = Log::start();
    let mut looks = Vec::new();
    for address in [NEW, &bob.username, &off.username] {
        app.clock.advance(Duration::from_secs(1));
        let page = browser.open("/account/address").await;
        let form = page.form_with("/account/address", "action", "ask").with("address", address);
        let earlier = log.text().len();
        let sent = browser.send(&form).await;
        let work = work_on_wishes(&log.text()[earlier..]);
        let after = browser.open("/account/address").await;
        looks.push((look(&sent), told_apart(&after, address), work));
        assert!(agree(&app, &link(&app, &ann.username, ALLOW).await).await.url.path() == "/address/waiting");
    }
    assert_eq!(looks[0], looks[1]);
    assert_eq!(looks[0], looks[2]);
    assert_eq!(looks[0].0.0, 303);
    // What SQLite does it does on a thread of its own.
    assert_eq!(looks[0].2.is_empty(), engine == Sqlite, "{:?}", looks[0].2);
    let told = mails(&app).await;
    let about = |to: &str| told.iter().filter(|mail| mail.0 == to).map(|mail| mail.1).collect::<Vec<_>>();
    assert_eq!(about(NEW), [CLAIM]);
    assert_eq!(about(&bob.username), [About::AddressTaken]);
    assert_eq!(about(&off.username), [About::AddressTaken]);
    assert_eq!(username(&app).await, ann.username);
    assert_eq!(app.manager.user("usr_bob").await.unwrap().username, bob.username);
}

#[rstest]
#[tokio::test]
async fn log_08_the_old_mailbox_takes_a_change_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::with(Options { database: engine, sign_up: true, ..Options::default() }).await;
    let (ann, mut thief) = ann(&app).await;
    change(&app, &mut thief, &ann.username, NEW).await;
    let back = link(&app, &ann.username, CHANGED).await;
    // Nobody makes an account of the old address meanwhile, and operators are told why.
    let new = tokenry_engine::manage::NewUser { username: ann.username.clone(), ..Default::default() };
    let refused = app.manager.create_user(new).await.unwrap_err().to_string();
    assert!(refused.contains("was a user's until lately"), "{refused}");
    app.clock.advance(Duration::from_secs(60));
    change(&app, &mut thief, NEW, "ann@third.example").await;

    app.clock.advance(Duration::from_secs(7 * 86_400 - 62));
    let (mut browser, page) = open(&app, &back).await;
    assert_eq!(page.texts("h1"), ["Take the change back?"]);
    assert_eq!(username(&app).await, "ann@third.example", "opening a link does nothing");
    let page = browser.submit(&page.form("/address")).await;
    assert_eq!((page.url.path(), page.url.query()), ("/reset/password", None));
    assert_eq!(page.form("/reset/password").value("username"), Some(ann.username.as_str()));
    assert_eq!(username(&app).await, ann.username);
    assert!(!signs_in(&app, &ann.username, &ann.password).await, "whoever knew the password is out");
    assert_eq!(thief.open("/account").await.url.path(), "/login");
    assert_eq!(choose(&mut browser, &page, PASSWORD).await.texts("h1"), ["Your password is set"]);
    assert!(browser.cookie("__Host-tokenry_sid").is_none(), "nobody is signed in by a link");
    assert!(signs_in(&app, &ann.username, PASSWORD).await);
    agree_is_dead(&app, &back).await;
    agree_is_dead(&app, &link(&app, NEW, CHANGED).await).await;
    assert!(mails(&app).await.contains(&(NEW.to_owned(), About::AddressRestored)));
    let events: Vec<_> = app.audit().await.into_iter().map(|record| record.event).collect();
    assert!(events.contains(&"user.address_restored".to_owned()));
}

#[tokio::test]
async fn log_08_a_week_later_a_change_stands() {
    let app = TestApp::quick(Sqlite).await;
    let (ann, mut browser) = ann(&app).await;
    change(&app, &mut browser, &ann.username, NEW).await;
    let back = link(&app, &ann.username, CHANGED).await;
    app.clock.advance(Duration::from_secs(7 * 86_400 - 600));
    let (mut late, page) = open(&app, &back).await;
    app.clock.advance(Duration::from_secs(600));
    agree_is_dead(&app, &back).await;
    must_be_dead(&late.submit(&page.form("/address")).await);
    assert_eq!(username(&app).await, NEW);
}

#[tokio::test]
async fn log_08_a_page_uses_the_link_that_it_shows_in_its_time_and_place() {
    let app = TestApp::quick(Sqlite).await;
    let (ann, mut browser) = ann(&app).await;
    ask(&mut browser, NEW).await;
    let (allow, claim) = (link(&app, &ann.username, ALLOW).await, link(&app, NEW, CLAIM).await);
    for path in ["/verify", "/reset/password"] {
        must_be_dead(&open(&app, &allow.replace("/address", path)).await.1);
    }
    let (mut mixed, page) = open(&app, &allow).await;
    mixed.open(&claim).await;
    assert_eq!(mixed.submit(&page.form("/address")).await.answer.status, 409);
    let (mut crossing, page) = open(&app, &allow).await;
    crossing.site = "cross-site";
    assert_eq!(crossing.send(&page.form("/address")).await.answer.status, 403);
    must_be_dead(&Browser::at(&app.issuer).open("/address").await);
    must_be_dead(&Browser::at(&app.issuer).open(&format!("/address?token={}", "A".repeat(43))).await);
    // Another wish overtakes it, and so does calling it off.
    app.clock.advance(Duration::from_secs(1));
    ask(&mut browser, "ann@third.example").await;
    agree_is_dead(&app, &allow).await;
    agree_is_dead(&app, &claim).await;
    let claim = link(&app, "ann@third.example", CLAIM).await;
    assert_eq!(agree(&app, &claim).await.url.path(), "/address/waiting");
    let page = browser.open("/account/address").await;
    let off = browser.submit(&page.form_with("/account/address", "action", "call-off")).await;
    assert_eq!(off.texts("[role=status]"), ["The change is called off."]);
    agree_is_dead(&app, &link(&app, &ann.username, ALLOW).await).await;

    app.clock.advance(Duration::from_secs(1));
    ask(&mut browser, NEW).await;
    app.clock.advance(Duration::from_secs(86_400));
    agree_is_dead(&app, &link(&app, NEW, CLAIM).await).await;
    assert_eq!(username(&app).await, ann.username);
}

#[tokio::test]
async fn ses_14_an_address_is_asked_for_with_a_fresh_proof_and_from_our_page() {
    let app = TestApp::quick(Sqlite).await;
    let (ann, mut browser) = ann(&app).await;
    let page = browser.open("/account/address").await;
    let form = page.form_with("/account/address", "action", "ask").with("address", NEW);
    let mut crossing = browser.clone();
    crossing.site = "cross-site";
    for refused in [crossing.send(&form).await, browser.send(&form.clone().without("csrf")).await] {
        assert_eq!(refused.answer.status, 403, "{refused:?}");
    }
    app.clock.advance(Duration::from_secs(601));
    let page = browser.send(&form).await;
    assert_eq!(page.redirect().unwrap().query(), Some("next=/account/address"));
    let page = browser.open("/account/address").await;
    assert_eq!(page.forms().len(), 0, "{page:?}");
    assert!(mails(&app).await.is_empty());
    let login = browser.open("/login?next=/account/address").await;
    let back = ann.fill_in(&mut browser, &login).await;
    assert_eq!(back.url.path(), "/account/address");
    assert_eq!(ask(&mut browser, NEW).await.texts("[role=status]").len(), 1);
    assert_eq!(mails(&app).await.len(), 2);
}

#[tokio::test]
async fn peer_17_wishes_are_few_an_hour_and_what_is_no_address_is_said() {
    let app = TestApp::quick(Sqlite).await;
    let (ann, mut browser) = ann(&app).await;
    for (written, says) in [
        ("ann", "Enter an e-mail address"),
        ("", "Enter an e-mail address"),
        ("a@b@c.example", "Enter an e-mail address"),
        ("ANN@acme.example", "That is your address already."),
    ] {
        let page = ask(&mut browser, written).await;
        assert_eq!(page.answer.status, 400, "{written}");
        assert!(page.alert().starts_with(says), "{}", page.alert());
    }
    for n in 0..5 {
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(ask(&mut browser, &format!("ann{n}@new.example")).await.answer.status, 200);
    }
    let page = ask(&mut browser, NEW).await;
    assert_eq!(page.answer.status, 429);
    assert!(page.alert().contains("five times within an hour"), "{}", page.alert());
    assert_eq!(mails(&app).await.len(), 10);
    app.clock.advance(Duration::from_secs(3_600));
    let login = browser.open("/login?next=/account/address").await;
    ann.fill_in(&mut browser, &login).await;
    assert_eq!(ask(&mut browser, NEW).await.answer.status, 200);

    let guesses = GuessLimits { failures_per_client: 1, ..GuessLimits::NONE };
    let app = TestApp::with(Options { guesses, ..Options::default() }).await;
    let (_ann, mut browser) = self::ann(&app).await;
    assert_eq!(ask(&mut browser, NEW).await.answer.status, 200);
    let page = ask(&mut browser, NEW).await;
    assert!(page.alert().starts_with("Too many links were asked for."), "{}", page.alert());
}

#[tokio::test]
async fn an_address_that_an_operator_changes_is_told_to_the_old_mailbox() {
    let app = TestApp::quick(Sqlite).await;
    let (ann, mut browser) = ann(&app).await;
    ask(&mut browser, NEW).await;
    let claim = link(&app, NEW, CLAIM).await;
    let to = |username: &str| UpdateUser {
        address: Some(NewAddress { username: username.to_owned(), verified: false }),
        ..UpdateUser::default()
    };
    let changed = app.manager.update_user("usr_ann", to("Ann@Office.example")).await.unwrap();
    assert_eq!((changed.username.as_str(), changed.email_verified_at), ("ann@office.example", None));
    assert!(mails(&app).await.contains(&(ann.username.clone(), About::AddressChangedByOperator)));
    agree_is_dead(&app, &claim).await;
    let page = browser.open("/account/address").await;
    assert_eq!(page.texts("dd")[0], "ann@office.example, not confirmed");
    // Nobody knows whose that address is: only the new one is asked.
    app.clock.advance(Duration::from_secs(1));
    ask(&mut browser, NEW).await;
    assert_eq!(agree(&app, &link(&app, NEW, CLAIM).await).await.url.path(), "/address/done");
    assert_eq!(username(&app).await, NEW);
    let bob = app.person("bob").await;
    let refused = app.manager.update_user("usr_ann", to(&bob.username)).await.unwrap_err().to_string();
    assert!(refused.contains("exists"), "{refused}");
}
