//! A token is made: shown once, for what was chosen, and nothing of the value is left anywhere.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_model::{CompanyId, Membership};
use tokenry_testkit::AUDIENCE;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::*;
use crate::session::introspected;

#[rstest]
#[tokio::test]
async fn r78_pat_07_a_token_is_made_on_the_page_and_its_value_shown_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, mut browser) = with_ann(engine).await;
    let form = form(&mut browser, "Nightly import").await.with("note", "in the cellar").with("expires", "7");
    let create = reviewed(&mut browser, &form).await;
    assert!(pats(&app).iter().all(|rows| !rows.contains("Nightly")), "nothing is made by looking");
    let page = browser.send(&create).await;
    assert_eq!(
        (page.answer.status.as_u16(), page.answer.header("cache-control")),
        (200, "no-store"),
        "{page:?}"
    );
    assert_eq!((page.url.path(), page.answer.header("referrer-policy")), (HERE, "no-referrer"));
    let (value, id) = (value(&page), id_of_value(&page));
    let said = introspected(&app, &app.demo.api, &value).await;
    assert_eq!((&said["active"], &said["sub"]), (&json!(true), &json!(ann.id.as_str())));
    assert_eq!(said["scope"].as_str().unwrap().split(' ').count(), 4, "all that ann may do");

    // Loading the answer again sends the form again.
    let before = pats(&app);
    for _again in 0..2 {
        let again = browser.send(&create).await;
        assert_eq!(again.answer.status, 409, "{again:?}");
        assert!(again.alert().starts_with("This form was sent before."), "{again:?}");
        assert!(!again.answer.body.contains(&value) && again.texts("#value").is_empty(), "{again:?}");
        assert_eq!(again.texts("li strong"), ["Nightly import"]);
    }
    assert_eq!(pats(&app), before);

    let list = browser.open(HERE).await;
    assert!(list.answer.body.contains(&format!("…{}", &value[value.len() - 4..])), "{list:?}");
    assert_eq!(list.attributes(".tokens > li", "id"), std::slice::from_ref(&id));
    let mut letters = String::new();
    for mail in app.engine.mailbox().await.unwrap() {
        let mail = app.engine.open_mail(&mail.id).await.unwrap().unwrap().mail;
        let link = mail.letter.link.as_ref().map_or("", |link| link.expose()).to_owned();
        letters.push_str(&format!("{mail:?} {link}"));
    }
    assert!(letters.contains(&format!("{HERE}#{id}")), "mails lead to the row: {letters}");
    let everything =
        format!("{letters}{:?}{:?}{}", app.database.contents(), app.audit().await, list.answer.body);
    assert!(!everything.contains(&value), "only a digest is kept");

    // The next form makes the next one.
    let next = make(&mut browser, "Another").await;
    assert_ne!(super::value(&next), value);
    assert_eq!(introspected(&app, &app.demo.api, &value).await["active"], true);
}

#[rstest]
#[tokio::test]
async fn pat_15_of_one_form_sent_eight_times_at_once_comes_one_token(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, mut browser) = with_ann(engine).await;
    let form = form(&mut browser, "once").await;
    let create = reviewed(&mut browser, &form).await;
    let mut sending = tokio::task::JoinSet::new();
    for _one in 0..8 {
        let (mut browser, create) = (browser.clone(), create.clone());
        sending.spawn(async move { browser.send(&create).await.answer.status.as_u16() });
    }
    let mut answers = sending.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(app.engine.pats_of(&ann.id, app.clock.now()).await.unwrap().len(), 1);
    make(&mut browser, "twice").await;
    assert_eq!(app.engine.pats_of(&ann.id, app.clock.now()).await.unwrap().len(), 2);
}

/// Two APIs define the same scope: what is ticked at one is not given at the other.
#[rstest]
#[tokio::test]
async fn r82_what_is_ticked_at_one_api_holds_there_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, ann, mut browser) = with_ann(engine).await;
    let audience = "https://payroll.example.com";
    another_api(&app, &ann, audience, &["read:timesheets".to_owned(), "pay:salaries".to_owned()]).await;
    let page = browser.open(NEW).await;
    let boxes = page.attributes("input[type=\"checkbox\"]", "value");
    let both = [format!("{audience} read:timesheets"), format!("{AUDIENCE} read:timesheets")];
    assert!(both.iter().all(|it| boxes.contains(it)), "{boxes:?}");

    let form = page.form(NEW).with("name", "narrow").with("access", "chosen");
    let form = form.with("scope.0.0", &both[0]).with("scope.1.1", &format!("{AUDIENCE} create:timesheets"));
    let create = reviewed(&mut browser, &form).await;
    let page = browser.send(&create).await;
    let said = introspected(&app, &app.demo.api, &value(&page)).await;
    assert_eq!(said["scope"], "create:timesheets", "read was ticked elsewhere");
    let row = page.texts(".tokens > li").remove(0);
    assert!(row.contains("In Another API: read:timesheets"), "{row}");

    // All of an API, now and later.
    let form = super::form(&mut browser, "all of it").await.with("access", "chosen").with("api.1", AUDIENCE);
    let create = reviewed(&mut browser, &form).await;
    let said = introspected(&app, &app.demo.api, &value(&browser.send(&create).await)).await;
    assert_eq!(said["scope"].as_str().unwrap().split(' ').count(), 4);
}

