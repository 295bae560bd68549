//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3), refused as RFC 6750 §3 has it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, Method};
use tokenry_engine::NO_TOKEN;
use tokenry_protocol::bearer;
use tokenry_protocol::challenge::{Challenge, Scheme};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::media_type::MediaType;
use tokenry_protocol::params::Params;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;

use crate::app::{State, peer, realm};
use crate::body::MAX_FORM;
use crate::cors;
use crate::oauth::form::{refused, single};
use crate::problem::Failure;

pub(crate) async fn userinfo(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let origin = cors::origin(&head.headers);
    let (client_id, answer) = answer(&state, &head, body).await;
    let response = answer.unwrap_or_else(|failure| challenging(&state, refused("userinfo", failure)));
    cors::open(&state, origin, client_id.as_deref(), response).await
}

/// The answer, and to which client it is, if that is known.
async fn answer(state: &State, head: &Parts, body: Body) -> (Option<String>, Result<Response, Failure>) {
    let token = match token(state, head, body).await {
        Ok(token) => token,
        Err(failure) => {
            state.engine.note_refusal(&failure.error, &state.context(head));
            return (None, Err(failure));
        }
    };
    let _place = match state.place() {
        Ok(place) => place,
        Err(fault) => return (None, Err(fault.into())),
    };
    let told = state.engine.userinfo(token.as_ref(), &state.context(head)).await;
    let answer = told.claims.map(|claims| {
        let json = serde_json::to_vec(&claims).expect("claims are plain JSON");
        ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
    });
    (told.client_id.map(|id| id.to_string()), answer.map_err(Failure::from))
}

/// The token in the header field or the form. Another body says nothing (RFC 6750 §2.2), and so does the address.
async fn token(state: &State, head: &Parts, body: Body) -> Result<Option<Secret>, Failure> {
    let authorization = single(&head.headers, &AUTHORIZATION)?;
    let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let form = if head.method == Method::POST {
        let body = state.bodies.read(body, &head.headers, peer(head), MAX_FORM).await?;
        match MediaType::parse(content_type) {
            Ok(MediaType::Form) => Some(Params::from_form(&body)?),
            Ok(MediaType::Json) | Err(_) => None,
        }
    } else {
        None
    };
    Ok(bearer::token(authorization, form.as_ref())?)
}

/// A refusal with its challenge. Who presents nothing is told of no error (RFC 6750 §3.1).
fn challenging(state: &State, failure: Failure) -> Response {
    let challenge = Challenge::new(Scheme::Bearer).realm(realm(state.engine.issuer()));
    let code = failure.error.code;
    let challenge = match code {
        ErrorCode::InvalidToken if failure.reason == NO_TOKEN => Some(challenge),
        ErrorCode::InsufficientScope => {
            let openid = Scope::parse("openid").expect("a scope token");
            Some(challenge.error(code, failure.error.description.clone()).scope(&openid))
        }
        ErrorCode::InvalidRequest | ErrorCode::InvalidToken => {
            Some(challenge.error(code, failure.error.description.clone()))
        }
        _ => None,
    };
    let mut response = failure.into_response();
    if let Some(challenge) = challenge.and_then(|it| HeaderValue::try_from(it.to_string()).ok()) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
