//! `secrets`: a client's secrets: add, list, revoke.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tokenry_engine::manage::NewSecret;
use tokenry_protocol::secret::Secret;

use super::{Global, prompt, propagation, secret_view};
use crate::config::Ttl;
use crate::failure::{Code, Failure, Result};
use crate::output::Thing;
use crate::snippet;

/// The longest secret that is read from a file, in bytes.
const MAX_FILE: u64 = 4_096;

/// What to do with a client's secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Adds a secret; it is shown once and works for the next request.
    Add(Add),
    /// Lists a client's secrets, never their values.
    List {
        /// The client.
        client_id: String,
    },
    /// Revokes a secret: it is refused from the next request on.
    Revoke {
        /// The client.
        client_id: String,
        /// The secret's id, as `secrets list` shows it.
        secret_id: String,
    },
}

/// A secret to be added.
#[derive(Args, Debug)]
pub(crate) struct Add {
    /// The client.
    client_id: String,
    /// For people: which deployment uses it.
    #[arg(long, default_value = "")]
    label: String,
    /// How long it works, such as 90d; otherwise until it is revoked.
    #[arg(long, value_name = "DURATION")]
    expires: Option<Ttl>,
    /// Ends the client's other secrets after this time: rotation with overlap.
    #[arg(long, value_name = "DURATION")]
    overlap: Option<Ttl>,
    /// A file with a secret brought from elsewhere, or - for standard input.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    match command {
        Command::Add(add) => run_add(add, global).await,
        Command::List { client_id } => {
            let host = global.host().await?;
            let secrets = host.manager()?.client_secrets(&client_id).await?;
            let now = host.clock.now();
            let things: Vec<_> = secrets.iter().map(|secret| secret_view::of_client(secret, now)).collect();
            global.output.list(&secret_view::COLUMNS, &things)
        }
        Command::Revoke { client_id, secret_id } => {
            let manager = global.host().await?.manager()?;
            manager.client(&client_id).await?;
            global.confirm(&format!("Revoke secret {secret_id} of client \"{client_id}\"?"))?;
            let announced = manager.revoke_client_secret(&client_id, &secret_id).await?;
            let thing =
                Thing::new().with("id", secret_id).with("client_id", client_id).with("status", "revoked");
            let done = "The secret is refused from the next request on, and the tokens that it got are dead.";
            propagation::report(global, &manager, &announced, thing, done).await
        }
    }
}

async fn run_add(add: Add, global: &Global) -> Result {
    let imported = match &add.secret_file {
        Some(file) => Some(read_secret(file, global)?),
        None => None,
    };
    let host = global.host().await?;
    let new = NewSecret {
        label: add.label,
        expires_in: add.expires.map(|ttl| ttl.duration()),
        overlap: add.overlap.map(|ttl| ttl.duration()),
        imported,
    };
    let brought = new.imported.is_some();
    let (stored, secret) = host.manager()?.add_client_secret(&add.client_id, new).await?;
    let thing = secret_view::of_client(&stored, host.clock.now());
    if brought {
        return global.output.thing(&thing);
    }
    global.output.thing(&thing.with("client_secret", secret.expose()))?;
    global.say(&snippet::client_secret(&add.client_id, &host.config.issuer));
    Ok(())
}

/// The file's text without the line break at its end; `-` is standard input, without echo on a terminal.
fn read_secret(file: &Path, global: &Global) -> Result<Secret> {
    if file == Path::new("-") && global.may_ask() {
        return prompt::secret("Secret").map(Secret::new);
    }
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MAX_FILE).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(MAX_FILE).read_to_string(&mut text))
    };
    read.map_err(|error| {
        Failure::new(Code::Usage, format!("the secret cannot be read from {}: {error}", file.display()))
    })?;
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(Secret::new(text))
}
