//! `/address`: links about the address of an account, for whoever reads mail there: to allow a change, to say that the new one is
//! theirs, and to take a change back ([`link`](super::link)). Each page has a button; opening a link does nothing.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use cookie::SameSite;
use http::{HeaderMap, StatusCode};
use tokenry_engine::Context;
use tokenry_engine::mail::{AddressLink, AddressUse, ConfirmedAddress, KEPT_LINK_TTL};
use tokenry_engine::session::Purpose;
use tokenry_protocol::secret::Secret;

use super::cookies;
use super::form::{Instead, Posted, Stranger};
use super::link::{Notice, forget, keep, kept_token, opened, other};
use super::page::{page, page_with, see_other};
use crate::app::{Exchange, State};
use crate::paths;
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "address.html")]
struct AddressPage<'a> {
    words: &'static Words,
    look: Look,
    csrf: &'a str,
    /// The address that the link was sent to.
    to: &'a str,
    /// The address that the account would have, where that may be shown.
    wished: Option<&'a str>,
    /// What the link is for, as the form says it again.
    purpose: &'static str,
}

/// `GET /address`: keeps the link, and then shows the form.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    request: Request,
) -> Result<Response, Instead> {
    if let Some(token) = opened(&request)? {
        return keep(&state, token, paths::ADDRESS, &context);
    }
    let (headers, words) = (request.headers(), Words::to(&context));
    let Some((_token, link)) = kept(&state, headers, &context).await? else { return dead(&state, words) };
    let stranger = Stranger::of(&state, headers, &context)?;
    let page_of = AddressPage {
        words,
        look: state.look(),
        csrf: &stranger.binding.csrf(&state, &context)?,
        to: &link.to,
        wished: link.wished.as_deref(),
        purpose: word(link.purpose),
    };
    let mut response = page(&page_of)?;
    stranger.remember(&mut response);
    Ok(response)
}

/// `POST /address`: uses it.
pub(crate) async fn use_link(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Instead> {
    let (_stranger, posted) = Posted::take_before_sign_in(&state, request).await?;
    let (context, words) = (&posted.context, Words::to(&posted.context));
    let Some((token, link)) = kept(&state, &posted.head.headers, context).await? else {
        return dead(&state, words);
    };
    let shown = |name| posted.params.get(name).unwrap_or_default();
    let is_shown = shown("to") == link.to
        && shown("purpose") == word(link.purpose)
        && shown("wished") == link.wished.as_deref().unwrap_or_default();
    if !is_shown {
        return other(&state, words);
    }
    if link.purpose == AddressUse::Undo {
        return undo(&state, &token, context).await;
    }
    match state.engine.confirm_address(&token, &link, context).await? {
        ConfirmedAddress::Dead => dead(&state, words),
        ConfirmedAddress::Done => Ok(forget(see_other(paths::ADDRESS_DONE))),
        ConfirmedAddress::Taken => {
            let (title, text) = (words.address_taken_title(), words.address_taken_text());
            let onward = Some((paths::ACCOUNT_ADDRESS, words.address_onward()));
            Ok(forget(page_with(
                StatusCode::CONFLICT,
                &Notice { words, look: state.look(), title, text, onward },
            )?))
        }
        ConfirmedAddress::Waiting => Ok(forget(see_other(paths::ADDRESS_WAITING))),
    }
}

/// `GET /address/done`.
pub(crate) async fn done(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
) -> Result<Response, Instead> {
    let words = Words::to(&context);
    let (title, text) = (words.address_done_title(), words.address_done_text());
    let onward = Some((paths::ACCOUNT, words.address_done_onward()));
    Ok(page(&Notice { words, look: state.look(), title, text, onward })?)
}

/// `GET /address/waiting`.
pub(crate) async fn waiting(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
) -> Result<Response, Instead> {
    let words = Words::to(&context);
    let (title, text) = (words.address_thanks_title(), words.address_thanks_text());
    Ok(page(&Notice { words, look: state.look(), title, text, onward: None })?)
}

/// Takes the change back, and goes on to where a password is chosen, with a link for that in the place of this one.
async fn undo(state: &State, token: &Secret, context: &Context) -> Result<Response, Instead> {
    let words = Words::to(context);
    let Some(reset) = state.engine.undo_address(token, context).await? else { return dead(state, words) };
    let Some(value) = state.engine.keep_link(&reset, context.now) else { return dead(state, words) };
    let mut response = see_other(paths::RESET_PASSWORD);
    cookies::put(&mut response, Purpose::LinkCookie, &value, KEPT_LINK_TTL, SameSite::Lax);
    Ok(response)
}

async fn kept(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Option<(Secret, AddressLink)>, Instead> {
    let Some(token) = kept_token(state, headers, context) else { return Ok(None) };
    let link = state.engine.find_address_link(&token, context.now).await?;
    Ok(link.map(|link| (token, link)))
}

const fn word(purpose: AddressUse) -> &'static str {
    match purpose {
        AddressUse::Allow => "allow",
        AddressUse::Claim => "claim",
        AddressUse::Undo => "undo",
    }
}

fn dead(state: &State, words: &'static Words) -> Result<Response, Instead> {
    let (title, text) = (words.link_dead_title(), words.address_dead());
    let onward = Some((paths::ACCOUNT_ADDRESS, words.address_onward()));
    Ok(forget(page_with(StatusCode::GONE, &Notice { words, look: state.look(), title, text, onward })?))
}
