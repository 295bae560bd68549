//! `/account/leaving`: the one page of whoever has deleted their account and signs in before its time has come.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::session::LeavingUser;

use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::form::{Binding, Instead, Posted, leaving, read_by};
use crate::ui::logout::signed_out;
use crate::ui::page::{page, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_leaving.html")]
struct LeavingPage<'a> {
    words: &'static Words,
    look: Look,
    csrf: &'a str,
    username: &'a str,
    due: String,
}

/// `GET /account/leaving`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (head, _body) = request.into_parts();
    let mut context = state.context(&head);
    let Some(user) = leaving(&state, &head.headers, &context).await? else {
        return Ok(see_other(paths::ACCOUNT));
    };
    read_by(&head, &mut context, user.user());
    let words = Words::to(&context);
    let csrf = Binding::of_leaving(&user).csrf(&state, &context)?;
    let username = &user.user().username;
    Ok(page(&LeavingPage { words, look: state.look(), csrf: &csrf, username, due: words.at(user.due_at()) })?)
}

/// `POST /account/leaving`: keeps the account, or signs out.
pub(crate) async fn act(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let Some((user, posted)) = Posted::take_leaving(&state, request).await? else {
        return Ok(see_other(paths::ACCOUNT));
    };
    match posted.params.get("action") {
        Some("keep") => keep(&state, &user, &posted).await,
        Some("sign-out") => {
            state.engine.end_leaving_session(&user, &posted.context).await?;
            Ok(signed_out(&state, paths::LOGOUT))
        }
        _ => Err(Fault::ForeignForm.into()),
    }
}

/// Also where it was kept, or barred, a moment ago: the next page says how it is.
async fn keep(state: &State, user: &LeavingUser, posted: &Posted) -> Result<Response, Instead> {
    let kept = state.engine.keep_account(user, &posted.context).await?;
    let done = if kept { "?done=kept" } else { "" };
    Ok(see_other(&format!("{}{done}", paths::ACCOUNT_DATA)))
}
