//! Asking for a mail with a link, at `/reset` and at `/signup`: whoever asks is told the same whether or not there is an
//! account for the address (LOG-02).
//!
//! Where no mail is sent nobody is offered a link, and no account where nobody may make one.

use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use std::sync::Arc;
use tokenry_engine::{Cause, Context, canonical_username};

use super::form::{Instead, Posted, Stranger};
use super::link::Notice;
use super::outcome::Outcome;
use super::page::{page, page_told, page_with, see_other};
use crate::app::State;
use crate::paths;

/// What a link is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wish {
    /// Another password.
    Password,
    /// An account.
    Account,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct AskPage<'a> {
    wish: Wish,
    csrf: &'a str,
    username: &'a str,
    error: Option<&'a str>,
}

const NO_MAIL: Notice = Notice {
    title: "No mail is sent from here",
    text: "Ask whoever runs this server for a new password.",
    onward: Some((paths::LOGIN, "Back to sign in")),
};
const NO_SIGN_UP: Notice = Notice {
    title: "Accounts are not made here",
    text: "Ask whoever runs this server for one.",
    onward: Some((paths::LOGIN, "Back to sign in")),
};

impl Wish {
    /// Why it cannot be fulfilled here.
    fn refused(self, state: &State) -> Option<&'static Notice> {
        match self {
            Self::Account if !state.offers_sign_up() => Some(&NO_SIGN_UP),
            Self::Password if !state.mail => Some(&NO_MAIL),
            _ => None,
        }
    }

    const fn no_address(self) -> &'static str {
        match self {
            Self::Account => "Enter your e-mail address.",
            Self::Password => "Enter the e-mail address that you sign in with.",
        }
    }
}

/// The form.
pub(super) fn show(
    state: &State,
    wish: Wish,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Response, Instead> {
    if let Some(notice) = wish.refused(state) {
        return Ok(match wish {
            Wish::Password => page(notice)?,
            Wish::Account => page_with(StatusCode::NOT_FOUND, notice)?,
        });
    }
    let stranger = Stranger::of(state, headers, context)?;
    form(state, wish, &stranger, "", None, context)
}

/// What the form sends; `sent` is where everybody is told the same.
pub(super) async fn send(
    state: &State,
    wish: Wish,
    request: Request,
    sent: &'static str,
) -> Result<Response, Instead> {
    let (stranger, posted) = Posted::take_before_sign_in(state, request).await?;
    if let Some(notice) = wish.refused(state) {
        return Ok(page_with(StatusCode::NOT_FOUND, notice)?);
    }
    let context = &posted.context;
    let written = posted.params.get("username").unwrap_or_default();
    let Ok(username) = canonical_username(written) else {
        let outcome = Outcome::said(StatusCode::BAD_REQUEST, wish.no_address());
        return form(state, wish, &stranger, written, Some(&outcome), context);
    };
    let engine = Arc::clone(&state.engine);
    let asked = match wish {
        Wish::Account => engine.request_sign_up(&username, context),
        Wish::Password => engine.request_reset(&username, context),
    };
    match asked {
        Ok(()) => Ok(see_other(sent)),
        Err(refusal) if refusal.cause.as_deref() == Some(&Cause::RateLimited) => {
            let wait = refusal.retry_after.unwrap_or_default();
            let outcome = Outcome::limited("Too many links were asked for.", wait);
            form(state, wish, &stranger, written, Some(&outcome), context)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn form(
    state: &State,
    wish: Wish,
    stranger: &Stranger,
    username: &str,
    outcome: Option<&Outcome>,
    context: &Context,
) -> Result<Response, Instead> {
    let csrf = stranger.binding.csrf(state, context)?;
    let error = outcome.map(|outcome| outcome.text.as_ref());
    let mut response = page_told(&AskPage { wish, csrf: &csrf, username, error }, outcome)?;
    stranger.remember(&mut response);
    Ok(response)
}
