//! `/logout`: asks once, then signs out; nobody is signed out by a link, but for what a client asks for with an ID token of
//! the session.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tokenry_engine::session::Purpose;
use tokenry_engine::{EndSession, SignOutQuestion};
use tokenry_protocol::params::Params;

use super::cookies;
use super::form::{Binding, Instead, Posted, leaving, read_in, signed_in};
use super::page::{leading_to, page, see_other};
use crate::app::State;
use crate::paths;
use crate::ui::theme::Look;
use crate::words::Words;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// What was shown must not come back by the back button (SES-18).
const CACHE: HeaderValue = HeaderValue::from_static("\"cache\"");
/// What a client asked for, sealed.
const REQUEST: &str = "request";

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage<'a> {
    words: &'static Words,
    look: Look,
    /// Who would be signed out; `None`: nobody is signed in.
    username: Option<&'a str>,
    /// The application that wants it, if one does.
    question: Option<&'a SignOutQuestion>,
    /// What it asked for, for the form to bring back.
    request: &'a str,
    csrf: &'a str,
}

/// `GET /logout`.
pub(crate) async fn confirm(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Instead> {
    let (head, _body) = request.into_parts();
    let mut context = state.context(&head);
    let user = signed_in(&state, &head.headers, &context).await?;
    let params = Params::from_query(head.uri.query().unwrap_or_default()).ok();
    read_in(&state, &head, &mut context, user.as_ref(), params.as_ref());
    let words = Words::to(&context);
    let sealed = params.as_ref().and_then(|params| params.get(REQUEST)).unwrap_or_default();
    let question = match state.engine.finish_end_session(sealed, user.as_ref(), &context).await? {
        EndSession::Ended(then) => return Ok(signed_out(&state, then.as_deref().unwrap_or(paths::LOGOUT))),
        EndSession::Ask(question) => question,
    };
    let question = question.as_ref();
    let Some(user) = user else {
        // There they sign out, too; without the cookie their session would go on.
        if leaving(&state, &head.headers, &context).await?.is_some() {
            return Ok(see_other(paths::ACCOUNT_LEAVING));
        }
        let nobody =
            LogoutPage { words, look: state.look(), username: None, question, request: "", csrf: "" };
        let mut response = page(&nobody)?;
        if cookies::is_there(&head.headers, Purpose::SessionCookie) {
            cookies::take_back(&mut response, Purpose::SessionCookie);
        }
        return Ok(response);
    };
    let csrf = Binding::of(&user).csrf(&state, &context)?;
    let username = Some(user.user().username.as_str());
    let html =
        page(&LogoutPage { words, look: state.look(), username, question, request: sealed, csrf: &csrf })?;
    Ok(leading_to(html, question.and_then(|question| question.form_target.as_deref())))
}

/// `POST /logout`.
pub(crate) async fn sign_out(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let sealed = posted.params.get(REQUEST);
    let then = state.engine.confirm_end_session(sealed, &user, &posted.context).await?;
    Ok(signed_out(&state, then.as_deref().unwrap_or(paths::LOGOUT)))
}

/// Takes from the browser what it has of a session that has ended, and goes on to `to`.
pub(crate) fn signed_out(state: &State, to: &str) -> Response {
    without_session(state, see_other(to))
}

/// Takes from the browser what it has of a session that has ended.
pub(crate) fn without_session(state: &State, mut response: Response) -> Response {
    cookies::take_session_back(&mut response, state);
    response.headers_mut().insert(CLEAR_SITE_DATA, CACHE);
    response
}
