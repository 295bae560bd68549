//! `/verify`: confirming an address by a link that came by mail, and a button ([`link`](super::link)).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::mail::LinkView;

use super::form::{Instead, Posted, Stranger};
use super::link::{Notice, dead, forget, is_shown, keep, kept, opened, other, sets_password};
use super::page::{page, see_other};
use crate::app::{Exchange, State};
use crate::paths;
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    words: &'static Words,
    look: Look,
    csrf: &'a str,
    username: &'a str,
}

/// `GET /verify`: keeps the link, and then shows the form.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    request: Request,
) -> Result<Response, Instead> {
    if let Some(token) = opened(&request)? {
        return keep::<LinkView>(&state, token, paths::VERIFY, &context);
    }
    let Some((_token, link)) =
        kept::<LinkView>(&state, request.headers(), &context).await?.filter(|(_, link)| !sets_password(link))
    else {
        return dead::<LinkView>(&state, Words::to(&context));
    };
    let stranger = Stranger::of(&state, request.headers(), &context)?;
    let csrf = stranger.binding.csrf(&state, &context)?;
    let mut response = page(&VerifyPage {
        words: Words::to(&context),
        look: state.look(),
        csrf: &csrf,
        username: &link.username,
    })?;
    stranger.remember(&mut response);
    Ok(response)
}

/// `POST /verify`: uses it.
pub(crate) async fn verify(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (_stranger, posted) = Posted::take_before_sign_in(&state, request).await?;
    let (context, words) = (&posted.context, Words::to(&posted.context));
    let Some((token, link)) = kept::<LinkView>(&state, &posted.head.headers, context).await? else {
        return dead::<LinkView>(&state, words);
    };
    if !is_shown(&posted, &link) {
        return other(&state, words);
    }
    if state.engine.verify_address(&token, context).await? {
        Ok(forget(see_other(paths::VERIFY_DONE)))
    } else {
        dead::<LinkView>(&state, words)
    }
}

/// `GET /verify/done`.
pub(crate) async fn verified(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
) -> Result<Response, Instead> {
    let words = Words::to(&context);
    let (title, text) = (words.verify_done_title(), words.verify_done_text());
    Ok(page(&Notice { words, look: state.look(), title, text, onward: None })?)
}
