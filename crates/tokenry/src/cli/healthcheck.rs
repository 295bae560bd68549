//! `healthcheck`: asks a running server whether it is ready; for containers and supervisors.
//!
//! Where the server is this configuration's own and speaks TLS, its certificate is trusted if it is the configured one or
//! for the issuer's host, whoever issued it: what is asked is whether the server answers, and no secret is told.

mod trust;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use reqwest::{Client, ClientBuilder};

use super::Global;
use crate::config::Config;
use crate::failure::{Code, Failure, Result};
use crate::host::read_config;

const TIMEOUT: Duration = Duration::from_secs(5);

/// Which server.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The server's address; otherwise the one that the configuration has it listen on.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Succeeds if the server is ready.
pub(crate) async fn run(options: Options, global: &Global) -> Result {
    let client = Client::builder().timeout(TIMEOUT);
    let (base, client) = match options.url {
        Some(url) => (url.trim_end_matches('/').to_owned(), client),
        None => {
            let config = read_config(&global.config)?;
            let (base, own) = own_server(&config);
            (base, own.timeout(TIMEOUT).no_proxy())
        }
    };
    let client = client.build().map_err(anyhow::Error::from)?;
    let answer = client.get(format!("{base}/readyz")).send().await.map_err(|error| {
        let why = if error.is_timeout() { "it did not answer in time" } else { "it cannot be reached" };
        Failure::new(Code::Failure, format!("the server at {base} is not ready: {why}"))
    })?;
    if answer.status().is_success() {
        global.say("ready");
        Ok(())
    } else {
        let status = answer.status();
        Err(Failure::new(Code::Failure, format!("the server at {base} is not ready: it answered {status}")))
    }
}

/// Where the server that the configuration describes can be called on this host, and a client that knows it.
pub(super) fn own_server(config: &Config) -> (String, ClientBuilder) {
    let scheme = if config.tls.cert == Path::new("") { "http" } else { "https" };
    let client = Client::builder().tls_backend_preconfigured(trust::own_server(config));
    (format!("{scheme}://{}", reachable(config.listen)), client)
}

/// An address to call where the server listens on all.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
