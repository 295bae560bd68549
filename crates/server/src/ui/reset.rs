//! `/reset`: a forgotten password. `/reset/password`: choosing one by a link that came by mail ([`link`](super::link)), also
//! the first, and one that makes an account. From there the way leads to the sign-in, with the request that waits in this
//! browser ([`waiting`](super::waiting)).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tokenry_engine::Context;
use tokenry_engine::mail::{ChosenPassword, LinkUse, LinkView};
use tokenry_protocol::params::Params;
use tokenry_protocol::secret::Secret;

use super::ask::{self, Wish};
use super::form::{Instead, Posted, Stranger, read_in};
use super::link::{Notice, dead, forget, is_shown, keep, kept, opened, other, sets_password};
use super::outcome::Outcome;
use super::page::{page, page_told, see_other};
use super::waiting::{self, Waiting, WayEnded};
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
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    ask::show(&state, Wish::Password, request).await
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
        return keep::<LinkView>(&state, token, paths::RESET_PASSWORD, &context);
    }
    let Some((_token, link)) =
        kept::<LinkView>(&state, request.headers(), &context).await?.filter(|(_, link)| sets_password(link))
    else {
        return dead::<LinkView>(&state, Words::to(&context));
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
    let Some((token, link)) =
        kept::<LinkView>(&state, headers, context).await?.filter(|(_, link)| sets_password(link))
    else {
        return dead::<LinkView>(&state, words);
    };
    if !is_shown(&posted, &link) {
        return other(&state, words);
    }
    let password = posted.params.secret("password").unwrap_or_else(|| Secret::new(String::new()));
    match state.engine.choose_password(&token, &password, context).await? {
        ChosenPassword::DeadLink => dead::<LinkView>(&state, words),
        ChosenPassword::Set => {
            let waiting = Waiting::kept(&state, headers, context);
            Ok(waiting::forget(headers, forget(see_other(&waiting.at(paths::RESET_DONE)))))
        }
        ChosenPassword::Unfit(unfit) => {
            let text = words.choose_unfit(words.unfit_password(unfit));
            let outcome = Outcome::said(StatusCode::BAD_REQUEST, text);
            choose(&state, headers, &link, Some(&outcome), context)
        }
    }
}

/// `GET /reset/done`.
pub(crate) async fn done(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (head, _body) = request.into_parts();
    let mut context = state.context(&head);
    let params = Params::from_query(head.uri.query().unwrap_or_default()).ok();
    read_in(&state, &head, &mut context, None, params.as_ref());
    let waiting = Waiting::of(&state, params.as_ref(), &context);
    Ok(page(&WayEnded::with_password(&state, &waiting, Words::to(&context)))?)
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
