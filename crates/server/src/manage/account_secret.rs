//! `/manage/v1/users/me/secret`: the secret of one's account, masked; `…/reveal`, `…/rotate` and `…/revoke` of it. Revealing and
//! rotating need a fresh proof, and their answers are all that ever have the value.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};
use serde::Serialize;
use tokenry_engine::{AccountSecretError, OwnAccountSecret, OwnSecretValue, Refusal};
use tokenry_protocol::secret::Secret;

use super::invalid;
use super::last_use::LastUse;
use super::members::Members;
use super::owner::Owner;
use crate::app::{State, peer};
use crate::body::MAX_FORM;
use crate::problem::{Failure, Fault};
use crate::session::Refused;

/// The secret of an account, without its value. Times in RFC 3339.
#[derive(Serialize)]
pub(crate) struct SecretView {
    /// What its value begins with.
    prefix: String,
    developer_since: String,
    /// The one that counts; absent: it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<ValueView>,
    /// The one before, while it works.
    #[serde(skip_serializing_if = "Option::is_none")]
    former: Option<ValueView>,
}

#[derive(Serialize)]
struct ValueView {
    id: String,
    last4: String,
    created_at: String,
    /// Until when it works; absent: until it is rotated or revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    works_until: Option<String>,
    /// Whether it can be revealed.
    revealable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    revealed_at: Option<String>,
    #[serde(flatten)]
    last_use: LastUse,
}

/// The value.
#[derive(Serialize)]
pub(crate) struct Shown {
    account_secret: String,
    /// Whether every guard knows that the one before is dead; absent where nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    propagated: Option<bool>,
}

#[derive(Serialize)]
pub(crate) struct Revoked {
    propagated: bool,
}

pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Json<SecretView>, Refused> {
    let (head, _body) = request.into_parts();
    let owner = Owner::looking(&state, &head).await?;
    let secret = state.engine.account_secret_of(&owner.user.user().id, owner.context.now).await?;
    Ok(Json(secret.ok_or(Fault::NotDeveloper)?.into()))
}

pub(crate) async fn reveal(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Json<Shown>, Refused> {
    let (head, _body) = request.into_parts();
    let owner = Owner::changing(&state, &head).await?;
    let value = state.engine.reveal_account_secret(&owner.fresh()?, &owner.context).await?;
    Ok(Json(shown(&value, None)))
}

/// `{"overlap":SECONDS}`, or no body.
pub(crate) async fn rotate(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Json<Shown>, Refused> {
    let (head, body) = request.into_parts();
    let body = state.bodies.read(body, &head.headers, peer(&head), MAX_FORM).await;
    let owner = Owner::changing(&state, &head).await?;
    let fresh = owner.fresh()?;
    let body = body?;
    let overlap = match body.is_empty() {
        true => None,
        false => Members::parse(&head, &body, &["overlap"])?.maybe_seconds("overlap")?,
    };
    let (value, announced) =
        state.engine.rotate_account_secret(&fresh, overlap, None, &owner.context).await?;
    let propagated = state.engine.propagated(&announced).await;
    Ok(Json(shown(&value, Some(propagated))))
}

pub(crate) async fn revoke(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Json<Revoked>, Refused> {
    let (head, _body) = request.into_parts();
    let owner = Owner::changing(&state, &head).await?;
    let announced = state.engine.revoke_account_secret(&owner.user, &owner.context).await?;
    Ok(Json(Revoked { propagated: state.engine.propagated(&announced).await }))
}

fn shown(value: &Secret, propagated: Option<bool>) -> Shown {
    Shown { account_secret: value.expose().to_owned(), propagated }
}

impl From<OwnAccountSecret> for SecretView {
    fn from(secret: OwnAccountSecret) -> Self {
        Self {
            prefix: secret.prefix,
            developer_since: secret.developer_since.to_string(),
            current: secret.current.map(ValueView::from),
            former: secret.former.map(ValueView::from),
        }
    }
}

impl From<OwnSecretValue> for ValueView {
    fn from(value: OwnSecretValue) -> Self {
        Self {
            id: value.id.to_string(),
            last4: value.last4,
            created_at: value.created_at.to_string(),
            works_until: value.works_until.map(|until| until.to_string()),
            revealable: value.revealable,
            revealed_at: value.revealed_at.map(|at| at.to_string()),
            last_use: value.last_use.map(LastUse::from).unwrap_or_default(),
        }
    }
}

/// What went wrong with a secret, as a problem.
impl From<AccountSecretError> for Failure {
    fn from(error: AccountSecretError) -> Self {
        match error {
            AccountSecretError::Barred => Fault::SessionRequired.into(),
            AccountSecretError::Conflict | AccountSecretError::SentBefore => Fault::Conflict.into(),
            AccountSecretError::Invalid { field, problem } => invalid(field, &problem),
            AccountSecretError::None => Fault::NoAccountSecret.into(),
            AccountSecretError::NotDeveloper => Fault::NotDeveloper.into(),
            AccountSecretError::NotKept => Fault::SecretNotKept.into(),
            AccountSecretError::Sealed(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "an account secret cannot be opened"
                );
                Fault::Panicked.into()
            }
            AccountSecretError::Store(error) => Refusal::from(error).into(),
            AccountSecretError::TooOften { retry_after } => {
                Self::from(Fault::TooManyChanges).until(retry_after)
            }
        }
    }
}
