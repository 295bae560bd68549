//! An API that takes Auth0's tokens and Tokenry's while clients move; `docs/guides/from-auth0.md` runs it.

use std::env::VarError;
use std::error::Error;
use std::net::SocketAddr;

use axum::Extension;
use axum::routing::get;
use tokenry_guard::{Caller, Dialect, Guard, Issuer, Public, Secret, scopes};
use tokio::net::TcpListener;

scopes! { pub Read = "read:orders"; }

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let issuer = variable("ISSUER")?;
    let tenant = Issuer::foreign(variable("TENANT")?).dialect(Dialect::Auth0);
    let guard = Guard::builder()
        .issuer(&issuer)
        .dialect(Dialect::Auth0)
        .audience("https://orders.example.com/")
        .credentials(variable("API_ID")?, Secret::new(variable("API_SECRET")?))
        .also(tenant)
        .build()
        .await?;
    let app = guard
        .router()
        .route("/healthz", get(async || "ok\n"), Public)
        .route("/orders", get(list), Read)
        .build()
        .layer(Extension(issuer));
    let listener = TcpListener::bind(variable("LISTEN")?).await?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await?;
    guard.shutdown().await;
    Ok(())
}

async fn list(caller: Caller<Read>, Extension(ours): Extension<String>) -> String {
    match caller.issuer() {
        issuer if issuer == ours => format!("orders for {}, of this Tokenry\n", caller.principal().id()),
        issuer => format!("orders for {}, of {issuer}\n", caller.principal().id()),
    }
}

/// Ctrl-C; what a supervisor sends belongs here too, as in `examples/timesheets-api`.
async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await;
}

#[expect(clippy::disallowed_methods, reason = "an example has no registry of variables")]
fn variable(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}
