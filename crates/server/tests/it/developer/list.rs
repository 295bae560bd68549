//! What the list shows, on its own page and on My Profile, and that names are nothing but names.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::found;

use super::*;
use crate::session::introspected;

#[rstest]
#[tokio::test]
async fn r99_my_profile_has_the_section_and_the_page_has_it_alone(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (app, _ann, mut browser) = with_ann(engine).await;
    let made = make(&mut browser, "Backup").await;
    let (token, id) = (value(&made), id_of_value(&made));
    for (path, heading) in [(HERE, "h1"), ("/account", "h2#developer")] {
        let page = browser.open(path).await;
        assert_eq!(page.texts(heading), ["Developer Settings"], "{path}");
        assert_eq!(
            page.attributes(".tokens > li", "id"),
            std::slice::from_ref(&id),
            "{path}: where mails lead"
        );
        assert!(
            page.texts(".warning")[0]
                .contains("Do not share one in e-mails, chat messages, client-side code or on public pages."),
            "R83"
        );
        assert!(!page.answer.body.contains(&token), "{path}");
        assert!(page.texts("nav a").contains(&"Developer Settings".to_owned()));
        let row = page.texts(".tokens > li").remove(0);
        for said in [
            "Backup active",
            "tokenry_pat_…",
            "Full access (same as you)",
            "For Acme",
            "Made 20 November 2026 at 08:00 UTC",
            "Never used",
            "Expires in 90 days",
        ] {
            assert!(row.contains(said), "{said}: {row}");
        }
        assert_eq!(page.attributes("time", "title"), ["18 February 2027 at 08:00 UTC"]);
        assert!(!page.answer.body.contains("<script"), "{path} needs none");
    }
    // Who used it, from where and with what, is what APIs say.
    let request =
        app.http.post(app.url("/oauth/introspect")).basic_auth(&app.demo.api.id, Some(&app.demo.api.secret));
    let form =
        [("token", token.as_str()), ("client_address", "192.0.2.44"), ("client_user_agent", "curl/8 <i>")];
    assert_eq!(request.form(&form).send().await.unwrap().status(), 200);
    let used = found("the last use", async || {
        let row = browser.open(HERE).await.texts(".tokens > li").remove(0);
        Some(row).filter(|row| !row.contains("Never used"))
    });
    let row = used.await;
    assert!(
        row.contains("Last used 20 November 2026 at 08:00 UTC, from 192.0.2.44, with curl/8 <i>"),
        "{row}"
    );
    assert_eq!(introspected(&app, &app.demo.api, &token).await["active"], true);
}

#[rstest]
#[case::html("<script>alert(1)</script>")]
#[case::attribute("\" onfocus=alert(1) x=\"")]
#[case::formula("=HYPERLINK(\"https://evil.example\")")]
#[case::template("{{ 7*7 }}{% include \"x\" %}")]
#[case::right_to_left("بناء الليل")]
#[case::entity("&lt;b&gt;")]
#[tokio::test]
async fn pat_14_a_name_is_nothing_but_a_name(#[case] name: &str) {
    let (app, _ann, mut browser) = with_ann(Sqlite).await;
    let form = form(&mut browser, name).await.with("note", name);
    let review = browser.send(&form).await;
    assert_eq!(review.texts("dd bdi")[..2], [name, name], "{review:?}");
    let page = browser.send(&review.form(HERE).with("action", "create")).await;
    assert_eq!(page.texts(".tokens strong"), [name]);
    assert_eq!(page.texts(".tokens p bdi")[0], name);
    assert_eq!(page.attributes("button[aria-label]", "aria-label")[0], format!("Refresh the token {name}"));
    let question = ask(&mut browser, &id_of_value(&page), "refresh").await;
    assert_eq!(question.texts("h1"), [format!("Refresh {name}?")]);
    let events = browser.open("/account/security").await;
    for page in [&review, &page, &question, &events, &browser.open("/account").await] {
        assert!(
            !page.answer.body.contains("<script>alert") && page.attributes("[onfocus]", "onfocus").is_empty()
        );
    }
    // What can be downloaded is JSON, in which it is a text; records of the audit trail do without it.
    let export = browser.open("/account/data").await.form_with("/account/data", "action", "export");
    let export = browser.send(&export).await.answer;
    let listed = export.json()["personal_access_tokens"][0].clone();
    assert_eq!((listed["name"].as_str(), listed["note"].as_str()), (Some(name), Some(name)));
    assert_eq!(export.header("content-type"), "application/json");
    let made: Vec<_> = app.audit().await.into_iter().filter(|record| record.event == "pat.created").collect();
    assert_eq!((made.len(), format!("{made:?}").contains(name)), (1, false), "{made:?}");
    let mut letters = String::new();
    for mail in app.engine.mailbox().await.unwrap() {
        letters.push_str(&format!("{:?}", app.engine.open_mail(&mail.id).await.unwrap().unwrap()));
    }
    assert!(letters.contains("PatCreated") && !letters.contains(name), "{letters}");
}

/// The warning stands wherever tokens are seen, and names what to do about one that was shown to others all the same.
#[tokio::test]
async fn r83_it_says_where_tokens_must_not_be_and_to_refresh_one_that_was_there() {
    let (_app, _ann, mut browser) = with_ann(Sqlite).await;
    let warning = "Keep your tokens secret. Do not share one in e-mails, chat messages, client-side code or on public \
                   pages. If that has happened, press “Refresh” beside it: the value that others know stops working, \
                   and you get a new one.";
    for path in [HERE, "/account"] {
        assert_eq!(browser.open(path).await.texts(".warning"), [warning], "{path}, also before there is one");
    }
    let made = make(&mut browser, "CI").await;
    for page in [&made, &browser.open(HERE).await, &browser.open("/account").await] {
        assert_eq!(page.texts(".warning"), [warning]);
        assert!(page.texts(".tokens button").contains(&"Refresh".to_owned()), "what it names is there");
    }
}

/// The value stands in one page, which runs one script of ours and is kept by nobody.
#[tokio::test]
async fn r83_a_value_is_copied_by_hand_or_by_a_button_and_tried_from_the_environment() {
    let (_app, _ann, mut browser) = with_ann(Sqlite).await;
    let page = make(&mut browser, "CI").await;
    let token = value(&page);
    assert_eq!(page.answer.body.matches(&token).count(), 1, "not in a link, a test or a field");
    assert!(page.answer.header("content-security-policy").contains("script-src 'self'"));
    assert_eq!(page.attributes("script", "src"), ["/assets/copy.js"]);
    assert_eq!(browser.get("/assets/copy.js").await.answer.status, 200);
    assert_eq!(page.texts("summary"), ["curl", "Python", "JavaScript", "Go", "Rust"]);
    for test in page.texts("details pre") {
        assert!(test.contains("TOKENRY_PAT") && test.contains("https://api.example.com/"), "{test}");
    }
    let list = browser.open(HERE).await;
    assert!(!list.answer.header("content-security-policy").contains("script-src"));
}
