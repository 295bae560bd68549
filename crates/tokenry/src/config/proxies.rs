//! Networks of proxies, as `trusted_proxies` lists them: what could never match, or always would, is refused.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::shown::quoted;

/// How many leading bits of an IPv6 address say that it is an IPv4 one (RFC 4291 §2.5.5.2).
const MAPPED: u8 = 96;

/// Reads the list.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| network(text).map_err(D::Error::custom)).collect()
}

/// Reads the list of `outbound.allowed_networks`, whatever is in them.
pub(super) fn any_networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| any_network(text).map_err(D::Error::custom)).collect()
}

fn any_network(text: &str) -> Result<IpNet, String> {
    let parsed = match text.parse::<IpAddr>() {
        Ok(address) => Ok(IpNet::from(address)),
        Err(_no_address) => text.parse::<IpNet>(),
    };
    parsed.map_err(|_neither| {
        format!("{} is neither an address nor a network such as 10.0.0.0/8", quoted(text))
    })
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = any_network(text)?;
    let plain = as_ipv4(network);
    if plain.unwrap_or(network).prefix_len() == 0 {
        return Err(format!(
            "\"{text}\" is everybody: anyone could speak plain HTTP and say who they are; write the networks of your \
             proxies, such as 10.0.0.0/8"
        ));
    }
    match plain {
        Some(plain) => {
            Err(format!("\"{text}\" never matches, because it is IPv4 written as IPv6; write {plain}"))
        }
        None => Ok(network),
    }
}

/// The IPv4 network that an IPv6 one of mapped addresses means.
fn as_ipv4(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(network) = network else { return None };
    let address = network.network().to_ipv4_mapped()?;
    let bits = network.prefix_len().checked_sub(MAPPED)?;
    Ipv4Net::new(address, bits).ok().map(IpNet::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_are_read() {
        for (text, read) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(network(text).unwrap().to_string(), read);
        }
    }

    #[test]
    fn http_10_what_always_or_never_matches_is_refused() {
        for (text, says) in [
            ("0.0.0.0/0", "is everybody"),
            ("::/0", "is everybody"),
            ("10.0.0.0/0", "is everybody"),
            ("::ffff:10.0.0.0/104", "write 10.0.0.0/8"),
            ("::ffff:10.0.0.1", "write 10.0.0.1/32"),
            ("::ffff:0.0.0.0/96", "is everybody"),
            ("10.0.0.0/33", "is neither"),
            ("proxy.example", "is neither"),
            ("", "is neither"),
        ] {
            let problem = network(text).unwrap_err();
            assert!(problem.contains(says) && problem.contains(text), "{problem}");
        }
    }
}
