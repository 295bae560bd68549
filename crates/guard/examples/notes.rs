//! A small API behind the guard, to begin from; `docs/tutorial/protect-an-api.md` runs it.

use std::env::VarError;
use std::error::Error;
use std::net::SocketAddr;

use axum::routing::{delete, get};
use tokenry_guard::{
    Caller, Company, Guard, OnStale, Public, Requirement, Secret, TenantClaim, scopes, tenant_path,
};
use tokio::net::TcpListener;

scopes! {
    pub Delete = "delete:notes";
    pub Read = "read:notes";
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let guard = Guard::builder()
        .issuer(variable("ISSUER")?)
        .audience("https://notes.example.com")
        .credentials(variable("API_ID")?, Secret::new(variable("API_SECRET")?))
        .tenant(TenantClaim::namespace("https://auth.example.com/metadata"))
        .state_dir("notes-state")
        .build()
        .await?;
    let app = guard
        .router()
        .route("/healthz", get(async || "ok\n"), Public)
        .route("/companies/{company_id}/notes", get(list), Read.and(tenant_path("company_id")))
        .route(
            "/companies/{company_id}/notes",
            delete(clear),
            Delete.and(tenant_path("company_id")).on_stale(OnStale::Deny),
        )
        .build();
    let listener = TcpListener::bind(variable("LISTEN")?).await?;
    tracing::info!(address = %listener.local_addr()?, policies = %guard.policy_table(), "serving");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await?;
    guard.shutdown().await;
    Ok(())
}

/// The company is one that the caller may act for: the policy has seen to it.
async fn list(caller: Caller<Read>, company: Company) -> String {
    format!("notes of {}, for {}\n", company.as_str(), caller.principal().id())
}

async fn clear(_caller: Caller<Delete>, company: Company) -> String {
    format!("no more notes of {}\n", company.as_str())
}

/// Ctrl-C; what a supervisor sends belongs here too, as in `examples/timesheets-api`.
async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await;
}

#[expect(clippy::disallowed_methods, reason = "an example has no registry of variables")]
fn variable(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}
