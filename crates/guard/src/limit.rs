//! How much of what names nobody (tokens, cookies, account secrets) is refused to one address before it is not even told that for
//! a while (R104, SEC-10).
//!
//! A guess at 256 bits never hits; this is so that guessing is seen, and that of account secrets, which open everything that their
//! user may do, no more are looked at. A token or cookie that lives is served all the same.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use parking_lot::Mutex;
use tokenry_clock::Timestamp;

use crate::denied::{Denied, Reason};

/// How many in a minute.
const MAX_REFUSED: u32 = 600;
const WINDOW: Duration = Duration::from_secs(60);

/// How many addresses are kept in mind.
const MAX_ADDRESSES: u64 = 100_000;

/// How many bits of an IPv6 address are one subscriber's.
const IPV6_PREFIX: u32 = 64;

/// Refusals by address. An address that is unknown is not counted: all who come by way of one proxy would be one.
pub(crate) struct Refusals(Cache<IpAddr, Arc<Mutex<Count>>>);

struct Count {
    since: Timestamp,
    refused: u32,
}

impl Count {
    /// What is left of the window; `None` if it is over, or the clock was set back.
    fn left(&self, now: Timestamp) -> Option<Duration> {
        let over = self.since.plus(WINDOW);
        (self.since <= now && now < over).then(|| over.since(now))
    }
}

impl Refusals {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MAX_ADDRESSES).time_to_idle(2 * WINDOW).build())
    }

    /// What to say to one that is refused: it counts, and over the limit it is not even told that.
    pub(crate) fn refuse(&self, denied: Denied, address: Option<IpAddr>, now: Timestamp) -> Denied {
        match denied.reason() {
            Reason::InvalidToken => {
                if let Err(limited) = self.check(address, now) {
                    return limited;
                }
                self.count(address, now);
            }
            // The issuer said so.
            Reason::RateLimited { .. } => self.count(address, now),
            _ => {}
        }
        denied
    }

    /// Whether another one from this address is looked at.
    pub(crate) fn check(&self, address: Option<IpAddr>, now: Timestamp) -> Result<(), Denied> {
        let count = address.and_then(|address| self.0.get(&subscriber(address)));
        let left = count.and_then(|count| {
            let count = count.lock();
            count.left(now).filter(|_| count.refused >= MAX_REFUSED)
        });
        left.map_or(Ok(()), |left| {
            let retry_after = left.as_millis().div_ceil(1_000).try_into().unwrap_or(1_u32);
            Err(Denied::new(Reason::RateLimited { retry_after })
                .because(format!("{MAX_REFUSED} credentials from this address were refused within a minute")))
        })
    }

    /// Counts one that was refused.
    fn count(&self, address: Option<IpAddr>, now: Timestamp) {
        let Some(address) = address.map(subscriber) else {
            return;
        };
        let count = self.0.get_with(address, || Mutex::new(Count { since: now, refused: 0 }).into());
        let mut count = count.lock();
        if count.left(now).is_none() {
            *count = Count { since: now, refused: 0 };
        }
        count.refused += 1;
    }
}

fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (u128::BITS - IPV6_PREFIX))).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn retry_after(refusals: &Refusals, address: &str, now: Timestamp) -> Option<u32> {
        let denied = refusals.check(Some(address.parse().unwrap()), now).err()?;
        let Reason::RateLimited { retry_after } = denied.reason() else { panic!("{denied:?}") };
        Some(*retry_after)
    }

    #[test]
    fn sec_10_an_address_is_heard_again_after_a_minute_and_others_all_the_time() {
        let refusals = Refusals::new();
        let evil = Some("203.0.113.7".parse().unwrap());
        for _ in 0..MAX_REFUSED {
            assert_eq!(retry_after(&refusals, "203.0.113.7", at(1_000)), None);
            refusals.count(evil, at(1_000));
        }
        assert_eq!(retry_after(&refusals, "203.0.113.7", at(1_000)), Some(60));
        assert_eq!(retry_after(&refusals, "203.0.113.7", at(60_999)), Some(1));
        assert_eq!(retry_after(&refusals, "203.0.113.8", at(1_000)), None);
        assert_eq!(retry_after(&refusals, "203.0.113.7", at(61_000)), None);
        refusals.count(evil, at(61_000));
        assert_eq!(retry_after(&refusals, "203.0.113.7", at(61_000)), None, "another minute, another count");
    }

    #[test]
    fn sec_10_a_subscriber_has_many_ipv6_addresses() {
        let refusals = Refusals::new();
        for n in 0..MAX_REFUSED {
            refusals.count(Some(format!("2001:db8:0:1::{n:x}").parse().unwrap()), at(0));
        }
        assert_eq!(retry_after(&refusals, "2001:db8:0:1:ffff::", at(0)), Some(60));
        assert_eq!(retry_after(&refusals, "2001:db8:0:2::", at(0)), None);
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let refusals = Refusals::new();
        let address = Some("203.0.113.7".parse().unwrap());
        (0..MAX_REFUSED).for_each(|_| refusals.count(address, at(100_000)));
        assert_eq!(retry_after(&refusals, "203.0.113.7", at(99_999)), None);
        (0..MAX_REFUSED).for_each(|_| refusals.count(None, at(100_000)));
        assert!(refusals.check(None, at(100_000)).is_ok());
    }
}
