//! `POST /manage/v1/users/me/tokens/{id}/refresh`: another value in the place of one that may be known to others, which is dead
//! at once. It answers when guards know.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};

use super::id::Id;
use super::owner::Owner;
use super::view::IssuedView;
use crate::app::State;
use crate::session::Refused;

pub(crate) async fn refresh(
    Shared(state): Shared<Arc<State>>,
    Id(id): Id,
    request: Request,
) -> Result<Json<IssuedView>, Refused> {
    let (head, _body) = request.into_parts();
    let owner = Owner::changing(&state, &head).await?;
    let (issued, announced) =
        state.engine.replace_pat(&owner.fresh(&state)?, &id, None, None, &owner.context).await?;
    let propagated = state.engine.propagated(&announced).await;
    Ok(Json(IssuedView::new(issued, Some(propagated))))
}
