//! The secret of a developer's account, on the page: masked, revealed, rotated and revoked in a browser, without a script.

use std::time::Duration;

use rstest::rstest;
use tokenry_engine::Reveal;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Options, found};

use super::*;
use crate::session::introspected;

const SECRET: &str = "/account/developer/secret";

/// The same, and she is a developer.
async fn with_developer(engine: Engine) -> (TestApp, Person, Browser) {
    let (app, ann, browser) = with_ann(engine).await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    (app, ann, browser)
}

/// The form of the page before something is done, with its button.
async fn deed(browser: &mut Browser, verb: &str) -> Form {
    let page = browser.open(&format!("{SECRET}?do={verb}")).await;
    assert_eq!((page.answer.status.as_u16(), page.url.path()), (200, SECRET), "{page:?}");
    page.form(HERE).with("action", &format!("{verb}-secret"))
}

/// The secret that a page shows.
#[track_caller]
fn secret(page: &Page) -> String {
    let values = page.texts("#secret #value");
    assert_eq!((page.answer.status.as_u16(), values.len()), (200, 1), "{page:?}");
    assert!(values[0].starts_with("tokenry_as_") && values[0].len() == 60, "{page:?}");
    values[0].clone()
}

async fn works(app: &TestApp, secret: &str) -> bool {
    introspected(app, &app.demo.api, secret).await["active"] == true
}

/// What there is of secrets in the database.
fn kept(app: &TestApp) -> String {
    app.database.contents()["account_secrets"].clone()
}

#[rstest]
#[tokio::test]
async fn r99_developers_see_it_masked_on_both_pages_and_others_see_nothing_of_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, mut browser) = with_developer(engine).await;
    let value = app.manager.reveal_account_secret(ann.id.as_str()).await.unwrap().expose().to_owned();
    let bob = employee(&app, "bob").await;
    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    for (path, heading) in [(HERE, "h2"), ("/account", "h3")] {
        let page = browser.open(path).await;
        assert!(page.texts(heading).contains(&"Account secret".to_owned()), "{path}");
        let section = page.texts("#secret").remove(0);
        for said in [
            format!("tokenry_as_…{} active", &value[56..]),
            "Made 20 November 2026 at 08:00 UTC Never used".to_owned(),
            "Last shown 20 November 2026 at 08:00 UTC".to_owned(),
            "For servers only.".to_owned(),
            "Authorization: Secret tokenry_as_…".to_owned(),
            format!("only POST {}/oauth/introspect takes it", app.issuer),
            "Which they are, this server does not know".to_owned(),
        ] {
            assert!(section.contains(&said), "{said}: {section}");
        }
        let labels = page.attributes("#secret button", "aria-label");
        assert_eq!(
            labels,
            ["Reveal the account secret", "Rotate the account secret", "Revoke the account secret"]
        );
        assert!(!page.answer.body.contains(&value) && !page.answer.body.contains("<script"), "{path}");
        let others = bobs.open(path).await;
        assert!(others.texts("#secret").is_empty() && !others.answer.body.contains("secret?"), "{path}");
        assert!(!others.answer.body.contains("Account secret"), "{path}");
    }
    // Programs send it as the page says; who used it at an API, from where and with what, is what that says.
    let me = format!("Secret {value}");
    let asked = app.http.post(app.url("/oauth/introspect")).header("authorization", &me);
    let asked = asked.form(&[("token", "x")]).send().await.unwrap();
    assert_eq!(
        (asked.status().as_u16(), asked.text().await.unwrap()),
        (200, "{\"active\":false}".to_owned())
    );
    app.clock.advance(Duration::from_secs(60));
    let told = app.http.post(app.url("/oauth/introspect"));
    let told = told.basic_auth(&app.demo.api.id, Some(&app.demo.api.secret));
    let form =
        [("token", value.as_str()), ("client_address", "192.0.2.44"), ("client_user_agent", "curl/8 <i>")];
    assert_eq!(told.form(&form).send().await.unwrap().status(), 200);
    let used = found("the last use", async || {
        let row = browser.open(HERE).await.texts(".secrets > li").remove(0);
        Some(row).filter(|row| row.contains("192.0.2.44"))
    });
    let row = used.await;
    assert!(
        row.contains("Last used 20 November 2026 at 08:01 UTC, from 192.0.2.44, with curl/8 <i>"),
        "{row}"
    );
}

