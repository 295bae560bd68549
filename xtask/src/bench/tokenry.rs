//! `tokenry serve` as a program under test.

use std::net::SocketAddr;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::client::Request;
use super::data::program;
use super::seed::Data;
use super::server::{Server, free_address};

/// How long a server may take to seal five million audit rows.
const PATIENCE: Duration = Duration::from_secs(150);

/// Starts a server on this data and waits until it answers the probe.
pub(crate) fn serve(
    data: &Data,
    database: &str,
    algorithm: &str,
    probe: &Request,
) -> Result<(Server, SocketAddr)> {
    let address = free_address()?;
    Ok((Server::start(&mut command(data, database, algorithm, address), address, probe)?, address))
}

/// The same, with limits that keep nobody from failing as often as they like.
pub(crate) fn serve_unlimited_at_rest(
    data: &Data,
    algorithm: &str,
    probe: &Request,
) -> Result<(Server, SocketAddr)> {
    let address = free_address()?;
    let mut command = command(data, &data.sqlite(), algorithm, address);
    for limit in ["FAILURES_PER_CLIENT", "NAMES_PER_ADDRESS", "REFUSED_PER_ADDRESS"] {
        command.env(format!("TOKENRY_LIMITS_{limit}"), "0");
    }
    let server = Server::start(&mut command, address, probe)?;
    come_to_rest(&server)?;
    Ok((server, address))
}

/// The same as [`serve`]; and until it has sealed what it found in the audit trail, and whatever else it begins with.
pub(crate) fn serve_at_rest(
    data: &Data,
    database: &str,
    algorithm: &str,
    probe: &Request,
) -> Result<(Server, SocketAddr)> {
    let (server, address) = serve(data, database, algorithm, probe)?;
    come_to_rest(&server)?;
    Ok((server, address))
}

fn come_to_rest(server: &Server) -> Result<()> {
    let begun = Instant::now();
    let mut quiet = 0;
    while quiet < 2 {
        ensure!(begun.elapsed() < PATIENCE, "the server does not come to rest");
        let before = server.cpu()?;
        sleep(Duration::from_secs(1));
        let busy = server.cpu()? - before;
        quiet = if busy < Duration::from_millis(30) { quiet + 1 } else { 0 };
    }
    Ok(())
}

fn command(data: &Data, database: &str, algorithm: &str, address: SocketAddr) -> Command {
    let mut serve = program("tokenry");
    serve.arg("serve").arg("--config").arg(data.config()).args(["--listen", &address.to_string()]);
    serve.current_dir(data.path());
    serve.env("TOKENRY_ISSUER", format!("http://{address}"));
    serve.env("TOKENRY_DATABASE", database).env("TOKENRY_TOKENS_SIGNING_ALG", algorithm);
    serve
}
