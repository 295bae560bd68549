//! What GitHub's reports of leaked credentials take, as it is configured.

use url::{Host, Url};

use crate::config::{Config, Leaks, quoted};
use crate::failure::{Code, Failure, Result};

/// The longest address: no server takes a longer one.
const MAX_LEN: usize = 2_048;

/// Where GitHub publishes the keys of its reports; `None`: those are not taken.
pub(crate) fn github_keys(config: &Config) -> Result<Option<String>> {
    let Leaks { github, github_keys } = &config.leaks;
    if is_address(github_keys) {
        return Ok(github.then(|| github_keys.clone()));
    }
    let text = format!("leaks.github_keys: {} is no address of published keys", quoted(github_keys));
    Err(Failure::new(Code::Usage, text).hint("write https://"))
}

/// Whether something can be fetched there: as written, because parsing an address forgives what no file should have.
fn is_address(text: &str) -> bool {
    let plain = text.len() <= MAX_LEN && text.chars().all(|c| c.is_ascii_graphic());
    let Some(url) = Url::parse(text).ok().filter(|_url| plain) else { return false };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let open = url.username().is_empty() && url.password().is_none();
    open && (url.scheme() == "https" || (url.scheme() == "http" && loopback))
}
