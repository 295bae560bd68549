//! `/account`: who is signed in, and what there is to do about it.

pub(crate) mod apps;
pub(crate) mod security;
pub(crate) mod sessions;

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Redirect, Response};
use tokenry_clock::Timestamp;

use super::form::{Instead, Visitor};
use super::page::page;
use crate::app::State;
use crate::paths;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    here: &'static str,
    username: &'a str,
    name: Option<&'a str>,
    company: Option<&'a str>,
}

/// `GET /account`.
pub(crate) async fn overview(
    Shared(_state): Shared<Arc<State>>,
    visitor: Visitor,
) -> Result<Response, Instead> {
    let user = visitor.user.user();
    Ok(page(&AccountPage {
        here: paths::ACCOUNT,
        username: &user.username,
        name: user.name.as_deref(),
        company: visitor.user.company().map(|company| company.name.as_str()),
    })?)
}

/// `GET /`: what people mean who type the server's name. Programs have nothing to look for here.
pub(crate) async fn root() -> Response {
    Redirect::to(paths::ACCOUNT).into_response()
}

/// `GET /.well-known/change-password`: where password managers look (W3C, A Well-Known URL for Changing Passwords).
pub(crate) async fn change_password() -> Response {
    Redirect::to(paths::ACCOUNT_SECURITY).into_response()
}

/// `2026-11-21 15:04 UTC`.
pub(super) fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}
