//! What the scenarios share in preparing: the programs just built, the floor, and a token from its answer.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::client::{Request, escape};
use super::contender::Contender;
use super::load::Load;
use super::server::{Server, free_address};
use crate::command::{command, root};

pub(crate) const AUDIENCE: &str = "https://timesheets.example.com";
pub(crate) const SCOPE: &str = "read:timesheets";

/// A program of the release build.
pub(crate) fn program(name: &str) -> Command {
    let path: PathBuf = root().join("target/release").join(name);
    command(&path.to_string_lossy())
}

/// A client of a file of `client_id<TAB>client_secret` lines.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Client {
    pub(crate) fn first_of(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)?;
        let line = text.lines().next().context("no client was made")?;
        let (id, secret) = line.split_once('\t').context("a line without a tab")?;
        Ok(Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// The client's token request.
    pub(crate) fn request(&self) -> Request {
        self.request_for("audience")
    }

    /// The same, where the parameter that names the API is called `target`.
    pub(crate) fn request_for(&self, target: &str) -> Request {
        let Self { id, secret } = self;
        let (audience, scope) = (escape(AUDIENCE), escape(SCOPE));
        let body = format!(
            "client_id={id}&client_secret={secret}&grant_type=client_credentials&{target}={audience}&scope={scope}"
        );
        Request::form("/oauth/token", body)
    }

    /// An access token of the client.
    pub(crate) fn token(&self, address: SocketAddr) -> Result<String> {
        let answer: serde_json::Value = serde_json::from_str(&self.request().send(address)?)?;
        Ok(answer["access_token"].as_str().context("no access_token in the answer")?.to_owned())
    }
}

/// The load of `bench/token.lua` by the clients of a file.
pub(crate) fn token_load(clients: &Path) -> Load {
    let arguments = vec![clients.display().to_string(), AUDIENCE.to_owned(), SCOPE.to_owned()];
    Load { script: "bench/token.lua", arguments }
}

/// A field of a request's head that says who asks.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

impl Field {
    pub(crate) fn bearer(token: &str) -> Self {
        Self { name: "Authorization", value: format!("Bearer {token}") }
    }
}

/// A server whose `GET` of a path takes the field, with the load of `bench/whoami.lua`, which reads it from a file.
pub(crate) fn whoami(
    server: Server,
    address: SocketAddr,
    path: &'static str,
    field: &Field,
    file: &Path,
) -> Result<Contender> {
    std::fs::write(file, &field.value)?;
    let arguments = vec![field.name.to_owned(), file.display().to_string()];
    let load = Load { script: "bench/whoami.lua", arguments };
    let probe = Request::get(path).with_field(field.name, &field.value);
    Contender::new(server, address, probe, load)
}

/// The floor, with the clients of a file and a key for the algorithm.
pub(crate) fn floor(clients: &Path, algorithm: &str) -> Result<(Server, SocketAddr)> {
    let address = free_address()?;
    let mut floor = program("tokenry-bench-floor");
    floor.arg(address.port().to_string()).arg(clients).arg(algorithm);
    Ok((Server::start(&mut floor, address, &Client::first_of(clients)?.request())?, address))
}
