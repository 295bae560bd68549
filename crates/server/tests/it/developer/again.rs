//! Who has not shown lately that it is them does so, and finds what they had written, and what they were about to do.

use std::time::Duration;

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::*;
use crate::session::introspected;

const LATE: Duration = Duration::from_secs(600);
const ERRAND: &str = "__Host-tokenry_errand";

#[rstest]
#[tokio::test]
async fn pat_07_what_was_written_survives_the_sign_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, mut browser) = with_ann(engine).await;
    let form = form(&mut browser, "Bücher & <b>more</b>").await.with("note", "for the cellar");
    let form = form.with("expires", "date").with("date", "2027-01-31").with("access", "chosen");
    let form = form.with("scope.0.0", "https://timesheets.example.com read:timesheets");
    let form = form.with("addresses", "192.0.2.0/24\r\n2001:db8::1\r\n");
    let create = reviewed(&mut browser, &form).await;
    let before = pats(&app);
    app.clock.advance(LATE);
    let page = browser.send(&create).await;
    let to = page.redirect().unwrap();
    assert_eq!((to.path(), to.query()), ("/login", Some("next=/account/developer/new")), "{page:?}");
    assert_eq!(pats(&app), before);
    let page = browser.open(to.as_str()).await;
    let page = ann.fill_in(&mut browser, &page).await;
    assert_eq!(
        (page.url.path(), page.texts("h1")),
        (NEW, vec!["Is everything right?".to_owned()]),
        "{page:?}"
    );
    let again = page.form(HERE);
    for field in ["name", "note", "expires", "date", "access", "scope.0", "addresses"] {
        let written = create.value(field).unwrap().trim();
        assert_eq!(again.value(field).map(str::trim), Some(written), "{field}");
    }
    // It is kept until it is shown, and no longer.
    assert_eq!(browser.cookie(ERRAND), None);
    let page = browser.send(&again.with("action", "create")).await;
    let said = introspected(&app, &app.demo.api, &value(&page)).await;
    assert_eq!(said["scope"], "read:timesheets");
    assert_eq!(said["allowed_addresses"], serde_json::json!(["192.0.2.0/24", "2001:db8::1/128"]));
}

#[tokio::test]
async fn r84_who_wanted_another_value_is_asked_about_that_token_again() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let made = make(&mut browser, "CI").await;
    let (first, id) = (value(&made), id_of_value(&made));
    let form = asked(&mut browser, &id, "refresh").await;
    app.clock.advance(LATE);
    // Both the question and its form.
    assert_eq!(ask(&mut browser, &id, "refresh").await.url.path(), "/login");
    let page = browser.submit(&form).await;
    assert_eq!((page.url.path(), page.url.query()), ("/login", Some("next=/account/developer/token")));
    assert_eq!(introspected(&app, &app.demo.api, &first).await["active"], true);
    let page = ann.fill_in(&mut browser, &page).await;
    assert_eq!((page.url.path(), page.texts("h1")), (TOKEN, vec!["Refresh CI?".to_owned()]));
    let page = browser.send(&page.form(HERE).with("action", "refresh")).await;
    assert_eq!(introspected(&app, &app.demo.api, &value(&page)).await["active"], true);
    assert_eq!(browser.open(TOKEN).await.url.path(), HERE, "nothing is left to do");
}

/// What one has written is not shown to who signs in next in that browser, nor done for them.
#[tokio::test]
async fn an_errand_is_of_whoever_began_it() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let bob = employee(&app, "bob").await;
    let form = form(&mut browser, "of ann").await;
    let create = reviewed(&mut browser, &form).await;
    app.clock.advance(LATE);
    browser.send(&create).await;
    let sealed = browser.cookie(ERRAND).unwrap().to_owned();
    assert!(!sealed.contains("ann"));
    let page = browser.open("/login?next=/account/developer/new").await;
    let page = bob.fill_in(&mut browser, &page).await;
    assert_eq!(page.url.path(), NEW);
    assert_eq!(page.form(NEW).value("name"), Some(""), "{page:?}");
    assert_eq!(name_with(&app, &ann, &sealed).await, "of ann");
    // Nor is it one that somebody made up, or of long ago.
    assert_eq!(name_with(&app, &ann, "nonsense").await, "");
    assert_eq!(name_with(&app, &ann, &sealed[1..]).await, "");
    app.clock.advance(Duration::from_secs(1_799));
    assert_eq!(name_with(&app, &ann, &sealed).await, "of ann");
    app.clock.advance(Duration::from_secs(2));
    assert_eq!(name_with(&app, &ann, &sealed).await, "");
}