#[rstest]
#[tokio::test]
async fn r99_it_is_revealed_after_a_question_and_as_often_as_one_likes(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, mut browser) = with_developer(engine).await;
    let list = browser.open(HERE).await;
    let question = browser.submit(&list.form(SECRET).with("do", "reveal")).await;
    assert_eq!(question.texts("h1"), ["Reveal the account secret?"]);
    let form = question.form(HERE).with("action", "reveal-secret");
    let page = browser.send(&form).await;
    let value = secret(&page);
    assert_eq!(introspected(&app, &app.demo.api, &value).await["sub"], ann.id.as_str());
    assert_eq!(page.answer.header("cache-control"), "no-store");
    assert_eq!(page.attributes("script", "src"), ["/assets/copy.js"]);
    assert_eq!(page.answer.body.matches(&value).count(), 1, "not in the test nor in a link");
    assert!(page.texts("#secret pre").join(" ").contains("$TOKENRY_SECRET"));
    assert_eq!(page.texts("#secret [role=\"status\"]"), ["Here is the secret."]);
    assert_eq!(secret(&browser.send(&form).await), value, "loading that again shows it again");
    let events: Vec<_> = app.audit().await.into_iter().map(|it| it.event).collect();
    assert_eq!(events.iter().filter(|it| *it == "account_secret.revealed").count(), 2);
    assert!(!browser.open(HERE).await.answer.body.contains(&value));
}

#[rstest]
#[tokio::test]
async fn r103_rotating_names_what_stops_and_does_so_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _ann, mut browser) = with_developer(engine).await;
    let reveal = deed(&mut browser, "reveal").await;
    let first = secret(&browser.send(&reveal).await);
    let question = browser.open(&format!("{SECRET}?do=rotate")).await;
    assert_eq!(question.texts("h1"), ["Rotate the account secret?"]);
    let said = question.texts("main p").join(" ");
    assert!(said.contains(&format!("ends in …{} stops working", &first[56..])), "{said}");
    assert_eq!(question.attributes("input[type=\"radio\"]", "value"), ["0", "3600", "86400", "604800"]);
    assert!(works(&app, &first).await, "nothing is done by looking");

    let form = question.form(HERE).with("action", "rotate-secret");
    assert_eq!(form.value("overlap"), Some("0"));
    let before = kept(&app);
    for overlap in ["", "nonsense", "-1", "604801"] {
        let page = browser.send(&form.clone().with("overlap", overlap)).await;
        assert_eq!(page.answer.status, 403, "{overlap}: {page:?}");
    }
    assert_eq!(browser.send(&form.clone().without("overlap")).await.answer.status, 403);
    assert_eq!(kept(&app), before);
    let page = browser.send(&form).await;
    let second = secret(&page);
    assert_eq!(page.texts("[role=\"status\"]")[0], "The value before does not work any more.");
    assert_eq!((works(&app, &first).await, works(&app, &second).await), (false, true));

    // Loading that again leaves alone what was just copied.
    let before = kept(&app);
    let again = browser.send(&form).await;
    assert_eq!((again.answer.status.as_u16(), again.texts("#value").len()), (409, 0), "{again:?}");
    assert!(again.alert().contains("was not rotated again"), "{again:?}");
    assert_eq!(kept(&app), before);
    assert!(works(&app, &second).await);

    // With an overlap both work, and the one before is listed until it ends.
    let form = deed(&mut browser, "rotate").await.with("overlap", "3600");
    let page = browser.send(&form).await;
    let third = secret(&page);
    let rows = page.texts(".secrets > li");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[1].contains(&format!("…{} the one before", &second[56..])), "{rows:?}");
    assert!(rows[1].contains("Works until 20 November 2026 at 09:00 UTC"), "{rows:?}");
    assert_eq!((works(&app, &second).await, works(&app, &third).await), (true, true));
    let said = browser.open(&format!("{SECRET}?do=rotate")).await.texts("main p").join(" ");
    assert!(said.contains(&format!("ends in …{}, stops working at once", &second[56..])), "{said}");
    app.clock.advance(Duration::from_secs(3_600));
    assert_eq!((works(&app, &second).await, works(&app, &third).await), (false, true));
    assert_eq!(browser.open(HERE).await.texts(".secrets > li").len(), 1);
}

