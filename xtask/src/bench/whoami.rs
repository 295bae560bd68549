//! The rows of the guard: `GET /whoami` at `timesheets-api`, with `tokenry dev` beside it for keys and tokens.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::client::Request;
use super::data::{AUDIENCE, Client, Field, floor, program, whoami};
use super::server::{Server, end, free_address};
use super::{Description, Pair};

/// What is shown to the guard.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shown {
    /// The cookie for APIs of a session, about which it has asked the server.
    Cookie,
    /// A personal access token, about which it has asked the server.
    Pat,
    /// A JWT that it has seen before.
    SeenJwt,
    /// A JWT whose signature it checks each time.
    UnseenJwt,
}

pub(crate) fn start(shown: Shown) -> Result<(Description, Pair)> {
    let folder = tempfile::tempdir()?;
    let dev = Dev::start()?;
    let client =
        Client { id: dev.text("/clients/cron/client_id")?, secret: dev.text("/clients/cron/client_secret")? };
    let clients = folder.path().join("clients.tsv");
    fs::write(&clients, format!("{}\t{}\n", client.id, client.secret))?;
    let field = match shown {
        Shown::Cookie => Field { name: "Cookie", value: dev.cookie()? },
        Shown::Pat => Field::bearer(&dev.text("/users/ann/pat")?),
        Shown::SeenJwt | Shown::UnseenJwt => Field::bearer(&client.token(dev.address()?)?),
    };
    let (api, api_address) = api(&dev, &field, shown, folder.path())?;
    let (floor, floor_address) = floor(&clients, "RS256")?;
    let floor_field = Field::bearer(&client.token(floor_address)?);
    let path = if shown == Shown::UnseenJwt { "/whoami/unseen" } else { "/whoami" };
    let ours = whoami(api, api_address, "/whoami", &field, &folder.path().join("ours"))?;
    let floor = whoami(floor, floor_address, path, &floor_field, &folder.path().join("floor"))?;
    Ok((describe(shown), Pair { ours, floor, beside: vec![Box::new(dev), Box::new(folder)] }))
}

fn describe(shown: Shown) -> Description {
    let (name, what, goal) = match shown {
        Shown::Cookie => ("whoami-cookie", "a session's cookie that it has asked about", 0.75),
        Shown::Pat => ("whoami-pat", "a personal access token that it has asked about", 0.75),
        Shown::SeenJwt => ("whoami", "an RS256 JWT that it has seen before", 0.75),
        Shown::UnseenJwt => ("whoami-unseen", "an RS256 JWT whose signature it checks each time", 0.90),
    };
    Description {
        name,
        title: format!("GET /whoami: an API behind the guard, {what}"),
        subject: "timesheets-api",
        other: "floor",
        goal: Some(goal),
    }
}

/// The demo API on its own, so that the CPU time is the guard's and not that of the server that issues.
fn api(dev: &Dev, field: &Field, shown: Shown, folder: &Path) -> Result<(Server, std::net::SocketAddr)> {
    let address = free_address()?;
    let mut api = program("timesheets-api");
    api.current_dir(folder)
        .env("ISSUER", dev.text("/issuer")?)
        .env("AUDIENCE", AUDIENCE)
        .env("NAMESPACE", dev.text("/namespace")?)
        .env("CLIENT_ID", dev.text("/api/id")?)
        .env("CLIENT_SECRET", dev.text("/api/secret")?)
        .env("LISTEN", address.to_string());
    if shown == Shown::UnseenJwt {
        api.env("TOKEN_CACHE", "0");
    }
    let probe = Request::get("/whoami").with_field(field.name, &field.value);
    Ok((Server::start(&mut api, address, &probe)?, address))
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

    fn address(&self) -> Result<std::net::SocketAddr> {
        Ok(self.text("/issuer")?.trim_start_matches("http://").parse()?)
    }

    /// What a browser sends to APIs after ann has signed in.
    fn cookie(&self) -> Result<String> {
        let (username, password) = (self.text("/users/ann/username")?, self.text("/users/ann/password")?);
        let body = json!({"username": username, "password": password});
        let answer = Request::json("/session", &body).ask(self.address()?)?;
        ensure!(answer.status == 200, "ann cannot sign in: {}", answer.body);
        let set = answer.head.lines().find_map(|line| line.split_once("__Host-tokenry_api="));
        let (_before, cookie) = set.context("no cookie for APIs was set")?;
        let value = cookie.split(';').next().unwrap_or_default();
        Ok(format!("__Host-tokenry_api={value}"))
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
