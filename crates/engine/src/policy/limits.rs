//! How often somebody may fail: counts in windows of a minute, each of which begins with its first failure.
//!
//! A window that began in the future was counted by a clock that has been set back since, or by one that runs ahead: it
//! begins anew now. So a clock that is set back lengthens a block by a minute at the most, and frees nobody.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use tokenry_clock::Timestamp;

/// How long failures count.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);

/// How many failures a minute are answered as such. 0: any number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GuessLimits {
    /// Failed authentications of one name (a `client_id`, an API's id) from one address.
    pub failures_per_client: u32,
    /// Names that fail from one address, before it is limited as a whole.
    pub names_per_address: u32,
    /// Refused credentials that name nobody, from one address.
    pub refused_per_address: u32,
}

impl GuessLimits {
    /// Nothing is limited.
    pub const NONE: Self = Self { failures_per_client: 0, names_per_address: 0, refused_per_address: 0 };
}

impl Default for GuessLimits {
    fn default() -> Self {
        Self { failures_per_client: 20, names_per_address: 20, refused_per_address: 600 }
    }
}

/// How many in the minute that begins with the first of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Window {
    began: Timestamp,
    count: u32,
}

impl Window {
    /// Nothing yet.
    pub(crate) const fn new(now: Timestamp) -> Self {
        Self { began: now, count: 0 }
    }

    /// So many since `began`.
    pub(crate) const fn of(began: Timestamp, count: u32) -> Self {
        Self { began, count }
    }

    pub(crate) const fn began(self) -> Timestamp {
        self.began
    }

    pub(crate) const fn count(self) -> u32 {
        self.count
    }

    /// The same as it is at `now`: empty once its minute is over.
    pub(crate) fn at(self, now: Timestamp) -> Self {
        if self.count == 0 || now.since(self.began) >= WINDOW {
            return Self::new(now);
        }
        Self { began: self.began.min(now), ..self }
    }

    /// With so many more.
    pub(crate) fn plus(self, more: u32, now: Timestamp) -> Self {
        let here = self.at(now);
        Self { count: here.count.saturating_add(more), ..here }
    }

    /// Joined with what is known of the same minute from elsewhere: the greater count, from the earlier beginning.
    pub(crate) fn or(self, other: Self, now: Timestamp) -> Self {
        let (here, there) = (self.at(now), other.at(now));
        match (here.count, there.count) {
            (0, _) => there,
            (_, 0) => here,
            _ => Self { began: here.began.min(there.began), count: here.count.max(there.count) },
        }
    }

    /// How long to wait where `limit` may fail; `None`: not at all.
    pub(crate) fn wait(self, limit: u32, now: Timestamp) -> Option<Duration> {
        let here = self.at(now);
        (limit > 0 && here.count >= limit).then(|| WINDOW.saturating_sub(now.since(here.began)))
    }
}

/// Whom an address stands for: itself, or its /64, all of whose addresses are one subscriber's (HTTP-18).
pub(crate) fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const LIMIT: u32 = 5;

    fn secs(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    /// What a guesser is let do who tries at these instants: those tries that were not turned away.
    fn heard(tries: &[i64]) -> Vec<i64> {
        let mut window = Window::new(secs(0));
        let mut heard = Vec::new();
        for &at in tries {
            if window.wait(LIMIT, secs(at)).is_none() {
                window = window.plus(1, secs(at));
                heard.push(at);
            }
        }
        heard
    }

    proptest! {
        #[test]
        fn r104_no_minute_that_begins_with_a_failure_has_more_than_the_limit(
            steps in proptest::collection::vec(0_i64..40, 0..200),
        ) {
            let tries: Vec<i64> = steps.iter().scan(0, |at, step| { *at += step; Some(*at) }).collect();
            let mut heard = heard(&tries).into_iter().peekable();
            while let Some(began) = heard.next() {
                let mut count = 1;
                while heard.next_if(|&at| at < began + 60).is_some() {
                    count += 1;
                }
                prop_assert!(count <= LIMIT);
            }
        }

        #[test]
        fn r104_who_failed_less_within_a_minute_is_never_turned_away(
            steps in proptest::collection::vec(0_i64..40, 0..200),
        ) {
            let mut at = 0;
            let mut window = Window::new(secs(0));
            let mut failed: Vec<i64> = Vec::new();
            for step in steps {
                at += step;
                let recent = failed.iter().filter(|&&then| at - then < 60).count();
                match window.wait(LIMIT, secs(at)) {
                    Some(wait) => {
                        prop_assert!(recent >= LIMIT as usize, "{recent} failures at {at}");
                        prop_assert!(wait > Duration::ZERO && wait <= WINDOW);
                        prop_assert_eq!(window.wait(LIMIT, secs(at).plus(wait)), None);
                    }
                    None => {
                        window = window.plus(1, secs(at));
                        failed.push(at);
                    }
                }
            }
        }

        #[test]
        fn a_clock_that_jumps_blocks_for_a_minute_at_the_most(jumps in proptest::collection::vec(-9_000_i64..9_000, 1..50)) {
            let mut window = Window::new(secs(0));
            for jump in jumps {
                let at = secs(jump);
                window = window.plus(1, at);
                prop_assert!(window.wait(LIMIT, at).is_none_or(|wait| wait <= WINDOW));
                prop_assert_eq!(window.wait(LIMIT, at.plus(WINDOW)), None);
            }
        }
    }

    #[test]
    fn setting_the_clock_back_frees_nobody() {
        let window = Window::of(secs(1_000), LIMIT);
        assert_eq!(window.wait(LIMIT, secs(500)), Some(WINDOW));
        assert_eq!(window.at(secs(500)).wait(LIMIT, secs(559)), Some(Duration::from_secs(1)));
        assert_eq!(window.at(secs(500)).wait(LIMIT, secs(560)), None);
    }

    #[test]
    fn zero_limits_nothing() {
        assert_eq!(Window::of(secs(0), u32::MAX).wait(0, secs(1)), None);
    }

    #[rstest]
    #[case("203.0.113.7", "203.0.113.7")]
    #[case("::ffff:203.0.113.7", "203.0.113.7")]
    #[case("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    #[case("2001:db8:1:2::", "2001:db8:1:2::")]
    fn http_18_an_ipv6_address_stands_for_its_64(#[case] address: &str, #[case] stands_for: &str) {
        assert_eq!(subscriber(address.parse().unwrap()).to_string(), stands_for);
    }
}
