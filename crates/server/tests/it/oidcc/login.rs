//! The Basic plan: who must sign in anew, who must not be asked, and what is shown to whom.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::Page;

use super::provider::Provider;

/// Asserts that a page asks somebody to sign in.
#[track_caller]
fn asks_to_sign_in(page: &Page) {
    assert_eq!((page.url.path(), page.answer.status.as_u16()), ("/login", 200), "{page:?}");
}

#[rstest]
#[tokio::test]
async fn oidcc_display_page(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    provider.flow(&mut provider.app.browser(), &[("display", "page")]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_display_popup(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    provider.flow(&mut provider.app.browser(), &[("display", "popup")]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_prompt_login(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let first = provider.flow(&mut browser, &[]).await;
    provider.pass(2);
    let page = provider.ask(&mut browser, &[("prompt", "login")]).await;
    asks_to_sign_in(&page);
    let told = provider.told(&provider.comply(&mut browser, page).await);
    let second = provider.tokens(&told["code"]).await;
    assert_eq!(first.claims["sub"], second.claims["sub"]);
    assert!(second.claims["auth_time"].as_i64() > first.claims["auth_time"].as_i64());
}

#[rstest]
#[tokio::test]
async fn oidcc_prompt_none_not_logged_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    provider.refuses(&[("prompt", "none")], "login_required").await;
}

#[rstest]
#[tokio::test]
async fn oidcc_prompt_none_logged_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let first = provider.flow(&mut browser, &[]).await;
    provider.pass(2);
    let told = provider.told(&provider.ask(&mut browser, &[("prompt", "none")]).await);
    let second = provider.tokens(&told["code"]).await;
    for same in ["sub", "auth_time"] {
        assert_eq!(first.claims[same], second.claims[same], "{same}");
    }
}

#[rstest]
#[tokio::test]
async fn oidcc_max_age_1(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let first = provider.flow(&mut browser, &[]).await;
    provider.pass(2);
    let page = provider.ask(&mut browser, &[("max_age", "1")]).await;
    asks_to_sign_in(&page);
    let told = provider.told(&provider.comply(&mut browser, page).await);
    let second = provider.tokens(&told["code"]).await;
    assert!(second.claims["auth_time"].as_i64() > first.claims["auth_time"].as_i64());
}

#[rstest]
#[tokio::test]
async fn oidcc_max_age_10000(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let first = provider.flow(&mut browser, &[("max_age", "15000")]).await;
    provider.pass(2);
    let told = provider.told(&provider.ask(&mut browser, &[("max_age", "10000")]).await);
    let second = provider.tokens(&told["code"]).await;
    assert!(first.claims["auth_time"].is_i64());
    for same in ["sub", "auth_time"] {
        assert_eq!(first.claims[same], second.claims[same], "{same}");
    }
}

#[rstest]
#[tokio::test]
async fn oidcc_id_token_hint(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let first = provider.flow(&mut browser, &[]).await;
    provider.pass(2);
    let hint = [("prompt", "none"), ("id_token_hint", first.id_token.as_str())];
    let told = provider.told(&provider.ask(&mut browser, &hint).await);
    let second = provider.tokens(&told["code"]).await;
    assert_eq!(first.claims["sub"], second.claims["sub"]);
    provider.refuses(&hint, "login_required").await;
}

#[rstest]
#[tokio::test]
async fn oidcc_login_hint(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let mut browser = provider.app.browser();
    let page = provider.ask(&mut browser, &[("login_hint", "buffy@localhost")]).await;
    assert_eq!(page.form("/login").value("username"), Some("buffy@localhost"));
    let told = provider.told(&provider.comply(&mut browser, page).await);
    provider.tokens(&told["code"]).await;
}

#[rstest]
#[tokio::test]
async fn oidcc_ui_locales(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    provider.flow(&mut provider.app.browser(), &[("ui_locales", "se de en")]).await;
}

/// What discovery says of `acr_values`, or, as it says nothing, any; the answer may come without an `acr`.
#[rstest]
#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    assert_eq!(provider.metadata.get("acr_values_supported"), None);
    provider.flow(&mut provider.app.browser(), &[("acr_values", "1 2")]).await;
}
