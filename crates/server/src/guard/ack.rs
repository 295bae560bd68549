//! `POST /guard/v1/ack`: a guard says what it has applied.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use tokenry_protocol::guard::Ack;
use tokenry_protocol::media_type::MediaType;

use super::{credential, invalid, refused};
use crate::app::{State, peer};
use crate::problem::Failure;

/// The longest body: a stream's name, a number and a tag.
const MAX_ACK: usize = 1_024;

pub(crate) async fn ack(Shared(state): Shared<Arc<State>>, request: Request) -> Result<StatusCode, Failure> {
    let (head, body) = request.into_parts();
    let body = state.bodies.read(body, &head.headers, peer(&head), MAX_ACK).await.map_err(Failure::from);
    let context = state.context(&head);
    let credential = credential(&state, &head.headers, &context)?;
    let ack = parse(&head, &body?)?;
    let _place = state.place().map_err(|fault| refused(fault.into()))?;
    let done = state.engine.guard_ack(&credential, &ack, &context).await;
    done.map_err(|refusal| refused(refusal.into()))?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse(head: &Parts, body: &[u8]) -> Result<Ack, Failure> {
    let mut types = head.headers.get_all(CONTENT_TYPE).iter();
    let json = match (types.next(), types.next()) {
        (Some(one), None) => MediaType::parse(Some(one.as_bytes())) == Ok(MediaType::Json),
        _ => false,
    };
    if !json || head.headers.contains_key(CONTENT_ENCODING) {
        return Err(invalid("The body must be application/json, as it is."));
    }
    let ack = serde_json::from_slice(body).ok();
    let ack: Option<Ack> = ack.filter(|ack: &Ack| ack.seq >= 0 && !ack.stream.is_empty());
    ack.ok_or_else(|| invalid(r#"The body must be {"stream":"…","seq":NUMBER}."#))
}
