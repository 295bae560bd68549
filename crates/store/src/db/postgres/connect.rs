//! Makes connections to PostgreSQL: who is trusted to be the server, and the settings of a session.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::url::PostgresTarget;
use crate::db::{Error, Options, Result};

/// How long a host may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// How long sent data may stay unacknowledged: a server that vanished is noticed within that time.
const SILENCE: Duration = Duration::from_secs(10);

/// What the connections of a pool are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Single queries, which the server keeps from writing.
    Read,
    /// Serializable transactions.
    Write,
}

/// A pool that connects when a connection is first asked for.
pub(super) fn pool(target: &PostgresTarget, role: Role, options: &Options) -> Result<Pool> {
    let mut config = target.config.clone();
    config
        .application_name("tokenry")
        .connect_timeout(CONNECT)
        .tcp_user_timeout(SILENCE)
        .keepalives_idle(SILENCE)
        // Never a standby: it may lag behind, and a revoked token would revive.
        .target_session_attrs(TargetSessionAttrs::ReadWrite);
    let tls = MakeRustlsConnect::new(tls(target)?);
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let settings: Arc<str> = settings(role, options).into();
    let pool = Pool::builder(Manager::from_config(config, tls, recycling))
        .max_size(options.connections.max(1))
        .runtime(Runtime::Tokio1)
        .post_create(Hook::async_fn(move |client, _| {
            let settings = Arc::clone(&settings);
            Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
        }));
    pool.build().map_err(Error::unavailable)
}

/// Verifies the server's certificate and name, by the given or the public authorities.
fn tls(target: &PostgresTarget) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match &target.root_certificates {
        Some(path) => {
            let problem = |error: &dyn std::fmt::Display| {
                Error::Unavailable(format!("cannot read sslrootcert {}: {error}", path.display()))
            };
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| problem(&error))? {
                let certificate = certificate.map_err(|error| problem(&error))?;
                roots.add(certificate).map_err(|error| problem(&error))?;
            }
            if roots.is_empty() {
                return Err(problem(&"it holds no certificate"));
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(Error::unavailable)?.with_root_certificates(roots).with_no_client_auth())
}

/// The settings of a session, in one round trip.
fn settings(role: Role, options: &Options) -> String {
    let role = match role {
        Role::Read => "SET default_transaction_read_only = on;",
        Role::Write => "SET default_transaction_isolation = 'serializable';",
    };
    let statement = options.deadline.as_millis();
    let lock = options.lock_timeout.as_millis();
    let idle = (options.body_limit + options.lock_timeout).as_millis();
    format!(
        "{role}
        SET statement_timeout = {statement};
        SET lock_timeout = {lock};
        SET idle_in_transaction_session_timeout = {idle};
        SET client_min_messages = warning;
        -- What was acknowledged survives a crash, whatever the server's default is.
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
    )
}

/// Why no connection could be had.
pub(super) fn unavailable(error: &PoolError) -> Error {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            // "error connecting to server" says little without its cause.
            let cause = std::error::Error::source(error).map(|it| format!(": {it}")).unwrap_or_default();
            Error::Unavailable(format!("{error}{cause}"))
        }
        PoolError::Closed => Error::unavailable("it was closed"),
        PoolError::Timeout(_) => Error::unavailable("no connection was to be had in time"),
        error => Error::unavailable(error),
    }
}
