//! `POST /guard/v1/session-check`: a guard asks what the cookie for APIs opens that it was shown.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use tokenry_protocol::guard::{SessionCheck, SessionChecked};
use tokenry_protocol::media_type::MediaType;
use tokenry_protocol::secret::Secret;

use super::{credential, invalid, refused};
use crate::app::{State, peer};
use crate::problem::Failure;

/// The longest body: a cookie with its name, which browsers keep no longer one of than 4,096 bytes, and an address.
const MAX_CHECK: usize = 8 * 1_024;

pub(crate) async fn check(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Json<SessionChecked>, Failure> {
    let (head, body) = request.into_parts();
    let body = state.bodies.read(body, &head.headers, peer(&head), MAX_CHECK).await.map_err(Failure::from);
    let context = state.context(&head);
    let credential = credential(&state, &head.headers, &context)?;
    let check = under_our_name(parse(&head, &body?)?, state.api_cookie.name());
    let _place = state.place().map_err(|fault| refused(fault.into()))?;
    let checked = state.engine.check_session(&credential, &check, &context).await;
    Ok(Json(checked.map_err(|refusal| refused(refusal.into()))?))
}

/// Under another name than ours it is not we who set it, so it is as good as none: whatever it is worth under the right one (SES-02,
/// PEER-35).
fn under_our_name(check: SessionCheck, ours: &str) -> SessionCheck {
    let foreign = check.name.as_deref().is_some_and(|name| name != ours);
    if foreign { SessionCheck { cookie: Secret::new(String::new()), ..check } } else { check }
}

fn parse(head: &Parts, body: &[u8]) -> Result<SessionCheck, Failure> {
    let mut types = head.headers.get_all(CONTENT_TYPE).iter();
    let json = match (types.next(), types.next()) {
        (Some(one), None) => MediaType::parse(Some(one.as_bytes())) == Ok(MediaType::Json),
        _ => false,
    };
    if !json || head.headers.contains_key(CONTENT_ENCODING) {
        return Err(invalid("The body must be application/json, as it is."));
    }
    SessionCheck::from_json(body).map_err(|_invalid| invalid(r#"The body must be {"cookie":"…"}."#))
}
