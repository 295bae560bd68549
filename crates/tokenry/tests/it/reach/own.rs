//! The other credentials of a user's own at an API: the cookie for APIs, and the secret of a developer's account.

use axum::http::HeaderMap;
use axum::routing::{get, post};
use reqwest::{Client, RequestBuilder};
use rstest::rstest;
use tokenry_guard::{Caller, Denied, GuardRouter, Requirement, Secret, tenant_path};
use tokenry_testkit::Engine::{Postgres, Sqlite};
use tokenry_testkit::{Answer, Engine, Person, TestApp};

use super::api::{Api, Registered};
use crate::signed_in::SignedIn;

tokenry_guard::scopes! {
    Create = "create:timesheets";
    Read = "read:timesheets";
}

/// Where requests say for which company they are, to routes that take that from there.
const COMPANY: &str = "x-company";

/// What reads, and what takes account secrets for the company that the path, or that a header field names.
fn routes(router: GuardRouter) -> GuardRouter {
    router
        .route("/read", get(async || "read"), Read)
        .route("/of/{company}", post(async || "imported"), Create.and(tenant_path("company")).accept(Secret))
        .route("/of-header", post(import), Create.accept(Secret))
}

async fn import(caller: Caller<Create>, headers: HeaderMap) -> Result<&'static str, Denied> {
    caller.require_tenant(headers[COMPANY].to_str().unwrap())?;
    Ok("imported")
}

/// A server, an API, and ann of Acme.
async fn world(engine: Engine) -> (TestApp, Api, Person) {
    let app = TestApp::quick(engine).await;
    let api = Api::serving(Registered::of(&app), app.clock.clone(), routes).await;
    let ann = app.person("ann").await;
    app.employ(&ann.id).await;
    (app, api, ann)
}

async fn verdict(request: RequestBuilder) -> (u16, String) {
    let answer = Answer::to(request).await;
    match answer.status.as_u16() {
        200 => (200, answer.body),
        status => (status, answer.json()["code"].as_str().unwrap().to_owned()),
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_06_a_secret_is_for_no_other_company_than_its_users(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, api, ann) = world(engine).await;
    let secret = app.account_secret(&ann.id).await;
    let post = |path: &str| {
        let request = Client::new().post(format!("{}{path}", api.url));
        request.header("authorization", format!("Secret {secret}"))
    };
    let by_path_and_header = async |company: &str| {
        let by_path = verdict(post(&format!("/of/{company}"))).await;
        let by_header = verdict(post("/of-header").header(COMPANY, company)).await;
        assert_eq!(by_path, by_header, "{company}");
        by_path
    };
    let imported = (200, "imported".to_owned());
    assert_eq!(by_path_and_header(&app.demo.acme).await, imported);
    // A sister of the same corporation, a stranger, the corporation itself, and what does not exist.
    for other in [&app.demo.acme_labs, &app.demo.globex, &app.demo.acme_group, "nobody"] {
        assert_eq!(by_path_and_header(other).await, (403, "tenant_mismatch".to_owned()), "{other}");
        assert_eq!(by_path_and_header(&app.demo.acme).await, imported);
    }
}

/// The text with another character at a place, whose value differs in a bit that counts.
fn changed(text: &str, at: usize) -> String {
    let other = if text.as_bytes()[at] == b'A' { "g" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r95_ses_05_a_changed_byte_anywhere_in_the_cookie_opens_nothing_at_an_api() {
    let (app, api, ann) = world(Sqlite).await;
    let ann = SignedIn::at(&app.issuer, &ann.username, &ann.password).await;
    let http = Client::new();
    let read = |cookie: String| verdict(http.get(format!("{}/read", api.url)).header("cookie", cookie));
    let whole = ann.api_cookie();
    let begin = whole.len() - ann.api.len();
    assert!(ann.api.len() > 100, "there is something to change");
    for at in begin..whole.len() {
        let refused = read(changed(&whole, at)).await;
        assert_eq!(refused, (401, "invalid_token".to_owned()), "byte {} of the value", at - begin);
    }
    assert_eq!(read(whole).await, (200, "read".to_owned()));
}
