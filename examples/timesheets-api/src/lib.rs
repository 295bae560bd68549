//! The Timesheets demo API: protected by Tokenry's guard and nothing else.
//!
//! A program of its own (`main.rs`), and part of `tokenry dev`. Read `routes.rs` first: it is the whole API
//! with its policies. What it shows:
//!
//! - a route without a policy does not compile, and a test prints the policy table;
//! - people come with a JWT, a personal access token or a browser's cookie and are decided about alike; one route also takes a
//!   developer's account secret, and says so in its policy;
//! - lists take their companies from the guard ([`tokenry_guard::Caller::company_filter`]), never from the
//!   request;
//! - another company's timesheet answers exactly like one that does not exist;
//! - bodies are read strictly (`json.rs`), and every refusal is RFC 9457 with a stable `code` (`problem.rs`).

mod body;
mod json;
mod problem;
mod routes;
mod storage;
mod timesheet;
mod week;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use tokenry_guard::{Clock, Dialect, Guard, Secret, SystemClock, TenantClaim};

pub use crate::problem::PROBLEMS;
use crate::routes::Api;
use crate::storage::Storage;

/// Every route with its policy, as JSON: what [`Guard::policy_table`] says of this API, kept in a file, so that tools need not
/// start the API to know it. A test compares.
pub const POLICY: &str = include_str!("../policy.json");

/// What the API has to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Origins whose pages may call the API with credentials, like `https://app.example.com`; usually none.
    pub allowed_origins: Vec<String>,
    /// This API's id at the authorization server.
    pub api_id: String,
    /// Its secret.
    pub api_secret: Secret,
    /// This API's identifier, `aud` in its tokens.
    pub audience: String,
    /// The shape of its tokens at the authorization server.
    pub dialect: Dialect,
    /// The SQLite file; created if missing.
    pub database: PathBuf,
    /// The authorization server.
    pub issuer: String,
    /// The name of the claim that holds `companyId`.
    pub namespace: String,
    /// How many bytes verified tokens may take in memory, so that their signature is not checked again; as the guard has it
    /// unless set.
    pub token_cache: Option<u64>,
    /// Addresses or networks of the proxies in front of it, whose `X-Forwarded-For` is believed; usually none.
    pub trusted_proxies: Vec<String>,
}

/// The API, running in the background as far as its guard needs; dropped, it ends.
#[derive(Clone, Debug)]
pub struct App {
    guard: Guard,
    router: Router,
}

impl App {
    /// Opens the database, and starts to load what the guard has to know; does not wait for them.
    ///
    /// # Errors
    /// The configuration is wrong, or the database cannot be opened.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let mut builder = Guard::builder();
        if let Some(bytes) = config.token_cache {
            builder = builder.token_cache(bytes);
        }
        let guard = builder
            .issuer(config.issuer)
            .dialect(config.dialect)
            .audience(config.audience)
            .credentials(config.api_id, config.api_secret)
            .tenant(TenantClaim::namespace(config.namespace))
            .realm("timesheets")
            .allowed_origins(config.allowed_origins)
            .trusted_proxies(config.trusted_proxies)
            .build()
            .await
            .context("the guard cannot be configured")?;
        Self::with_guard(guard, &config.database, Arc::new(SystemClock))
    }

    /// The same with a guard of your own, one of `tokenry_guard::testing` for instance.
    ///
    /// # Errors
    /// The database cannot be opened.
    pub fn with_guard(guard: Guard, database: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let storage = Storage::open(database)?;
        let router = routes::router(&guard, Api { clock, storage });
        Ok(Self { guard, router })
    }

    /// The guard, for its policy table for instance.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Returns once the guard holds its keys and its snapshot: from then on nothing answers 503 for want of
    /// them.
    pub async fn ready(&self) {
        self.guard.ready().await;
    }

    /// Signs the guard off; for when the routes are no longer served. From then on they refuse every caller.
    pub async fn shutdown(&self) {
        self.guard.shutdown().await;
    }

    /// The routes, to be served or nested. Serve them with `into_make_service_with_connect_info::<SocketAddr>()`: from where a
    /// request comes is part of some decisions.
    pub fn router(&self) -> Router {
        self.router.clone()
    }
}
