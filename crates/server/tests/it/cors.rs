//! Which pages may read what a client is answered: a public client's own, at the endpoints that it uses.

use reqwest::{Method, RequestBuilder};
use rstest::rstest;
use tokenry_model::ClientType;
use tokenry_testkit::Engine::Sqlite;
use tokenry_testkit::{Answer, DemoClient, Member, TestApp, VERIFIER};

const SCOPE: &str = "openid offline_access read:timesheets";
/// Where the redirect URI of the tests' applications is.
const OWN: &str = "http://127.0.0.1:8702";

async fn world() -> (TestApp, Member, DemoClient) {
    let app = TestApp::quick(Sqlite).await;
    let person = app.member("ann").await;
    let spa = app.application(ClientType::Spa, "SPA", &[]).await;
    (app, person, spa)
}

async fn from(request: RequestBuilder, origin: &str) -> Answer {
    Answer::to(request.header("origin", origin).header("sec-fetch-site", "cross-site")).await
}

/// Who may read the answer: its origin, or nobody. Never with cookies.
fn readers(answer: &Answer) -> &str {
    assert_eq!(answer.header("access-control-allow-credentials"), "", "{answer:?}");
    answer.header("access-control-allow-origin")
}

fn redemption(app: &TestApp, client: &DemoClient, code: &str) -> RequestBuilder {
    app.token_request().form(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", tokenry_testkit::CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", &client.id),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn http_08_a_public_clients_own_pages_read_what_it_is_answered() {
    let (app, ann, spa) = world().await;
    let answer = from(redemption(&app, &spa, &app.code(&ann, &spa, SCOPE).await), OWN).await;
    assert_eq!((answer.status.as_u16(), readers(&answer), answer.header("vary")), (200, OWN, "origin"));
    let tokens = answer.json();
    let [access, refresh] =
        ["access_token", "refresh_token"].map(|it| tokens[it].as_str().unwrap().to_owned());

    let userinfo = || app.http.get(app.url("/userinfo"));
    let answer = from(userinfo().bearer_auth(&access), OWN).await;
    assert_eq!((answer.status.as_u16(), readers(&answer)), (200, OWN));

    let form = [("client_id", spa.id.as_str()), ("token", &refresh)];
    let answer = from(app.http.post(app.url("/oauth/revoke")).form(&form), OWN).await;
    assert_eq!((answer.status.as_u16(), readers(&answer)), (200, OWN));

    let wrong = from(redemption(&app, &spa, "spent"), OWN).await;
    assert_eq!((wrong.status.as_u16(), readers(&wrong)), (400, OWN), "they read errors too");
    let ended = from(userinfo().bearer_auth(&access), OWN).await;
    assert_eq!((ended.status.as_u16(), readers(&ended)), (401, OWN));
    let unknown = from(userinfo().bearer_auth("unknown"), OWN).await;
    assert_eq!((unknown.status.as_u16(), readers(&unknown)), (401, ""));
}

#[rstest]
#[case::opaque("null")]
#[case::suffix("http://127.0.0.1:8702.evil.example")]
#[case::prefix("http://evil-127.0.0.1:8702")]
#[case::https_twin("https://127.0.0.1:8702")]
#[case::port_twin("http://127.0.0.1:8703")]
#[case::without_port("http://127.0.0.1")]
#[case::with_path("http://127.0.0.1:8702/")]
#[case::capitals("HTTP://127.0.0.1:8702")]
#[case::anything("*")]
#[tokio::test(flavor = "multi_thread")]
async fn http_08_other_pages_read_nothing(#[case] origin: &str) {
    let (app, ann, spa) = world().await;
    let tokens = app.redeem(&spa, &app.code(&ann, &spa, SCOPE).await, &[]).await;
    let answer = from(redemption(&app, &spa, &app.code(&ann, &spa, SCOPE).await), origin).await;
    assert_eq!(readers(&answer), "", "{answer:?}");
    let answer = from(app.http.get(app.url("/userinfo")).bearer_auth(tokens.token()), origin).await;
    assert_eq!(readers(&answer), "", "{answer:?}");
}

/// A confidential client's redirect URIs are pages too, and read nothing: its secret is not for browsers (R20).
#[tokio::test(flavor = "multi_thread")]
async fn r20_no_page_reads_what_a_confidential_client_is_answered() {
    let (app, ann, _spa) = world().await;
    let web = app.application(ClientType::Web, "Web", &[]).await;
    let code = app.code(&ann, &web, SCOPE).await;
    let refused = from(redemption(&app, &web, &code).basic_auth(&web.id, Some(&web.secret)), OWN).await;
    refused.must_be_error(400, "invalid_request");
    assert_eq!(readers(&refused), "");
    let token = app.redeem(&web, &code, &[]).await.token();
    let answer = from(app.http.get(app.url("/userinfo")).bearer_auth(token), OWN).await;
    assert_eq!((answer.status.as_u16(), readers(&answer)), (200, ""));
}

#[rstest]
#[case("/oauth/token")]
#[case("/oauth/revoke")]
#[case("/userinfo")]
#[case("/.well-known/jwks.json")]
#[case("/.well-known/openid-configuration")]
#[case("/.well-known/oauth-authorization-server")]
#[tokio::test(flavor = "multi_thread")]
async fn http_09_every_page_is_answered_alike_when_it_asks_before(#[case] path: &str) {
    let (app, _ann, _spa) = world().await;
    let mut seen = Vec::new();
    for origin in [OWN, "https://evil.example", "null"] {
        let request = app.http.request(Method::OPTIONS, app.url(path));
        let answer = from(request.header("access-control-request-method", "POST"), origin).await;
        assert_eq!((answer.status.as_u16(), readers(&answer)), (204, "*"));
        assert_eq!(answer.header("access-control-allow-headers"), "*, authorization");
        seen.push(answer.body);
    }
    assert_eq!(seen, ["", "", ""]);
    let closed = app.http.request(Method::OPTIONS, app.url("/oauth/introspect"));
    assert_eq!(from(closed, OWN).await.status, 405);
}
