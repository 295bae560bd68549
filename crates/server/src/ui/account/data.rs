//! `/account/data`: what is kept of whoever is signed in, to take away or to delete. Whoever finds a browser open does neither.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, StatusCode, Uri};
use tokenry_engine::session::FreshUser;
use tokenry_engine::{AccountExport, ExportError, LeaveError, Refusal};

use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::form::{Instead, Posted, Visitor, must_be_fresh};
use crate::ui::logout::without_session;
use crate::ui::outcome::Outcome;
use crate::ui::page::{page, page_told};
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
    username: &'a str,
    fresh: bool,
    /// Whether the account has just been kept.
    kept: bool,
    /// For how many days a deleted account can be kept; `None`: people do not delete theirs here.
    days: Option<u64>,
    /// Why it was not deleted.
    error: Option<&'a str>,
    /// Why nothing was downloaded.
    export_error: Option<&'a str>,
}

/// The page of whoever has just deleted their account.
#[derive(Template)]
#[template(path = "account_left.html")]
struct LeftPage {
    words: &'static Words,
    look: Look,
    due: String,
}

/// `GET /account/data`.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Instead> {
    overview(&state, &visitor, uri.query() == Some("done=kept"), Told::default())
}

/// What was not done.
#[derive(Clone, Copy, Default)]
struct Told<'a> {
    deletion: Option<&'a Outcome>,
    export: Option<&'a Outcome>,
}

fn overview(state: &State, visitor: &Visitor, kept: bool, told: Told<'_>) -> Result<Response, Instead> {
    let grace = state.engine.deletion_grace();
    let page = DataPage {
        words: Words::to(&visitor.context),
        look: state.look(),
        here: paths::ACCOUNT_DATA,
        csrf: &visitor.csrf(state)?,
        username: &visitor.user.user().username,
        fresh: visitor.user.fresh(visitor.context.now).is_some(),
        kept,
        days: grace.map(|grace| grace.as_secs().div_ceil(86_400)),
        error: told.deletion.map(|outcome| outcome.text.as_ref()),
        export_error: told.export.map(|outcome| outcome.text.as_ref()),
    };
    Ok(page_told(&page, told.deletion.or(told.export))?)
}

/// `POST /account/data`.
pub(crate) async fn act(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let user = must_be_fresh(&user, &posted.context, paths::ACCOUNT_DATA)?;
    match posted.params.get("action") {
        Some("delete") => delete(&state, user, &posted).await,
        Some("export") => export(&state, user, &posted).await,
        _ => Err(Fault::ForeignForm.into()),
    }
}

/// `action=export`.
async fn export(state: &State, user: FreshUser, posted: &Posted) -> Result<Response, Instead> {
    let context = &posted.context;
    match state.engine.export_account(&user, context).await {
        Ok(export) => Ok(downloaded(&export)?),
        Err(ExportError::Failed(refusal)) => Err(refusal.into()),
        Err(ExportError::TooOften { retry_after }) => {
            let words = Words::to(context);
            let outcome = Outcome::limited(&words.data_too_often(), retry_after, words);
            let visitor = Visitor { user: user.into(), context: context.clone() };
            overview(state, &visitor, false, Told { export: Some(&outcome), ..Told::default() })
        }
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

/// `action=delete`: signs out everywhere, and says until when it can be taken back.
async fn delete(state: &State, user: FreshUser, posted: &Posted) -> Result<Response, Instead> {
    let words = Words::to(&posted.context);
    let typed = posted.params.get("username").unwrap_or_default();
    let outcome = match state.engine.ask_deletion(&user, typed, &posted.context).await {
        Ok(due_at) => {
            return Ok(without_session(
                state,
                page(&LeftPage { words, look: state.look(), due: words.at(due_at) })?,
            ));
        }
        Err(LeaveError::NotOffered) => return Err(Fault::ForeignForm.into()),
        Err(LeaveError::Failed(error)) => return Err(Refusal::from(error).into()),
        Err(LeaveError::Overtaken) => Outcome::said(StatusCode::CONFLICT, words.leave_overtaken()),
        Err(LeaveError::WrongName) => Outcome::said(StatusCode::BAD_REQUEST, words.leave_wrong_name()),
    };
    let visitor = Visitor { user: user.into(), context: posted.context.clone() };
    overview(state, &visitor, false, Told { deletion: Some(&outcome), ..Told::default() })
}
