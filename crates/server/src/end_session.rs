//! `GET` and `POST /oidc/logout` (OpenID Connect RP-Initiated Logout §2): judged, sealed, and sent on to a page of ours,
//! where our cookies are; nothing else happens here, whoever sent the browser.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::Method;
use http::header::CONTENT_TYPE;
use tokenry_protocol::end_session;
use tokenry_protocol::params::Params;

use crate::app::{State, peer};
use crate::authorize;
use crate::body::MAX_FORM;
use crate::paths;
use crate::problem::Failure;
use crate::ui::page::see_other;

pub(crate) async fn end_session(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default();
    let params = if head.method == Method::POST {
        let body = state.bodies.read(body, &head.headers, peer(&head), MAX_FORM).await?;
        let content_type = head.headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
        authorize::form(content_type, &body).and_then(|params| params.check_query(query).map(|()| params))
    } else {
        Params::from_query(query)
    };
    let context = authorize::in_their_language(&head, &params, state.context(&head));
    let _place = state.place()?;
    let asked = params.and_then(|params| end_session::Request::parse(&params));
    let asked = asked.inspect_err(|error| state.engine.note_refusal(error, &context))?;
    Ok(match state.engine.begin_end_session(&asked, &context).await? {
        Some(sealed) => see_other(&format!("{}?request={sealed}", paths::LOGOUT)),
        None => see_other(paths::LOGOUT),
    })
}
