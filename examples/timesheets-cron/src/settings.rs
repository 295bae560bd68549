//! The environment variables, all of which have to be there. `tokenry dev` prints the lines that set them.

use anyhow::{Context, bail};
use reqwest::Url;
use tokenry_token_source::Secret;

pub(crate) struct Settings {
    pub(crate) api_url: Url,
    pub(crate) audience: String,
    pub(crate) client_id: String,
    /// From the environment, not from the command line: arguments are visible to every process of the
    /// machine.
    pub(crate) client_secret: Secret,
    pub(crate) issuer: String,
}

impl Settings {
    /// Reads them, or names all that are missing.
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        Self::from(variable)
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut missing = Vec::new();
        let mut required = |name| {
            variable(name).unwrap_or_else(|| {
                missing.push(name);
                String::new()
            })
        };
        let (issuer, audience, api_url) = (required("ISSUER"), required("AUDIENCE"), required("API_URL"));
        let (client_id, client_secret) = (required("CLIENT_ID"), Secret::new(required("CLIENT_SECRET")));
        if !missing.is_empty() {
            bail!(
                "set the environment variable {}; `tokenry dev` prints the lines to copy",
                missing.join(", ")
            );
        }
        let api_url = Url::parse(&api_url).with_context(|| format!("API_URL is no URL: {api_url:?}"))?;
        if api_url.cannot_be_a_base() {
            bail!("API_URL is no URL of an API: {:?}", api_url.as_str());
        }
        Ok(Self { api_url, audience, client_id, client_secret, issuer })
    }
}

/// An environment variable; empty counts as missing.
#[expect(clippy::disallowed_methods, reason = "an example program has no registry; this is its one reader")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_missing_variables_are_named_at_once() {
        let error =
            Settings::from(|name| (name == "ISSUER").then(|| "https://id.example.com".into())).err().unwrap();
        let text = error.to_string();
        for name in ["AUDIENCE", "API_URL", "CLIENT_ID", "CLIENT_SECRET"] {
            assert!(text.contains(name), "{name} in {text}");
        }
        assert!(!text.contains("ISSUER"), "{text}");
    }

    #[test]
    fn a_wrong_url_is_named() {
        for url in ["timesheets", "mailto:ann@example.com"] {
            let error = Settings::from(|_| Some(url.into())).err().unwrap();
            assert!(error.to_string().contains("API_URL"), "{error}");
        }
    }
}
