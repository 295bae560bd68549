//! A rival on the same work: npm's oidc-provider, with one client and its adapter in memory.

use anyhow::Result;

use super::contender::Contender;
use super::data::{AUDIENCE, Client, SCOPE, floor, token_load};
use super::load::Load;
use super::seed::{FEW, Seeded};
use super::server::{Server, free_address};
use super::{Description, Pair};
use crate::command::{command, root};
use crate::setup;

pub(crate) fn start(seeded: &mut Seeded) -> Result<(Description, Pair)> {
    let folder = root().join("bench/rivals/oidc-provider");
    setup::npm(&folder)?;
    let data = seeded.sqlite(FEW)?;
    let clients = data.some_clients(1)?;
    let client = Client::first_of(&clients)?;
    let address = free_address()?;
    let mut node = command("node");
    node.arg(folder.join("server.mjs")).arg(address.port().to_string()).arg(&clients);
    let probe = client.request_for("resource");
    let server = Server::start(&mut node, address, &probe)?;
    let arguments = [&clients.display().to_string(), AUDIENCE, SCOPE, "resource"].map(str::to_owned);
    let load = Load { script: "bench/token.lua", arguments: arguments.into() };
    let ours = Contender::new(server, address, probe, load)?;
    let (floor, floor_address) = floor(&clients, "RS256")?;
    let floor = Contender::new(floor, floor_address, client.request(), token_load(&clients))?;
    let description = Description {
        name: "rival-oidc-provider",
        title: "A rival: npm's oidc-provider, client credentials, RS256, one client in memory, no audit"
            .to_owned(),
        subject: "oidc-provider",
        other: "floor",
        goal: None,
    };
    Ok((description, Pair { ours, floor, beside: vec![Box::new(data)] }))
}