#[rstest]
#[tokio::test]
async fn r103_revoking_needs_no_new_proof_and_another_one_can_be_made(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, mut browser) = with_developer(engine).await;
    let reveal = deed(&mut browser, "reveal").await;
    let first = secret(&browser.send(&reveal).await);
    app.clock.advance(Duration::from_secs(601));
    let form = deed(&mut browser, "revoke").await;
    assert!(works(&app, &first).await);
    let to = browser.send(&form).await.redirect().unwrap();
    assert_eq!((to.path(), to.query(), to.fragment()), (HERE, Some("done=secret-revoked"), Some("secret")));
    assert!(!works(&app, &first).await);
    let page = browser.open(to.as_str()).await;
    assert_eq!(page.texts("[role=\"status\"]"), ["The account secret is revoked."]);
    assert!(page.texts("#secret")[0].contains("It was revoked."), "{page:?}");
    let again = browser.send(&form).await;
    assert_eq!((again.answer.status.as_u16(), again.alert().is_empty()), (409, false), "{again:?}");
    assert_eq!(
        browser.open(&format!("{SECRET}?do=revoke")).await.url.path(),
        HERE,
        "there is nothing to end"
    );

    let login = browser.open(&format!("{SECRET}?do=reveal")).await;
    assert_eq!(ann.fill_in(&mut browser, &login).await.url.path(), HERE, "nor to show");
    let list = browser.open(HERE).await;
    let question = browser.submit(&list.form(SECRET).with("do", "rotate")).await;
    assert_eq!(question.texts("h1"), ["Make another account secret?"]);
    let page = browser.send(&question.form(HERE).with("action", "rotate-secret")).await;
    let second = secret(&page);
    assert!(works(&app, &second).await && !works(&app, &first).await);
}

#[rstest]
#[tokio::test]
async fn r99_who_has_not_shown_lately_that_it_is_them_comes_back_to_what_they_asked(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, mut browser) = with_developer(engine).await;
    for (verb, title) in [("reveal", "Reveal the account secret?"), ("rotate", "Rotate the account secret?")]
    {
        let form = deed(&mut browser, verb).await;
        app.clock.advance(Duration::from_secs(601));
        let before = kept(&app);
        // Both the question and its form.
        assert_eq!(browser.open(&format!("{SECRET}?do={verb}")).await.url.path(), "/login");
        let page = browser.submit(&form).await;
        assert_eq!((page.url.path(), page.url.query()), ("/login", Some("next=/account/developer/secret")));
        assert_eq!(kept(&app), before, "{verb}");
        let page = ann.fill_in(&mut browser, &page).await;
        assert_eq!((page.url.path(), page.texts("h1")), (SECRET, vec![title.to_owned()]));
        let value = secret(&browser.send(&page.form(HERE).with("action", &format!("{verb}-secret"))).await);
        assert!(works(&app, &value).await);
        assert_eq!(browser.open(SECRET).await.url.path(), HERE, "nothing is left to do");
    }
}

