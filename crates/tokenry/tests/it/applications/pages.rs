//! The employees' and the contractors' application, used as people use them, by pages and forms alone.

use std::time::{Duration, Instant};

use super::world::{Application, World};
use crate::process::PATIENCE;

#[tokio::test]
async fn ann_approves_a_timesheet_and_bob_is_not_offered_to() {
    let world = World::start();
    let mut web = Application::start(&world, "timesheets-web", "web");
    let mut browser = world.browser();
    let page = web.enter(&world, &mut browser, "/sign-in", "ann").await;
    let filled = page.form("/timesheets").with("employee", "bob").with("week", "2026-W47");
    let page = web.browser.submit(&filled.with("hours", "38.5")).await;
    assert!(page.answer.body.contains("2026-W47"), "{page:?}");
    let approve = page.forms().into_iter().find(|form| form.action.path().ends_with("/approve"));
    let page = web.browser.submit(&approve.unwrap()).await;
    assert_eq!(page.texts("tbody time").len(), 1, "approved: {page:?}");
    assert!(page.forms().iter().all(|form| !form.action.path().ends_with("/approve")));

    // Another person at another browser.
    web.browser = tokenry_testkit::Browser::at(web.browser.home().as_str());
    let page = web.enter(&world, &mut world.browser(), "/sign-in", "bob").await;
    let filled = page.form("/timesheets").with("employee", "bob").with("week", "2026-W48");
    let page = web.browser.submit(&filled.with("hours", "40")).await;
    assert!(page.answer.body.contains("2026-W48"), "{page:?}");
    assert!(page.forms().iter().all(|form| !form.action.path().ends_with("/approve")), "{page:?}");
}

#[tokio::test]
async fn r76_carl_uses_the_contractors_application_and_takes_his_leave_back() {
    let world = World::start();
    let mut contractors = Application::start(&world, "contractors-app", "contractors");
    let mut browser = world.browser();
    let page = contractors.enter(&world, &mut browser, "/connect", "carl").await;
    let filled = page.form("/timesheets").with("employee", "carl").with("week", "2026-W47");
    let page = contractors.browser.submit(&filled.with("hours", "12")).await;
    assert!(page.answer.body.contains("2026-W47"), "{page:?}");

    // Who was asked once is not asked again for the same.
    let again = contractors.browser.open("/connect").await.redirect().unwrap();
    let page = browser.open(again.as_str()).await;
    assert!(page.redirect().unwrap().path().ends_with("/callback"), "{page:?}");

    let apps = browser.open("/account/apps").await;
    browser.submit(&apps.form("/account/apps")).await;
    let begun = Instant::now();
    while contractors.browser.open("/").await.answer.body.contains("2026-W47") {
        assert!(begun.elapsed() < PATIENCE, "the application still holds what was taken back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let page = contractors.enter(&world, &mut browser, "/connect", "carl").await;
    assert!(page.answer.body.contains("2026-W47"), "and may ask again: {page:?}");

    // The application gives it back itself.
    let page = contractors.browser.submit(&page.form("/disconnect")).await;
    assert_eq!((page.answer.status.as_u16(), page.url.path()), (200, "/"), "{page:?}");
    assert!(page.answer.body.contains("Connect your timesheets"), "{page:?}");
}
