//! `/account/sessions`: where a user is signed in, and how to end that.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::mail::browser;
use tokenry_engine::session::SignedInUser;
use tokenry_model::Session;

use crate::app::State;
use crate::paths;
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::logout::signed_out;
use crate::ui::page::{page, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_sessions.html")]
pub(super) struct SessionsPage<'a> {
    pub(super) words: &'static Words,
    pub(super) look: Look,
    pub(super) here: &'static str,
    pub(super) csrf: &'a str,
    pub(super) sessions: Vec<Line>,
}

/// A session, in words.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) device: String,
    pub(super) address: String,
    pub(super) last_used: String,
    pub(super) began: String,
    /// Whether it is the one that asks.
    pub(super) current: bool,
}

/// `GET /account/sessions`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, visitor: Visitor) -> Result<Response, Instead> {
    let current = visitor.user.session();
    let sessions = state.engine.sessions_of(&current.user_id, visitor.context.now).await?;
    let words = Words::to(&visitor.context);
    Ok(page(&SessionsPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_SESSIONS,
        csrf: &visitor.csrf(&state)?,
        sessions: sessions.iter().map(|session| line(session, &visitor.user, words)).collect(),
    })?)
}

/// `POST /account/sessions`: ends one session, or all of them.
pub(crate) async fn end(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let context = &posted.context;
    match posted.params.get("session") {
        Some("all") => {
            state.engine.end_all_sessions(&user, context).await?;
            Ok(signed_out(&state, paths::LOGOUT))
        }
        Some(id) if id == user.session().id.as_str() => {
            state.engine.end_session(&user, context).await?;
            Ok(signed_out(&state, paths::LOGOUT))
        }
        id => {
            // Whether or not it was there: now it is not.
            state.engine.end_other_session(&user, id.unwrap_or_default(), context).await?;
            Ok(see_other(paths::ACCOUNT_SESSIONS))
        }
    }
}

fn line(session: &Session, current: &SignedInUser, words: &Words) -> Line {
    Line {
        id: session.id.to_string(),
        device: browser(&session.user_agent)
            .map_or_else(|| words.sessions_unknown_device(), |browser| words.browser(&browser)),
        address: session.address.clone().unwrap_or_else(|| words.sessions_unknown_address()),
        last_used: words.at(session.last_seen_at),
        began: words.at(session.created_at),
        current: session.id == current.session().id,
    }
}
