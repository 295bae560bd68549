//! `/login/code`: the second factor of somebody whose password was right. What was proven so far travels sealed, bound to the
//! browser that showed it (LOG-06, LOG-07).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::{Context, HalfProven};
use tokenry_protocol::secret::Secret;

use super::aim::Aim;
use super::{Filled, enter, finished, form};
use crate::app::State;
use crate::paths;
use crate::ui::form::{Instead, Posted, Stranger};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page_told, see_other};

const WRONG: &str = "This is not the code that counts now. Wait for the next one, or use a recovery code.";

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage<'a> {
    /// The application that is waiting; empty where none is.
    app: &'a str,
    error: Option<&'a str>,
    csrf: &'a str,
    /// What was proven so far.
    factor: &'a str,
    flow: &'a str,
    next: &'a str,
}

/// `GET /login/code`: nothing is proven yet by whoever comes by its address.
pub(crate) async fn show() -> Response {
    see_other(paths::LOGIN)
}

/// Asks for the second factor.
pub(super) fn ask(
    state: &State,
    stranger: &Stranger,
    half: &HalfProven,
    aim: &Aim,
    context: &Context,
) -> Result<Response, Instead> {
    let factor = state.engine.seal_half_proven(half, stranger.browser(), context)?;
    page(state, stranger, &factor, aim, None, context)
}

/// `POST /login/code`.
pub(crate) async fn submit(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (stranger, posted) = Posted::read_before_sign_in(&state, request).await?;
    let context = &posted.context;
    let aim = Aim::of(&state, &posted.params, context)?;
    let begin_again = |outcome: &Outcome| {
        let stranger = Stranger::of(&state, &posted.head.headers, context)?;
        let filled = Filled { again: false, username: "" };
        form(&state, &stranger, &filled, &aim, Some(outcome), context)
    };
    let Some(stranger) = stranger else { return begin_again(&Outcome::TOO_OLD) };
    let factor = posted.params.get("factor").unwrap_or_default();
    let half = state.engine.open_half_proven(factor, stranger.browser(), context);
    let Some(half) = half else { return begin_again(&Outcome::TOO_SLOW) };
    let code = Secret::new(posted.params.get("code").unwrap_or_default().to_owned());
    match state.engine.second_factor(&half, &code, context).await {
        Ok(proven) => match enter(&state, &posted, &proven, &aim).await? {
            Some(response) => Ok(response),
            None => begin_again(&Outcome::CHANGED),
        },
        Err(error) => {
            let outcome = Outcome::of(error, WRONG);
            page(&state, &stranger, factor, &aim, Some(&outcome), context)
        }
    }
}

fn page(
    state: &State,
    stranger: &Stranger,
    factor: &str,
    aim: &Aim,
    outcome: Option<&Outcome>,
    context: &Context,
) -> Result<Response, Instead> {
    let page = CodePage {
        app: aim.app(),
        error: outcome.map(|outcome| outcome.text.as_ref()),
        csrf: &stranger.binding.csrf(state, context)?,
        factor,
        flow: aim.flow(),
        next: aim.next(),
    };
    Ok(finished(page_told(&page, outcome)?, stranger, aim))
}
