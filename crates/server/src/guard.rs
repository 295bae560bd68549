//! What guards of an API ask for, with the API's own credential.

pub(crate) mod ack;
pub(crate) mod events;
pub(crate) mod session_check;
pub(crate) mod snapshot;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use tokenry_engine::Context;
use tokenry_protocol::authorization::Authorization;
use tokenry_protocol::basic::Basic;
use tokenry_protocol::error::{Error, ErrorCode};

use crate::app::State;
use crate::problem::Failure;

/// The API's id and secret. Their absence is counted like a wrong secret.
fn credential(state: &State, headers: &HeaderMap, context: &Context) -> Result<Basic, Failure> {
    let credential = read(headers);
    Ok(credential.inspect_err(|error| state.engine.note_refusal(error, context))?)
}

/// From the one `Authorization` header.
fn read(headers: &HeaderMap) -> Result<Basic, Error> {
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

/// How a refusal looks: one of the credential is a challenge.
fn refused(failure: Failure) -> Failure {
    tracing::debug!(reason = failure.reason, "a guard is refused");
    if failure.error.code == ErrorCode::InvalidClient { failure.challenged() } else { failure }
}

fn invalid(description: &'static str) -> Failure {
    refused(Error::new(ErrorCode::InvalidRequest, description).into())
}
