//! The rows of the guard: `GET /whoami` at `timesheets-api`, with `tokenry dev` beside it for keys and tokens.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::client::Request;
use super::data::{AUDIENCE, Client, floor, program, whoami};
use super::server::{Server, end, free_address};
use super::{Description, Pair};

/// When the guard checks the token's signature.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Signature {
    CheckedBefore,
    CheckedEachTime,
}

pub(crate) fn start(signature: Signature) -> Result<(Description, Pair)> {
    let folder = tempfile::tempdir()?;
    let dev = Dev::start()?;
    let client =
        Client { id: dev.text("/clients/cron/client_id")?, secret: dev.text("/clients/cron/client_secret")? };
    let clients = folder.path().join("clients.tsv");
    fs::write(&clients, format!("{}\t{}\n", client.id, client.secret))?;
    let token = client.token(dev.text("/issuer")?.trim_start_matches("http://").parse()?)?;
    let (api, api_address) = api(&dev, &token, signature, folder.path())?;
    let (floor, floor_address) = floor(&clients, "RS256")?;
    let floor_token = client.token(floor_address)?;
    let path = match signature {
        Signature::CheckedBefore => "/whoami",
        Signature::CheckedEachTime => "/whoami/unseen",
    };
    let ours = whoami(api, api_address, "/whoami", &token, &folder.path().join("tokenry.jwt"))?;
    let floor = whoami(floor, floor_address, path, &floor_token, &folder.path().join("floor.jwt"))?;
    Ok((describe(signature), Pair { ours, floor, beside: vec![Box::new(dev), Box::new(folder)] }))
}

fn describe(signature: Signature) -> Description {
    let (name, how, goal) = match signature {
        Signature::CheckedBefore => ("whoami", "that it has seen before", 0.75),
        Signature::CheckedEachTime => ("whoami-unseen", "whose signature it checks each time", 0.90),
    };
    Description {
        name,
        title: format!("GET /whoami: an API behind the guard, an RS256 JWT {how}"),
        subject: "timesheets-api",
        other: "floor",
        goal: Some(goal),
    }
}

/// The demo API on its own, so that the CPU time is the guard's and not that of the server that issues.
fn api(
    dev: &Dev,
    token: &str,
    signature: Signature,
    folder: &Path,
) -> Result<(Server, std::net::SocketAddr)> {
    let address = free_address()?;
    let mut api = program("timesheets-api");
    api.current_dir(folder)
        .env("ISSUER", dev.text("/issuer")?)
        .env("AUDIENCE", AUDIENCE)
        .env("NAMESPACE", dev.text("/namespace")?)
        .env("CLIENT_ID", dev.text("/api/id")?)
        .env("CLIENT_SECRET", dev.text("/api/secret")?)
        .env("LISTEN", address.to_string());
    if signature == Signature::CheckedEachTime {
        api.env("TOKEN_CACHE", "0");
    }
    Ok((Server::start(&mut api, address, &Request::get("/whoami", token))?, address))
}

/// A running `tokenry dev`, and the line that it printed.
struct Dev {
    child: Child,
    printed: Value,
}

impl Dev {
    fn start() -> Result<Self> {
        let mut dev = program("tokenry");
        dev.args(["dev", "--ephemeral", "--json", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]);
        let mut child = dev.stdout(Stdio::piped()).spawn().context("could not start tokenry dev")?;
        let stdout = child.stdout.take().context("tokenry dev has no standard output")?;
        let mut dev = Self { child, printed: Value::Null };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        dev.printed = serde_json::from_str(&line).context("reading what tokenry dev prints")?;
        Ok(dev)
    }

    /// A text of the printed line, by JSON pointer.
    fn text(&self, pointer: &str) -> Result<String> {
        let text = self.printed.pointer(pointer).and_then(Value::as_str);
        Ok(text.with_context(|| format!("tokenry dev prints no {pointer}"))?.to_owned())
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
