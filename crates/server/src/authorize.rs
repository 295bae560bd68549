//! `GET` and `POST /authorize` (RFC 6749 §3.1): judged, sealed, and sent on to a page of ours; nothing else happens here,
//! whoever sent the browser.

pub(crate) mod answer;

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use tokenry_engine::{AuthorizeRefusal, Context};
use tokenry_protocol::error::{Error, ErrorCode};
use tokenry_protocol::media_type::MediaType;
use tokenry_protocol::params::Params;

use crate::app::{State, peer};
use crate::body::MAX_FORM;
use crate::paths;
use crate::problem::Failure;
use crate::ui::page::see_other;
use crate::words::Words;
use crate::words::language::prefer;

pub(crate) async fn get(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Failure> {
    let (head, _body) = request.into_parts();
    let _place = state.place()?;
    let params = Params::from_query(head.uri.query().unwrap_or_default()).map_err(Failure::from);
    let context = in_their_language(&head, &params, state.context(&head));
    begin(&state, params, &context).await
}

pub(crate) async fn post(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    let body = state.bodies.read(body, &head.headers, peer(&head), MAX_FORM).await?;
    let context = state.context(&head);
    let _place = state.place()?;
    let content_type = head.headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    let params = form(content_type, &body).and_then(|params| {
        // What stands in both places stands there twice, and two readers would see two requests.
        params.check_query(head.uri.query().unwrap_or_default())?;
        Ok(params)
    });
    let params = params.map_err(Failure::from);
    let context = in_their_language(&head, &params, context);
    begin(&state, params, &context).await
}

/// What is told here and not to the client is told in a language that the client names.
pub(crate) fn in_their_language<E>(
    head: &Parts,
    params: &Result<Params, E>,
    mut context: Context,
) -> Context {
    let named = params.as_ref().ok().and_then(|params| params.get("ui_locales"));
    prefer(&head.extensions, &mut context, named.into_iter().flat_map(|named| named.split(' ')));
    context
}

/// Browsers' forms alone: there is no other kind of request here (OpenID Connect Core §3.1.2.1).
pub(crate) fn form(content_type: Option<&[u8]>, body: &[u8]) -> Result<Params, Error> {
    match MediaType::parse(content_type)? {
        MediaType::Form => Params::from_form(body),
        MediaType::Json => Err(Error::new(ErrorCode::InvalidRequest, "Send a form.")),
    }
}

async fn begin(
    state: &State,
    params: Result<Params, Failure>,
    context: &Context,
) -> Result<Response, Failure> {
    let params = params.inspect_err(|failure| state.engine.note_refusal(&failure.error, context))?;
    match state.engine.begin_authorization(&params, context).await {
        Ok(flow) => Ok(see_other(&format!("{}?flow={flow}", paths::CONSENT))),
        Err(refusal) => refused(state, refusal, Words::to(context)),
    }
}

/// Tells the client, or else the user.
pub(crate) fn refused(
    state: &State,
    refusal: AuthorizeRefusal,
    words: &'static Words,
) -> Result<Response, Failure> {
    tracing::debug!(reason = refusal.reason(), "authorization request refused");
    match refusal {
        AuthorizeRefusal::Forbidden(refusal) => Err(Failure::from(refusal).forbidden()),
        AuthorizeRefusal::Here(refusal) => Err(refusal.into()),
        AuthorizeRefusal::There(response, _reason) => Ok(answer::respond(&response, words, state.look())?),
    }
}
