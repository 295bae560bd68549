//! Nonsense in the place of a language: English, at once, and nothing is kept of it.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use tokenry_testkit::{Answer, TestApp};

use super::is_in;

/// Ten thousand lists that nobody has sent before: each is answered in one of ours.
#[tokio::test(flavor = "multi_thread")]
async fn http_17_random_languages_are_answered() {
    let app = TestApp::start().await;
    let random =
        proptest::string::string_regex("([a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8}){0,3}(;q=[0-9.]{1,5})?,? ?){1,20}")
            .unwrap();
    let mut runner = TestRunner::deterministic();
    for _request in 0..10_000 {
        let list = random.new_tree(&mut runner).unwrap().current();
        let answer = Answer::to(app.http.get(app.url("/reset/sent")).header("accept-language", &list)).await;
        let language = answer.header("content-language");
        assert!(answer.status == 200 && ["de", "en", "es", "fr"].contains(&language), "{list}: {answer:?}");
    }
}

#[tokio::test]
async fn http_17_what_is_no_list_of_languages_is_english() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for list in [
        "*",
        ";;;,,,",
        "de;q=2, fr;q=nan",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "{ $app }",
        "en-US-x-\"><img>",
    ] {
        browser.reads = list;
        let page = browser.open("/login").await;
        is_in(&page, "en");
        assert!(!page.answer.body.contains("passwd") && !page.answer.body.contains("<img>"));
    }
    let long = format!("{}de", "a-b,".repeat(1_000));
    let answer = Answer::to(app.http.get(app.url("/login")).header("accept-language", long)).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-language")), (200, "en"));
}

/// `ui_locales` that is too long, or no text, is refused as before, and one of nonsense is English.
#[tokio::test]
async fn http_17_nonsense_in_ui_locales_is_english() {
    let app = TestApp::start().await;
    let client = app.application(tokenry_model::ClientType::Web, "Hours", &[]).await;
    let mut browser = app.browser();
    let mut request = app.url("/oidc/logout").parse::<url::Url>().unwrap();
    for nonsense in ["../de", "deutsch", "*", "{de}", &"x ".repeat(120)] {
        request
            .query_pairs_mut()
            .clear()
            .append_pair("client_id", &client.id)
            .append_pair("ui_locales", nonsense);
        let page = browser.open(request.as_str()).await;
        is_in(&page, "en");
    }
}
