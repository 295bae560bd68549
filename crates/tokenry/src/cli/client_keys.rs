//! Where `clients` takes a client's own public keys from.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use tokenry_engine::manage::NewClientKeys;
use tokenry_model::{Client, ClientKeys};

use crate::failure::{Code, Failure, Result};
use crate::output::Thing;

/// More than a key set may ever be long, in bytes.
const MAX_FILE: u64 = 128 * 1024;

/// A client's own public keys.
#[derive(Args, Debug)]
pub(super) struct KeyOptions {
    /// Its own public keys, for private_key_jwt: a file with a JWK set, or - for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Where it publishes them instead: an https URL.
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
}

impl KeyOptions {
    /// The keys, if any are given.
    pub(super) fn read(self) -> Result<Option<NewClientKeys>> {
        match (self.jwks, self.jwks_uri) {
            (Some(file), _) => read(&file).map(NewClientKeys::Inline).map(Some),
            (None, Some(uri)) => Ok(Some(NewClientKeys::Uri(uri))),
            (None, None) => Ok(None),
        }
    }
}

/// Adds a client's keys to what is shown of it.
pub(super) fn show(thing: Thing, client: &Client) -> Thing {
    match &client.keys {
        Some(ClientKeys::Inline(set)) => {
            thing.maybe("jwks", serde_json::from_str::<Value>(&set.to_json()).ok())
        }
        Some(ClientKeys::Uri(uri)) => thing.with("jwks_uri", uri.as_str()),
        None => thing,
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MAX_FILE).read_to_end(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(MAX_FILE).read_to_end(&mut text))
    };
    match read {
        Ok(_length) => Ok(text),
        Err(error) => {
            let text = format!("the keys in {} cannot be read: {error}", file.display());
            Err(Failure::new(Code::Usage, text))
        }
    }
}
