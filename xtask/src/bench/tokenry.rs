//! `tokenry serve` as a program under test.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::Result;

use super::client::Request;
use super::data::program;
use super::seed::Data;
use super::server::{Server, free_address};

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

fn command(data: &Data, database: &str, algorithm: &str, address: SocketAddr) -> Command {
    let mut serve = program("tokenry");
    serve.arg("serve").arg("--config").arg(data.config()).args(["--listen", &address.to_string()]);
    serve.current_dir(data.path());
    serve.env("TOKENRY_ISSUER", format!("http://{address}"));
    serve.env("TOKENRY_DATABASE", database).env("TOKENRY_TOKENS_SIGNING_ALG", algorithm);
    serve
}
