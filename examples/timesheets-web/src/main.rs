//! The employees' web application: people sign in with OpenID Connect, and it calls the Timesheets API on their behalf.
//!
//! 1. `/sign-in` sends the browser to the authorization server, with state, nonce and a PKCE challenge ([`sign_in`]).
//! 2. `/callback` redeems the code and checks the ID token ([`provider`]); the tokens stay in the server's session ([`session`]).
//! 3. Every page calls the API with the user's access token, renewed first if it is about to expire ([`session`]).
//! 4. `/sign-out` ends the session here, and at the authorization server if it offers that.
//! 5. `/backchannel-logout` hears of a session that has ended there, and ends the one here ([`logout`]).

mod keys;
mod logout;
mod provider;
mod session;
mod sheets;
mod sign_in;

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use web_app::{Api, Settings, http_client, log_to_stderr, serve};

use crate::keys::Keys;
use crate::logout::Ended;
use crate::provider::Provider;

/// What every request needs.
struct App {
    provider: Provider,
    api: Api,
    ended: Ended,
    keys: Keys,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    log_to_stderr();
    let Settings { api_url, listen, server } = Settings::from_environment("127.0.0.1:8702")?;
    let listener = TcpListener::bind(&listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let url = format!("http://{}", listener.local_addr()?);
    let (http, issuer) = (http_client()?, server.issuer.clone());
    let app = App {
        api: Api::new(http.clone(), api_url),
        provider: Provider::new(http, server, &url)?,
        ended: Ended::default(),
        keys: Keys::default(),
    };
    let routes = Router::new()
        .route("/", get(sheets::list))
        .route("/backchannel-logout", post(logout::take))
        .route("/callback", get(sign_in::callback))
        .route("/sign-in", get(sign_in::begin))
        .route("/sign-out", post(sign_in::end))
        .route("/timesheets", post(sheets::create))
        .route("/timesheets/{id}/approve", post(sheets::approve))
        .with_state(Arc::new(app));
    serve(listener, routes, "timesheets_web", &issuer).await
}
