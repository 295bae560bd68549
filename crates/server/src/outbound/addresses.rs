//! Which addresses this server connects to: those of the public internet, and networks that its operator lists.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// An address, or all those of a name, may not be connected to. Says nothing of what is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("it leads to a network that is not public and not in outbound.allowed_networks")]
pub(super) struct Forbidden;

/// The public internet, and what else is allowed.
#[derive(Clone, Debug)]
pub(super) struct Allowed(Arc<[IpNet]>);

impl Allowed {
    pub(super) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks.into())
    }

    /// # Errors
    /// When it is neither public nor allowed.
    pub(super) fn judge(&self, address: IpAddr) -> Result<(), Forbidden> {
        let address = address.to_canonical();
        if self.0.iter().any(|network| network.contains(&address)) || is_public(address) {
            Ok(())
        } else {
            Err(Forbidden)
        }
    }
}

/// Resolves names with the system's resolver, and leaves out what may not be connected to.
#[derive(Clone, Debug)]
pub(super) struct Resolver(pub(super) Allowed);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.filter(|it| allowed.judge(it.ip()).is_ok()).collect();
            if found.is_empty() { Err(Forbidden.into()) } else { Ok(Box::new(found.into_iter()) as Addrs) }
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The IANA IPv4 Special-Purpose Address Registry, multicast and the future's.
fn is_public_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: [([u8; 4], u32); 16] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 31, 196, 0], 24),
        ([192, 52, 193, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 3),
    ];
    let within = |(network, length): &([u8; 4], u32)| {
        (address.to_bits() ^ u32::from_be_bytes(*network)).leading_zeros() >= *length
    };
    !SPECIAL.iter().any(within)
}

/// Global unicast (2000::/3) without what is special in it: protocol assignments with Teredo, 6to4, which carries an IPv4
/// address, and documentation. NAT64, unique local, link-local and multicast addresses lie outside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    const SPECIAL: [([u16; 2], u32); 4] =
        [([0x2001, 0], 23), ([0x2001, 0xdb8], 32), ([0x2002, 0], 16), ([0x3fff, 0], 20)];
    let [first, second, ..] = address.segments();
    let head = (u32::from(first) << 16) | u32::from(second);
    let within = |(network, length): &([u16; 2], u32)| {
        let network = (u32::from(network[0]) << 16) | u32::from(network[1]);
        (head ^ network).leading_zeros() >= *length
    };
    first >> 13 == 1 && !SPECIAL.iter().any(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_internet_is_this() {
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.0",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2a00::1",
            "::ffff:1.1.1.1",
        ] {
            assert_eq!(Allowed::new(vec![]).judge(public.parse().unwrap()), Ok(()), "{public}");
        }
        for special in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.1.2.3",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::1.1.1.1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert_eq!(Allowed::new(vec![]).judge(special.parse().unwrap()), Err(Forbidden), "{special}");
        }
    }

    #[test]
    fn what_an_operator_lists_is_allowed_and_nothing_beside_it() {
        let allowed = Allowed::new(vec!["10.1.0.0/16".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for (address, expected) in [
            ("10.1.2.3", Ok(())),
            ("::ffff:10.1.2.3", Ok(())),
            ("10.2.0.1", Err(Forbidden)),
            ("fd12::1", Ok(())),
            ("fc12::1", Err(Forbidden)),
            ("127.0.0.1", Err(Forbidden)),
        ] {
            assert_eq!(allowed.judge(address.parse().unwrap()), expected, "{address}");
        }
    }
}
