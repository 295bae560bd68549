//! Asking for a mail with a link, at `/reset` and at `/signup`: whoever asks is told the same whether or not there is an
//! account for the address (LOG-02).
//!
//! Where no mail is sent nobody is offered a link, and no account where nobody may make one.

use std::sync::Arc;

use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use tokenry_engine::{Cause, Context, canonical_username};
use tokenry_protocol::params::Params;

use super::form::{Instead, Posted, Stranger, read_in};
use super::link::Notice;
use super::outcome::Outcome;
use super::page::{page_told, page_with, see_other};
use super::waiting::Waiting;
use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::theme::Look;
use crate::words::Words;

/// What a link is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wish {
    /// Another password.
    Password,
    /// An account.
    Account,
}

/// How a wish is put.
struct Wording {
    title: String,
    heading: String,
    text: String,
    /// Where the form is sent.
    action: &'static str,
    /// What leads to the sign-in page.
    back: String,
    /// What is said of what is no address.
    no_address: String,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct AskPage<'a> {
    words: &'static Words,
    look: Look,
    wish: Wording,
    csrf: &'a str,
    /// The pending request; empty: none.
    flow: &'a str,
    /// Back to the sign-in.
    login: String,
    username: &'a str,
    error: Option<&'a str>,
}

impl Wish {
    /// What is said where it cannot be fulfilled.
    pub(super) fn refused(self, state: &State, words: &'static Words) -> Option<Result<Response, Fault>> {
        let (title, text) = match self {
            Self::Account if !state.offers_sign_up() => {
                (words.sign_up_none_title(), words.sign_up_none_text())
            }
            Self::Password if !state.mail => (words.reset_no_mail_title(), words.reset_no_mail_text()),
            _ => return None,
        };
        let onward = Some((paths::LOGIN, words.link_back()));
        Some(page_with(StatusCode::NOT_FOUND, &Notice { words, look: state.look(), title, text, onward }))
    }

    fn put(self, words: &Words) -> Wording {
        match self {
            Self::Account => Wording {
                title: words.sign_up_title(),
                heading: words.sign_up_title(),
                text: words.sign_up_text(),
                action: paths::SIGN_UP,
                back: words.sign_up_back(),
                no_address: words.sign_up_no_address(),
            },
            Self::Password => Wording {
                title: words.reset_title(),
                heading: words.reset_heading(),
                text: words.reset_text(),
                action: paths::RESET,
                back: words.link_back(),
                no_address: words.reset_no_address(),
            },
        }
    }
}

/// The form.
pub(super) async fn show(state: &State, wish: Wish, request: Request) -> Result<Response, Instead> {
    let (head, _body) = request.into_parts();
    let mut context = state.context(&head);
    let params = Params::from_query(head.uri.query().unwrap_or_default()).ok();
    read_in(state, &head, &mut context, None, params.as_ref());
    if let Some(refused) = wish.refused(state, Words::to(&context)) {
        return Ok(refused?);
    }
    let waiting = Waiting::of(state, params.as_ref(), &context);
    let stranger = Stranger::of(state, &head.headers, &context)?;
    form(state, (wish, &waiting), &stranger, "", None, &context)
}

/// What the form sends; `sent` is where everybody is told the same.
pub(super) async fn send(
    state: &State,
    wish: Wish,
    request: Request,
    sent: &'static str,
) -> Result<Response, Instead> {
    let (stranger, posted) = Posted::take_before_sign_in(state, request).await?;
    let (context, words) = (&posted.context, Words::to(&posted.context));
    if let Some(refused) = wish.refused(state, words) {
        return Ok(refused?);
    }
    let waiting = Waiting::of(state, Some(&posted.params), context);
    let again = |written: &str, outcome: &Outcome| {
        form(state, (wish, &waiting), &stranger, written, Some(outcome), context)
    };
    let written = posted.params.get("username").unwrap_or_default();
    let Ok(username) = canonical_username(written) else {
        return again(written, &Outcome::said(StatusCode::BAD_REQUEST, wish.put(words).no_address));
    };
    let engine = Arc::clone(&state.engine);
    let asked = match wish {
        Wish::Account => engine.request_sign_up(&username, context),
        Wish::Password => engine.request_reset(&username, context),
    };
    match asked {
        Ok(()) => Ok(waiting.keep(see_other(sent))),
        Err(refusal) if refusal.cause.as_deref() == Some(&Cause::RateLimited) => {
            let wait = refusal.retry_after.unwrap_or_default();
            again(written, &Outcome::limited(&words.link_too_many(), wait, words))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn form(
    state: &State,
    (wish, waiting): (Wish, &Waiting),
    stranger: &Stranger,
    username: &str,
    outcome: Option<&Outcome>,
    context: &Context,
) -> Result<Response, Instead> {
    let words = Words::to(context);
    let page = AskPage {
        words,
        look: waiting.look(state),
        wish: wish.put(words),
        csrf: &stranger.binding.csrf(state, context)?,
        flow: waiting.flow(),
        login: waiting.at(paths::LOGIN),
        username,
        error: outcome.map(|outcome| outcome.text.as_str()),
    };
    let mut response = page_told(&page, outcome)?;
    stranger.remember(&mut response);
    Ok(response)
}
