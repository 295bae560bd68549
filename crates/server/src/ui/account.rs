//! `/account` and the pages below it: who is signed in, and what there is to do about it.

pub(crate) mod address;
pub(crate) mod apps;
pub(crate) mod data;
pub(crate) mod developer;
pub(crate) mod leaving;
pub(crate) mod profile;
pub(crate) mod security;
pub(crate) mod sessions;

use axum::response::{IntoResponse as _, Redirect, Response};

use crate::paths;

/// `GET /`: what people mean who type the server's name. Programs have nothing to look for here.
pub(crate) async fn root() -> Response {
    Redirect::to(paths::ACCOUNT).into_response()
}

/// `GET /.well-known/change-password`: where password managers look (W3C, A Well-Known URL for Changing Passwords).
pub(crate) async fn change_password() -> Response {
    Redirect::to(paths::ACCOUNT_SECURITY).into_response()
}
