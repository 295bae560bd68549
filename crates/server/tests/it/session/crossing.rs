//! From which pages: who may sign somebody in, what changes something, and what browsers let pages read.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokenry_testkit::Engine::Sqlite;

use super::*;

const EVIL: &str = "https://evil.example";
/// Stands for our own origin, which a port is part of.
const OWN: &str = "own";

#[rstest]
#[case::says_nothing(&[], true)]
#[case::listed(&[("origin", UI)], true)]
#[case::listed_of_another_site(&[("origin", UI), ("sec-fetch-site", "cross-site")], true)]
#[case::typed(&[("sec-fetch-site", "none")], true)]
#[case::stranger(&[("origin", EVIL)], false)]
#[case::stranger_of_the_site(&[("origin", EVIL), ("sec-fetch-site", "same-site")], false)]
#[case::null(&[("origin", "null")], false)]
#[case::null_of_our_own(&[("origin", "null"), ("sec-fetch-site", "same-origin")], false)]
#[case::http_twin(&[("origin", "http://app.example.com")], false)]
#[case::port_twin(&[("origin", "https://app.example.com:8443")], false)]
#[case::suffix(&[("origin", "https://app.example.com.evil.example")], false)]
#[case::cross_site_that_hides(&[("sec-fetch-site", "cross-site")], false)]
#[case::two(&[("origin", UI), ("origin", EVIL)], false)]
#[tokio::test]
async fn log_16_only_listed_pages_sign_somebody_in(
    #[case] fields: &[(&'static str, &'static str)],
    #[case] may: bool,
) {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let body = json!({"username": ann.username, "password": ann.password});
    let mut request = app.http.post(app.url("/session")).json(&body);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let answer = Answer::to(request).await;
    if may {
        assert_eq!(answer.status, 200, "{answer:?}");
    } else {
        assert_eq!(problem(&answer), (403, "origin_not_allowed".to_owned()));
        assert_eq!((answer.header("set-cookie"), sessions(&app).await), ("", 1));
    }
    let own = app.http.post(app.url("/session")).json(&body).header("origin", &app.issuer);
    assert_eq!(Answer::to(own).await.status, 200);
}

#[rstest]
#[case::own_page(&[("sec-fetch-site", "same-origin")], true)]
#[case::listed(&[("sec-fetch-site", "cross-site"), ("origin", UI)], true)]
#[case::typed_in(&[("sec-fetch-site", "none")], true)]
#[case::own_page_that_tells_no_referrer(&[("sec-fetch-site", "same-origin"), ("origin", "null")], true)]
#[case::older_browser_listed(&[("origin", UI)], true)]
#[case::older_browser(&[("origin", OWN)], true)]
#[case::says_nothing(&[], false)]
#[case::stranger(&[("sec-fetch-site", "cross-site"), ("origin", EVIL)], false)]
#[case::sibling(&[("sec-fetch-site", "same-site")], false)]
#[case::sibling_is_not_own(&[("sec-fetch-site", "same-site"), ("origin", OWN)], false)]
#[case::older_browser_stranger(&[("origin", EVIL)], false)]
#[case::null(&[("origin", "null")], false)]
#[case::unknown_word(&[("sec-fetch-site", "Same-Origin"), ("origin", UI)], false)]
#[case::two_sites(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")], false)]
#[case::two_sites_listed(&[("sec-fetch-site", "cross-site"), ("sec-fetch-site", "cross-site"), ("origin", UI)], false)]
#[case::two_origins(&[("origin", OWN), ("origin", OWN)], false)]
#[tokio::test]
async fn r92_ses_17_what_changes_something_shows_where_it_comes_from_and_the_token(
    #[case] fields: &[(&'static str, &'static str)],
    #[case] may: bool,
) {
    let app = app_on(Sqlite).await;
    let (ann, bob) = (employee(&app, "ann").await, employee(&app, "bob").await);
    let (ui, bobs) = (Ui::signed_in(&app, &ann).await, Ui::signed_in(&app, &bob).await);
    let cookies = format!("{SID}={}; {API}={}", ui.cookie(SID), ui.cookie(API));
    let request = |method, path: &str, tokens: &[&str]| {
        let mut request = app.http.request(method, app.url(path)).header("cookie", &cookies);
        for (name, value) in fields {
            request = request.header(*name, if *value == OWN { app.issuer.as_str() } else { value });
        }
        tokens.iter().fold(request, |request, token| request.header("x-csrf-token", *token))
    };
    let audience = json!({"audience": tokenry_testkit::AUDIENCE});
    let (good, before) = (ui.csrf.as_str(), sessions(&app).await);
    for tokens in [&[][..], &[""], &["wrong"], &[bobs.csrf.as_str()], &[good, good], &[&good[1..]]] {
        let out = Answer::to(request(Method::DELETE, "/session", tokens)).await;
        assert_eq!(problem(&out), (403, "csrf_failed".to_owned()), "{tokens:?}");
        let traded = Answer::to(request(Method::POST, "/session/token", tokens).json(&audience)).await;
        assert_eq!(problem(&traded), (403, "csrf_failed".to_owned()), "{tokens:?}");
    }
    // What changes nothing needs no proof.
    assert_eq!(Answer::to(request(Method::GET, "/session", &[])).await.status, 200);
    let traded = Answer::to(request(Method::POST, "/session/token", &[good]).json(&audience)).await;
    assert_eq!(traded.status, if may { 200 } else { 403 }, "{traded:?}");
    let out = Answer::to(request(Method::DELETE, "/session", &[good])).await;
    assert_eq!(out.status, if may { 204 } else { 403 });
    assert_eq!(sessions(&app).await, if may { before - 1 } else { before });
    let honest = ui.proven(&app, Method::DELETE, "/session");
    assert_eq!(Answer::to(honest).await.status, 204);
    assert_eq!(sessions(&app).await, before - 1);
}

