//! The proxies in front of an API, as its configuration lists them: what could never match, or always would, is refused.

use std::net::IpAddr;

use ipnet::IpNet;

/// An address or a network.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    let is_mapped = match network {
        IpNet::V4(_) => false,
        IpNet::V6(network) => network.network().to_ipv4_mapped().is_some(),
    };
    (network.prefix_len() > 0 && !is_mapped).then_some(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_10_what_always_or_never_matches_is_refused() {
        for (text, read) in [("10.0.0.0/8", "10.0.0.0/8"), ("127.0.0.1", "127.0.0.1/32"), ("::1", "::1/128")]
        {
            assert_eq!(network(text).unwrap().to_string(), read);
        }
        for text in
            ["0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104", "::ffff:10.0.0.1", "10.0.0.0/33", "proxy", ""]
        {
            assert_eq!(network(text), None, "{text}");
        }
    }
}
