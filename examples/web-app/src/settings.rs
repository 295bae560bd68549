//! What the environment says: where authorization server and API are, and who this application is.

use std::fmt::{self, Debug, Formatter};

use anyhow::{Context, bail};
use reqwest::Url;
use timesheets_environment::{optional, required};

/// What the environment says.
#[derive(Debug)]
pub struct Settings {
    /// `API_URL`.
    pub api_url: Url,
    /// `LISTEN`, an address and port.
    pub listen: String,
    /// The authorization server.
    pub server: Server,
}

/// The authorization server, and this application as it knows it.
pub struct Server {
    /// `AUDIENCE`: the API's identifier.
    pub audience: String,
    /// `CLIENT_ID`.
    pub client_id: String,
    /// `CLIENT_SECRET`.
    pub client_secret: String,
    /// `ISSUER`.
    pub issuer: String,
}

impl Debug for Server {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Server({} at {})", self.client_id, self.issuer)
    }
}

impl Settings {
    /// Reads them; without `LISTEN` it is `listen`.
    ///
    /// # Errors
    /// When one is missing or wrong, with its name.
    pub fn from_environment(listen: &str) -> anyhow::Result<Self> {
        let names = ["ISSUER", "AUDIENCE", "API_URL", "CLIENT_ID", "CLIENT_SECRET"];
        let [issuer, audience, api_url, client_id, client_secret] = required(names)?;
        let api_url = Url::parse(&api_url).with_context(|| format!("API_URL is no URL: {api_url:?}"))?;
        if api_url.cannot_be_a_base() {
            bail!("API_URL is no URL of an API: {:?}", api_url.as_str());
        }
        let listen = optional("LISTEN").unwrap_or_else(|| listen.to_owned());
        Ok(Self { api_url, listen, server: Server { audience, client_id, client_secret, issuer } })
    }
}
