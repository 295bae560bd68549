//! The test issuer over HTTP: what a guard asks an authorization server for, and nothing else.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router, body::Bytes};
use serde_json::json;
use tokenry_protocol::Params;
use tokenry_protocol::basic::Basic;
use tokenry_protocol::guard::{
    ACK_PATH, EVENTS_PATH, SESSION_CHECK_PATH, SNAPSHOT_PATH, SessionCheck, Snapshot,
};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::{API_ID, State, events};
use crate::Credential;

/// A server that ends with this value.
pub(super) struct Listener {
    url: String,
    server: AbortHandle,
}

/// A server that does not answer yet.
pub(super) struct Bound {
    url: String,
    listener: TcpListener,
}

impl Listener {
    pub(super) async fn bind() -> Bound {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("127.0.0.1 has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        Bound { url: format!("http://{address}"), listener }
    }
}

impl Bound {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn serve(self, state: &Arc<State>) -> Listener {
        let Self { url, listener } = self;
        let metadata = json!({ "issuer": &url, "jwks_uri": format!("{url}/.well-known/jwks.json") });
        let app = Router::new()
            .route("/.well-known/oauth-authorization-server", get(async || Json(metadata)))
            .route("/.well-known/jwks.json", get(key_set))
            .route(SNAPSHOT_PATH, get(snapshot))
            .route(EVENTS_PATH, get(events::events))
            .route(ACK_PATH, post(acknowledge))
            .route("/oauth/introspect", post(introspect))
            .route(SESSION_CHECK_PATH, post(check_session))
            .with_state(Arc::clone(state));
        let server = tokio::spawn(async { axum::serve(listener, app).await });
        Listener { url, server: server.abort_handle() }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("url", &self.url).finish_non_exhaustive()
    }
}

async fn key_set(Shared(state): Shared<Arc<State>>) -> String {
    state.published.lock().to_json()
}

async fn snapshot(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
) -> Result<Json<Snapshot>, StatusCode> {
    authenticate(&state, &headers)?;
    // The number first: what is read after it holds at least that much.
    let seq = i64::try_from(state.log.borrow().len()).expect("a test is short");
    let jwks = serde_json::from_str(&state.published.lock().to_json()).expect("a key set is JSON");
    Ok(Json(Snapshot { seq, jwks, ..state.snapshot.lock().clone() }))
}

async fn acknowledge(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
) -> Result<StatusCode, StatusCode> {
    authenticate(&state, &headers).map(|()| StatusCode::NO_CONTENT)
}

async fn introspect(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    form: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    authenticate(&state, &headers)?;
    let params = Params::from_form(&form).map_err(|_| StatusCode::BAD_REQUEST)?;
    let token = params.secret("token").ok_or(StatusCode::BAD_REQUEST)?;
    Ok(state.answers.introspected(token.expose()))
}

async fn check_session(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    authenticate(&state, &headers)?;
    let check = SessionCheck::from_json(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(state.answers.about(check.cookie.expose(), Credential::Cookie))
}

pub(super) fn authenticate(state: &State, headers: &HeaderMap) -> Result<(), StatusCode> {
    let expected = format!("Basic {}", Basic::encode(API_ID, &state.secret).expose());
    let given = headers.get(AUTHORIZATION).is_some_and(|sent| sent.as_bytes() == expected.as_bytes());
    if given { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
}
