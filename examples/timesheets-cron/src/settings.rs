//! The environment variables, all of which have to be there. `tokenry dev` prints the lines that set them.

use anyhow::{Context, bail};
use reqwest::Url;
use timesheets_environment::required;
use tokenry_token_source::Secret;

pub(crate) struct Settings {
    pub(crate) api_url: Url,
    pub(crate) audience: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) issuer: String,
}

impl Settings {
    /// Reads them, or names all that are missing.
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        let names = ["ISSUER", "AUDIENCE", "API_URL", "CLIENT_ID", "CLIENT_SECRET"];
        let [issuer, audience, api_url, client_id, client_secret] = required(names)?;
        let api_url = url(&api_url)?;
        Ok(Self { api_url, audience, client_id, client_secret: Secret::new(client_secret), issuer })
    }
}

fn url(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text).with_context(|| format!("API_URL is no URL: {text:?}"))?;
    if url.cannot_be_a_base() {
        bail!("API_URL is no URL of an API: {text:?}");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_url_is_named() {
        for wrong in ["timesheets", "mailto:ann@example.com"] {
            assert!(url(wrong).unwrap_err().to_string().contains("API_URL"), "{wrong}");
        }
    }
}
