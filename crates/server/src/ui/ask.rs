//! Asking for a mail with a link, at `/reset` and at `/signup`: whoever asks is told the same whether or not there is an
//! account for the address (LOG-02).
//!
//! Where no mail is sent nobody is offered a link, and no account where nobody may make one.

use std::sync::Arc;

use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tokenry_engine::{Cause, Context, canonical_username};

use super::form::{Instead, Posted, Stranger};
use super::link::Notice;
use super::outcome::Outcome;
use super::page::{page_told, page_with, see_other};
use crate::app::State;
use crate::paths;
use crate::problem::Fault;

/// What a link is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wish {
    /// Another password.
    Password,
    /// An account.
    Account,
}

/// How a wish is put.
struct Words {
    title: &'static str,
    heading: &'static str,
    text: &'static str,
    /// Where the form is sent.
    action: &'static str,
    /// What leads to the sign-in page.
    back: &'static str,
    /// What is said of what is no address.
    no_address: &'static str,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct AskPage<'a> {
    words: &'a Words,
    csrf: &'a str,
    username: &'a str,
    error: Option<&'a str>,
}

const PASSWORD: Words = Words {
    title: "Forgotten password",
    heading: "Choose a new password",
    text: "We send a link to your e-mail address, by which you can choose a new one.",
    action: paths::RESET,
    back: "Back to sign in",
    no_address: "Enter the e-mail address that you sign in with.",
};
const ACCOUNT: Words = Words {
    title: "Make an account",
    heading: "Make an account",
    text: "We send a link to your e-mail address, by which you choose a password.",
    action: paths::SIGN_UP,
    back: "Sign in, if you have one",
    no_address: "Enter your e-mail address.",
};
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
    /// What is said where it cannot be fulfilled.
    pub(super) fn refused(self, state: &State) -> Option<Result<Response, Fault>> {
        let notice = match self {
            Self::Account if !state.offers_sign_up() => &NO_SIGN_UP,
            Self::Password if !state.mail => &NO_MAIL,
            _ => return None,
        };
        Some(page_with(StatusCode::NOT_FOUND, notice))
    }

    const fn words(self) -> &'static Words {
        match self {
            Self::Account => &ACCOUNT,
            Self::Password => &PASSWORD,
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
    if let Some(refused) = wish.refused(state) {
        return Ok(refused?);
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
    if let Some(refused) = wish.refused(state) {
        return Ok(refused?);
    }
    let context = &posted.context;
    let written = posted.params.get("username").unwrap_or_default();
    let Ok(username) = canonical_username(written) else {
        let outcome = Outcome::said(StatusCode::BAD_REQUEST, wish.words().no_address);
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
    let mut response = page_told(&AskPage { words: wish.words(), csrf: &csrf, username, error }, outcome)?;
    stranger.remember(&mut response);
    Ok(response)
}