#[tokio::test]
async fn http_09_pages_of_listed_origins_read_what_they_are_answered_and_others_nothing() {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    let paths =
        ["/session", "/session/csrf", "/session/token", "/session/nowhere", "/manage/v1/users/me/tokens"];
    for (origin, may) in [(UI, true), (EVIL, false), ("null", false), ("http://app.example.com", false)] {
        for path in paths {
            let asked = app.http.request(Method::OPTIONS, app.url(path)).header("origin", origin);
            let asked = asked.header("access-control-request-method", "POST");
            let asked = asked.header("access-control-request-headers", "content-type,x-csrf-token");
            let preflight = Answer::to(asked).await;
            assert_eq!((preflight.status.as_u16(), preflight.header("vary")), (204, "origin"), "{path}");
            let real =
                app.http.get(app.url(path)).header("origin", origin).header("sec-fetch-site", "cross-site");
            let cookie = format!("{SID}={}", ui.cookie(SID));
            let real = Answer::to(real.header("cookie", cookie)).await;
            assert_eq!(real.header("vary"), "origin", "{path}");
            for answer in [&preflight, &real] {
                let said = (
                    answer.header("access-control-allow-origin"),
                    answer.header("access-control-allow-credentials"),
                );
                assert_eq!(said, if may { (origin, "true") } else { ("", "") }, "{origin} at {path}");
            }
            let allowed = preflight.header("access-control-allow-headers");
            assert_eq!(allowed, if may { "content-type, x-csrf-token" } else { "" });
            assert_eq!(
                preflight.header("access-control-allow-methods"),
                if may { "GET, POST, DELETE" } else { "" }
            );
        }
    }
    // A refusal can be read, too.
    let refused = Ui::default().get(&app, "/session").await;
    assert_eq!((refused.status.as_u16(), refused.header("access-control-allow-origin")), (401, UI));
    // Elsewhere nobody's pages get anything with cookies.
    for path in ["/account", "/guard/v1/snapshot", "/sessions", "/healthz"] {
        let answer = ui.get(&app, path).await;
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
    let no_question = app.http.request(Method::OPTIONS, app.url("/session")).send().await.unwrap();
    assert_eq!(no_question.status(), 405);
}
