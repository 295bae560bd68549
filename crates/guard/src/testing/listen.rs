//! The test issuer over HTTP: what a guard asks an authorization server for, and nothing else.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokenry_protocol::basic::Basic;
use tokenry_protocol::guard::Snapshot;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::{API_ID, State};

/// A server that ends with this value.
pub(super) struct Listener {
    url: String,
    server: AbortHandle,
}

impl Listener {
    pub(super) async fn start(state: &Arc<State>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("127.0.0.1 has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let url = format!("http://{address}");
        let metadata = json!({ "issuer": &url, "jwks_uri": format!("{url}/.well-known/jwks.json") });
        let app = Router::new()
            .route("/.well-known/oauth-authorization-server", get(async || Json(metadata)))
            .route("/.well-known/jwks.json", get(key_set))
            .route("/guard/v1/snapshot", get(snapshot))
            .with_state(Arc::clone(state));
        let server = tokio::spawn(async { axum::serve(listener, app).await });
        Self { url, server: server.abort_handle() }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn key_set(Shared(state): Shared<Arc<State>>) -> String {
    state.published.lock().to_json()
}

async fn snapshot(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
) -> Result<Json<Snapshot>, (StatusCode, Json<Value>)> {
    let expected = format!("Basic {}", Basic::encode(API_ID, &state.secret).expose());
    if headers.get(AUTHORIZATION).is_some_and(|sent| sent.as_bytes() == expected.as_bytes()) {
        return Ok(Json(state.snapshot.lock().clone()));
    }
    Err((StatusCode::UNAUTHORIZED, Json(json!({ "code": "invalid_client" }))))
}
