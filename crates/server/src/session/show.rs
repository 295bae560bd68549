//! `GET /session`: who is signed in, and what they may do.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use http::HeaderMap;
use serde::Serialize;
use tokenry_engine::session::SignedInUser;
use tokenry_engine::{Context, Refusal};

use super::{Refused, must_be_signed_in};
use crate::app::{Exchange, State};

/// A session as its own page sees it.
#[derive(Serialize)]
pub(crate) struct SessionView {
    user: UserView,
    /// For which company they act, where they act for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<CompanyView>,
    csrf_token: String,
    /// When the session ends, however much it is used; in RFC 3339.
    expires_at: String,
}

#[derive(Serialize)]
struct UserView {
    id: String,
    username: String,
    /// All that they may do now at any API: scope-tokens, each once, in order.
    permissions: Vec<String>,
}

/// A company by its id and name.
#[derive(Serialize)]
pub(super) struct CompanyView {
    pub(super) id: String,
    pub(super) name: String,
}

pub(crate) async fn show(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Json<SessionView>, Refused> {
    let user = must_be_signed_in(&state, &headers, &context).await?;
    Ok(Json(view(&state, &user, &context).await?))
}

/// What is said of a session.
pub(super) async fn view(
    state: &State,
    user: &SignedInUser,
    context: &Context,
) -> Result<SessionView, Refusal> {
    let company = state.engine.company_of(user, context).await?;
    let permissions = state.engine.permissions(user, company.as_ref()).await?;
    Ok(SessionView {
        user: UserView {
            id: user.user().id.to_string(),
            username: user.user().username.clone(),
            permissions,
        },
        company: company.map(|company| CompanyView { id: company.id.to_string(), name: company.name }),
        csrf_token: state.engine.csrf_token(user).expose().to_owned(),
        expires_at: state.engine.session_expires_at(user).to_string(),
    })
}
