//! The places of bodies that are awaited.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Who may let us wait, and how many at once.
#[derive(Debug)]
pub(super) struct Awaited {
    any: Semaphore,
    late: Mutex<Late>,
    most_late: usize,
    most_late_of_network: usize,
}

/// The late ones.
#[derive(Debug, Default)]
struct Late {
    all: usize,
    /// Networks without any are not in it.
    of_network: HashMap<Network, usize>,
}

/// What one stranger has at least: a /24, or a /48 of IPv6. `None` if nobody knows the peer.
type Network = Option<[u8; 6]>;

impl Awaited {
    pub(super) fn new(most: usize, most_late: usize, most_late_of_network: usize) -> Self {
        let any = Semaphore::new(most.min(Semaphore::MAX_PERMITS));
        Self { any, late: Mutex::default(), most_late, most_late_of_network }
    }

    /// A place for any body; `None` if there is none left.
    pub(super) fn any(&self) -> Option<SemaphorePermit<'_>> {
        self.any.try_acquire().ok()
    }

    /// A place for a late body from `peer`; `None` if there is none left for its network, or for anybody.
    pub(super) fn late(&self, peer: Option<IpAddr>) -> Option<LatePlace<'_>> {
        let network = peer.map(network);
        let mut late = self.lock();
        let of_network = late.of_network.get(&network).copied().unwrap_or_default();
        if late.all >= self.most_late || of_network >= self.most_late_of_network {
            return None;
        }
        late.all += 1;
        late.of_network.insert(network, of_network + 1);
        Some(LatePlace { awaited: self, network })
    }

    fn lock(&self) -> MutexGuard<'_, Late> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one late body, until dropped.
#[derive(Debug)]
pub(super) struct LatePlace<'a> {
    awaited: &'a Awaited,
    network: Network,
}

impl Drop for LatePlace<'_> {
    fn drop(&mut self) {
        let mut late = self.awaited.lock();
        late.all = late.all.saturating_sub(1);
        let left = late.of_network.get(&self.network).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            late.of_network.remove(&self.network);
        } else {
            late.of_network.insert(self.network, left);
        }
    }
}

fn network(peer: IpAddr) -> [u8; 6] {
    match peer.to_canonical() {
        IpAddr::V4(peer) => {
            let [a, b, c, _] = peer.octets();
            // No network of IPv6 that is in use begins with zeros.
            [0, 0, 0, a, b, c]
        }
        IpAddr::V6(peer) => {
            let [a, b, c, d, e, f, ..] = peer.octets();
            [a, b, c, d, e, f]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late<'a>(awaited: &'a Awaited, peer: &str) -> Option<LatePlace<'a>> {
        awaited.late(Some(peer.parse().unwrap()))
    }

    #[test]
    fn http_02_a_network_has_its_share() {
        let awaited = Awaited::new(9, 9, 2);
        for [first, second, third, other] in [
            ["192.0.2.1", "192.0.2.1", "192.0.2.255", "192.0.3.1"],
            ["::ffff:198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.101.3"],
            ["2001:db8:1::1", "2001:db8:1:ffff::1", "2001:db8:1:2:3:4:5:6", "2001:db8:2::1"],
        ] {
            let (first, _second) = (late(&awaited, first).unwrap(), late(&awaited, second).unwrap());
            assert!(late(&awaited, third).is_none(), "{third}");
            assert!(late(&awaited, other).is_some(), "{other}");
            drop(first);
            assert!(late(&awaited, third).is_some(), "{third}");
        }
        let left = awaited.lock();
        assert_eq!((left.all, left.of_network.len()), (0, 0));
    }

    #[test]
    fn all_networks_together_have_a_limit() {
        let awaited = Awaited::new(9, 2, 2);
        let _places = [late(&awaited, "192.0.2.1"), awaited.late(None)].map(Option::unwrap);
        assert!(late(&awaited, "192.0.3.1").is_none() && awaited.late(None).is_none());
    }
}
