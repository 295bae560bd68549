//! `/reset`: a forgotten password. `/reset/password`: choosing one by a link that came by mail, also the first.
//! `/verify`: confirming an address by such a link.
//!
//! 1. Whoever asks at `/reset` is told the same whether or not there is such a user (LOG-02).
//! 2. A link is moved into a sealed cookie at once, and the page after it has an address that tells nothing: no `Referer`,
//!    history or screenshot gives it away (LOG-08). Opening a link uses nothing up: mail filters open them too.
//! 3. The form of that page uses it, once. Nobody is signed in by it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, Request, State as Shared};
use axum::response::Response;
use cookie::SameSite;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use tokenry_engine::mail::{ChosenPassword, KEPT_LINK_TTL, LinkView};
use tokenry_engine::session::Purpose;
use tokenry_engine::{Context, canonical_username};
use tokenry_model::LinkPurpose;
use tokenry_protocol::secret::Secret;

use super::cookies;
use super::form::{Instead, Posted, Stranger};
use super::page::{page, page_with, see_other};
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
    error: Option<String>,
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
    text: "You were signed out everywhere. Sign in with your new password.",
    onward: Some((paths::LOGIN, "Sign in")),
};
const VERIFIED: Notice =
    Notice { title: "Your address is confirmed", text: "You can close this page.", onward: None };
const DEAD: Notice = Notice {
    title: "This link does not work any more",
    text: "Each link works once, for a short time, and only until a later one is sent.",
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
    let stranger = Stranger::of(&state, &headers, &context)?;
    ask(&state, &stranger, "", None, &context)
}

/// `POST /reset`.
pub(crate) async fn send(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (stranger, posted) = Posted::take_before_sign_in(&state, request).await?;
    let context = &posted.context;
    let written = posted.params.get("username").unwrap_or_default();
    let Ok(username) = canonical_username(written) else {
        let mut response = ask(&state, &stranger, written, Some(NO_ADDRESS), context)?;
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(response);
    };
    match state.engine.request_reset(&username, context) {
        Ok(()) => Ok(see_other(paths::RESET_SENT)),
        Err(refusal) if refusal.reason == "rate_limited" => {
            let wait = refusal.retry_after.map_or(1, |wait| wait.as_secs().max(1));
            let text = format!("You have asked too often. Try again in {wait} s.");
            let mut response = ask(&state, &stranger, written, Some(&text), context)?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
            Ok(response)
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
    let password = posted.params.secret("password").unwrap_or_else(|| Secret::new(String::new()));
    match state.engine.choose_password(&token, &password, context).await? {
        ChosenPassword::DeadLink => dead(),
        ChosenPassword::Set => Ok(forget(see_other(paths::RESET_DONE))),
        ChosenPassword::Unfit(unfit) => {
            let mut response = choose(
                &state,
                headers,
                &link,
                Some(format!("This password cannot be taken: {unfit}.")),
                context,
            )?;
            *response.status_mut() = StatusCode::BAD_REQUEST;
            Ok(response)
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
    let Some((token, _link)) = kept(&state, &posted.head.headers, context).await? else { return dead() };
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

fn forget(mut response: Response) -> Response {
    cookies::take_back(&mut response, Purpose::LinkCookie);
    response
}

fn dead() -> Result<Response, Instead> {
    Ok(forget(page_with(StatusCode::GONE, &DEAD)?))
}

fn ask(
    state: &State,
    stranger: &Stranger,
    username: &str,
    error: Option<&str>,
    context: &Context,
) -> Result<Response, Instead> {
    let csrf = stranger.binding.csrf(state, context)?;
    let mut response = page(&AskPage { csrf: &csrf, username, error })?;
    stranger.remember(&mut response);
    Ok(response)
}

fn choose(
    state: &State,
    headers: &HeaderMap,
    link: &LinkView,
    error: Option<String>,
    context: &Context,
) -> Result<Response, Instead> {
    let stranger = Stranger::of(state, headers, context)?;
    let csrf = stranger.binding.csrf(state, context)?;
    let first = link.purpose == LinkPurpose::Invitation;
    let mut response = page(&ChoosePage { csrf: &csrf, username: &link.username, first, error })?;
    stranger.remember(&mut response);
    Ok(response)
}
