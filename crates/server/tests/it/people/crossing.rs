//! Two sign-ins that cross, and two servers on one database.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::TestApp;

use super::{SID, is_account_of, is_signed_out, sessions};

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn two_sign_ins_that_cross_disturb_nobody(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut others = app.browser();
    bob.sign_in(&mut others).await;

    let mut one = app.browser();
    let page = one.open("/login").await;
    let form = page.form("/login").with("username", &ann.username).with("password", &ann.password);
    let mut two = one.clone();
    let (first, second) = tokio::join!(one.send(&form), two.send(&form));
    assert_eq!((first.answer.status.as_u16(), second.answer.status.as_u16()), (303, 303));
    assert_ne!(one.cookie(SID), two.cookie(SID));
    for browser in [&mut one, &mut two] {
        is_account_of(&browser.open("/account").await, &ann.username);
    }
    is_account_of(&others.open("/account").await, &bob.username);
    assert_eq!(sessions(&app).await, 3);
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn ses_01_of_two_proofs_that_cross_one_renews_the_session(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let ann = app.person("ann").await;
    let mut one = app.browser();
    ann.sign_in(&mut one).await;
    let before = one.cookie(SID).unwrap().to_owned();
    let began = app.store.list_sessions(None, None, 10).await.unwrap().remove(0).id;
    let page = one.open("/login?next=/account/security").await;
    let form = page.form("/login").with("password", &ann.password);
    let mut two = one.clone();
    tokio::join!(one.send(&form), two.send(&form));
    for browser in [&mut one, &mut two] {
        is_account_of(&browser.open("/account").await, &ann.username);
    }
    let mut old = app.browser();
    old.put_cookie(SID, Some(&before));
    is_signed_out(&mut old).await;
    let live = app.store.list_sessions(None, None, 10).await.unwrap();
    assert!(live.iter().any(|session| session.id == began), "it goes on");
    assert!(live.len() <= 2, "{live:?}");
}

#[rstest]
#[case(Sqlite)]
#[case(Postgres)]
#[tokio::test]
async fn a_sign_in_as_somebody_else_ends_the_session_that_was_there(#[case] database: Engine) {
    let app = TestApp::quick(database).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let anns = browser.cookie(SID).unwrap().to_owned();
    let page = browser.open("/login?next=/account").await;
    is_account_of(&bob.fill_in(&mut browser, &page).await, &bob.username);
    let mut old = app.browser();
    old.put_cookie(SID, Some(&anns));
    is_signed_out(&mut old).await;
    assert_eq!(sessions(&app).await, 1);
}

#[tokio::test]
async fn replicas_see_each_others_sessions_at_once() {
    let app = TestApp::quick(Postgres).await;
    let ann = app.person("ann").await;
    let replica = app.replica().await;
    let mut here = app.browser();
    // The form of one, sent to the other.
    let form = here.open("/login").await.form("/login");
    let mut there = here.at_replica(&replica);
    let mut form = form.with("username", &ann.username).with("password", &ann.password);
    form.action = format!("{replica}/login").parse().unwrap();
    is_account_of(&there.submit(&form).await, &ann.username);

    let mut here = there.at_replica(&app.issuer);
    let out = here.open("/logout").await.form("/logout");
    is_account_of(&here.open("/account").await, &ann.username);
    here.submit(&out).await;
    is_signed_out(&mut there).await;
    is_signed_out(&mut here).await;
}
