//! What cannot be had is named, everything else stays as it was written, and nothing is made.

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_testkit::Engine::Sqlite;

use super::*;

#[rstest]
#[case::no_name(&[("name", "  ")], "The name must be visible text on one line, of at most 80 characters.")]
#[case::long_name(&[("name", "n123456789n123456789n123456789n123456789n123456789n123456789n123456789n123456789n")], "The name must be visible text")]
#[case::pat_14_turned_round(&[("name", "a\u{202e}b")], "The name must be visible text")]
#[case::pat_14_invisible(&[("note", "a\u{200b}\u{2066}b")], "The note must be on one line")]
#[case::pat_08_no_expiry(&[("expires", "")], "Choose when it expires")]
#[case::pat_08_none(&[("expires", "none")], "Choose when it expires")]
#[case::pat_08_for_ever(&[("expires", "1000000000")], "Choose when it expires")]
#[case::pat_08_no_day(&[("expires", "date")], "Choose when it expires")]
#[case::pat_08_past(&[("expires", "date"), ("date", "2026-11-19")], "Choose when it expires")]
#[case::pat_08_too_late(&[("expires", "date"), ("date", "2027-11-22")], "Choose when it expires")]
#[case::pat_08_far(&[("expires", "date"), ("date", "9999-12-31")], "Choose when it expires")]
#[case::pat_08_no_date(&[("expires", "date"), ("date", "tomorrow")], "Choose when it expires")]
#[case::nothing_ticked(&[("access", "chosen")], "Tick what the token is for")]
#[case::both(&[("scope.0.0", "https://timesheets.example.com read:timesheets")], "Choose one of the two.")]
#[case::not_held(&[("access", "chosen"), ("scope.0.9", "https://timesheets.example.com read:all")], "not yours to do")]
#[case::unknown_api(&[("access", "chosen"), ("api.9", "https://none.example.com")], "not yours to do")]
#[tokio::test]
async fn what_cannot_be_had_is_named(#[case] fields: &[(&str, &str)], #[case] told: &str) {
    let (app, _ann, mut browser) = with_ann(Sqlite).await;
    let good = form(&mut browser, "good name").await.with("note", "good note").with("addresses", "192.0.2.7");
    let bad = fields.iter().fold(good.clone(), |form, (name, value)| form.with(name, value));
    let before = pats(&app);
    let page = browser.send(&bad).await;
    assert_eq!(page.answer.status, 400, "{page:?}");
    assert!(page.alert().contains(told), "{}", page.alert());
    assert_eq!(page.texts("[role=\"alert\"] p").len(), 1, "one mistake, named once: {}", page.alert());
    for (name, written) in [("name", "good name"), ("note", "good note")] {
        if fields.iter().all(|(field, _)| *field != name) {
            assert_eq!(page.form(NEW).value(name), Some(written), "the rest stays");
        }
    }
    assert_eq!(page.texts("textarea"), ["192.0.2.7"]);
    // Past the page that shows it as a whole, too.
    let create = reviewed(&mut browser, &good).await;
    let create = fields.iter().fold(create, |form, (name, value)| form.with(name, value));
    let page = browser.send(&create.with("action", "create")).await;
    assert_eq!((page.answer.status.as_u16(), page.alert().contains(told)), (400, true), "{page:?}");
    assert_eq!(pats(&app), before);
    let create = reviewed(&mut browser, &good).await;
    value(&browser.send(&create).await);
}

#[tokio::test]
async fn each_bad_line_of_addresses_is_named() {
    let (app, _ann, mut browser) = with_ann(Sqlite).await;
    let before = pats(&app);
    let lines = "192.0.2.7\n\noffice\n192.0.2.0/33\n 0.0.0.0/0 \n<b>x</b>";
    let form = form(&mut browser, "CI").await.with("addresses", lines);
    let page = browser.send(&form).await;
    assert_eq!(page.answer.status, 400);
    assert_eq!(
        page.texts("[role=\"alert\"] p"),
        [
            "Line 3, “office”, is neither an address nor a network.",
            "Line 4, “192.0.2.0/33”, is neither an address nor a network.",
            "Line 5, “0.0.0.0/0”, is everybody. For that, leave the list empty.",
            "Line 6, “<b>x</b>”, is neither an address nor a network.",
        ]
    );
    assert!(!page.answer.body.contains("<b>x"), "{page:?}");
    let many = vec!["192.0.2.7"; 51].join("\n");
    let page = browser.send(&form.clone().with("addresses", &many)).await;
    assert_eq!(page.texts("[role=\"alert\"] p"), ["There can be 50 addresses at the most."]);
    assert_eq!(pats(&app), before);
    let create = reviewed(&mut browser, &form.with("addresses", "192.0.2.7\n\n198.51.100.0/24\n")).await;
    let page = browser.send(&create).await;
    assert!(page.texts(".tokens > li")[0].contains("Only from 192.0.2.7/32, 198.51.100.0/24"), "{page:?}");
}

#[tokio::test]
async fn from_the_whole_one_goes_back_and_changes_something() {
    let (_app, _ann, mut browser) = with_ann(Sqlite).await;
    let form =
        form(&mut browser, "frist").await.with("expires", "30").with("addresses", "192.0.2.7\n192.0.2.8");
    let create = reviewed(&mut browser, &form).await;
    let mut edit = create.without("action").with("step", "edit");
    edit.action.set_path(NEW);
    let page = browser.send(&edit).await;
    let again = page.form(NEW);
    assert_eq!((page.answer.status.as_u16(), again.value("name")), (200, Some("frist")));
    assert_eq!(
        (again.value("expires"), page.texts("textarea")),
        (Some("30"), vec!["192.0.2.7 192.0.2.8".to_owned()])
    );
    let create = reviewed(&mut browser, &again.with("name", "first")).await;
    assert_eq!(browser.send(&create).await.texts(".tokens strong"), ["first"]);
}

/// An API may define more scopes than a request of the protocol may have parameters.
#[tokio::test]
async fn hundreds_of_scopes_can_be_ticked() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let scopes: Vec<_> = (0..200).map(|n| format!("do:{n}")).collect();
    another_api(&app, &ann, "urn:much", &scopes).await;
    let mut form = form(&mut browser, "much").await.with("access", "chosen");
    for n in 0..200 {
        form = form.with(&format!("scope.1.{n}"), &format!("urn:much do:{n}"));
    }
    let create = reviewed(&mut browser, &form).await;
    let page = browser.send(&create).await;
    let row = page.texts(".tokens > li").remove(0);
    assert!(row.contains("do:0") && row.contains("do:199"), "{row}");
    assert_eq!(app.engine.pats_of(&ann.id, app.clock.now()).await.unwrap().len(), 1);
}
