//! What remembering a verified token must not change.

use std::time::Duration;

use axum::http::Method;
use tokenry_guard::testing::TestIssuer;

use crate::support::{Api, Read, app};

#[tokio::test]
async fn r27_a_remembered_token_still_expires() {
    let api = Api::new().await;
    let token = api.token().expires_in(Duration::from_secs(60));
    for _ in 0..3 {
        assert_eq!(api.get("/whoami", &token).await.status, 200);
    }
    api.issuer.clock().advance(Duration::from_secs(60));
    assert_eq!(api.get("/whoami", &token).await.refusal(), (401, "token_expired".to_owned()));
}

#[tokio::test]
async fn r27_a_remembered_token_still_needs_scope_and_company() {
    let api = Api::new().await;
    api.issuer.corporation("acme_group", ["acme", "acme_labs"]);
    let token = api.issuer.token().company("acme").corporation("acme_group").scope(Read);
    let labs = "/companies/acme_labs/timesheets";
    assert_eq!(api.get(labs, &token).await.status, 200);
    assert_eq!(api.call(Method::POST, labs, &token).await.refusal().0, 403);
    assert_eq!(api.get("/companies/globex/timesheets", &token).await.refusal().0, 403);
    api.issuer.corporation("acme_group", ["acme"]);
    assert_eq!(api.get(labs, &token).await.refusal().0, 403);
}

#[tokio::test]
async fn key_02_a_remembered_token_ends_with_its_key() {
    let api = Api::new().await;
    let old = api.token();
    assert_eq!(api.get("/whoami", &old).await.status, 200);
    api.issuer.replace_key();
    assert_eq!(api.get("/whoami", &old).await.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(api.get("/whoami", &api.token()).await.status, 200);
}

#[tokio::test]
async fn jwt_24_two_apis_do_not_share_what_they_remember() {
    let timesheets = Api::new().await;
    let guard =
        timesheets.issuer.guard_builder().audience("https://payroll.example.com").build().await.unwrap();
    let payroll = Api { app: app(&guard), guard, issuer: TestIssuer::new() };
    let token = timesheets.token();
    for _ in 0..2 {
        assert_eq!(timesheets.get("/whoami", &token).await.status, 200);
        assert_eq!(payroll.get("/whoami", &token).await.refusal(), (401, "invalid_token".to_owned()));
    }
}

#[tokio::test]
async fn jwt_24_a_remembered_token_vouches_for_no_other_text() {
    let api = Api::new().await;
    let token = api.token();
    assert_eq!(api.get("/whoami", &token).await.status, 200);
    let text = token.mint();
    let (signed, _) = text.rsplit_once('.').unwrap();
    for other in [format!("{text}A"), format!("{signed}."), text[..text.len() - 1].to_owned()] {
        let answer = api.whoami(&format!("Bearer {other}")).await;
        assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    }
}

#[tokio::test]
async fn a_guard_that_remembers_nothing_decides_the_same() {
    let api = Api::new().await;
    let guard = api.issuer.guard_builder().token_cache(0).build().await.unwrap();
    let api = Api { app: app(&guard), guard, ..api };
    let token = api.token();
    for _ in 0..2 {
        assert_eq!(api.get("/whoami", &token).await.status, 200);
    }
}
