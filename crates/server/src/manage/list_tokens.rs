//! `GET /manage/v1/users/me/tokens`: one's personal access tokens, the newest first, also those that have ended lately.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};

use super::owner::Owner;
use super::view::TokenView;
use crate::app::State;
use crate::session::Refused;

pub(crate) async fn list(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Json<Vec<TokenView>>, Refused> {
    let (head, _body) = request.into_parts();
    let owner = Owner::looking(&state, &head).await?;
    let pats = state.engine.pats_of(&owner.user.user().id, owner.context.now).await?;
    Ok(Json(pats.into_iter().map(TokenView::from).collect()))
}
