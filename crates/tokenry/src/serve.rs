//! `serve`: the authorization server. It refuses to start where it could not be trusted, and says what to do.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use tokenry_engine::Engine;
use tokenry_engine::mail::SendMail;
use tokenry_server::serve::{Limits, Tls, serve_over};
use tokenry_server::{App, HostPolicy, Outbound, Scheme, Settings};
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::{Host as UrlHost, Url};

use crate::cli::Global;
use crate::config::{Config, quoted};
use crate::dev::DEV_MARK;
use crate::failure::{Code, Failure, Result};
use crate::folder::folder_of;
use crate::headless::headless;
use crate::host::{Host, database_url, same_site, settings};
use crate::mail::mailer;
use crate::outbound::outbound;
use crate::peers::Peers;
use crate::secret_routes::secret_routes;
use crate::tls::{Fresh, certificate};
use crate::try_at::try_at;
use crate::{forwarded, supervisor, telemetry};

/// The longest issuer, in bytes.
const MAX_ISSUER: usize = 1_000;

/// How to serve.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Where to listen; wins over the configuration.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Serves until a signal ends it.
pub(crate) async fn run(options: Options, global: &Global) -> Result {
    telemetry::start("info");
    let mut config = crate::host::read_config(&global.config)?;
    let handed_over = supervisor::listener()?;
    config.listen = match &handed_over {
        Some(socket) => address(socket)?,
        None => options.listen.unwrap_or(config.listen),
    };
    check_config(&config)?;
    let mut host = Host::open(&global.config).await?;
    host.config = config;
    refuse_dev(&host).await?;
    let fresh = Fresh::open(&host.config)?;
    let edge = Edge {
        hosts: HostPolicy::Public,
        mail: None,
        outbound: outbound(&host.config)?,
        peers: Peers::new(host.config.trusted_proxies.clone()),
        tls: fresh.tls(),
    };
    let listener = match handed_over {
        Some(socket) => socket,
        None => bind(host.config.listen).await?,
    };
    let stop = on_signal();
    let (fresh, stopping) = (fresh.keep(), stopped(stop.clone()));
    tokio::spawn(async move {
        tokio::select! {
            () = fresh => {}
            () = stopping => supervisor::stopping(),
        }
    });
    tokio::spawn(supervisor::watchdog());
    let tls = edge.tls.is_some();
    if host.config.mail.url.find().is_none() {
        tracing::warn!("mail.url is not set: no mail is sent, so nobody can choose a password by a link");
    }
    tracing::info!(address = %address(&listener)?, issuer = host.config.issuer, tls, "listening");
    start(&host, listener, edge, stop).await
}

/// Who may speak to the server, by which names, and to whom it may speak. To be made before it listens, because it takes
/// its time.
pub(crate) struct Edge {
    pub(crate) hosts: HostPolicy,
    /// Who takes mail where no server is configured for it.
    pub(crate) mail: Option<Arc<dyn SendMail>>,
    pub(crate) outbound: Outbound,
    pub(crate) peers: Peers,
    /// What the listener speaks TLS with; without it plain HTTP, to `peers` alone.
    pub(crate) tls: Option<Tls>,
}

