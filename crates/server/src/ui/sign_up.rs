//! `/signup`: an account of one's own, where an operator allows it. The link that is sent leads to `/reset/password`, where
//! the password that is chosen makes the account.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::HeaderMap;

use super::ask::{self, Wish};
use super::form::Instead;
use super::link::Notice;
use super::page::page;
use crate::app::{Exchange, State};
use crate::paths;
use crate::words::Words;

/// `GET /signup`.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    ask::show(&state, Wish::Account, &headers, &context)
}

/// `POST /signup`.
pub(crate) async fn send(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    ask::send(&state, Wish::Account, request, paths::SIGN_UP_SENT).await
}

/// `GET /signup/sent`.
pub(crate) async fn sent(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
) -> Result<Response, Instead> {
    let words = Words::to(&context);
    let notice = Notice {
        words,
        look: state.look(),
        title: words.link_look_into_mail(),
        text: words.sign_up_on_its_way(),
        onward: Some((paths::SIGN_UP, words.link_ask_again())),
    };
    Ok(Wish::Account.refused(&state, words).unwrap_or_else(|| page(&notice))?)
}
