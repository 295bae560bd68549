//! `GET /healthz`: the process answers. `GET /readyz`: it can do its work. Neither tells strangers more (ADM-12).

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use tokenry_engine::Engine;
use tokio::sync::Mutex;

use crate::app::State;
use crate::problem::Fault;

pub(crate) async fn live() -> Response {
    ok()
}

pub(crate) async fn ready(Shared(state): Shared<Arc<State>>) -> Result<Response, Fault> {
    if state.readiness.ask(&state.engine).await { Ok(ok()) } else { Err(Fault::NotReady) }
}

/// Looks into the database for however many ask at once only once: anybody may ask, and needs no place for it.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<Answer>>);

#[derive(Clone, Copy, Debug)]
struct Answer {
    /// When it was asked for.
    begun: Instant,
    ready: bool,
}

impl Readiness {
    /// Whether the engine can do its work; never older than the question.
    async fn ask(&self, engine: &Engine) -> bool {
        let asked = Instant::now();
        let mut last = self.0.lock().await;
        if let Some(answer) = last.filter(|answer| answer.begun >= asked) {
            return answer.ready;
        }
        let begun = Instant::now();
        let result = engine.ready().await;
        let ready = result.is_ok();
        *last = Some(Answer { begun, ready });
        if let Err(reason) = result {
            tracing::warn!(%reason, "not ready");
        }
        ready
    }
}

fn ok() -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], r#"{"status":"ok"}"#).into_response()
}
