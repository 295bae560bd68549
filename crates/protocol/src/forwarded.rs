//! Whom proxies speak for: the client's address in `X-Forwarded-For`, and nobody else's word for it.

use std::net::{IpAddr, SocketAddr};

/// The header field's name.
pub const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// A trusted proxy names something that is no address.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the proxy at {proxy} does not say who asked it")]
pub struct Unreadable {
    /// The proxy, the nearest address that is known.
    pub proxy: SocketAddr,
}

/// The nearest address that is no trusted proxy: each of them adds its peer at the right, and what stands further left was
/// there when the request came in, and may be anybody's invention. `fields` are the values of all `X-Forwarded-For` header
/// fields, in their order. An address without a port has the port 0.
///
/// # Errors
/// [`Unreadable`] if a trusted proxy put something else there than an address.
pub fn client<'a>(
    peer: SocketAddr,
    fields: impl DoubleEndedIterator<Item = &'a [u8]>,
    is_proxy: impl Fn(IpAddr) -> bool,
) -> Result<SocketAddr, Unreadable> {
    let mut client = peer;
    let hops = fields.rev().flat_map(|field| str::from_utf8(field).unwrap_or("?").rsplit(','));
    for hop in hops {
        if !is_proxy(client.ip().to_canonical()) {
            break;
        }
        client = address(hop.trim()).ok_or(Unreadable { proxy: client })?;
    }
    Ok(client)
}

/// An address with a port or without one.
fn address(text: &str) -> Option<SocketAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    text.parse().ok().or_else(|| bare.parse().ok().map(|ip| SocketAddr::new(ip, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, fields: &[&str]) -> Result<String, String> {
        let fields = fields.iter().map(|field| field.as_bytes());
        let is_proxy = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => ip.octets()[0] == 10,
            IpAddr::V6(ip) => ip.octets()[0] == 0xfd,
        };
        let client = client(peer.parse().unwrap(), fields, is_proxy);
        client.map(|it| it.ip().to_string()).map_err(|it| it.proxy.ip().to_string())
    }

    #[test]
    fn http_10_a_strangers_word_is_ignored() {
        assert_eq!(seen("203.0.113.7:1", &["192.0.2.1"]).unwrap(), "203.0.113.7");
        assert_eq!(seen("127.0.0.1:1", &["192.0.2.1"]).unwrap(), "127.0.0.1");
        assert_eq!(seen("127.0.0.1:1", &["unknown"]).unwrap(), "127.0.0.1");
    }

    #[test]
    fn http_10_the_nearest_address_that_is_no_proxy_counts() {
        for (fields, client) in [
            (&[][..], "10.0.0.1"),
            (&["192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.9, 192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.9", "192.0.2.1, 10.0.0.2"], "192.0.2.1"),
            (&["192.0.2.1", "198.51.100.9"], "198.51.100.9"),
            (&["192.0.2.1:4711"], "192.0.2.1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["2001:db8::1, fd00::2"], "2001:db8::1"),
            (&["unknown, 192.0.2.1"], "192.0.2.1"),
            (&["10.0.0.3"], "10.0.0.3"),
        ] {
            assert_eq!(seen("10.0.0.1:1", fields).unwrap(), client, "{fields:?}");
        }
        assert_eq!(seen("[::ffff:10.0.0.1]:1", &["192.0.2.1"]).unwrap(), "192.0.2.1");
    }

    #[test]
    fn http_10_what_a_proxy_does_not_say_nobody_knows() {
        for (fields, proxy) in [
            (&["192.0.2.1, unknown"][..], "10.0.0.1"),
            (&["192.0.2.1, "], "10.0.0.1"),
            (&[""], "10.0.0.1"),
            (&["192.0.2.1, nonsense, 10.0.0.2"], "10.0.0.2"),
        ] {
            assert_eq!(seen("10.0.0.1:1", fields).unwrap_err(), proxy, "{fields:?}");
        }
    }
}
