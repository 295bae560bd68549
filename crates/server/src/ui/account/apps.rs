//! `/account/apps`: what a user lets applications do, and how to take it back (R76).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::{AllowedApp, TenantName};
use tokenry_model::ClientId;

use crate::app::State;
use crate::paths;
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::page::{page, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_apps.html")]
pub(crate) struct AppsPage<'a> {
    pub(crate) words: &'static Words,
    pub(crate) look: Look,
    pub(crate) here: &'static str,
    pub(crate) csrf: &'a str,
    pub(crate) apps: Vec<Line>,
}

/// An application, and since when, in words.
pub(crate) struct Line {
    pub(crate) app: AllowedApp,
    pub(crate) since: String,
}

/// `GET /account/apps`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, visitor: Visitor) -> Result<Response, Instead> {
    let apps = state.engine.allowed_apps(&visitor.user.user().id).await?;
    let words = Words::to(&visitor.context);
    let apps = apps.into_iter().map(|app| Line { since: words.at(app.since), app }).collect();
    Ok(page(&AppsPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_APPS,
        csrf: &visitor.csrf(&state)?,
        apps,
    })?)
}

/// `POST /account/apps`: takes back what one application was let do.
pub(crate) async fn revoke(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    if let Ok(client) = ClientId::parse(posted.params.get("client").unwrap_or_default()) {
        // Whether or not it was there: now it is not.
        state.engine.take_back(&user.user().id, &client, &posted.context).await?;
    }
    Ok(see_other(paths::ACCOUNT_APPS))
}
