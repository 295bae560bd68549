//! What somebody was about to do when they had to show that it is them: their browser keeps it meanwhile, sealed, and it is
//! theirs alone.

use std::time::Duration;

use axum::response::Response;
use cookie::SameSite;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use tokenry_engine::Context;
use tokenry_engine::session::{Purpose, SignedInUser};

use super::confirm::Change;
use super::secret::Deed;
use super::wish::Wish;
use crate::app::State;
use crate::paths;
use crate::ui::cookies;
use crate::ui::form::Instead;
use crate::ui::page::see_other;

const TTL: Duration = Duration::from_secs(1_800);

/// What it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) enum What {
    /// To do something about a token.
    Change { id: String, change: Change },
    /// To make one.
    Make { wish: Box<Wish>, step: Step },
    /// To do something about the account's secret.
    Secret { deed: Deed },
}

/// How far a wish has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Step {
    /// It is being written.
    Form,
    /// It was shown as a whole.
    Review,
}

#[derive(Deserialize, Serialize)]
struct Errand {
    /// Whose it is; `None`: of whoever signs in next.
    user: Option<String>,
    what: What,
}

impl What {
    /// The page on which it goes on.
    const fn page(&self) -> &'static str {
        match self {
            Self::Change { .. } => paths::ACCOUNT_DEVELOPER_TOKEN,
            Self::Make { .. } => paths::ACCOUNT_DEVELOPER_NEW,
            Self::Secret { .. } => paths::ACCOUNT_DEVELOPER_SECRET,
        }
    }
}

/// On to the sign-in, and from there back.
pub(super) fn keep(
    state: &State,
    user: Option<&SignedInUser>,
    what: What,
    context: &Context,
) -> Result<Response, Instead> {
    let mut response = sign_in_for(&what);
    put(state, user, what, context, &mut response);
    Ok(response)
}

/// On to the sign-in, and from there to where it goes on.
pub(super) fn sign_in_for(what: &What) -> Response {
    see_other(&format!("{}?next={}", paths::LOGIN, what.page()))
}

/// Has the browser keep it; `false` where it is more than a browser keeps.
pub(super) fn put(
    state: &State,
    user: Option<&SignedInUser>,
    what: What,
    context: &Context,
    response: &mut Response,
) -> bool {
    let errand = Errand { user: user.map(|user| user.user().id.to_string()), what };
    let sealed = state.engine.seal(Purpose::ErrandCookie, &errand, context.now.plus(TTL), context.now);
    let Ok(sealed) = sealed else { return false };
    cookies::put(response, Purpose::ErrandCookie, &sealed, TTL, SameSite::Lax);
    true
}

/// What the browser has kept for them.
pub(super) fn kept(
    state: &State,
    headers: &HeaderMap,
    user: &SignedInUser,
    context: &Context,
) -> Option<What> {
    let value = cookies::value(headers, Purpose::ErrandCookie)?;
    let errand: Errand = state.engine.unseal(Purpose::ErrandCookie, &value, context.now)?;
    let theirs = errand.user.is_none_or(|id| id == user.user().id.as_str());
    theirs.then_some(errand.what)
}

/// Once they are where it led.
pub(super) fn forget(headers: &HeaderMap, mut response: Response) -> Response {
    if cookies::is_there(headers, Purpose::ErrandCookie) {
        cookies::take_back(&mut response, Purpose::ErrandCookie);
    }
    response
}