/// Runs server, metrics and background work until `stop` says so.
pub(crate) async fn start(
    host: &Host,
    listener: TcpListener,
    Edge { hosts, mail, outbound, peers, tls }: Edge,
    stop: watch::Receiver<bool>,
) -> Result {
    let engine = Engine::open(
        host.store.clone(),
        &host.master,
        settings(&host.config)?,
        Arc::clone(&host.clock),
        Arc::clone(&host.rng),
    );
    let engine = engine.await.context("the engine cannot start")?;
    let outbound = Arc::new(outbound);
    let engine = engine.fetching_keys_by(Arc::<Outbound>::clone(&outbound)).posting_logouts_by(outbound);
    let smtp = mailer(&host.config)?.map(|smtp| Arc::new(smtp) as Arc<dyn SendMail>);
    let mail = smtp.or(mail);
    // Where it is for this machine alone, there is a mailbox to read.
    let mail_reaches_people = mail.is_some() || hosts.is_for_this_machine_alone();
    let engine = Arc::new(match mail {
        Some(mail) => engine.sending_mail_by(mail),
        None => engine,
    });
    let app = App {
        engine: Arc::clone(&engine),
        clock: Arc::clone(&host.clock),
        rng: Arc::clone(&host.rng),
        settings: Settings {
            hosts,
            mail_reaches_people,
            scheme: if tls.is_some() { Scheme::Https } else { Scheme::Http },
            same_site: same_site(&host.config)?,
            headless: headless(&host.config)?,
            secret_routes: secret_routes(&host.config.secrets)?,
            try_at: try_at(&host.config.tokens)?,
            ..Settings::default()
        },
    };
    if let Some(address) = host.config.metrics_listen {
        serve_metrics(address, peers.clone(), stop.clone()).await?;
    }
    tokio::spawn(telemetry::tell_what_is_left_out());
    let (served, serving) = watch::channel(false);
    let background = tokio::spawn(engine.run(stopped(serving)));
    let router = forwarded::believe(
        tokenry_server::router(app),
        &host.config.issuer,
        host.config.trusted_proxies.clone(),
    );
    supervisor::ready();
    let (limits, until) = (Limits::default(), stopped(stop));
    let drained = match tls {
        Some(tls) => serve_over(tls, listener, router, limits, until).await,
        None => serve_over(peers, listener, router, limits, until).await,
    };
    // The last flush must see the last requests.
    let _unheard = served.send(true);
    background.await.context("the background work failed")?;
    if drained.cut > 0 {
        tracing::warn!(cut = drained.cut, "connections were cut at the end of the time to finish");
    }
    tracing::info!("stopped");
    Ok(())
}

async fn serve_metrics(address: SocketAddr, peers: Peers, stop: watch::Receiver<bool>) -> Result {
    let metrics = tokenry_server::metrics::install().context("metrics cannot be counted")?;
    let listener = bind(address).await?;
    tracing::info!(address = %self::address(&listener)?, "serving metrics");
    let router = metrics.router();
    tokio::spawn(metrics.upkeep());
    tokio::spawn(serve_over(peers, listener, router, Limits::default(), stopped(stop)));
    Ok(())
}

/// Ready once `stop` has said so, or nobody is left to say it.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    let _last_word = stop.wait_for(|stop| *stop).await;
}

/// Becomes true at SIGINT or SIGTERM. When this returns, neither ends the process any more by itself.
pub(crate) fn on_signal() -> watch::Receiver<bool> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn received(signal: Option<Signal>) {
        match signal {
            Some(mut signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
    // Here and not in the task: what the caller makes next must already be safe from a sudden end.
    let [interrupt, terminate] =
        [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
    let (say, stop) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
        let _unheard = say.send(true);
    });
    stop
}

/// Binds `address`.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::new(Code::Failure, format!("{address} cannot be listened on: {error}"));
        failure.hint("another process may hold it; --listen with port 0 picks a free one")
    })
}

/// The address that a listener really has.
pub(crate) fn address(listener: &TcpListener) -> Result<SocketAddr> {
    Ok(listener.local_addr().map_err(anyhow::Error::from)?)
}

/// Refuses a configuration with which nobody should be served.
pub(crate) fn check_config(config: &Config) -> Result {
    check_issuer(&config.issuer)?;
    database_url(config)?;
    settings(config)?;
    same_site(config)?;
    headless(config)?;
    secret_routes(&config.secrets)?;
    try_at(&config.tokens)?;
    outbound(config)?;
    if mailer(config)?.is_none() && config.users.signup {
        let text = "users.signup: an account takes a proven address, and no mail is sent";
        return Err(
            Failure::new(Code::Usage, text).hint("set mail.url, or leave accounts to `tokenry users create`")
        );
    }
    let tls = certificate(config)?.is_some();
    if tls && config.issuer.starts_with("http:") {
        let text =
            format!("issuer: \"{}\" is plain HTTP, and with [tls] nothing here speaks that", config.issuer);
        return Err(Failure::new(Code::Usage, text).hint("write https://"));
    }
    let listen = (!tls).then_some(config.listen);
    refuse_reachable("listen", listen, config, "give a certificate in [tls], ")?;
    // Metrics never speak TLS.
    refuse_reachable("metrics_listen", config.metrics_listen, config, "")?;
    if let Some(database) = config.database.strip_prefix("sqlite:")
        && lies_in(&config.keyring_file, Path::new(database))
    {
        let text = "keyring_file: the keyring lies in the database's folder, so every copy of that folder opens itself";
        return Err(Failure::new(Code::Usage, text).hint("move the keyring to a folder of its own"));
    }
    Ok(())
}

