//! The token row: `POST /oauth/token` at `tokenry serve` on SQLite, with 100,000 clients, each asking in its turn.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::contender::Contender;
use super::data::{Client, floor, program, token_load};
use super::server::{Server, free_address};
use super::{Description, Pair};
use crate::command::run;

pub(crate) const DESCRIPTION: Description = Description {
    name: "token-sqlite",
    title: "POST /oauth/token: client credentials, RS256, 100,000 clients in SQLite, audit durable before the answer",
    subject: "tokenry",
    goal: 0.80,
};

const CLIENTS: u32 = 100_000;

pub(crate) fn start(folder: &Path) -> Result<Pair> {
    let config = folder.join("tokenry.toml");
    let database = format!("sqlite:{}", folder.join("data/tokenry.db").display());
    let clients = folder.join("clients.tsv");
    println!("making {CLIENTS} clients");
    run(program("tokenry").arg("init").arg("--config").arg(&config).args(["--database", &database]))?;
    run(program("tokenry-bench-seed")
        .args([&database, &CLIENTS.to_string()])
        .stdout(File::create(&clients)?))?;
    let (floor, floor_address) = floor(&clients)?;
    let probe = Client::first_of(&clients)?.request();
    let floor = Contender::new(floor, floor_address, probe.clone(), token_load(&clients))?;
    let address = free_address()?;
    let server = Server::start(&mut serve(&config, &address.to_string(), folder), address, &probe)?;
    let ours = Contender::new(server, address, probe, token_load(&clients))?;
    Ok(Pair { ours, floor, beside: None })
}

fn serve(config: &Path, address: &str, folder: &Path) -> Command {
    let mut serve = program("tokenry");
    serve.arg("serve").arg("--config").arg(config).args(["--listen", address]).current_dir(folder);
    serve.env("TOKENRY_ISSUER", format!("http://{address}"));
    serve
}
