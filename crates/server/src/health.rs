//! `GET /healthz`: the process answers. `GET /readyz`: it can do its work. Neither tells strangers more (ADM-12).

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use crate::app::State;
use crate::problem::Fault;

pub(crate) async fn live() -> Response {
    ok()
}

pub(crate) async fn ready(Shared(state): Shared<Arc<State>>) -> Result<Response, Fault> {
    state.engine.ready().await.map_err(|reason| {
        tracing::warn!(%reason, "not ready");
        Fault::NotReady
    })?;
    Ok(ok())
}

fn ok() -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], r#"{"status":"ok"}"#).into_response()
}
