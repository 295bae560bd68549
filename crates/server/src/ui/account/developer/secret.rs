//! `/account/developer/secret`: before the secret of a developer's account is shown, gets another value or ends, the page names what
//! that does; and what is done then (R99, R103).
//!
//! The value is in the answer to the form alone. Whoever loads that answer again sends the form again: that shows the secret once
//! more where it can be shown, and rotates nothing a second time.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{FromRequestParts as _, Request, State as Shared};
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tokenry_engine::{AccountSecretError, OwnAccountSecret};
use tokenry_protocol::params::Params;
use tokenry_protocol::secret::Secret;

use super::confirm::overlaps;
use super::errand::{self, What};
use super::secret_part::SecretRow;
use super::section::Section;
use super::{Told, overlap, overview};
use crate::app::State;
use crate::paths;
use crate::problem::{Failure, Fault};
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

/// What can be done about the secret.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Deed {
    /// It is shown.
    Reveal,
    /// Its end.
    Revoke,
    /// Another one in its place.
    Rotate,
}

impl Deed {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "reveal" => Self::Reveal,
            "revoke" => Self::Revoke,
            "rotate" => Self::Rotate,
            _ => return None,
        })
    }
}

#[derive(Template)]
#[template(path = "account_developer_secret_confirm.html")]
struct ConfirmPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    csrf: &'a str,
    deed: Deed,
    /// The one that counts; `None`: it was revoked, and another one is to be made.
    current: Option<SecretRow>,
    /// The one before, while it works.
    former: Option<SecretRow>,
    /// For how long the one until now may go on, in seconds and in words.
    overlaps: Vec<(u64, String)>,
}

/// `GET /account/developer/secret`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (mut head, _body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut head, &state).await?;
    let secret = own(&state, &visitor).await?;
    let params = Params::from_query(head.uri.query().unwrap_or_default()).map_err(Failure::from)?;
    let kept = || match errand::kept(&state, &head.headers, &visitor.user, &visitor.context) {
        Some(What::Secret { deed }) => Some(deed),
        _ => None,
    };
    let Some(deed) = params.get("do").and_then(Deed::parse).or_else(kept) else {
        return Ok(see_other(&back("")));
    };
    if deed != Deed::Revoke && visitor.user.fresh(visitor.context.now).is_none() {
        return errand::keep(&state, Some(&visitor.user), What::Secret { deed }, &visitor.context);
    }
    Ok(errand::forget(&head.headers, question(&state, &visitor, secret, deed)?))
}

fn question(
    state: &State,
    visitor: &Visitor,
    secret: OwnAccountSecret,
    deed: Deed,
) -> Result<Response, Instead> {
    let words = Words::to(&visitor.context);
    let possible = match (deed, &secret.current) {
        (Deed::Rotate, _) => true,
        (Deed::Revoke, current) => current.is_some(),
        (Deed::Reveal, current) => current.as_ref().is_some_and(|current| current.revealable),
    };
    if !possible {
        return Ok(see_other(&back("")));
    }
    Ok(page(&ConfirmPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_DEVELOPER,
        csrf: &visitor.csrf(state)?,
        deed,
        current: secret.current.map(|value| SecretRow::of(value, words)),
        former: secret.former.map(|value| SecretRow::of(value, words)),
        overlaps: iter::once((0, words.developer_secret_overlap_none()))
            .chain(overlaps(Duration::MAX, words))
            .collect(),
    })?)
}

/// `action=reveal-secret` of `POST /account/developer`.
pub(super) async fn reveal(state: &State, visitor: &Visitor, posted: &Posted) -> Result<Response, Instead> {
    let context = &posted.context;
    own(state, visitor).await?;
    let Some(fresh) = visitor.user.fresh(context.now) else {
        return errand::keep(state, Some(&visitor.user), What::Secret { deed: Deed::Reveal }, context);
    };
    match state.engine.reveal_account_secret(&fresh, context).await {
        Ok(value) => with_value(state, visitor, value, None).await,
        Err(error) => refused(state, visitor, error).await,
    }
}

