//! A link that came by mail, between its page and the browser.
//!
//! 1. It is moved into a sealed cookie at once, and the page after it has an address that tells nothing: no `Referer`,
//!    history or screenshot gives it away (LOG-08). Opening a link uses nothing up: mail filters open them too.
//! 2. The form of that page uses it, once, if it is still for whom the page named: somebody else's may have been opened in
//!    this browser since. Of two links of one user the later is used. Nobody is signed in by it.

use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use cookie::SameSite;
use http::{HeaderMap, StatusCode};
use tokenry_engine::mail::{AddressLink, KEPT_LINK_TTL, LinkUse, LinkView};
use tokenry_engine::session::Purpose;
use tokenry_engine::{Context, Refusal};
use tokenry_protocol::params::Params;
use tokenry_protocol::secret::Secret;

use super::cookies;
use super::form::{Instead, Posted};
use super::page::{page_with, see_other};
use crate::app::State;
use crate::paths;
use crate::problem::Failure;
use crate::ui::theme::Look;
use crate::words::Words;

/// A page that says one thing.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Notice {
    pub(super) words: &'static Words,
    pub(super) look: Look,
    pub(super) title: String,
    pub(super) text: String,
    /// Where to go from here, with what it is called.
    pub(super) onward: Option<(&'static str, String)>,
}

/// What a link is for, as the page that it leads to knows it.
pub(super) trait Linked: Sized + Send {
    /// The link with that token, if it may be used now.
    fn find(
        state: &State,
        token: &Secret,
        context: &Context,
    ) -> impl Future<Output = Result<Option<Self>, Refusal>> + Send;

    /// What is said of one that is dead, and where to go on from there.
    fn epitaph(state: &State, words: &Words) -> (String, (&'static str, String));
}

impl Linked for LinkView {
    async fn find(state: &State, token: &Secret, context: &Context) -> Result<Option<Self>, Refusal> {
        state.engine.find_link(token, context.now).await
    }

    fn epitaph(state: &State, words: &Words) -> (String, (&'static str, String)) {
        // Where people make accounts themselves, who has one is sent a link there, too.
        let onward = if state.offers_sign_up() { paths::SIGN_UP } else { paths::RESET };
        (words.link_dead_text(), (onward, words.link_ask()))
    }
}

impl Linked for AddressLink {
    async fn find(state: &State, token: &Secret, context: &Context) -> Result<Option<Self>, Refusal> {
        state.engine.find_address_link(token, context.now).await
    }

    fn epitaph(_state: &State, words: &Words) -> (String, (&'static str, String)) {
        (words.address_dead(), (paths::ACCOUNT_ADDRESS, words.address_onward()))
    }
}

/// What is random in a link that was opened, if this is one.
pub(super) fn opened(request: &Request) -> Result<Option<String>, Failure> {
    let params = Params::from_query(request.uri().query().unwrap_or_default())?;
    Ok(params.get("token").map(str::to_owned))
}

pub(super) const fn sets_password(link: &LinkView) -> bool {
    matches!(link.purpose, LinkUse::Invitation | LinkUse::Reset | LinkUse::SignUp)
}

/// Step 1: the browser keeps the link, and goes on to a page that does not have it.
pub(super) fn keep<L: Linked>(
    state: &State,
    token: String,
    onto: &'static str,
    context: &Context,
) -> Result<Response, Instead> {
    hold(state, &Secret::new(token), onto, context).map_or_else(|| dead::<L>(state, Words::to(context)), Ok)
}

/// The same of a link that was just made; `None`: it is none.
pub(super) fn hold(state: &State, token: &Secret, onto: &'static str, context: &Context) -> Option<Response> {
    let value = state.engine.keep_link(token, context.now)?;
    let mut response = see_other(onto);
    cookies::put(&mut response, Purpose::LinkCookie, &value, KEPT_LINK_TTL, SameSite::Lax);
    Some(response)
}

/// The link that the browser has kept, if it may be used.
pub(super) async fn kept<L: Linked>(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Option<(Secret, L)>, Instead> {
    let cookie = cookies::value(headers, Purpose::LinkCookie);
    let Some(token) = cookie.and_then(|cookie| state.engine.kept_link(&cookie, context.now)) else {
        return Ok(None);
    };
    let link = L::find(state, &token, context).await?;
    Ok(link.map(|link| (token, link)))
}

/// Whether the page that the form was on was for this link: it names whom it is for.
pub(super) fn is_shown(posted: &Posted, link: &LinkView) -> bool {
    posted.params.get("username") == Some(link.username.as_str())
}

pub(super) fn forget(mut response: Response) -> Response {
    cookies::take_back(&mut response, Purpose::LinkCookie);
    response
}

pub(super) fn dead<L: Linked>(state: &State, words: &'static Words) -> Result<Response, Instead> {
    let (text, onward) = L::epitaph(state, words);
    let (title, onward) = (words.link_dead_title(), Some(onward));
    let notice = Notice { words, look: state.look(), title, text, onward };
    Ok(forget(page_with(StatusCode::GONE, &notice)?))
}

pub(super) fn other(state: &State, words: &'static Words) -> Result<Response, Instead> {
    let (title, text) = (words.link_other_title(), words.link_other_text());
    let notice = Notice { words, look: state.look(), title, text, onward: None };
    Ok(forget(page_with(StatusCode::CONFLICT, &notice)?))
}
