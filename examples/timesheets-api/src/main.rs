//! The Timesheets demo API as a program of its own; configured by environment variables, see the README.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use timesheets_api::{App, Config};
use timesheets_environment::{optional, required};
use tokenry_guard::{Dialect, Secret};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Requests make many small allocations, for which it takes half the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DRAIN: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let color = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color).init();

    let listen = optional("LISTEN").unwrap_or_else(|| "127.0.0.1:8701".into());
    let app = App::start(config()?).await?;
    let listener = TcpListener::bind(&listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    // The one line of data: with port 0, nobody else knows the address.
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;

    let readiness = app.clone();
    tokio::spawn(async move {
        readiness.ready().await;
        tracing::info!("keys and companies are loaded");
    });
    let served = serve(listener, app.clone()).await;
    app.shutdown().await;
    served
}

/// Serves until a signal, then finishes what has begun, for ten seconds at most.
async fn serve(listener: TcpListener, app: App) -> anyhow::Result<()> {
    let (stop, mut stopped) = tokio::sync::watch::channel(());
    let drained = async move {
        // An error means that the other end is gone, which is the signal too.
        let _ = stopped.changed().await;
        tokio::time::sleep(DRAIN).await;
    };
    let until = async move {
        signal().await;
        tracing::info!("stopping");
        stop.send_replace(());
    };
    let routes = app.router().into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, routes).with_graceful_shutdown(until);
    tokio::select! {
        served = server => served.context("serving failed"),
        () = drained => bail!("connections were still busy after {} seconds", DRAIN.as_secs()),
    }
}

/// Ctrl-C, or SIGTERM from a supervisor.
async fn signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

/// The configuration, or all the variables that are missing.
fn config() -> anyhow::Result<Config> {
    let names = ["ISSUER", "AUDIENCE", "NAMESPACE", "CLIENT_ID", "CLIENT_SECRET"];
    let [issuer, audience, namespace, api_id, api_secret] = required(names)?;
    let dialect = optional("DIALECT").map_or(Ok(Dialect::Rfc), |word| Dialect::parse(&word));
    let token_cache = optional("TOKEN_CACHE").map(|bytes| bytes.parse()).transpose();
    let list = |name| optional(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    Ok(Config {
        dialect: dialect.context("the environment variable DIALECT")?,
        issuer,
        audience,
        namespace,
        api_id,
        api_secret: Secret::new(api_secret),
        database: optional("DATABASE").unwrap_or_else(|| "timesheets.db".into()).into(),
        allowed_origins: list("ALLOWED_ORIGINS"),
        token_cache: token_cache.context("TOKEN_CACHE is no number of bytes")?,
        trusted_proxies: list("TRUSTED_PROXIES"),
    })
}