/// `action=rotate-secret`: another value, also where there is none.
pub(super) async fn rotate(state: &State, visitor: &Visitor, posted: &Posted) -> Result<Response, Instead> {
    let (context, words) = (&posted.context, Words::to(&posted.context));
    let before = own(state, visitor).await?.current;
    let Some(fresh) = visitor.user.fresh(context.now) else {
        return errand::keep(state, Some(&visitor.user), What::Secret { deed: Deed::Rotate }, context);
    };
    let overlap =
        Some(overlap(posted).ok_or(Fault::ForeignForm)?).filter(|overlap| *overlap > Duration::ZERO);
    match state.engine.rotate_account_secret(&fresh, overlap, Some(posted.sent()), context).await {
        Ok((value, announced)) => {
            let known = state.engine.propagated(&announced).await;
            let notice = match (before, overlap, known) {
                (None, ..) | (_, Some(_), _) => None,
                (_, None, true) => Some(words.developer_dead()),
                (_, None, false) => Some(words.developer_dying()),
            };
            with_value(state, visitor, value, notice).await
        }
        Err(error) => refused(state, visitor, error).await,
    }
}

/// `action=revoke-secret`. Who has just found that it is known to others is not asked for anything before.
pub(super) async fn revoke(state: &State, visitor: &Visitor, posted: &Posted) -> Result<Response, Instead> {
    match state.engine.revoke_account_secret(&visitor.user, &posted.context).await {
        Ok(announced) => {
            state.engine.propagated(&announced).await;
            Ok(see_other(&back("?done=secret-revoked")))
        }
        Err(error) => refused(state, visitor, error).await,
    }
}

/// The secret of whoever is signed in; to all but developers the page is one that there is not.
async fn own(state: &State, visitor: &Visitor) -> Result<OwnAccountSecret, Instead> {
    let user = &visitor.user.user().id;
    let secret = state.engine.account_secret_of(user, visitor.context.now).await?;
    Ok(secret.ok_or(Fault::NotFound)?)
}

fn back(query: &str) -> String {
    format!("{}{query}#secret", paths::ACCOUNT_DEVELOPER)
}

async fn with_value(
    state: &State,
    visitor: &Visitor,
    value: Secret,
    notice: Option<String>,
) -> Result<Response, Instead> {
    let mut section = Section::of(state, visitor, 2).await?;
    if let Some(secret) = &mut section.secret {
        secret.shown = Some(value);
    }
    overview(state, visitor, section, Told { notice, ..Told::default() })
}

/// The page, and why nothing was done.
async fn refused(state: &State, visitor: &Visitor, error: AccountSecretError) -> Result<Response, Instead> {
    let words = Words::to(&visitor.context);
    let said = |text| Outcome::said(StatusCode::CONFLICT, text);
    let error = match error {
        AccountSecretError::Barred => return Ok(see_other(paths::LOGIN)),
        AccountSecretError::Conflict => said(words.developer_secret_overtaken()),
        AccountSecretError::Invalid { .. } => return Err(Fault::ForeignForm.into()),
        AccountSecretError::None => said(words.developer_secret_none()),
        AccountSecretError::NotDeveloper => return Err(Fault::NotFound.into()),
        AccountSecretError::NotKept => said(words.developer_secret_once()),
        AccountSecretError::SentBefore => said(words.developer_secret_sent_before()),
        AccountSecretError::TooOften { retry_after } => {
            Outcome::limited(&words.developer_too_often(), retry_after, words)
        }
        error @ (AccountSecretError::Sealed(_) | AccountSecretError::Store(_)) => {
            return Err(Failure::from(error).into());
        }
    };
    let section = Section::of(state, visitor, 2).await?;
    overview(state, visitor, section, Told { error: Some(error), ..Told::default() })
}
