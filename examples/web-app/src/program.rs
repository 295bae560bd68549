//! A web application from its start to its end: log, HTTP client, session cookie, header fields, serving.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use reqwest::Url;
use tokio::net::TcpListener;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, MemoryStore, SessionManagerLayer};
use tracing_subscriber::EnvFilter;

use crate::pages;

/// How long a browser may be silent before its session ends, in hours.
const SESSION_HOURS: i64 = 8;

/// Logs to stderr: stdout is for data.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let color = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color).init();
}

/// A client that follows no redirects: whoever answers with one is not who was asked.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http_client() -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30))
        .build()
        .context("cannot set up TLS")
}

/// Serves `routes` until Ctrl-C; forms may also end at `issuer`, where users sign out. The session's cookie is called `cookie`:
/// browsers send a host's cookies to all of its ports, so each application needs a name of its own.
///
/// # Errors
/// When serving fails.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    cookie: &'static str,
    issuer: &str,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_name(cookie)
        .with_same_site(SameSite::Lax)
        .with_secure(!address.ip().is_loopback())
        .with_expiry(Expiry::OnInactivity(tower_sessions::cookie::time::Duration::hours(SESSION_HOURS)));
    let policy = HeaderValue::from_str(&content_security_policy(issuer)?)?;
    let router = routes
        .route("/style.css", get(pages::style))
        .layer(sessions)
        .layer(CsrfLayer::new())
        .layer(SetResponseHeaderLayer::overriding(CONTENT_SECURITY_POLICY, policy))
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("no-store")));
    // The one line of data: with port 0, nobody else knows the address.
    writeln!(std::io::stdout(), "http://{address}")?;
    axum::serve(listener, router).with_graceful_shutdown(interrupted()).await.context("serving failed")
}

/// Browsers hold the redirects that follow a form against `form-action`, and signing out goes on to the issuer.
fn content_security_policy(issuer: &str) -> anyhow::Result<String> {
    let origin = Url::parse(issuer).context("ISSUER is no URL")?.origin().ascii_serialization();
    Ok(format!("default-src 'none'; style-src 'self'; form-action 'self' {origin}; frame-ancestors 'none'"))
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
