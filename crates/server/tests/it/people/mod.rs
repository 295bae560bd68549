//! People before a browser: signing in, staying signed in, signing out.

mod account;
mod cookies;
mod crossing;
mod events;
mod export;
mod forms;
mod leaving;
mod login;
mod offered;
mod outage;
mod profile;
pub(crate) mod second_factor;
mod security;
mod themes;

use tokenry_testkit::{Browser, Page, TestApp};

/// The cookie of a session.
pub(super) const SID: &str = "__Host-tokenry_sid";
/// The cookie that names a browser.
pub(super) const PRE: &str = "__Host-tokenry_pre";

/// Asserts that whoever has this browser is signed in under that name.
#[track_caller]
pub(super) fn is_account_of(page: &Page, username: &str) {
    assert_eq!((page.answer.status.as_u16(), page.url.path()), (200, "/account"), "{page:?}");
    assert!(page.texts("dd").iter().any(|text| text == username), "{page:?}");
}

/// Asserts that nobody is signed in in this browser.
pub(super) async fn is_signed_out(browser: &mut Browser) {
    let page = browser.open("/account").await;
    assert_eq!(page.url.path(), "/login", "{page:?}");
}

/// How many sessions there are.
pub(super) async fn sessions(app: &TestApp) -> usize {
    app.store.list_sessions(None, None, 1_000).await.unwrap().len()
}
