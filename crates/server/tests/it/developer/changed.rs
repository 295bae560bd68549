//! Another value, at once or with an overlap, and the end of a token: each after a page that names what it does.

use std::time::Duration;

use rstest::rstest;
use tokenry_model::{CompanyId, SessionId};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Events, Member};

use super::*;
use crate::session::introspected;

#[rstest]
#[tokio::test]
async fn r84_r85_refreshing_shows_another_value_in_the_same_row(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, mut browser) = with_ann(engine).await;
    let made = make(&mut browser, "Backup").await;
    let (first, id) = (value(&made), id_of_value(&made));
    let list = browser.open(HERE).await;
    let labels = list.attributes("button[aria-label]", "aria-label");
    assert_eq!(
        labels,
        ["Refresh the token Backup", "Roll with overlap the token Backup", "Revoke the token Backup"]
    );
    let question = browser.submit(&list.form(TOKEN).with("do", "refresh")).await;
    assert_eq!(question.texts("h1"), ["Refresh Backup?"]);
    let said = question.texts("main p").join(" ");
    let last4 = &first[first.len() - 4..];
    let bound = tokenry_protocol::guard::STALE_AFTER.as_secs();
    let dies = format!(
        "…{last4} stops working at once here, and at APIs within {bound} seconds at the most, and with it whatever uses it."
    );
    assert!(said.contains(&dies), "{said}");
    assert!(said.contains("works until 18 February 2027"), "{said}");
    assert_eq!(introspected(&app, &app.demo.api, &first).await["active"], true, "nothing is done by looking");

    let form = question.form(HERE).with("action", "refresh");
    let page = browser.send(&form).await;
    let second = value(&page);
    assert_eq!((page.answer.status.as_u16(), id_of_value(&page)), (200, id.clone()));
    assert_eq!(page.texts("[role=\"status\"]")[0], "The value before does not work any more.");
    assert_eq!(introspected(&app, &app.demo.api, &first).await["active"], false);
    assert_eq!(introspected(&app, &app.demo.api, &second).await["active"], true);

    // Loading that again leaves alone what was just copied.
    let again = browser.send(&form).await;
    assert_eq!((again.answer.status.as_u16(), again.texts("#value").len()), (409, 0), "{again:?}");
    assert_eq!(introspected(&app, &app.demo.api, &second).await["active"], true);
    let events: Vec<_> =
        app.audit().await.into_iter().map(|it| it.event).filter(|it| it.starts_with("pat.")).collect();
    assert_eq!(events, ["pat.created", "pat.refreshed"]);
}

#[rstest]
#[tokio::test]
async fn a14_rolling_lets_the_value_before_work_for_as_long_as_was_chosen(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, _ann, mut browser) = with_ann(engine).await;
    let made = make(&mut browser, "CI").await;
    let (first, id) = (value(&made), id_of_value(&made));
    let question = ask(&mut browser, &id, "roll").await;
    assert_eq!(question.attributes("input[type=\"radio\"]", "value"), ["3600", "86400", "604800"]);
    let form = question.form(HERE).with("action", "roll");
    assert_eq!(form.value("overlap"), Some("3600"));
    let before = pats(&app);
    for overlap in ["", "nonsense", "-1", "0", "604801"] {
        let page = browser.send(&form.clone().with("overlap", overlap)).await;
        assert_eq!(page.answer.status, 403, "{overlap}: {page:?}");
    }
    assert_eq!(pats(&app), before);
    let page = browser.send(&form).await;
    let second = value(&page);
    assert!(
        page.texts(".tokens > li")[0].contains("The value before works until 20 November 2026 at 09:00 UTC"),
        "{page:?}"
    );
    assert_eq!(browser.send(&form).await.answer.status, 409);
    for token in [&first, &second] {
        assert_eq!(introspected(&app, &app.demo.api, token).await["active"], true);
    }
    app.clock.advance(Duration::from_secs(3_600));
    assert_eq!(introspected(&app, &app.demo.api, &first).await["active"], false);
    assert_eq!(introspected(&app, &app.demo.api, &second).await["active"], true);
}

#[rstest]
#[tokio::test]
async fn r103_pat_09_one_of_many_is_revoked_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, mut browser) = with_ann(engine).await;
    let keep = value(&make(&mut browser, "keep").await);
    let made = make(&mut browser, "lost").await;
    let (lost, id) = (value(&made), id_of_value(&made));
    // Whoever has just found that a token is known to others is not asked for a password before.
    app.clock.advance(Duration::from_secs(3_000));
    let form = asked(&mut browser, &id, "revoke").await;
    assert_eq!(introspected(&app, &app.demo.api, &lost).await["active"], true);
    let answer = browser.send(&form).await;
    let to = answer.redirect().unwrap();
    assert_eq!((to.path(), to.query(), to.fragment()), (HERE, Some("done=revoked"), Some(id.as_str())));
    assert_eq!(introspected(&app, &app.demo.api, &lost).await["active"], false);
    assert_eq!(introspected(&app, &app.demo.api, &keep).await["active"], true);
    let page = browser.open(to.as_str()).await;
    assert_eq!(page.texts("[role=\"status\"]"), ["The token is revoked."]);
    assert_eq!(page.texts(".tokens > li strong"), ["keep", "lost"], "below those that work");
    assert_eq!(page.texts("h3"), ["Expired and revoked"]);
    assert_eq!(browser.send(&form).await.answer.status, 303, "again changes nothing");
    assert_eq!(ask(&mut browser, &id, "refresh").await.url.path(), "/login", "the proof is too old by now");
}