/// Which name is written for somebody who has just signed in, in a browser that has kept this.
async fn name_with(app: &TestApp, person: &Person, errand: &str) -> String {
    let mut browser = app.browser();
    person.sign_in(&mut browser).await;
    browser.put_cookie(ERRAND, Some(errand));
    let page = browser.open(NEW).await;
    assert_eq!(page.url.path(), NEW, "{page:?}");
    page.forms().iter().find_map(|form| form.value("name")).unwrap().to_owned()
}

/// More than a browser keeps stays in the form, which says what to do.
#[tokio::test]
async fn what_is_too_long_to_be_kept_stays_where_it_was_written() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let addresses: Vec<_> = (0..50).map(|n| format!("2001:db8:aaaa:bbbb:cccc:dddd:eeee:{n:x}/128")).collect();
    let form = form(&mut browser, "many").await.with("addresses", &addresses.join("\n"));
    let form = form.with("note", &"漢".repeat(300));
    let create = reviewed(&mut browser, &form).await;
    let before = pats(&app);
    app.clock.advance(LATE);
    let page = browser.send(&create).await;
    assert_eq!((page.answer.status.as_u16(), pats(&app)), (403, before));
    assert!(page.alert().contains("confirm that it is you"), "{page:?}");
    assert_eq!(page.texts("textarea")[0].split(' ').count(), 50);
    // In another tab, and then the same form.
    let login = browser.open("/login?next=/account/developer").await;
    assert_eq!(ann.fill_in(&mut browser, &login).await.url.path(), HERE);
    let again = page.form(NEW).with("addresses", &addresses.join("\n"));
    let create = reviewed(&mut browser, &again).await;
    value(&browser.send(&create).await);
}

#[tokio::test]
async fn a_link_that_fills_the_form_in_survives_the_sign_in() {
    let (app, ann, _browser) = with_ann(Sqlite).await;
    let mut browser = app.browser();
    let link = format!(
        "{NEW}?name=Deploy&note=from%20the%20wiki&scopes=read:timesheets,fly:rockets&expires_in=2592000"
    );
    let page = browser.open(&link).await;
    assert_eq!((page.url.path(), page.url.query()), ("/login", Some("next=/account/developer/new")));
    let page = ann.fill_in(&mut browser, &page).await;
    assert_eq!(page.url.path(), NEW);
    let form = page.form(NEW);
    for (field, written) in
        [("name", "Deploy"), ("note", "from the wiki"), ("expires", "30"), ("access", "chosen")]
    {
        assert_eq!(form.value(field), Some(written), "{field}");
    }
    let ticked = page.attributes("input[type=\"checkbox\"][checked]", "value");
    assert_eq!(ticked, ["https://timesheets.example.com read:timesheets"]);
    assert_eq!(
        page.texts("[role=\"status\"]"),
        ["The link asks for fly:rockets, which you may not do anywhere. It is left out."]
    );
    assert!(pats(&app)[0].is_empty() || !pats(&app)[0].contains("Deploy"), "a link makes nothing");
    let create = reviewed(&mut browser, &form).await;
    let said = introspected(&app, &app.demo.api, &value(&browser.send(&create).await)).await;
    assert_eq!(said["scope"], "read:timesheets");
}

#[rstest]
#[case::preset("expires_in=7776000", "90", "")]
#[case::usual("name=x", "90", "")]
#[case::another("expires_in=864000", "date", "2026-11-30")]
#[case::too_long("expires_in=99999999999", "90", "")]
#[case::nothing("expires_in=0", "90", "")]
#[case::nonsense("expires_in=soon", "90", "")]
#[tokio::test]
async fn a_link_names_a_lifetime_in_seconds(#[case] query: &str, #[case] expires: &str, #[case] date: &str) {
    let (_app, _ann, mut browser) = with_ann(Sqlite).await;
    let form = browser.open(&format!("{NEW}?{query}")).await.form(NEW);
    assert_eq!((form.value("expires"), form.value("date")), (Some(expires), Some(date)));
}
