//! Who may speak plain HTTP to this server: loopback, and the proxies that end TLS for it (R31).

use std::io;
use std::net::IpAddr;

use ipnet::IpNet;
use tokenry_server::serve::{Plain, Transport};
use tokio::net::TcpStream;

/// Plain connections from loopback and from trusted proxies; everybody else's are closed unheard.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    proxies: Vec<IpNet>,
}

impl Peers {
    /// Loopback and these networks.
    pub(crate) const fn new(proxies: Vec<IpNet>) -> Self {
        Self { proxies }
    }

    fn may_speak(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || self.proxies.iter().any(|network| network.contains(&peer))
    }
}

impl Transport for Peers {
    type Stream = <Plain as Transport>::Stream;

    async fn open(&self, tcp: TcpStream) -> io::Result<Self::Stream> {
        let peer = tcp.peer_addr()?.ip();
        if self.may_speak(peer) {
            Plain.open(tcp).await
        } else {
            tracing::warn!(%peer, "closed a plain connection from an address that is no trusted proxy");
            Err(io::Error::from(io::ErrorKind::PermissionDenied))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r31_only_loopback_and_trusted_proxies_speak_plain() {
        let peers = Peers::new(vec!["10.1.0.0/16".parse().unwrap()]);
        for (peer, may) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("203.0.113.7", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(peers.may_speak(peer.parse().unwrap()), may, "{peer}");
        }
    }
}
