//! In which language people are answered: on every page, in every one that there is, whoever says what.

mod hostile;
mod mails;
mod pages;
mod precedence;

use tokenry_engine::manage::UpdateUser;
use tokenry_testkit::{Page, TestApp};

/// Has an operator say which language a user reads.
pub(super) async fn reads(app: &TestApp, user: &str, locale: &str) {
    let claims = serde_json::json!({ "locale": locale }).as_object().cloned();
    app.manager.update_user(user, UpdateUser { claims, ..UpdateUser::default() }).await.unwrap();
}

/// Asserts that a page is in that language, and says so to browsers and programs.
#[track_caller]
pub(super) fn is_in(page: &Page, language: &str) {
    let told = (page.attributes("html", "lang"), page.answer.header("content-language").to_owned());
    assert_eq!(told, (vec![language.to_owned()], language.to_owned()), "{}", page.url);
}