#[rstest]
#[tokio::test]
async fn r98_to_who_is_no_developer_the_page_is_none_and_nothing_is_done(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, ann, mut browser) = with_developer(engine).await;
    let reveal = deed(&mut browser, "reveal").await;
    let (rotate, revoke) = (deed(&mut browser, "rotate").await, deed(&mut browser, "revoke").await);
    let first = secret(&browser.send(&reveal).await);
    let bob = employee(&app, "bob").await;
    let mut bobs = app.browser();
    bob.sign_in(&mut bobs).await;
    let before = kept(&app);
    let own = make(&mut bobs, "CI").await;
    let own = asked(&mut bobs, &id_of_value(&own), "revoke").await;
    for verb in ["reveal", "rotate", "revoke"] {
        assert_eq!(bobs.open(&format!("{SECRET}?do={verb}")).await.answer.status, 404, "{verb}");
        let form = own.clone().with("action", &format!("{verb}-secret")).with("overlap", "0");
        assert_eq!(bobs.send(&form).await.answer.status, 404, "{verb}");
    }
    // Forms of another session, and of no page of ours.
    for form in [&reveal, &rotate, &revoke] {
        assert_eq!(bobs.send(form).await.answer.status, 403);
        assert_eq!(browser.send(&form.clone().with("csrf", "nonsense")).await.answer.status, 403);
        assert_eq!(browser.send(&form.clone().without("csrf")).await.answer.status, 403);
        let mut lured = browser.clone();
        lured.site = "cross-site";
        assert_eq!(lured.send(form).await.answer.status, 403);
    }
    assert_eq!(kept(&app), before);
    assert!(works(&app, &first).await);
    // Nobody can name another's: bob's is his own.
    app.manager.make_developer(bob.id.as_str()).await.unwrap();
    let form = deed(&mut bobs, "reveal").await.with("id", ann.id.as_str()).with("user", ann.id.as_str());
    let his = secret(&bobs.send(&form).await);
    assert_eq!(introspected(&app, &app.demo.api, &his).await["sub"], bob.id.as_str());
    app.manager.end_developer(ann.id.as_str()).await.unwrap();
    assert_eq!(browser.send(&reveal).await.answer.status, 404, "she is none any more");
    assert!(browser.open(HERE).await.texts("#secret").is_empty());
}

#[rstest]
#[tokio::test]
async fn a15_shown_once_it_has_no_button_that_reveals_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let options = Options { database: engine, reveal: Reveal::Once, ..Options::default() };
    let app = TestApp::with(options).await;
    let ann = employee(&app, "ann").await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let page = browser.open(HERE).await;
    let labels = page.attributes("#secret button", "aria-label");
    assert_eq!(labels, ["Rotate the account secret", "Revoke the account secret"]);
    assert!(page.texts("#secret")[0].contains("It is not kept, and cannot be shown"), "{page:?}");
    assert_eq!(browser.open(&format!("{SECRET}?do=reveal")).await.url.path(), HERE);
    let rotate = deed(&mut browser, "rotate").await;
    let before = kept(&app);
    let refused = browser.send(&rotate.clone().with("action", "reveal-secret")).await;
    assert_eq!((refused.answer.status.as_u16(), refused.texts("#value").len()), (409, 0), "{refused:?}");
    assert_eq!(kept(&app), before);
    let page = browser.send(&rotate).await;
    let value = secret(&page);
    assert_eq!(
        page.texts("#secret [role=\"status\"]"),
        ["Here is the value. Copy it now: it is not shown again."]
    );
    assert!(works(&app, &value).await);
    assert!(!browser.open(HERE).await.answer.body.contains(&value));
}

#[rstest]
#[case::none_are_known(&[])]
#[case::those_that_the_operator_named(&["POST https://api.example.com/import", "PUT https://api.example.com/sheets"])]
#[tokio::test]
async fn r99_the_routes_that_take_it_are_listed(#[case] routes: &[&str]) {
    let secret_routes: Vec<_> = routes.iter().map(|route| (*route).to_owned()).collect();
    let app = TestApp::with(Options { secret_routes: secret_routes.clone(), ..Options::default() }).await;
    let ann = employee(&app, "ann").await;
    app.manager.make_developer(ann.id.as_str()).await.unwrap();
    let mut browser = app.browser();
    ann.sign_in(&mut browser).await;
    let page = browser.open(HERE).await;
    assert_eq!(page.texts("#secret ul:not(.rows) > li code"), secret_routes);
    let said = page.texts("#secret").remove(0);
    assert!(said.contains(&format!("POST {}/oauth/introspect", app.issuer)), "{said}");
    assert_eq!(said.contains("ask whoever runs the API"), routes.is_empty(), "{said}");
}
