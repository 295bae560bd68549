//! Passkeys of whoever is signed in: what they are called, when they were used, another one, and one less.

use axum::response::Response;
use http::StatusCode;
use tokenry_engine::session::FreshUser;
use tokenry_engine::{PasskeyError, Refusal};
use tokenry_model::UserId;

use super::authenticator;
use super::{MAX_PASSKEY_NAME, Told, done, overview};
use crate::app::State;
use crate::paths;
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::outcome::Outcome;
use crate::ui::page::see_other;
use crate::words::Words;

/// A passkey, in words.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) added: String,
    pub(super) last_used: Option<String>,
}

/// A user's passkeys.
pub(super) async fn lines(state: &State, user: &UserId, words: &Words) -> Result<Vec<Line>, Refusal> {
    let passkeys = state.engine.passkeys_of(user).await?;
    let line = |it: tokenry_engine::Passkey| Line {
        id: it.id,
        name: it.name,
        added: words.at(it.created_at),
        last_used: it.last_used_at.map(|at| words.at(at)),
    };
    Ok(passkeys.into_iter().map(line).collect())
}

/// `action=add-passkey`: with the first second factor, the recovery codes are shown.
pub(super) async fn add(state: &State, user: FreshUser, posted: &Posted) -> Result<Response, Instead> {
    let field = |name| posted.params.get(name).unwrap_or_default();
    let answer = (field("challenge"), field("credential"));
    match state.engine.add_passkey(&user, field("name"), answer, &posted.context).await {
        Ok(Some(codes)) => authenticator::show(state, &codes, &posted.context),
        Ok(None) => Ok(done("passkey")),
        Err(error) => not_done(state, user, posted, error).await,
    }
}

/// `action=remove-passkey`.
pub(super) async fn remove(state: &State, user: FreshUser, posted: &Posted) -> Result<Response, Instead> {
    let id = posted.params.get("passkey").unwrap_or_default();
    match state.engine.remove_passkey(&user, id, &posted.context).await {
        Ok(()) => Ok(done("passkey-removed")),
        Err(error) => not_done(state, user, posted, error).await,
    }
}

/// The page once more, with what was wrong; or as it is now, where that says it.
async fn not_done(
    state: &State,
    user: FreshUser,
    posted: &Posted,
    error: PasskeyError,
) -> Result<Response, Instead> {
    let words = Words::to(&posted.context);
    let conflict = |why| Outcome::said(StatusCode::CONFLICT, words.passkeys_unchanged(why));
    let not_added = |why| Outcome::said(StatusCode::BAD_REQUEST, words.passkeys_not_added(why));
    let outcome = match error {
        PasskeyError::Known => conflict(words.passkey_known()),
        PasskeyError::Name => not_added(words.passkey_name_unfit(MAX_PASSKEY_NAME as u64)),
        PasskeyError::None => return Ok(see_other(paths::ACCOUNT_SECURITY)),
        PasskeyError::Overtaken => conflict(words.passkey_overtaken()),
        PasskeyError::Store(error) => return Err(Refusal::from(error).into()),
        PasskeyError::TooLate => not_added(words.passkey_too_late()),
        PasskeyError::TooMany => conflict(words.passkey_too_many()),
        PasskeyError::Unproven => not_added(words.passkey_unproven()),
    };
    let visitor = Visitor { user: user.into(), context: posted.context.clone() };
    overview(state, &visitor, &Told { passkey_error: Some(&outcome), ..Told::default() }).await
}
