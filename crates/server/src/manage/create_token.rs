//! `POST /manage/v1/users/me/tokens`: makes a personal access token for whoever is signed in, and nobody else.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};
use http::StatusCode;
use tokenry_engine::NewPat;

use super::members::Members;
use super::owner::Owner;
use super::view::IssuedView;
use crate::app::{State, peer};
use crate::body::MAX_FORM;
use crate::problem::Failure;
use crate::session::Refused;

const MEMBERS: [&str; 7] =
    ["name", "expires_in", "apis", "scopes", "allowed_addresses", "company_id", "note"];

pub(crate) async fn create(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<(StatusCode, Json<IssuedView>), Refused> {
    let (head, body) = request.into_parts();
    let body = state.bodies.read(body, &head.headers, peer(&head), MAX_FORM).await;
    // Who may not is told so, whatever they sent.
    let owner = Owner::changing(&state, &head).await?;
    let fresh = owner.fresh(&state)?;
    let wanted = wanted(&Members::parse(&head, &body?, &MEMBERS)?)?;
    let issued = state.engine.create_pat(&fresh, wanted, None, &owner.context).await?;
    Ok((StatusCode::CREATED, Json(IssuedView::new(issued, None))))
}

fn wanted(members: &Members) -> Result<NewPat, Failure> {
    Ok(NewPat {
        name: members.text("name")?.unwrap_or_default(),
        note: members.text("note")?.unwrap_or_default(),
        expires_in: members.seconds("expires_in")?,
        company_id: members.text("company_id")?,
        apis: members.texts("apis")?,
        scopes: members.texts("scopes")?,
        each: None,
        allowed_addresses: members.texts("allowed_addresses")?.unwrap_or_default(),
    })
}
