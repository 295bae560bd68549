//! `/account/data`: what is kept of whoever is signed in, to take away. Whoever finds a browser open gets none of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use tokenry_engine::AccountExport;

use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::page::{page, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const DOWNLOADED: HeaderValue = HeaderValue::from_static("attachment; filename=\"account.json\"");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

#[derive(Template)]
#[template(path = "account_data.html")]
struct DataPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    csrf: &'a str,
    fresh: bool,
}

/// `GET /account/data`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, visitor: Visitor) -> Result<Response, Instead> {
    let fresh = visitor.user.is_fresh(visitor.context.now);
    let (words, csrf) = (Words::to(&visitor.context), visitor.csrf(&state)?);
    Ok(page(&DataPage { words, look: state.look(), here: paths::ACCOUNT_DATA, csrf: &csrf, fresh })?)
}

/// `POST /account/data`.
pub(crate) async fn act(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    if !user.is_fresh(posted.context.now) {
        return Ok(see_other(&format!("{}?next={}", paths::LOGIN, paths::ACCOUNT_DATA)));
    }
    match posted.params.get("action") {
        Some("export") => Ok(downloaded(&state.engine.export_account(&user, &posted.context).await?)?),
        _ => Err(Fault::ForeignForm.into()),
    }
}

fn downloaded(export: &AccountExport) -> Result<Response, Fault> {
    let json = serde_json::to_vec_pretty(export).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "an export cannot be written");
        Fault::Panicked
    })?;
    let fields = [(CONTENT_TYPE, JSON), (CONTENT_DISPOSITION, DOWNLOADED), (CACHE_CONTROL, NO_STORE)];
    Ok((fields, json).into_response())
}
