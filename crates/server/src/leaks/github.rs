//! `POST /leaks/github`: what GitHub's secret scanning found, in a call that it signed; where an operator wants that. It is
//! answered what each of them is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Shared};
use http::HeaderMap;
use tokenry_engine::{GithubCall, GithubError, LeakVerdict};

use crate::app::{State, peer};
use crate::json::{invalid, must_be_json};
use crate::problem::{Failure, Fault};

/// The longest call: a thousand credentials, each with where it was found.
const MAX_CALL: usize = 1024 * 1024;

pub(crate) async fn report(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Json<Vec<LeakVerdict>>, Failure> {
    if !state.engine.hears_github() {
        return Err(Fault::NotFound.into());
    }
    let (head, body) = request.into_parts();
    let body = state.bodies.read(body, &head.headers, peer(&head), MAX_CALL).await?;
    must_be_json(&head.headers)?;
    let _place = state.place()?;
    let call = GithubCall {
        key_id: field(&head.headers, "github-public-key-identifier"),
        signature: field(&head.headers, "github-public-key-signature"),
        body: &body,
    };
    state.engine.github_leaks(call, &state.context(&head)).await.map(Json).map_err(failed)
}

/// A field that is there once; what is not signs nothing.
fn field<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default(),
        _ => "",
    }
}

fn failed(error: GithubError) -> Failure {
    match error {
        GithubError::Malformed { .. } => invalid("The body must be a JSON array of objects with a token."),
        GithubError::NotHeard => Fault::NotFound.into(),
        GithubError::Refused(refusal) => refusal.into(),
        GithubError::TooMany => Fault::BodyTooLarge.into(),
        GithubError::Unsigned => Fault::SignatureInvalid.into(),
    }
}
