//! `/reset`: a forgotten password. `/reset/password`: choosing one by a link that came by mail ([`link`](super::link)), also
//! the first, and one that makes an account.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tokenry_engine::Context;
use tokenry_engine::mail::{ChosenPassword, LinkUse, LinkView};
use tokenry_protocol::secret::Secret;

use super::ask::{self, Wish};
use super::form::{Instead, Posted, Stranger};
use super::link::{Notice, dead, forget, is_shown, keep, kept, opened, other, sets_password};
use super::outcome::Outcome;
use super::page::{page, page_told, see_other};
use crate::app::{Exchange, State};
use crate::paths;
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ChoosePage<'a> {
    words: &'static Words,
    look: Look,
    csrf: &'a str,
    username: &'a str,
    /// Whether it is the first one.
    first: bool,
    error: Option<&'a str>,
}

/// `GET /reset`.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    ask::show(&state, Wish::Password, &headers, &context)
}

/// `POST /reset`.
pub(crate) async fn send(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    ask::send(&state, Wish::Password, request, paths::RESET_SENT).await
}

/// `GET /reset/sent`.
pub(crate) async fn sent(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
) -> Result<Response, Instead> {
    let words = Words::to(&context);
    Ok(page(&Notice {
        words,
        look: state.look(),
        title: words.link_look_into_mail(),
        text: words.reset_on_its_way(),
        onward: Some((paths::RESET, words.link_ask_again())),
    })?)
}

/// `GET /reset/password`: keeps the link, and then shows the form.
pub(crate) async fn show_password(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    request: Request,
) -> Result<Response, Instead> {
    if let Some(token) = opened(&request)? {
        return keep(&state, token, paths::RESET_PASSWORD, &context);
    }
    let Some((_token, link)) =
        kept(&state, request.headers(), &context).await?.filter(|(_, link)| sets_password(link))
    else {
        return dead(&state, Words::to(&context));
    };
    choose(&state, request.headers(), &link, None, &context)
}

/// `POST /reset/password`: uses it.
pub(crate) async fn set_password(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Instead> {
    let (_stranger, posted) = Posted::take_before_sign_in(&state, request).await?;
    let (headers, context) = (&posted.head.headers, &posted.context);
    let words = Words::to(context);
    let Some((token, link)) = kept(&state, headers, context).await?.filter(|(_, link)| sets_password(link))
    else {
        return dead(&state, words);
    };
    if !is_shown(&posted, &link) {
        return other(&state, words);
    }
    let password = posted.params.secret("password").unwrap_or_else(|| Secret::new(String::new()));
    match state.engine.choose_password(&token, &password, context).await? {
        ChosenPassword::DeadLink => dead(&state, words),
        ChosenPassword::Set => Ok(forget(see_other(paths::RESET_DONE))),
        ChosenPassword::Unfit(unfit) => {
            let text = words.choose_unfit(words.unfit_password(unfit));
            let outcome = Outcome::said(StatusCode::BAD_REQUEST, text);
            choose(&state, headers, &link, Some(&outcome), context)
        }
    }
}

/// `GET /reset/done`.
pub(crate) async fn done(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
) -> Result<Response, Instead> {
    let words = Words::to(&context);
    Ok(page(&Notice {
        words,
        look: state.look(),
        title: words.reset_done_title(),
        text: words.reset_done_text(),
        onward: Some((paths::LOGIN, words.link_sign_in())),
    })?)
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
    let first = link.purpose != LinkUse::Reset;
    let error = outcome.map(|outcome| outcome.text.as_str());
    let page = ChoosePage {
        words: Words::to(context),
        look: state.look(),
        csrf: &csrf,
        username: &link.username,
        first,
        error,
    };
    let mut response = page_told(&page, outcome)?;
    stranger.remember(&mut response);
    Ok(response)
}
