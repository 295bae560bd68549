//! `/reset`: a forgotten password. `/reset/password`: choosing one by a link that came by mail, also the first.
//! `/verify`: confirming an address by such a link.
//!
//! 1. Whoever asks at `/reset` is told the same whether or not there is such a user (LOG-02).
//! 2. A link is moved into a sealed cookie at once, and the page after it has an address that tells nothing: no `Referer`,
//!    history or screenshot gives it away (LOG-08). Opening a link uses nothing up: mail filters open them too.
//! 3. The form of that page uses it, once, if it is still for whom the page named: somebody else's may have been opened in this
//!    browser since. Of two links of one user the later is used. Nobody is signed in by it.
//!
//! Where no mail is sent, nobody is offered a link.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, Request, State as Shared};
use axum::response::Response;
use cookie::SameSite;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokenry_engine::mail::{ChosenPassword, KEPT_LINK_TTL, LinkView};
use tokenry_engine::session::Purpose;
use tokenry_engine::{Cause, Context, canonical_username};
use tokenry_model::LinkPurpose;
use tokenry_protocol::secret::Secret;

use super::cookies;
use super::form::{Instead, Posted, Stranger};
use super::outcome::Outcome;
use super::page::{page, page_told, page_with, see_other};
use crate::app::{Exchange, State};
use crate::paths;

const NO_ADDRESS: &str = "Enter the e-mail address that you sign in with.";

#[derive(Template)]
#[template(path = "reset.html")]
struct AskPage<'a> {
    csrf: &'a str,
    username: &'a str,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ChoosePage<'a> {
    csrf: &'a str,
    username: &'a str,
    /// Whether it is the first one.
    first: bool,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    csrf: &'a str,
    username: &'a str,
}

#[derive(Template)]
#[template(path = "reset_notice.html")]
struct Notice {
    title: &'static str,
    text: &'static str,
    /// Where to go from here, with what it is called.
    onward: Option<(&'static str, &'static str)>,
}

const SENT: Notice = Notice {
    title: "Look into your mail",
    text: "If there is an account for that address, a mail with a link is on its way. The link works for 30 minutes.",
    onward: Some((paths::RESET, "Ask once more")),
};
const DONE: Notice = Notice {
    title: "Your password is set",
    text: "Sign in with it. Wherever you were signed in before, you are signed out.",
    onward: Some((paths::LOGIN, "Sign in")),
};
const VERIFIED: Notice =
    Notice { title: "Your address is confirmed", text: "You can close this page.", onward: None };
const OTHER: Notice = Notice {
    title: "This page was for another link",
    text: "Another link was opened in this browser since. Open the one in your mail once more.",
    onward: None,
};
const NO_MAIL: Notice = Notice {
    title: "No mail is sent from here",
    text: "Ask whoever runs this server for a new password.",
    onward: Some((paths::LOGIN, "Back to sign in")),
};
const DEAD: Notice = Notice {
    title: "This link does not work any more",
    text: "Each link works once, for a short time, and not after the password was changed.",
    onward: Some((paths::RESET, "Ask for a link")),
};

/// What a link in a mail has in its query.
#[derive(Deserialize)]
pub(crate) struct Opened {
    token: Option<String>,
}

/// `GET /reset`.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    if !state.mail {
        return Ok(page(&NO_MAIL)?);
    }
    let stranger = Stranger::of(&state, &headers, &context)?;
    ask(&state, &stranger, "", None, &context)
}

