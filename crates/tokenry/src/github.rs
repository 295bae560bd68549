//! What GitHub's reports of leaked credentials take, as it is configured.

use url::Url;

use crate::config::{Config, Leaks, quoted};
use crate::failure::{Code, Failure, Result};

/// Where GitHub publishes the keys of its reports; `None`: those are not taken.
pub(crate) fn github_keys(config: &Config) -> Result<Option<String>> {
    let Leaks { github, github_keys } = &config.leaks;
    let url = Url::parse(github_keys).ok();
    let loopback = |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    match url {
        Some(url) if url.scheme() == "https" || (url.scheme() == "http" && loopback(&url)) => {
            Ok(github.then(|| github_keys.clone()))
        }
        _ => {
            let text = format!("leaks.github_keys: {} is no address of published keys", quoted(github_keys));
            Err(Failure::new(Code::Usage, text).hint("write https://"))
        }
    }
}
