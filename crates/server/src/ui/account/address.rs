//! `/account/address`: the address that somebody signs in with, another one that they wish for, and what that waits for. Nobody
//! asks for one unless they have just shown that it is them.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::{StatusCode, Uri};
use tokenry_engine::mail::{AddressError, WaitingAddress};

use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::form::{Instead, Posted, Visitor, must_be_fresh};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page_told, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_address.html")]
struct AddressPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    csrf: &'a str,
    username: &'a str,
    /// Whether it is known to be theirs.
    verified: bool,
    notice: Option<String>,
    waiting: Option<Waiting>,
    fresh: bool,
    /// Whether mail reaches people.
    mail: bool,
    error: Option<&'a str>,
    /// What was written.
    written: &'a str,
}

/// A wish that waits, in words.
struct Waiting {
    address: String,
    /// What the old address has said, if it is asked.
    allowed: Option<bool>,
    claimed: bool,
    until: String,
}

/// `GET /account/address`.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Instead> {
    let words = Words::to(&visitor.context);
    let notice = match uri.query() {
        Some("done=asked") => Some(words.address_asked()),
        Some("done=called-off") => Some(words.address_called_off()),
        _ => None,
    };
    overview(&state, &visitor, notice, ("", None)).await
}

/// `POST /account/address`.
pub(crate) async fn change(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let context = &posted.context;
    match posted.params.get("action") {
        Some("call-off") => {
            // Whether or not one waited: now none does.
            state.engine.call_off_address(&user, context).await?;
            return Ok(done("called-off"));
        }
        Some("ask") if state.mail => {}
        _ => return Err(Fault::ForeignForm.into()),
    }
    let user = must_be_fresh(&user, context, paths::ACCOUNT_ADDRESS)?;
    let written = posted.params.get("address").unwrap_or_default();
    match state.engine.wish_address(&user, written, context).await {
        Ok(()) => Ok(done("asked")),
        Err(error) => {
            let outcome = told(error, Words::to(context))?;
            let visitor = Visitor { user: user.into(), context: context.clone() };
            overview(&state, &visitor, None, (written, Some(&outcome))).await
        }
    }
}

fn told(error: AddressError, words: &Words) -> Result<Outcome, Instead> {
    let said = |text| Outcome::said(StatusCode::BAD_REQUEST, text);
    Ok(match error {
        AddressError::Failed(refusal) => return Err(refusal.into()),
        AddressError::Limited { retry_after } => Outcome::limited(&words.link_too_many(), retry_after, words),
        AddressError::NoAddress => said(words.address_none()),
        AddressError::Overtaken => Outcome::said(StatusCode::CONFLICT, words.address_overtaken()),
        AddressError::Same => said(words.address_same()),
        AddressError::TooOften => Outcome::said(StatusCode::TOO_MANY_REQUESTS, words.address_too_often()),
    })
}

async fn overview(
    state: &State,
    visitor: &Visitor,
    notice: Option<String>,
    (written, outcome): (&str, Option<&Outcome>),
) -> Result<Response, Instead> {
    let (user, now) = (visitor.user.user(), visitor.context.now);
    let waiting = state.engine.waiting_address(&user.id, now).await?;
    let words = Words::to(&visitor.context);
    let page = AddressPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT,
        csrf: &visitor.csrf(state)?,
        username: &user.username,
        verified: user.email_verified_at.is_some(),
        notice,
        waiting: waiting.map(|waiting| in_words(waiting, words)),
        fresh: visitor.user.fresh(now).is_some(),
        mail: state.mail,
        error: outcome.map(|outcome| outcome.text.as_ref()),
        written,
    };
    Ok(page_told(&page, outcome)?)
}

fn in_words(waiting: WaitingAddress, words: &Words) -> Waiting {
    let WaitingAddress { new_address, allowed, claimed, expires_at, .. } = waiting;
    Waiting { address: new_address, allowed, claimed, until: words.at(expires_at) }
}

/// Back to the page, with a word of what was done.
fn done(word: &str) -> Response {
    see_other(&format!("{}?done={word}", paths::ACCOUNT_ADDRESS))
}