/// Where an API has not said that it knows, the page says until when it may take the value before.
#[tokio::test]
async fn r84_it_says_how_long_an_api_may_take_the_value_before() {
    let (app, _ann, mut browser) = with_ann(Sqlite).await;
    let made = make(&mut browser, "CI").await;
    let _deaf = Events::open(&app.issuer, &app.demo.api, 0, "pod-1").await;
    let form = asked(&mut browser, &id_of_value(&made), "refresh").await;
    let page = browser.send(&form).await;
    let bound = tokenry_protocol::guard::STALE_AFTER.as_secs();
    let told = format!("The value before does not work here any more, and within {bound} seconds at no API.");
    assert_eq!(page.texts("[role=\"status\"]")[0], told);
    assert_eq!(introspected(&app, &app.demo.api, &value(&made)).await["active"], false);
    assert_eq!(introspected(&app, &app.demo.api, &value(&page)).await["active"], true);
}

#[rstest]
#[tokio::test]
async fn pat_09_somebody_elses_is_one_that_there_is_not(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, mut browser) = with_ann(engine).await;
    let bob = employee(&app, "bob").await;
    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    let theirs = make(&mut bobs, "of bob").await;
    let (token, bobs_id) = (value(&theirs), id_of_value(&theirs));
    let own = make(&mut browser, "of ann").await;
    let before = pats(&app);
    for id in [bobs_id.as_str(), "pat_nothing", "nonsense", "'; DROP TABLE pats; --"] {
        for verb in ["refresh", "roll", "revoke"] {
            let query: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
            assert_eq!(ask(&mut browser, &query, verb).await.answer.status, 404, "{verb} {id}");
            let form = asked(&mut browser, &id_of_value(&own), verb).await.with("id", id);
            let page = browser.send(&form).await;
            assert_eq!(page.answer.status, 404, "{verb} {id}: {page:?}");
        }
    }
    assert_eq!(pats(&app), before);
    assert_eq!(introspected(&app, &app.demo.api, &token).await["active"], true);
    let form = asked(&mut bobs, &bobs_id, "refresh").await;
    assert_eq!(browser.send(&form).await.answer.status, 403, "a form of another session");
    value(&bobs.send(&form).await);
}

/// In whatever way they are made: the page says so, and when there may be another.
#[tokio::test]
async fn r84_above_sixty_values_an_hour_the_page_makes_no_more() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let id = id_of_value(&make(&mut browser, "CI").await);
    let (session, company) = (SessionId::parse("any").unwrap(), CompanyId::parse(&app.demo.acme).unwrap());
    let fresh = app.fresh(&Member { id: ann.id.clone(), session, company }).await;
    for _ in 1..60 {
        app.engine.replace_pat(&fresh, &id, None, None, &app.context()).await.unwrap();
    }
    let before = pats(&app);
    let form = asked(&mut browser, &id, "refresh").await;
    let page = browser.send(&form).await;
    assert_eq!((page.answer.status.as_u16(), page.answer.header("retry-after")), (429, "3600"), "{page:?}");
    let said = page.texts("[role=\"alert\"]").join(" ");
    assert!(said.contains("sixty times within an hour") && said.contains("You can still revoke"), "{said}");
    assert_eq!((pats(&app), page.texts("#value").len()), (before, 0));
    let form = asked(&mut browser, &id, "revoke").await;
    assert_eq!(browser.send(&form).await.answer.status, 303);
    app.clock.advance(Duration::from_secs(3_600));
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    value(&make(&mut browser, "again").await);
}

/// PAT-08: what has expired can have another value, and no overlap.
#[tokio::test]
async fn pat_08_one_that_has_expired_stands_below_and_can_be_refreshed() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let form = form(&mut browser, "short").await.with("expires", "7");
    let create = reviewed(&mut browser, &form).await;
    let made = browser.send(&create).await;
    let (first, id) = (value(&made), id_of_value(&made));
    app.clock.advance(Duration::from_secs(7 * 86_400));
    assert_eq!(introspected(&app, &app.demo.api, &first).await["active"], false);
    ann.sign_in(&mut browser).await;
    let page = browser.open(HERE).await;
    assert_eq!(page.texts(".tokens .mark"), ["expired"]);
    let labels = page.attributes("button[aria-label]", "aria-label");
    assert_eq!(labels, ["Refresh the token short", "Revoke the token short"]);
    let form = asked(&mut browser, &id, "refresh").await;
    let page = browser.send(&form).await;
    assert_eq!(page.texts(".tokens .mark"), ["active"]);
    assert_eq!(introspected(&app, &app.demo.api, &value(&page)).await["active"], true);
}
