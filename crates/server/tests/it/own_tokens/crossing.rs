//! From which pages: only one that may, and that knows the session's CSRF token, changes something.

use reqwest::Method;
use rstest::rstest;
use tokenry_testkit::Engine::Sqlite;

use super::*;
use crate::session::{SID, UI, problem};

const EVIL: &str = "https://evil.example";

#[rstest]
#[case::own_page(&[("sec-fetch-site", "same-origin")], true)]
#[case::listed(&[("sec-fetch-site", "cross-site"), ("origin", UI)], true)]
#[case::older_browser_listed(&[("origin", UI)], true)]
#[case::says_nothing(&[], false)]
#[case::stranger(&[("sec-fetch-site", "cross-site"), ("origin", EVIL)], false)]
#[case::sibling(&[("sec-fetch-site", "same-site")], false)]
#[case::null(&[("origin", "null")], false)]
#[tokio::test]
async fn ses_17_unsafe_methods_need_the_token_and_a_page_that_may(
    #[case] fields: &[(&'static str, &'static str)],
    #[case] may: bool,
) {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let bob = employee(&app, "bob").await;
    let bobs = Ui::signed_in(&app, &bob).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    let before = pats(&app);
    let request = |method: Method, path: &str, token: &str| {
        let mut request = app.http.request(method.clone(), app.url(path));
        request = request.header("cookie", format!("{SID}={}", ui.cookie(SID)));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        if method == Method::POST {
            request = request.json(&wish("more"));
        }
        if token.is_empty() { request } else { request.header("x-csrf-token", token) }
    };
    let (one, post) = (format!("{TOKENS}/{}", issued.id()), Method::POST);
    let unsafe_ones = [
        (post.clone(), TOKENS.to_owned()),
        (post.clone(), format!("{one}/refresh")),
        (post, format!("{one}/roll")),
        (Method::DELETE, one.clone()),
    ];
    for token in ["", "wrong", &bobs.csrf] {
        for (method, path) in &unsafe_ones {
            let answer = Answer::to(request(method.clone(), path, token)).await;
            assert_eq!(problem(&answer), (403, "csrf_failed".to_owned()), "{method} {path}");
        }
    }
    assert_eq!(Answer::to(request(Method::GET, TOKENS, "")).await.status, 200, "looking needs none");
    if !may {
        for (method, path) in &unsafe_ones {
            let answer = Answer::to(request(method.clone(), path, &ui.csrf)).await;
            assert_eq!(problem(&answer), (403, "csrf_failed".to_owned()), "{method} {path}");
        }
    }
    assert_eq!(pats(&app), before);
    let answer = Answer::to(request(Method::DELETE, &one, &ui.csrf)).await;
    assert_eq!(answer.status, if may { 204 } else { 403 });
    assert_eq!(pats(&app) == before, !may);
}

#[tokio::test]
async fn r87_a_listed_page_reads_the_new_value_and_no_other_does() {
    let (app, _ann, ui) = with_ann(Sqlite).await;
    let issued = create(&app, &ui, &wish("CI")).await;
    assert_eq!(issued.header("access-control-allow-origin"), UI);
    assert_eq!(issued.header("access-control-allow-credentials"), "true");
    let own = ui.proven(&app, Method::POST, TOKENS).json(&wish("CI"));
    let mut own = own.build().unwrap();
    own.headers_mut().remove("origin");
    own.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
    let answer = app.http.execute(own).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers().get("access-control-allow-origin")), (201, None));
}
