//! `DELETE /manage/v1/users/me/tokens/{id}`: ends one of one's tokens, for good. It answers when guards know, or after a second.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use http::StatusCode;

use super::id::Id;
use super::owner::Owner;
use crate::app::State;
use crate::session::Refused;

pub(crate) async fn revoke(
    Shared(state): Shared<Arc<State>>,
    Id(id): Id,
    request: Request,
) -> Result<StatusCode, Refused> {
    let (head, _body) = request.into_parts();
    let owner = Owner::changing(&state, &head).await?;
    let announced = state.engine.revoke_pat(&owner.user, &id, &owner.context).await?;
    state.engine.propagated(&announced).await;
    Ok(StatusCode::NO_CONTENT)
}
