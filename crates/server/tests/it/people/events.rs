//! Recent events on `/account/security`: what happened to an account, in words, and nothing of others.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::Context;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Browser, Page, Person, TestApp, new_pat};

const HERE: &str = "/account/security";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn desk_of(app: &TestApp, person: &Person) -> Browser {
    let mut browser = app.browser();
    LINUX.clone_into(&mut browser.user_agent);
    person.sign_in(&mut browser).await;
    browser
}

/// Waits until so many failures to sign in are in the trail: they are counted first.
async fn written(app: &TestApp, failures: i64) {
    app.counted(failures, |it| it.event == "sign_in.refused").await;
}

/// What happened, the last first.
fn told(page: &Page) -> Vec<String> {
    let lines = page.texts("#events li > div");
    let whence = page.texts("#events li p");
    lines
        .iter()
        .zip(&whence)
        .map(|(line, whence)| line.replace(whence.as_str(), "").trim().to_owned())
        .collect()
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn r75_ann_sees_what_happened_to_her_account_and_nothing_of_bobs(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    desk_of(&app, &bob).await;
    let mut thief = app.browser();
    for _ in 0..3 {
        let guess = Person { password: "not it, nor anything like it".to_owned(), ..ann.clone() };
        guess.sign_in(&mut thief).await;
    }
    written(&app, 3).await;
    app.clock.advance(Duration::from_secs(60));
    let mut desk = desk_of(&app, &ann).await;
    let page = desk.open("/account").await;
    desk.submit(&page.form("/account").with("nickname", "Annie")).await;

    let page = desk.open(HERE).await;
    assert_eq!(
        told(&page),
        [
            "The profile was changed",
            "Somebody signed in",
            "A sign-in failed, 3 times in a row",
            "The password was changed by an administrator",
        ]
    );
    let whence = page.texts("#events li p");
    assert_eq!(whence[1], "20 November 2026 at 08:01 UTC, 127.0.0.1, Firefox on Linux");
    assert!(whence[2].ends_with(" UTC, 127.0.0.0/24"), "{whence:?}");
    let text = page.texts("main").concat();
    for code in ["usr_", "session.", "wrong_password", "bob"] {
        assert!(!text.contains(code), "{code} in {text}");
    }
}

#[tokio::test]
async fn ses_13_a_session_that_an_operator_ended_is_told() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    let mut lost = desk_of(&app, &ann).await;
    let session = app.store.list_sessions(Some(&ann.id), None, 10).await.unwrap().remove(0);
    app.manager.revoke_session(session.id.as_str()).await.unwrap();
    assert_eq!(lost.open(HERE).await.url.path(), "/login");
    let told = told(&desk_of(&app, &ann).await.open(HERE).await);
    assert_eq!(told[..2], ["Somebody signed in", "A browser was signed out by an administrator"]);
}

#[tokio::test]
async fn the_page_has_what_was_done_in_the_last_ninety_days_and_twenty_things_at_the_most() {
    let app = TestApp::quick(Sqlite).await;
    let ann = app.person("ann").await;
    for _ in 0..25 {
        ann.sign_in(&mut app.browser()).await;
        app.clock.advance(Duration::from_secs(60));
    }
    let mut desk = desk_of(&app, &ann).await;
    assert_eq!(told(&desk.open(HERE).await), ["Somebody signed in"; 20]);
    app.clock.advance(Duration::from_secs(91 * 86_400));
    let mut desk = desk_of(&app, &ann).await;
    assert_eq!(told(&desk.open(HERE).await), ["Somebody signed in"]);
}

/// Credentials that somebody else made or replaced are seen there by opening the page.
#[rstest]
#[tokio::test]
async fn r108_what_became_of_tokens_and_of_the_secret_is_told_on_the_page(
    #[values(Sqlite, Postgres)] database: Engine,
) {
    let app = TestApp::quick(database).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let fresh = app.fresh(&app.employ(&ann.id).await).await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    let minute = Duration::from_secs(60);
    let later = || {
        app.clock.advance(minute);
        Context {
            address: Some("192.0.2.7".parse().unwrap()),
            browser: Some("Firefox on Linux".to_owned()),
            ..app.context()
        }
    };
    let id = app.engine.create_pat(&fresh, new_pat("CI"), None, &later()).await.unwrap().pat.id;
    app.engine.replace_pat(&fresh, id.as_str(), None, None, &later()).await.unwrap();
    app.engine.replace_pat(&fresh, id.as_str(), Some(minute), None, &later()).await.unwrap();
    app.engine.revoke_pat(&fresh, id.as_str(), &later()).await.unwrap();
    app.engine.reveal_account_secret(&fresh, &later()).await.unwrap();
    app.engine.rotate_account_secret(&fresh, None, None, &later()).await.unwrap();
    app.engine.revoke_account_secret(&fresh, &later()).await.unwrap();
    let (mut desk, mut bobs) = (desk_of(&app, &ann).await, desk_of(&app, &bob).await);
    let page = desk.open(HERE).await;
    let expected = [
        "The account secret was revoked",
        "The account secret was replaced",
        "The account secret was shown",
        "A personal access token was revoked",
        "A personal access token got another value, and the one before a while longer",
        "A personal access token got another value",
        "A personal access token was made",
    ];
    let lines = told(&page);
    assert_eq!(lines[0], "Somebody signed in");
    assert_eq!(lines[1..8], expected);
    assert!(
        lines.contains(&"A developer’s account secret was assigned by an administrator".to_owned()),
        "{lines:?}"
    );
    let whence = page.texts("#events li p");
    assert_eq!(whence[7], "20 November 2026 at 08:01 UTC, 192.0.2.7, Firefox on Linux");
    assert_eq!(told(&bobs.open(HERE).await)[0], "Somebody signed in");
    assert!(
        told(&bobs.open(HERE).await).iter().all(|line| !line.contains("token") && !line.contains("secret"))
    );
}