#[tokio::test]
async fn a_day_is_named_and_a_token_lives_to_its_end() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let now = app.clock.now();
    let form = form(&mut browser, "until then").await.with("expires", "date").with("date", "2026-12-24");
    let create = reviewed(&mut browser, &form).await;
    app.clock.advance(Duration::from_secs(60));
    value(&browser.send(&create).await);
    let pat = app.engine.pats_of(&ann.id, now).await.unwrap().remove(0);
    assert_eq!(pat.expires_at.to_string(), "2026-12-24T23:59:59.000Z");
}

#[tokio::test]
async fn somebody_of_several_companies_says_first_for_which() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    in_globex_too(&app, &ann).await;
    let page = browser.open(&format!("{NEW}?name=CI&scopes=read:timesheets&expires_in=604800")).await;
    assert_eq!(page.texts("h1"), ["For which company?"]);
    let page = browser.submit(&page.form(NEW).with("company", &app.demo.acme)).await;
    let form = page.form(NEW);
    assert_eq!((form.value("name"), form.value("expires")), (Some("CI"), Some("7")));
    let another = browser.submit(&form.clone().with("company", "another")).await;
    assert_eq!(
        (another.texts("h1"), pats(&app)[0].contains("CI")),
        (vec!["For which company?".to_owned()], false)
    );
    let create = reviewed(&mut browser, &form).await;
    let page = browser.send(&create).await;
    assert!(page.texts(".tokens > li")[0].contains("For Acme"), "{page:?}");
    let said = introspected(&app, &app.demo.api, &value(&page)).await;
    assert_eq!(said["scope"], "read:timesheets");
}

async fn in_globex_too(app: &TestApp, person: &Person) {
    let company_id = CompanyId::parse(&app.demo.globex).unwrap();
    let created_at = app.clock.now();
    let membership = Membership { user_id: person.id.clone(), company_id, roles: vec![], created_at };
    app.store.add_membership(&membership, &[]).await.unwrap();
}

#[rstest]
#[case::preset("expires_in=2592000", "30", "")]
#[case::another("expires_in=864000", "date", "2026-11-30")]
#[case::short("expires_in=60", "date", "2026-11-20")]
#[case::the_longest("expires_in=31622400", "date", "2027-11-21")]
#[case::usual("name=x", "90", "")]
#[tokio::test]
async fn the_lifetime_that_a_link_names_survives_the_choice_of_a_company(
    #[case] query: &str,
    #[case] expires: &str,
    #[case] date: &str,
) {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    in_globex_too(&app, &ann).await;
    let page = browser.open(&format!("{NEW}?{query}")).await;
    assert_eq!(page.texts("h1"), ["For which company?"]);
    // Nobody chooses at once.
    app.clock.advance(Duration::from_secs(120));
    let page = browser.submit(&page.form(NEW).with("company", &app.demo.acme)).await;
    let form = page.form(NEW);
    assert_eq!((form.value("expires"), form.value("date")), (Some(expires), Some(date)));
}

#[tokio::test]
async fn pat_15_above_fifty_the_page_says_so() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let member = tokenry_testkit::Member {
        id: ann.id.clone(),
        session: app.sign_in(&ann.id, "sid-more"),
        company: CompanyId::parse(&app.demo.acme).unwrap(),
    };
    for n in 0..50 {
        app.pat(&member, tokenry_testkit::new_pat(&format!("{n}"))).await;
    }
    let form = form(&mut browser, "one more").await;
    let create = reviewed(&mut browser, &form).await;
    let before = pats(&app);
    let page = browser.send(&create).await;
    assert_eq!(page.answer.status, 409);
    assert!(page.alert().starts_with("You have 50 tokens that work"), "{page:?}");
    assert_eq!(pats(&app), before);
    let id = page.attributes(".tokens > li", "id").remove(0);
    let revoke = asked(&mut browser, &id, "revoke").await;
    browser.submit(&revoke).await;
    // The form was not used up by what it did not do.
    assert_eq!(browser.send(&create).await.answer.status, 200);
}

/// PAT-05: whose it is, is who is signed in there.
#[tokio::test]
async fn pat_05_nobody_makes_a_token_for_somebody_else() {
    let (app, ann, mut browser) = with_ann(Sqlite).await;
    let bob = employee(&app, "bob").await;
    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    let form = form(&mut browser, "CI").await;
    let create = reviewed(&mut browser, &form).await;
    let before = pats(&app);
    // Ann's form in Bob's browser, from elsewhere, by nobody.
    assert_eq!(bobs.send(&create).await.answer.status, 403);
    assert_eq!(app.browser().submit(&create).await.url.path(), "/login");
    browser.site = "cross-site";
    assert_eq!(browser.send(&create).await.answer.status, 403);
    browser.site = "same-origin";
    assert_eq!(browser.send(&create.clone().without("csrf")).await.answer.status, 403);
    assert_eq!(pats(&app), before);
    let page = browser.send(&create.with("user_id", bob.id.as_str()).with("user", bob.id.as_str())).await;
    let said = introspected(&app, &app.demo.api, &value(&page)).await;
    assert_eq!(said["sub"], ann.id.as_str());
    assert!(bobs.open(HERE).await.texts(".tokens > li").is_empty());
}
