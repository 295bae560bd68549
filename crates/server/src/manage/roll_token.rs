//! `POST /manage/v1/users/me/tokens/{id}/roll` `{"overlap":SECONDS}`: another value, beside which the one until now works for a
//! while, so that nothing stands still.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};

use super::id::Id;
use super::members::Members;
use super::owner::Owner;
use super::view::IssuedView;
use crate::app::{State, peer};
use crate::body::MAX_FORM;
use crate::session::Refused;

pub(crate) async fn roll(
    Shared(state): Shared<Arc<State>>,
    Id(id): Id,
    request: Request,
) -> Result<Json<IssuedView>, Refused> {
    let (head, body) = request.into_parts();
    let body = state.bodies.read(body, &head.headers, peer(&head), MAX_FORM).await;
    let owner = Owner::changing(&state, &head).await?;
    let fresh = owner.fresh(&state)?;
    let overlap = Members::parse(&head, &body?, &["overlap"])?.seconds("overlap")?;
    let (issued, announced) =
        state.engine.replace_pat(&fresh, &id, Some(overlap), None, &owner.context).await?;
    let propagated = state.engine.propagated(&announced).await;
    Ok(Json(IssuedView::new(issued, Some(propagated))))
}
