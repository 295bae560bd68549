//! Another company's web application: what users let it do at the Timesheets API, and nothing more (OAuth 2.0, without identity).
//!
//! 1. `/connect` asks the user, at the authorization server, to let this application read and create timesheets ([`connect`]).
//! 2. `/callback` redeems the code ([`server`]); the tokens stay in the server's session ([`session`]).
//! 3. Every page calls the API with that access token, renewed first if it is about to expire ([`session`]).
//! 4. `/disconnect` gives the tokens back. The user can do the same at the authorization server, without asking us.

mod connect;
mod server;
mod session;
mod sheets;

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use web_app::{Api, Settings, http_client, log_to_stderr, serve};

use crate::server::AuthorizationServer;

/// What every request needs.
struct App {
    server: AuthorizationServer,
    api: Api,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    log_to_stderr();
    let Settings { api_url, listen, server } = Settings::from_environment("127.0.0.1:8703")?;
    let listener = TcpListener::bind(&listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let url = format!("http://{}", listener.local_addr()?);
    let (http, issuer) = (http_client()?, server.issuer.clone());
    let app =
        App { api: Api::new(http.clone(), api_url), server: AuthorizationServer::new(http, server, &url)? };
    let routes = Router::new()
        .route("/", get(sheets::list))
        .route("/callback", get(connect::callback))
        .route("/connect", get(connect::begin))
        .route("/disconnect", post(connect::end))
        .route("/timesheets", post(sheets::create))
        .with_state(Arc::new(app));
    serve(listener, routes, "contractors_app", &issuer).await
}
