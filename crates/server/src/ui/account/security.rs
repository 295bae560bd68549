//! `/account/security`: password, passkeys, second factor, recovery codes and recent events of whoever is signed in. Nothing changes here unless they
//! have just shown that it is them: a browser left open is no proof (LOG-09).

mod authenticator;
mod events;
mod passkeys;
mod password;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::Uri;
pub(crate) use tokenry_engine::MAX_PASSKEY_NAME;
use tokenry_engine::{OwnFactors, PasskeyPrompt};

use self::passkeys::Line;
use crate::app::State;
use crate::paths;
use crate::problem::Fault;
use crate::ui::form::{Instead, Posted, Visitor, must_be_fresh};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page_told, see_other, with_script};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_security.html")]
struct SecurityPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    csrf: &'a str,
    username: &'a str,
    /// What has just been done.
    notice: Option<String>,
    /// Why the password was not changed.
    password_error: Option<&'a str>,
    /// Why the second factor was not removed.
    factor_error: Option<&'a str>,
    fresh: bool,
    factors: OwnFactors,
    /// Whether there are passkeys here.
    offered: bool,
    passkeys: Vec<Line>,
    /// Why a passkey was not added or removed.
    passkey_error: Option<&'a str>,
    /// What asks for another passkey, of whoever may add one now.
    proposed: Option<PasskeyPrompt>,
    /// What happened lately, the last first.
    events: Vec<events::Line>,
}

/// What the page says of what was just tried.
#[derive(Default)]
struct Told<'a> {
    notice: Option<String>,
    password_error: Option<&'a Outcome>,
    factor_error: Option<&'a Outcome>,
    passkey_error: Option<&'a Outcome>,
}

/// What was done before the browser was sent back here, by the word in the query.
fn notice(done: &str, words: &Words) -> Option<String> {
    Some(match done {
        "passkey" => words.passkeys_added(),
        "passkey-removed" => words.passkeys_removed(),
        "password" => words.security_password_changed(),
        "removed" => words.factor_removed(),
        _ => return None,
    })
}

/// `GET /account/security`.
pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Instead> {
    let done = uri.query().and_then(|query| query.strip_prefix("done="));
    let notice = done.and_then(|done| notice(done, Words::to(&visitor.context)));
    overview(&state, &visitor, &Told { notice, ..Told::default() }).await
}

/// `POST /account/security`.
pub(crate) async fn change(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let user = must_be_fresh(&user, &posted.context, paths::ACCOUNT_SECURITY)?;
    match posted.params.get("action") {
        Some("add-passkey") => passkeys::add(&state, user, &posted).await,
        Some("codes") => authenticator::renew_codes(&state, user, &posted).await,
        Some("confirm") => authenticator::confirm(&state, &user, &posted).await,
        Some("enrol") => authenticator::enrol(&state, &user, &posted).await,
        Some("password") => password::change(&state, user, &posted).await,
        Some("remove") => authenticator::remove(&state, user, &posted).await,
        Some("remove-passkey") => passkeys::remove(&state, user, &posted).await,
        _ => Err(Fault::ForeignForm.into()),
    }
}

async fn overview(state: &State, visitor: &Visitor, told: &Told<'_>) -> Result<Response, Instead> {
    let user = visitor.user.user();
    let fresh = visitor.user.fresh(visitor.context.now);
    let proposed = match &fresh {
        Some(user) => state.engine.propose_passkey(user, &visitor.context).await?,
        None => None,
    };
    let runs_script = proposed.is_some();
    let words = Words::to(&visitor.context);
    let page = SecurityPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_SECURITY,
        csrf: &visitor.csrf(state)?,
        username: &user.username,
        notice: told.notice.clone(),
        password_error: told.password_error.map(|outcome| outcome.text.as_str()),
        factor_error: told.factor_error.map(|outcome| outcome.text.as_str()),
        fresh: fresh.is_some(),
        factors: state.engine.own_factors(&user.id).await?,
        offered: state.engine.offers_passkeys(),
        passkeys: passkeys::lines(state, &user.id, words).await?,
        passkey_error: told.passkey_error.map(|outcome| outcome.text.as_str()),
        proposed,
        events: events::lines(state, &user.id, visitor.context.now, words).await?,
    };
    let error = told.password_error.or(told.factor_error).or(told.passkey_error);
    let response = page_told(&page, error)?;
    Ok(if runs_script { with_script(response) } else { response })
}

/// Back to the page, with a word of what was done.
fn done(word: &str) -> Response {
    see_other(&format!("{}?done={word}", paths::ACCOUNT_SECURITY))
}
