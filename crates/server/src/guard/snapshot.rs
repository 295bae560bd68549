//! `GET /guard/v1/snapshot`: all that a guard must know before it can follow the events.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::response::Response;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue};
use tokenry_protocol::authorization::Authorization;
use tokenry_protocol::basic::Basic;
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::guard::Snapshot;

use crate::app::{Exchange, State};
use crate::conditional;
use crate::problem::Failure;

pub(crate) async fn snapshot(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let credential = credential(&headers).inspect_err(|error| state.engine.note_refusal(error, &context))?;
    let snapshot = state.engine.snapshot(&credential, &context).await.map_err(|refusal| {
        tracing::info!(reason = refusal.reason, "snapshot refused");
        let failure = Failure::from(refusal);
        if failure.error.code == ErrorCode::InvalidClient { failure.challenged() } else { failure }
    })?;
    let json = to_json(&snapshot);
    // When it was read is no news: a poll answered 304 says that nothing has changed since.
    let tag = conditional::tag(&to_json(&Snapshot { issued_at: 0, ..snapshot }));
    let mut response = conditional::answer(&headers, tag, json);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// The API's id and secret, from the one `Authorization` header.
fn credential(headers: &HeaderMap) -> Result<Basic, Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let credential = match (values.next(), values.next()) {
        (Some(value), None) => match Authorization::parse(value.as_bytes()) {
            Ok(Authorization::Basic(basic)) => Basic::parse(basic).ok(),
            _ => None,
        },
        (None, _) => None,
        (Some(_), Some(_)) => {
            return Err(Error::new(ErrorCode::InvalidRequest, "Authorization appears twice."));
        }
    };
    let missing = || Error::new(ErrorCode::InvalidClient, "The API's id and secret are needed, as Basic.");
    credential.ok_or_else(|| missing().with_challenge())
}

fn to_json(snapshot: &Snapshot) -> Bytes {
    serde_json::to_vec(snapshot).expect("strings and numbers always serialise").into()
}
