//! `dev`: server, demo API and demo data on this machine, with nothing to configure.

mod console;
mod demo;
mod folder;
mod people;
mod report;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokenry_engine::mail::SendMail;
use tokenry_protocol::dialect::Dialect;
use tokenry_server::serve::{Limits, serve};
use tokenry_server::{HostPolicy, Loopback};
use tokio::sync::watch;

use crate::cli::Global;
use crate::failure::{Code, Failure, Result};
use crate::host::Host;
use crate::outbound::{LOOPBACK, outbound};
use crate::output::write_out;
use crate::peers::Peers;
use crate::serve::{Edge, address, bind, check_issuer, on_signal, start, stopped};
use crate::telemetry;

use console::Console;
pub(crate) use demo::AUDIENCE;
use folder::Folder;

/// The mark in a database that `serve` refuses.
pub(crate) const DEV_MARK: &str = "dev";

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8700);
const API_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8701);
/// Where the headless user interface of the examples lives: an origin that may send credentials.
const UI_ORIGIN: &str = "http://127.0.0.1:8705";
/// How long the demo may take to hold its keys and its snapshot.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// What to run.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Where the authorization server listens: loopback only, port 0 picks a free one [default: 127.0.0.1:8700].
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where the demo API listens: loopback only, port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value_t = API_LISTEN)]
    api_listen: SocketAddr,
    /// The issuer; otherwise http:// and the address that is listened on.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Keep everything in this folder; otherwise in one that is removed at the end.
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    data: Option<PathBuf>,
    /// Keep everything in a temporary folder, removed at the end; the default.
    #[arg(long)]
    ephemeral: bool,
    /// Whose ways the demo has: rfc, or auth0; without it those of the folder, at first rfc.
    #[arg(long, value_name = "PROFILE", value_parser = Dialect::parse)]
    profile: Option<Dialect>,
    /// Serve metrics there.
    #[arg(long, value_name = "ADDR")]
    metrics_listen: Option<SocketAddr>,
    /// Also answer to this host name; there is no mailbox then, and root cannot sign in.
    #[arg(long, value_name = "HOST")]
    expose: Option<String>,
    /// Print one line of JSON on stdout and nothing else there.
    #[arg(long)]
    json: bool,
}

/// Who can reach a `dev`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reach {
    /// Whoever the operator lets in by another name: there is no mailbox then, and no root.
    Others,
    /// Nobody but this machine.
    ThisMachine,
}

/// Runs until a signal ends it.
pub(crate) async fn run(options: Options, global: &Global) -> Result {
    telemetry::start("warn");
    let api_listen = loopback(options.api_listen)?;
    // First of all: a temporary folder goes even if this is stopped while it starts.
    let stop = on_signal();
    let folder = Folder::open(options.data.as_deref())?;
    let listener = bind(loopback(options.listen.or(folder.listen()?).unwrap_or(LISTEN))?).await?;
    let api_listener = bind(api_listen).await?;
    let issuer = match options.issuer {
        Some(issuer) => {
            check_issuer(&issuer)?;
            issuer
        }
        None => {
            let end = folder.profile(options.profile)?.form().issuer_end;
            format!("http://{}{end}", address(&listener)?)
        }
    };
    let mut host = folder.host(&issuer, address(&listener)?, options.profile).await?;
    host.config.metrics_listen = match options.metrics_listen.or(host.config.metrics_listen) {
        Some(address) => Some(loopback(address)?),
        None => None,
    };
    host.config.outbound.allowed_networks.extend(LOOPBACK);
    let listed = &mut host.config.sessions.headless_origins;
    if !listed.iter().any(|origin| origin == UI_ORIGIN) {
        listed.push(UI_ORIGIN.to_owned());
    }
    let api = address(&api_listener)?;
    host.config.secrets.taken_at.push(format!("POST http://{api}/import"));
    host.config.tokens.try_at.push(format!("{} http://{api}/whoami", demo::AUDIENCE));
    let hosts = Loopback::new(&issuer, options.expose.as_deref(), &[UI_ORIGIN])
        .map_err(|error| Failure::new(Code::Usage, error.to_string()))?;
    let reach = if hosts.is_exposed() { Reach::Others } else { Reach::ThisMachine };
    let demo = demo::seed(&host, options.profile, reach).await?;
    let edge = Edge {
        hosts: HostPolicy::Loopback(hosts),
        // With `--json` standard error is for talk alone, and a link opens an account.
        mail: (reach == Reach::Others && !options.json).then(|| Arc::new(Console) as Arc<dyn SendMail>),
        outbound: outbound(&host.config)?,
        peers: Peers::new(vec![]),
        tls: None,
    };
    let (fell, fallen) = watch::channel(false);
    let (quit, quitting) = watch::channel(false);
    let host = Arc::new(host);
    let server = tokio::spawn({
        let host = Arc::clone(&host);
        async move {
            let ended = start(&host, listener, edge, quitting).await;
            let _unheard = fell.send(true);
            ended
        }
    });
    let api = start_api(&host, &demo, folder.timesheets()).await?;
    let api_url = format!("http://{}", address(&api_listener)?);
    let api_server =
        tokio::spawn(serve(api_listener, api.router(), Limits::default(), stopped(stop.clone())));
    tokio::select! {
        () = api.ready() => {
            let report =
                report::Report { demo: &demo, host: &host, api_url: &api_url, folder: &folder, reach };
            if options.json { write_out(&report.json()?)?; } else { write_out(&report.text())?; }
            if folder.is_ephemeral() {
                global.say(&format!("Everything is in {} until you stop this with Ctrl-C.", folder.path().display()));
            }
        }
        () = stopped(stop.clone()) => {}
        () = stopped(fallen.clone()) => {}
        () = tokio::time::sleep(READY_WITHIN) => {
            return Err(Failure::new(Code::Failure, "the demo API could not reach the authorization server")
                .hint(format!("is {issuer} this machine?")));
        }
    }
    tokio::select! {
        ended = api_server => drop(ended.context("the demo API failed")?),
        () = stopped(fallen) => {}
    }
    // While there is someone to tell: else the next start on this folder would wait for a guard that is no more.
    api.shutdown().await;
    quit.send_replace(true);
    server.await.context("the server failed")??;
    Ok(())
}

async fn start_api(host: &Host, demo: &demo::Demo, database: PathBuf) -> Result<timesheets_api::App> {
    let mut allowed_origins = host.config.sessions.headless_origins.clone();
    allowed_origins.push(people::SPA_ORIGIN.to_owned());
    let config = timesheets_api::Config {
        allowed_origins,
        api_id: demo.api_id.clone(),
        api_secret: demo.guard_secret.clone(),
        audience: demo::AUDIENCE.to_owned(),
        database,
        dialect: demo.dialect,
        issuer: host.config.issuer.clone(),
        namespace: host.config.tokens.namespace.clone(),
        token_cache: None,
        trusted_proxies: Vec::new(),
    };
    Ok(timesheets_api::App::start(config).await.context("the demo API cannot start")?)
}

fn loopback(address: SocketAddr) -> Result<SocketAddr> {
    if address.ip().is_loopback() {
        return Ok(address);
    }
    let text = format!("{address} is reachable from outside; `dev` listens on loopback only");
    Err(Failure::new(Code::Usage, text).hint("`serve` is for others; --expose HOST answers to another name"))
}
