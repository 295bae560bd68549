//! `POST /leaks` `{"token":"…"}`: anybody says that they have seen a credential where it should not be. The answer is 202
//! before anything is looked up, whatever it was (decision 30).

pub(crate) mod github;

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use http::StatusCode;
use tokenry_protocol::secret::Secret;

use crate::app::State;
use crate::json::Members;
use crate::problem::Failure;

pub(crate) async fn report(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<StatusCode, Failure> {
    let (head, members) = Members::read(&state, request).await?;
    let _place = state.place()?;
    let token = Secret::new(members.required("token")?.to_owned());
    state.engine.report_leak(token, &state.context(&head))?;
    Ok(StatusCode::ACCEPTED)
}