/// `POST /reset`.
pub(crate) async fn send(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (stranger, posted) = Posted::take_before_sign_in(&state, request).await?;
    if !state.mail {
        return Ok(page_with(StatusCode::NOT_FOUND, &NO_MAIL)?);
    }
    let context = &posted.context;
    let written = posted.params.get("username").unwrap_or_default();
    let Ok(username) = canonical_username(written) else {
        let outcome = Outcome::said(StatusCode::BAD_REQUEST, NO_ADDRESS);
        return ask(&state, &stranger, written, Some(&outcome), context);
    };
    match state.engine.request_reset(&username, context) {
        Ok(()) => Ok(see_other(paths::RESET_SENT)),
        Err(refusal) if refusal.cause.as_deref() == Some(&Cause::RateLimited) => {
            let wait = refusal.retry_after.unwrap_or_default();
            let outcome = Outcome::limited("Too many links were asked for.", wait);
            ask(&state, &stranger, written, Some(&outcome), context)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `GET /reset/sent`.
pub(crate) async fn sent() -> Result<Response, Instead> {
    Ok(page(&SENT)?)
}

/// `GET /reset/password`: step 2, and then the form.
pub(crate) async fn show_password(
    Shared(state): Shared<Arc<State>>,
    Query(opened): Query<Opened>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    if let Some(token) = opened.token {
        return keep(&state, token, paths::RESET_PASSWORD, &context);
    }
    let Some((_token, link)) =
        kept(&state, &headers, &context).await?.filter(|(_, link)| sets_password(link))
    else {
        return dead();
    };
    choose(&state, &headers, &link, None, &context)
}

/// `POST /reset/password`: step 3.
pub(crate) async fn set_password(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Instead> {
    let (_stranger, posted) = Posted::take_before_sign_in(&state, request).await?;
    let (headers, context) = (&posted.head.headers, &posted.context);
    let Some((token, link)) = kept(&state, headers, context).await?.filter(|(_, link)| sets_password(link))
    else {
        return dead();
    };
    if !is_shown(&posted, &link) {
        return other();
    }
    let password = posted.params.secret("password").unwrap_or_else(|| Secret::new(String::new()));
    match state.engine.choose_password(&token, &password, context).await? {
        ChosenPassword::DeadLink => dead(),
        ChosenPassword::Set => Ok(forget(see_other(paths::RESET_DONE))),
        ChosenPassword::Unfit(unfit) => {
            let text = format!("This password cannot be taken: {unfit}.");
            let outcome = Outcome::said(StatusCode::BAD_REQUEST, text);
            choose(&state, headers, &link, Some(&outcome), context)
        }
    }
}

/// `GET /reset/done`.
pub(crate) async fn done() -> Result<Response, Instead> {
    Ok(page(&DONE)?)
}

/// `GET /verify`: step 2, and then the form.
pub(crate) async fn show_verify(
    Shared(state): Shared<Arc<State>>,
    Query(opened): Query<Opened>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    if let Some(token) = opened.token {
        return keep(&state, token, paths::VERIFY, &context);
    }
    let Some((_token, link)) =
        kept(&state, &headers, &context).await?.filter(|(_, link)| !sets_password(link))
    else {
        return dead();
    };
    let stranger = Stranger::of(&state, &headers, &context)?;
    let csrf = stranger.binding.csrf(&state, &context)?;
    let mut response = page(&VerifyPage { csrf: &csrf, username: &link.username })?;
    stranger.remember(&mut response);
    Ok(response)
}

/// `POST /verify`: step 3.
pub(crate) async fn verify(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (_stranger, posted) = Posted::take_before_sign_in(&state, request).await?;
    let context = &posted.context;
    let Some((token, link)) = kept(&state, &posted.head.headers, context).await? else { return dead() };
    if !is_shown(&posted, &link) {
        return other();
    }
    if state.engine.verify_address(&token, context).await? {
        Ok(forget(see_other(paths::VERIFY_DONE)))
    } else {
        dead()
    }
}

/// `GET /verify/done`.
pub(crate) async fn verified() -> Result<Response, Instead> {
    Ok(page(&VERIFIED)?)
}

const fn sets_password(link: &LinkView) -> bool {
    matches!(link.purpose, LinkPurpose::Invitation | LinkPurpose::Reset)
}

/// Step 2: the browser keeps the link, and goes on to a page that does not have it.
fn keep(state: &State, token: String, onto: &'static str, context: &Context) -> Result<Response, Instead> {
    let Some(value) = state.engine.keep_link(&Secret::new(token), context.now) else { return dead() };
    let mut response = see_other(onto);
    cookies::put(&mut response, Purpose::LinkCookie, &value, KEPT_LINK_TTL, SameSite::Lax);
    Ok(response)
}

/// The link that the browser has kept, if it may be used.
async fn kept(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Option<(Secret, LinkView)>, Instead> {
    let cookie = cookies::value(headers, Purpose::LinkCookie);
    let Some(token) = cookie.and_then(|value| state.engine.kept_link(&value, context.now)) else {
        return Ok(None);
    };
    let link = state.engine.find_link(&token, context.now).await?;
    Ok(link.map(|link| (token, link)))
}

/// Whether the page that the form was on was for this link: it names whom it is for.
fn is_shown(posted: &Posted, link: &LinkView) -> bool {
    posted.params.get("username") == Some(link.username.as_str())
}

fn forget(mut response: Response) -> Response {
    cookies::take_back(&mut response, Purpose::LinkCookie);
    response
}

fn dead() -> Result<Response, Instead> {
    Ok(forget(page_with(StatusCode::GONE, &DEAD)?))
}

fn other() -> Result<Response, Instead> {
    Ok(forget(page_with(StatusCode::CONFLICT, &OTHER)?))
}

fn ask(
    state: &State,
    stranger: &Stranger,
    username: &str,
    outcome: Option<&Outcome>,
    context: &Context,
) -> Result<Response, Instead> {
    let csrf = stranger.binding.csrf(state, context)?;
    let error = outcome.map(|outcome| outcome.text.as_ref());
    let mut response = page_told(&AskPage { csrf: &csrf, username, error }, outcome)?;
    stranger.remember(&mut response);
    Ok(response)
}

fn choose(
    state: &State,
    headers: &HeaderMap,
    link: &LinkView,
    outcome: Option<&Outcome>,
    context: &Context,
) -> Result<Response, Instead> {
    let stranger = Stranger::of(state, headers, context)?;
    let csrf = stranger.binding.csrf(state, context)?;
    let first = link.purpose == LinkPurpose::Invitation;
    let error = outcome.map(|outcome| outcome.text.as_ref());
    let page = ChoosePage { csrf: &csrf, username: &link.username, first, error };
    let mut response = page_told(&page, outcome)?;
    stranger.remember(&mut response);
    Ok(response)
}