/// Refuses an address on which strangers would be spoken to in the clear (R31).
fn refuse_reachable(key: &str, address: Option<SocketAddr>, config: &Config, hint: &str) -> Result {
    match address {
        Some(address) if !address.ip().is_loopback() && config.trusted_proxies.is_empty() => {
            let text =
                format!("{key}: {address} is reachable from outside, and nothing there would speak TLS");
            Err(Failure::new(Code::Usage, text).hint(format!(
                "{hint}listen on loopback behind a proxy on this host that ends TLS, \
                 or name the proxy's network in trusted_proxies"
            )))
        }
        _ => Ok(()),
    }
}

/// Whether `file` lies in the folder of `other` or below it, whatever way leads there.
fn lies_in(file: &Path, other: &Path) -> bool {
    let folder = |path: &Path| {
        let folder = folder_of(path);
        folder
            .canonicalize()
            .or_else(|_missing| std::path::absolute(folder))
            .unwrap_or_else(|_none| folder.to_owned())
    };
    folder(file).starts_with(folder(other))
}

/// RFC 8414 §2: https, no query, no fragment; plain http on loopback only.
pub(crate) fn check_issuer(issuer: &str) -> Result {
    let refused = |why: &str| Err(Failure::new(Code::Usage, format!("issuer: {} {why}", quoted(issuer))));
    if issuer.len() > MAX_ISSUER {
        return refused("is longer than anybody would write it");
    }
    let Ok(url) = Url::parse(issuer) else { return refused("is not an absolute URL") };
    let loopback = match url.host() {
        Some(UrlHost::Domain(name)) => name == "localhost",
        Some(UrlHost::Ipv4(ip)) => ip.is_loopback(),
        Some(UrlHost::Ipv6(ip)) => ip.is_loopback(),
        None => return refused("names no host"),
    };
    let plain = url.as_str() == issuer || url.as_str() == format!("{issuer}/");
    match url.scheme() {
        _ if url.query().is_some() || url.fragment().is_some() => {
            refused("must have neither query nor fragment")
        }
        _ if !url.username().is_empty() || url.password().is_some() => refused("must not name a user"),
        "https" | "http" if !plain => {
            refused("is not written as clients will compare it: lower case, no default port")
        }
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => refused("must be https (http is for loopback only)"),
    }
}

async fn refuse_dev(host: &Host) -> Result {
    let mark = host.store.find_meta(DEV_MARK).await.context("the database cannot be read")?;
    if mark.is_none() {
        return Ok(());
    }
    let text = "this database was made by `tokenry dev`: its demo secrets are printed at every start";
    Err(Failure::new(Code::Failure, text).hint("make one of your own with `tokenry init`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r31_plain_http_is_for_loopback() {
        for good in [
            "https://id.example.com",
            "https://id.example.com/",
            "http://127.0.0.1:8700",
            "http://localhost:1",
            "https://example.com/auth",
            "http://[::1]:8700",
        ] {
            assert!(check_issuer(good).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example.com",
            "id.example.com",
            "https://ID.example.com",
            "https://id.example.com:443",
            "https://id.example.com/?a=b",
            "https://id.example.com/#a",
            "https://u:p@id.example.com",
            "ftp://127.0.0.1",
            "",
            "https://",
        ] {
            assert!(check_issuer(bad).is_err(), "{bad}");
        }
    }
}
