//! `/login/passkey`: a passkey in the place of a password, or after one. What was asked travels sealed, bound to the browser
//! that was asked, and is answered once (LOG-06, LOG-16).

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;

use super::aim::Aim;
use super::{Filled, begin_again, code, enter, form};
use crate::app::State;
use crate::ui::form::{Instead, Posted};
use crate::ui::outcome::Outcome;
use crate::words::Words;

/// `POST /login/passkey`.
pub(crate) async fn submit(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (stranger, posted) = Posted::read_before_sign_in(&state, request).await?;
    let (context, words) = (&posted.context, Words::to(&posted.context));
    let aim = Aim::of(&state, &posted.params, context)?;
    let Some(stranger) = stranger else {
        return begin_again(&state, &posted, &aim, &Outcome::too_old(words));
    };
    let field = |name| posted.params.get(name).unwrap_or_default();
    let factor = field("factor");
    let half = state.engine.open_half_proven(factor, stranger.browser(), context);
    if half.is_none() && !factor.is_empty() {
        return begin_again(&state, &posted, &aim, &Outcome::too_slow(words));
    }
    let challenge = state.engine.open_passkey_challenge(field("challenge"), stranger.browser(), context);
    let Some(challenge) = challenge else {
        return begin_again(&state, &posted, &aim, &Outcome::too_old(words));
    };
    let answer = field("credential");
    match state.engine.sign_in_by_passkey(challenge, half.as_ref(), answer, context).await {
        Ok(proven) => match enter(&state, &posted, &proven, &aim).await? {
            Some(response) => Ok(response),
            None => begin_again(&state, &posted, &aim, &Outcome::changed(words)),
        },
        Err(error) => {
            let outcome = Outcome::of(error, words.passkey_wrong(), words);
            match &half {
                Some(half) => {
                    code::page(&state, &stranger, (half, factor), &aim, Some(&outcome), context).await
                }
                None => {
                    let filled = Filled { again: false, username: "" };
                    form(&state, &stranger, &filled, &aim, Some(&outcome), context)
                }
            }
        }
    }
}
