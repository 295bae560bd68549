//! `/address`: links about the address of an account, for whoever reads mail there: to allow a change, to say that the new one is
//! theirs, and to take a change back ([`link`](super::link)). Each page has a button; opening a link does nothing. Who says that an
//! address is theirs must be signed in as whoever wished for it: else a stranger's button would give somebody's account their
//! address.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::StatusCode;
use tokenry_engine::Context;
use tokenry_engine::mail::{AddressLink, AddressUse, ConfirmedAddress};
use tokenry_engine::session::SignedInUser;
use tokenry_protocol::secret::Secret;

use super::form::{Instead, Posted, Stranger, read_in, signed_in};
use super::link::{Notice, dead, forget, hold, keep, kept, opened, other};
use super::logout::signed_out;
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

/// The page of a link that is for whoever is signed in as its user, where nobody is, or somebody else.
#[derive(Template)]
#[template(path = "address_session.html")]
struct SessionPage<'a> {
    words: &'static Words,
    look: Look,
    csrf: &'a str,
    /// Whether somebody else is signed in.
    another: bool,
}

/// `GET /address`: keeps the link, and then shows the form.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let token = opened(&request)?;
    let (head, _body) = request.into_parts();
    let mut context = state.context(&head);
    if let Some(token) = token {
        return keep::<AddressLink>(&state, token, paths::ADDRESS, &context);
    }
    let user = signed_in(&state, &head.headers, &context).await?;
    read_in(&state, &head, &mut context, user.as_ref(), None);
    let words = Words::to(&context);
    let kept = kept::<AddressLink>(&state, &head.headers, &context).await?;
    let Some((_token, link)) = kept else { return dead::<AddressLink>(&state, words) };
    let stranger = Stranger::of(&state, &head.headers, &context)?;
    if !link.is_for(user.as_ref()) {
        return whose(&state, StatusCode::OK, &stranger, user.as_ref(), &context);
    }
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

/// What is said where nobody is signed in, or somebody else than whose link it is: nobody learns whose.
fn whose(
    state: &State,
    status: StatusCode,
    stranger: &Stranger,
    current: Option<&SignedInUser>,
    context: &Context,
) -> Result<Response, Instead> {
    let page = SessionPage {
        words: Words::to(context),
        look: state.look(),
        csrf: &stranger.binding.csrf(state, context)?,
        another: current.is_some(),
    };
    let mut response = page_with(status, &page)?;
    stranger.remember(&mut response);
    Ok(response)
}

/// `POST /address`: uses it, or signs out whoever else is signed in, and keeps it.
pub(crate) async fn use_link(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Instead> {
    let (stranger, mut posted) = Posted::take_before_sign_in(&state, request).await?;
    let user = signed_in(&state, &posted.head.headers, &posted.context).await?;
    read_in(&state, &posted.head, &mut posted.context, user.as_ref(), None);
    let (context, words) = (&posted.context, Words::to(&posted.context));
    if posted.params.get("action") == Some("sign-out") {
        if let Some(user) = &user {
            state.engine.end_session(user, context).await?;
        }
        return Ok(signed_out(&state, paths::ADDRESS));
    }
    let kept = kept::<AddressLink>(&state, &posted.head.headers, context).await?;
    let Some((token, link)) = kept else { return dead::<AddressLink>(&state, words) };
    let shown = |name| posted.params.get(name).unwrap_or_default();
    let is_shown = shown("to") == link.to
        && shown("purpose") == word(link.purpose)
        && shown("wished") == link.wished.as_deref().unwrap_or_default();
    if !is_shown {
        return other(&state, words);
    }
    if !link.is_for(user.as_ref()) {
        return whose(&state, StatusCode::FORBIDDEN, &stranger, user.as_ref(), context);
    }
    if link.purpose == AddressUse::Undo {
        return undo(&state, &token, context).await;
    }
    match state.engine.confirm_address(&token, &link, user.as_ref(), context).await? {
        ConfirmedAddress::Dead => dead::<AddressLink>(&state, words),
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
    let reset = state.engine.undo_address(token, context).await?;
    let onward = reset.and_then(|reset| hold(state, &reset, paths::RESET_PASSWORD, context));
    onward.map_or_else(|| dead::<AddressLink>(state, words), Ok)
}

const fn word(purpose: AddressUse) -> &'static str {
    match purpose {
        AddressUse::Allow => "allow",
        AddressUse::Claim => "claim",
        AddressUse::Undo => "undo",
    }
}
