//! Addresses to listen on, as `listen` and `metrics_listen` have them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::shown::quoted;

/// Reads an address with a port.
pub(super) fn socket<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// The same where the key may be missing.
pub(super) fn maybe_socket<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    socket(deserializer).map(Some)
}

fn parse(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_invalid| {
        let says = format!("{} is no address with a port", quoted(text));
        match meant(text.trim()) {
            Some(meant) => format!("{says}; did you mean {meant}?"),
            None => format!("{says}; write it as 127.0.0.1:8700 or [::1]:8700"),
        }
    })
}

/// What is nearly right: a port alone, an address alone, or this host by its name.
fn meant(text: &str) -> Option<SocketAddr> {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if let Ok(ip) = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        return Some(SocketAddr::new(ip, 8_700));
    }
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let port = port.parse().ok()?;
    match host {
        "" | "localhost" => Some(SocketAddr::new(loopback, port)),
        "*" => Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)),
        host => host.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_an_address_is_completed() {
        for (text, says) in [
            ("8700", "\"8700\" is no address with a port; did you mean 127.0.0.1:8700?"),
            (":8700", "did you mean 127.0.0.1:8700?"),
            ("localhost:80", "did you mean 127.0.0.1:80?"),
            ("*:80", "did you mean 0.0.0.0:80?"),
            ("10.0.0.1", "did you mean 10.0.0.1:8700?"),
            ("::1", "did you mean [::1]:8700?"),
            (" 127.0.0.1:1", "did you mean 127.0.0.1:1?"),
            ("127.0.0.1:99999", "write it as 127.0.0.1:8700"),
            ("id.example.com:80", "write it as 127.0.0.1:8700"),
            ("", "\"\" is no address with a port"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
