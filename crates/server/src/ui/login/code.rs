//! `/login/code`: the second factor of somebody whose password was right. What was proven so far travels sealed, bound to the
//! browser that showed it (LOG-06, LOG-07).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::{Context, HalfProven, PasskeyPrompt};
use tokenry_protocol::secret::Secret;

use super::aim::Aim;
use super::{begin_again, enter, finished};
use crate::app::State;
use crate::paths;
use crate::ui::form::{Instead, Posted, Stranger};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page_told, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage<'a> {
    words: &'static Words,
    look: Look,
    /// The application that is waiting; empty where none is.
    app: &'a str,
    /// Whether an authenticator's code would do.
    authenticator: bool,
    error: Option<&'a str>,
    csrf: &'a str,
    /// What was proven so far.
    factor: &'a str,
    flow: &'a str,
    next: &'a str,
    /// What asks for a passkey, if this person has one.
    passkey: Option<&'a PasskeyPrompt>,
}

/// `GET /login/code` and `/login/passkey`: nothing is proven yet by whoever comes by its address.
pub(crate) async fn show() -> Response {
    see_other(paths::LOGIN)
}

/// Asks for the second factor.
pub(super) async fn ask(
    state: &State,
    stranger: &Stranger,
    half: &HalfProven,
    aim: &Aim,
    context: &Context,
) -> Result<Response, Instead> {
    let factor = state.engine.seal_half_proven(half, stranger.browser(), context)?;
    page(state, stranger, (half, &factor), aim, None, context).await
}

/// `POST /login/code`.
pub(crate) async fn submit(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (stranger, posted) = Posted::read_before_sign_in(&state, request).await?;
    let (context, words) = (&posted.context, Words::to(&posted.context));
    let aim = Aim::of(&state, &posted.params, context)?;
    let Some(stranger) = stranger else {
        return begin_again(&state, &posted, &aim, &Outcome::too_old(words));
    };
    let factor = posted.params.get("factor").unwrap_or_default();
    let half = state.engine.open_half_proven(factor, stranger.browser(), context);
    let Some(half) = half else { return begin_again(&state, &posted, &aim, &Outcome::too_slow(words)) };
    let code = Secret::new(posted.params.get("code").unwrap_or_default().to_owned());
    match state.engine.second_factor(&half, &code, context).await {
        Ok(proven) => match enter(&state, &posted, &proven, &aim).await? {
            Some(response) => Ok(response),
            None => begin_again(&state, &posted, &aim, &Outcome::changed(words)),
        },
        Err(error) => {
            let outcome = Outcome::of(error, words.code_wrong(), words);
            page(&state, &stranger, (&half, factor), &aim, Some(&outcome), context).await
        }
    }
}

/// The page, as it is for this person: with what they have proven so far, also in its sealed form.
pub(super) async fn page(
    state: &State,
    stranger: &Stranger,
    (half, factor): (&HalfProven, &str),
    aim: &Aim,
    outcome: Option<&Outcome>,
    context: &Context,
) -> Result<Response, Instead> {
    let passkey = state.engine.ask_for_passkey_of(half, stranger.browser(), context).await?;
    let page = CodePage {
        words: Words::to(context),
        look: aim.look(state),
        app: aim.app(),
        authenticator: state.engine.own_factors(half.user_id()).await?.authenticator,
        error: outcome.map(|outcome| outcome.text.as_str()),
        csrf: &stranger.binding.csrf(state, context)?,
        factor,
        flow: aim.flow(),
        next: aim.next(),
        passkey: passkey.as_ref(),
    };
    Ok(finished(page_told(&page, outcome)?, passkey.as_ref(), stranger, aim))
}
