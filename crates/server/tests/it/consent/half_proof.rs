//! Who has not finished a second factor is nobody who could authorize anything.

use std::time::Duration;

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::totp;

use super::{Rig, asks, code_of, error_of};
use crate::people::SID;
use crate::people::second_factor::enrolled;

#[rstest]
#[tokio::test]
async fn az_28_half_a_proof_gives_neither_a_code_nor_a_page_beyond_sign_in(
    #[values(Sqlite, Postgres)] database: Engine,
    #[values(true, false)] asked: bool,
) {
    let rig = Rig::on(database).await;
    let (_enrolled, key, _recovery) = enrolled(&rig.app, &rig.ann).await;
    let client = if asked { &rig.partner } else { &rig.web };
    let mut browser = rig.app.browser();
    let page = browser.open(&rig.request(client, &[])).await;
    let page = rig.ann.fill_in(&mut browser, &page).await;
    let form = page.form("/login/code");
    let consent = format!("/consent?flow={}", form.value("flow").unwrap());
    let half = form.value("factor").unwrap().to_owned();

    for cookie in [None, Some(half.as_str())] {
        browser.put_cookie(SID, cookie);
        for target in [&rig.request(client, &[]), &consent] {
            let page = browser.open(target).await;
            assert_eq!(page.url.path(), "/login", "{page:?}");
            assert!(page.texts("button[name=\"decision\"]").is_empty(), "{page:?}");
        }
        let silent = browser.open(&rig.request(client, &[("prompt", "none")])).await;
        assert_eq!(error_of(&silent), "login_required");
        let mut around = form.clone().with("decision", "allow");
        around.action.set_path("/consent");
        let page = browser.send(&around).await;
        assert!(page.redirect().is_none_or(|to| to.path() == "/login"), "{page:?}");
        assert!(page.texts("button[name=\"decision\"]").is_empty(), "{page:?}");
    }
    browser.put_cookie(SID, None);
    let wrong = browser.send(&form.clone().with("code", "000000")).await;
    assert_eq!((wrong.answer.status.as_u16(), browser.cookie(SID)), (403, None), "{wrong:?}");
    assert_eq!(rig.codes().await, 0);
    assert!(rig.app.store.list_consents(&rig.ann.id).await.unwrap().is_empty());

    rig.app.clock.advance(Duration::from_secs(30));
    let code = totp(&key, rig.app.clock.now());
    let page = browser.submit(&wrong.form("/login/code").with("code", &code)).await;
    if asked { asks(&page) } else { drop(code_of(&page)) }
}
